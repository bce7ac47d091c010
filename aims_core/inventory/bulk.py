"""Writing many systems with one statement each for a thousand: rows, revisions, links and events."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.auditors import note_owners
from aims_core.canonical import canonical_json, utc_text
from aims_core.db.teams.calls import enforces
from aims_core.events import SystemRegistered, SystemRevised
from aims_core.inventory.components import link
from aims_core.inventory.content import search_text
from aims_core.inventory.entrance import keep_due
from aims_core.inventory.lapse import lapse_approvals
from aims_core.inventory.owners import add_owners
from aims_core.inventory.planning import Sorted, contents, portions
from aims_core.inventory.revisions import lapsed
from aims_core.loading import load
from aims_core.records import CONTENT_FIELDS
from aims_core.store import Transaction
from aims_core.terms import ApprovalState, RiskCategory

_WORDS = tuple(name for name in CONTENT_FIELDS if name not in {"attributes", "components"})
_SYSTEM = (
    *_WORDS,
    "attributes",
    "components",
    "system_id",
    "stage",
    "status",
    "tier",
    "approval_state",
    "entry",
    "revision",
    "digest",
    "registered_at",
    "revised_at",
    "search",
)
_REVISION = ("system_id", "revision", "content", "digest", "author", "at")
_UNDETERMINED, _NO_APPROVAL = str(RiskCategory.UNDETERMINED), str(ApprovalState.NONE)
_words_of = itemgetter(*_WORDS)


def write_portion(tx: Transaction, found: Sorted) -> None:
    """Register what is new among these drafts and revise what changed.

    Owners that are not known yet are added as units: an import does not invent persons. A draft with a
    stage other than the initial one enters as `legacy`: it runs already and was never approved here; by
    when it makes up its evidence, the lifecycle says.

    Notes
    -----
    Writes ``ActorAdded``, ``SystemRegistered``, ``SystemRevised`` and ``ApprovalClosed``; and
    ``ExceptionUsed`` where an owner audits and an exception to R5 lets that pass.
    """
    stated = [*found.new, *found.changed]
    note_owners(tx, {d["content"]["owner"] for d in stated}, "import")
    add_owners(tx, stated)
    if found.new:
        at, connection = utc_text(tx.now), tx.connection
        load(connection, tables.system, _SYSTEM, [_system_row(s, at) for s in found.new])
        _keep_revisions(tx, [(s, 1) for s in found.new])
        link(tx, {key: listed for key, listed in _components(found.new).items() if listed})
        keep_due(tx, {s["system_id"]: s["evidence_due"] for s in found.new})
        tx.record(*[_registered(s) for s in found.new])
    revise_many(tx, [(d, found.known[d["system_id"]]) for d in found.changed])


def revise_many(tx: Transaction, pairs: Sequence[tuple[Mapping[str, Any], Any]]) -> None:
    """Give each system its new description as a revision; open requests for the earlier one lapse.

    Parameters
    ----------
    pairs : sequence of (draft, row)
        ``system_id, content, digest`` of the new description, and the register's present row, locked.
    """
    for part in portions(pairs):
        _revise(tx, part)
        link(tx, _components([draft for draft, _ in part]))
    lapse_approvals(tx, [draft["system_id"] for draft, _ in pairs])


def _components(drafts: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[str]]:
    return {d["system_id"]: d["content"]["components"] for d in drafts}


def _system_row(draft: Mapping[str, Any], at: str) -> tuple[Any, ...]:
    """Return a row of ``aims_system`` as it is stored, with the columns of `_SYSTEM`."""
    content, system_id = draft["content"], draft["system_id"]
    return (
        *_words_of(content),
        canonical_json(content["attributes"]),
        canonical_json(content["components"]),
        system_id,
        draft["stage"],
        draft["status"],
        _UNDETERMINED,
        _NO_APPROVAL,
        draft["entry"],
        1,
        draft["digest"],
        at,
        at,
        search_text(system_id, content),
    )


def _keep_revisions(tx: Transaction, drafts: Sequence[tuple[Mapping[str, Any], int]]) -> None:
    by, at = tx.actor.actor_id, utc_text(tx.now)
    rows = [
        (d["system_id"], revision, canonical_json(d["content"]), d["digest"], by, at)
        for d, revision in drafts
    ]
    load(tx.connection, tables.system_revision, _REVISION, rows)


def _registered(draft: Mapping[str, Any]) -> SystemRegistered:
    return SystemRegistered(
        system_id=draft["system_id"],
        revision=1,
        digest=draft["digest"],
        stage=draft["stage"],
        entry=draft["entry"],
        content=draft["content"],
        evidence_due=draft["evidence_due"],
    )


def _revise(tx: Transaction, pairs: Sequence[tuple[Mapping[str, Any], Any]]) -> None:
    table, before = tables.system, contents(tx, [d["system_id"] for d, _ in pairs])
    fields: tuple[str, ...] = (
        *pairs[0][0]["content"],
        "revision",
        "digest",
        "revised_at",
        "approval_state",
        "search",
    )
    revisions = [(d, k.revision + 1) for d, k in pairs]
    if enforced := enforces(tx.connection):
        # The database takes the descriptions from the revisions themselves.
        _keep_revisions(tx, revisions)
        fields = ("search",)
    statement = (
        sa.update(table)
        .where(table.c.system_id == sa.bindparam("of_system"))
        .values({name: sa.bindparam(f"new_{name}") for name in fields})
    )
    rows = []
    for draft, known in pairs:
        values = {
            **draft["content"],
            "revision": known.revision + 1,
            "digest": draft["digest"],
            "revised_at": tx.now,
            "approval_state": str(lapsed(known.approval_state)),
            "search": search_text(draft["system_id"], draft["content"]),
        }
        told = {f"new_{name}": values[name] for name in fields}
        rows.append({"of_system": draft["system_id"], **told})
    tx.connection.execute(statement, rows)
    if not enforced:
        _keep_revisions(tx, revisions)
    tx.record(
        *(
            SystemRevised(
                system_id=d["system_id"],
                revision=k.revision + 1,
                digest=d["digest"],
                changed=_changed(before[d["system_id"]], d["content"]),
            )
            for d, k in pairs
        )
    )


def _changed(before: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if before[name] != value}
