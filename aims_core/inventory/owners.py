"""Owners that an import names and nobody is known by: added as units, or refused for their spelling."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from aims_core import spellings, tables
from aims_core.events import ActorAdded
from aims_core.records import Problem
from aims_core.store import Transaction
from aims_core.terms import ActorKind

_AT_ONCE = 1_000
_MAX_NAME = 200


def spelling_problems(tx: Transaction, drafts: Sequence[Mapping[str, Any]]) -> dict[str, Problem]:
    """Return by id which owners differ from a known actor in small and large letters only; reads only.

    Of several spellings of somebody unknown the one that the first of these drafts has is taken for right.
    """
    problems: dict[str, Problem] = {}
    first: dict[str, str] = {}
    for owner, known in _unknown(tx, drafts).items():
        meant = known or first.setdefault(owner.lower(), owner)
        if meant != owner:
            said = "is known" if known else "stands in an earlier row"
            problems[owner] = spellings.alike_problem("owner", owner, meant, said=said)
    return problems


def add_owners(tx: Transaction, drafts: Sequence[Mapping[str, Any]]) -> None:
    """Add the owners that nobody is known by as units: an import does not invent persons.

    Notes
    -----
    Writes ``ActorAdded``.
    """
    names = {d["content"]["owner"]: d["owner_name"] or d["content"]["owner"] for d in drafts}
    unit = str(ActorKind.UNIT)
    absent = list(_unknown(tx, drafts))
    if not absent:
        return
    tx.connection.execute(
        sa.insert(tables.actor),
        [
            {
                "actor_id": owner,
                "name": names[owner][:_MAX_NAME],
                "kind": unit,
                "person": owner,
                "added_at": tx.now,
                "added_by": tx.actor.actor_id,
            }
            for owner in absent
        ],
    )
    tx.record(
        *(ActorAdded(actor=o, name=names[o][:_MAX_NAME], kind=unit, person=o) for o in absent)
    )


def _unknown(tx: Transaction, drafts: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the owners nobody is known by, in the order of the drafts, each with the known id it is like."""
    owners = list(dict.fromkeys(d["content"]["owner"] for d in drafts))
    found: dict[str, str] = {}
    for start in range(0, len(owners), _AT_ONCE):
        found |= spellings.unknown_ids(tx.connection, owners[start : start + _AT_ONCE])
    return found
