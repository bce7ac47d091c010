"""A system's description as it is stored: the first revision, and each that follows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from json import loads
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.canonical import canonical_json, utc_text
from aims_core.db.teams.calls import enforces
from aims_core.errors import RevisionConflict
from aims_core.events import SystemRegistered, SystemRevised
from aims_core.inventory.components import link
from aims_core.inventory.content import content_digest, search_text
from aims_core.inventory.entrance import Entrance, keep_due
from aims_core.inventory.lapse import lapse_approvals
from aims_core.loading import load
from aims_core.records import CONTENT_FIELDS, AISystem
from aims_core.store import Transaction
from aims_core.terms import ApprovalState, Origin, RiskCategory

# Statements of every write are made once: building them costs as much as carrying them out.
_NEXT = (
    *CONTENT_FIELDS,
    "revision",
    "digest",
    "revised_at",
    "approval_state",
    "search",
)
_AT_REVISION = sa.update(tables.system).where(
    tables.system.c.system_id == sa.bindparam("of_system"),
    tables.system.c.revision == sa.bindparam("at_revision"),
)
_REVISE = _AT_REVISION.values({name: sa.bindparam(f"new_{name}") for name in _NEXT})
_FIND_AGAIN = _AT_REVISION.values(search=sa.bindparam("new_search"))
_KEPT = ("system_id", "revision", "content", "digest", "author", "at")


def first_revision(
    tx: Transaction, system_id: str, content: Mapping[str, Any], entrance: Entrance
) -> None:
    """Store a system that is new to the register, and record it."""
    key = content_digest(content)
    tx.connection.execute(
        sa.insert(tables.system).values(
            **content,
            system_id=system_id,
            stage=entrance.stage,
            status=entrance.status,
            tier=RiskCategory.UNDETERMINED,
            approval_state=ApprovalState.NONE,
            entry=entrance.entry,
            revision=1,
            digest=key,
            registered_at=tx.now,
            revised_at=tx.now,
            search=search_text(system_id, content),
        )
    )
    _keep(tx, system_id, 1, content, key)
    link(tx, {system_id: content["components"]})
    keep_due(tx, {system_id: entrance.evidence_due})
    tx.record(
        SystemRegistered(
            system_id=system_id,
            revision=1,
            digest=key,
            stage=entrance.stage,
            entry=entrance.entry,
            content=content,
            evidence_due=entrance.evidence_due,
        )
    )


def next_revision(tx: Transaction, system: AISystem, content: Mapping[str, Any]) -> AISystem:
    """Store a new revision and return it; what was approved or asked for the old one lapses."""
    key, revision, before = content_digest(content), system.revision + 1, plain_content(system)
    new = {
        **content,
        "revision": revision,
        "digest": key,
        "revised_at": tx.now,
        "approval_state": lapsed(system.approval_state),
        "search": search_text(system.system_id, content),
    }
    enforced = enforces(tx.connection)
    if enforced:
        # The database takes the description from the revision itself.
        _keep(tx, system.system_id, revision, content, key)
    old = {
        "of_system": system.system_id,
        "at_revision": revision if enforced else system.revision,
    }
    told = ("search",) if enforced else _NEXT
    statement = _FIND_AGAIN if enforced else _REVISE
    done = tx.connection.execute(statement, old | {f"new_{name}": new[name] for name in told})
    if done.rowcount != 1:
        raise RevisionConflict(
            f"revise {system.system_id}: somebody else revised it; read it again and repeat"
        )
    if not enforced:
        _keep(tx, system.system_id, revision, content, key)
    changed = {name: value for name, value in content.items() if value != before[name]}
    if "components" in changed:
        link(tx, {system.system_id: content["components"]})
    tx.record(
        SystemRevised(system_id=system.system_id, revision=revision, digest=key, changed=changed)
    )
    lapse_approvals(tx, [system.system_id])
    return replace(
        system,
        **_as_read(content),
        revision=revision,
        digest=key,
        revised_at=tx.now.astimezone(UTC),
        approval_state=lapsed(system.approval_state),
    )


def _as_read(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description as it is read from the register."""
    return {
        **content,
        "origin": Origin(content["origin"]),
        "declared_risk_category": RiskCategory(content["declared_risk_category"]),
        "attributes": loads(canonical_json(content["attributes"])),
        "components": tuple(content["components"]),
    }


def lapsed(state: str) -> ApprovalState:
    """Return what an approval state becomes when the description changes."""
    return ApprovalState.NONE if state == ApprovalState.NONE else ApprovalState.LAPSED


def plain_content(system: AISystem) -> dict[str, Any]:
    """Return a system's description as plain values, as it is checked and stored."""
    content = system.content()
    content["components"] = list(content["components"])
    content["attributes"] = dict(content["attributes"])
    return {name: str(v) if isinstance(v, str) else v for name, v in content.items()}


def first_digest(tx: Transaction, system_id: str) -> str | None:
    """Return the digest of the description a system was registered with."""
    table = tables.system_revision
    query = sa.select(table.c.digest).where(table.c.system_id == system_id, table.c.revision == 1)
    return tx.connection.execute(query).scalar()


def _keep(
    tx: Transaction, system_id: str, revision: int, content: Mapping[str, Any], key: str
) -> None:
    by, at = tx.actor.actor_id, utc_text(tx.now)
    row = (system_id, revision, canonical_json(content), key, by, at)
    load(tx.connection, tables.system_revision, _KEPT, [row])
