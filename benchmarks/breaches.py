"""Listing breaches: every rule over an inventory with a past, and what one system costs as it grows.

Each system has a request, an approval given for somebody else, a step, a result, evidence that was
disposed of under a hold, and each hundredth a serious incident nobody decided on: put straight into the
tables. Listings of a small and of a large inventory are taken in turn.

    python benchmarks/breaches.py [--quick] [--json FILE] [--database sqlite|postgresql]
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from core import Place
from figures import Figure, middle, seconds
from pasts import imported, past_the_services, run

from aims_core import Workspace, tables

ROUNDS = 5
TIMES = 4
PORTION = 1_000


def with_a_past(place: Place, folder: Path, count: int) -> Workspace:
    """Return a workspace of `count` systems that were worked on."""
    workspace = imported(place, folder, count)
    at = workspace.now() - timedelta(days=9)
    with past_the_services(workspace) as connection:
        connection.execute(
            sa.insert(tables.result_schema).values(digest="0" * 64, schema={"type": "object"})
        )
        ids = list(connection.execute(sa.select(tables.system.c.system_id)).scalars())
        for start in range(0, len(ids), PORTION):
            part = ids[start : start + PORTION]
            for table, rows in _past(part, start, at).items():
                connection.execute(sa.insert(table), rows)
    return workspace


def measure(place: Place, folder: Path, count: int) -> list[Figure]:
    """Return the figures on one kind of database."""
    small, large = (with_a_past(place, folder, n) for n in (count // TIMES, count))
    whole: dict[str, list[float]] = {"small": [], "large": []}
    one: dict[str, list[float]] = {"small": [], "large": []}
    found = len(large.separation.breaches())
    for _ in range(ROUNDS):
        for name, workspace in (("small", small), ("large", large)):
            listing = workspace.separation.breaches
            whole[name].append(seconds(listing))
            one[name].append(seconds(lambda list_=listing: list_(system_ids=["sys-000007"])))
    small.close()
    large.close()
    assert found >= count, f"{found} breaches, at least {count} are there"  # noqa: S101 - a wrong figure is no figure
    name = f"{place.name}, {count:,}"
    took = {key: middle(values) for key, values in whole.items()}
    return [
        Figure(name=f"{name}: all breaches", value=took["large"], unit="s"),
        Figure(
            name=f"{name}: cost of a system over that in {count // TIMES:,}",
            value=took["large"] / TIMES / took["small"],
            unit="x",
            goal=1.5,
        ),
        Figure(name=f"{name}: breaches of one system", value=middle(one["large"]) * 1e3, unit="ms"),
        Figure(
            name=f"{name}: one system over that in {count // TIMES:,}",
            value=middle(one["large"]) / middle(one["small"]),
            unit="x",
            goal=2,
        ),
    ]


def _past(ids: list[str], start: int, at: Any) -> dict[sa.Table, list[dict[str, Any]]]:
    """Return what happened to some systems, by table."""
    made: dict[sa.Table, list[dict[str, Any]]] = {}
    for place, system_id in enumerate(ids, start):
        for table, row in _of_one(system_id, at, serious=place % 100 == 0):
            made.setdefault(table, []).append(row)
    return made


def _of_one(system_id: str, at: Any, *, serious: bool) -> list[tuple[sa.Table, dict[str, Any]]]:
    digest, about = "0" * 64, {"system_id": system_id}
    result = {
        **about,
        "kind": "incident" if serious else "risk_assessment",
        "subject": "",
        "provider": "p",
        "distribution": "d",
        "version": "1",
        "fingerprint": "",
        "input_digest": digest,
        "schema_digest": digest,
        "payload": {"severity": "serious", "status": "open"} if serious else {},
        "revision": 1,
        "recorded_by": "admin",
        "recorded_at": at,
        "in_force": True,
    }
    evidence = {
        **about,
        "kind": "note",
        "title": "t",
        "digest": digest,
        "media_type": "text/plain",
        "size": 1,
        "location": "",
        "note": "",
        "revision": 1,
        "collected_at": at,
        "added_at": at,
        "added_by": "admin",
        "disposed_at": at,
        "disposed_by": "admin",
    }
    return [
        (
            tables.approval,
            {
                **about,
                "approval_id": f"apr-{system_id}",
                "transition": "start_development",
                "revision": 1,
                "digest": digest,
                "requested_by": "admin",
                "requested_at": at,
                "reason": "",
                "status": "carried_out",
                "machine_version": "2",
            },
        ),
        (
            tables.vote,
            {
                "vote_id": f"vot-{system_id}",
                "approval_id": f"apr-{system_id}",
                "actor": "carl",
                "person": "carl",
                "role": "committee_member",
                "decision": "approve",
                "reason": "",
                "digest": digest,
                "at": at,
                "on_behalf_of": "cora",
                "on_behalf_person": "cora",
                "ordinal": 1,
            },
        ),
        (
            tables.transition,
            {
                **about,
                "transition_id": f"trn-{system_id}",
                "transition": "start_development",
                "from_stage": "inception",
                "to_stage": "design_and_development",
                "from_status": "active",
                "to_status": "active",
                "revision": 1,
                "digest": digest,
                "approval_id": f"apr-{system_id}",
                "actor": "carl",
                "at": at,
                "machine_version": "2",
                "reason": "",
                "conditions": [],
            },
        ),
        (tables.result, {**result, "result_id": f"res-{system_id}"}),
        (tables.evidence, {**evidence, "evidence_id": f"evi-{system_id}"}),
        (
            tables.evidence_hold,
            {
                **about,
                "hold_id": f"hld-{system_id}",
                "reason": "r",
                "placed_by": "admin",
                "placed_at": at,
            },
        ),
    ]


if __name__ == "__main__":
    sys.exit(run(__doc__, measure, full=40_000, quick=2_000))
