"""Decisions on controls in the database: found when they say the same, kept when they are replaced."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_compliance.events import ControlDecided
from aims_compliance.proposals import Proposal
from aims_compliance.records import ControlDecision
from aims_compliance.tables import decision
from aims_core import RequestRefused, Transaction, as_of

_TREATMENT, _ENDED = "risk_treatment", "ended"


def in_force(tx: Transaction, at: datetime | None = None) -> dict[str, ControlDecision]:
    """Return the decisions in force by control, now or at a time."""
    held = as_of(decision, at)
    rows = tx.connection.execute(sa.select(held).where(held.c.in_force)).mappings()
    return {row["control_id"]: _from_row(row) for row in rows}


def keep(tx: Transaction, proposals: Sequence[Proposal]) -> list[ControlDecision]:
    """Store what is new and return all decisions in the order of the proposals.

    Raises
    ------
    RevisionConflict
        Somebody else decided on the same control at the same time.
    """
    former = in_force(tx)
    kept, new = [], []
    for proposal in proposals:
        found = former.get(proposal.control_id)
        if found is not None and _says(found, proposal):
            kept.append(found)
        else:
            made = _made(tx, proposal, found)
            kept.append(made)
            new.append(made)
    if new:
        _store(tx, new)
    return kept


def refuse_treating(tx: Transaction, asked: str, excluded: Collection[str]) -> None:
    """Refuse to exclude controls on which the treatment of a risk rests.

    Which these are is read from the results in force, whatever plugin keeps the risk register.

    Raises
    ------
    RequestRefused
        At least one does; the systems are named.
    """
    used: dict[str, set[str]] = {}
    for result in tx.newest_results(_TREATMENT) if excluded else ():
        if result.payload.get("status") == _ENDED:
            continue
        for control in result.payload.get("controls") or ():
            if control in excluded:
                used.setdefault(control, set()).add(result.system_id)
    if used:
        named = "; ".join(
            f"{control} treats a risk of {', '.join(sorted(systems)[:10])}"
            for control, systems in sorted(used.items())[:10]
        )
        raise RequestRefused(
            f"{asked}: {named}. Include it, or end the treatment in the risk register first"
        )


def _says(found: ControlDecision, proposal: Proposal) -> bool:
    return all(getattr(found, name) == value for name, value in asdict(proposal).items())


def _made(tx: Transaction, proposal: Proposal, former: ControlDecision | None) -> ControlDecision:
    return ControlDecision(
        decision_id=tx.new_id("soa"),
        revision=former.revision + 1 if former else 1,
        decided_by=tx.actor.actor_id,
        decided_at=tx.now,
        **asdict(proposal),
    )


def _store(tx: Transaction, new: Sequence[ControlDecision]) -> None:
    replaced = decision.c.control_id.in_([made.control_id for made in new])
    tx.connection.execute(
        sa.update(decision).where(replaced, decision.c.in_force).values(in_force=False)
    )
    # Two who decide on the same control at once meet at its revision number: the later is refused.
    rows = [{**asdict(made), "in_force": True} for made in new]
    tx.connection.execute(sa.insert(decision), rows)
    tx.record(*(_event(made) for made in new))


def _event(made: ControlDecision) -> ControlDecided:
    return ControlDecided(
        control_id=made.control_id,
        revision=made.revision,
        applicable=made.applicable,
        reason=made.reason,
        grounds=made.grounds,
        implementation=made.implementation,
        responsible=made.responsible,
    )


def _from_row(row: Mapping[Any, Any]) -> ControlDecision:
    names = ControlDecision.__dataclass_fields__
    values = {name: row[name] for name in names}
    return ControlDecision(**{**values, "grounds": tuple(values["grounds"])})
