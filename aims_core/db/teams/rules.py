"""Rule rows: the one declaration of the lifecycle and the roles, as the database's functions read them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from aims_core.db.teams.groups import literal
from aims_core.db.teams.signatures import SCHEMA
from aims_core.lifecycle import Machine, Transition
from aims_core.roles import PERSONAL_ROLES, ROLES
from aims_core.terms import RiskCategory

Cell = str | int | bool | timedelta | None

TABLES: dict[str, str] = {
    "machine": "version text PRIMARY KEY, initial text NOT NULL, longest_delegation interval",
    "stage": "stage text PRIMARY KEY, terminal boolean NOT NULL",
    "step": "transition text, source text, target text NOT NULL, from_status text, to_status text, "
    "needs_reason boolean NOT NULL, needs_approval_of text NOT NULL, lapses boolean NOT NULL, "
    "expires_after interval, valid_for interval, gate boolean NOT NULL, PRIMARY KEY (transition, source)",
    "asked_by": "transition text, role text, PRIMARY KEY (transition, role)",
    "seat": "transition text, role text, tier text, needed integer NOT NULL, "
    "PRIMARY KEY (transition, role, tier)",
    "apart": "transition text, first text, second text, PRIMARY KEY (transition, first, second)",
    "required_check": "transition text, tier text, name text, PRIMARY KEY (transition, tier, name)",
    "required_field": "stage text, tier text, field text, PRIMARY KEY (stage, tier, field)",
    "permission": "role text, permission text, PRIMARY KEY (role, permission)",
    "personal_role": "role text PRIMARY KEY",
}
"""Tables of rules in the schema ``aims_teams``, with their columns."""


def tables() -> list[str]:
    """Return the statements that make the tables of rules."""
    return [
        f"CREATE TABLE IF NOT EXISTS {SCHEMA}.{name} ({columns})"
        for name, columns in TABLES.items()
    ]


def rows(machine: Machine) -> list[str]:
    """Return the statements that fill them, each table anew."""
    made = []
    for name, filled in declared(machine).items():
        made.append(f"DELETE FROM {SCHEMA}.{name}")
        if filled:
            values = ", ".join(f"({', '.join(map(_cell, row))})" for row in filled)
            made.append(f"INSERT INTO {SCHEMA}.{name} VALUES {values}")
    return made


def declared(machine: Machine) -> dict[str, Sequence[tuple[Cell, ...]]]:
    """Return the rows of each table of rules, from the lifecycle and the roles."""
    tiers, steps = [str(t) for t in RiskCategory], machine.transitions
    return {
        "machine": [(machine.version, machine.initial, machine.longest_delegation)],
        "stage": [(s.name, s.terminal) for s in machine.stages],
        "step": [_step(machine, t, source) for t in steps for source in t.sources],
        "asked_by": [(t.name, role) for t in steps for role in t.asked_by],
        "seat": [
            (t.name, slot.role, tier, slot.needed(tier))
            for t in steps
            for slot in t.approvals
            for tier in tiers
        ],
        "apart": [(t.name, first, second) for t in steps for first, second in t.apart],
        "required_check": [
            (t.name, tier, name)
            for t in steps
            for tier in tiers
            for name in dict.fromkeys(t.checks_for(tier))
        ],
        "required_field": [
            (s.name, tier, name)
            for s in machine.stages
            for tier in tiers
            for name in dict.fromkeys(s.required_for(tier))
        ],
        "permission": [(role, one) for role, held in ROLES.items() for one in sorted(held)],
        "personal_role": [(role,) for role in PERSONAL_ROLES],
    }


def _step(machine: Machine, step: Transition, source: str) -> tuple[Cell, ...]:
    before, after = step.status or (None, None)
    return (
        step.name,
        source,
        step.target or source,
        before,
        after,
        step.needs_reason,
        step.needs_approval_of,
        step.lapses_approvals,
        machine.expires_after_for(step) if step.approvals else None,
        step.valid_for,
        bool(step.approvals and step.target),
    )


def _cell(value: Cell) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return f"interval '{value.total_seconds():.6f} seconds'"
    return str(value) if isinstance(value, int) else literal(value)


def names() -> Iterable[str]:
    """Return the full names of the tables of rules."""
    return (f"{SCHEMA}.{name}" for name in TABLES)
