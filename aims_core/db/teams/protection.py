"""What a login may write to each table of a secured database, as data; plugins declare theirs alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from aims_core import tables

INFO = "aims_protection"
"""Key in ``Table.info`` under which :func:`protect` leaves what it was told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Protection:
    """What the logins of people may do with one table; what is not named here they may not.

    Attributes
    ----------
    insert : bool
        New rows may be added.
    update : tuple of str
        Columns that may be changed later; never who wrote a row, nor a state that a rule decides on.
    delete : bool
        Rows may be taken away.
    signed : tuple of str
        Columns that name who acted: they hold the one behind the login, or nothing.
    resigned : tuple of str
        Those of `signed` that somebody else may sign anew; the others stay as they were signed.
    timed : tuple of str
        Columns that say when somebody acted: they hold the time of the transaction, or nothing.
    stated : tuple of str
        Columns that say when something was so in fact: not ahead of the transaction, and kept once stated.
    unstated : tuple of str
        Those of `stated` that are empty again where what they speak of is taken back.
    unit_via : str
        Column with the id of the system whose unit may see and write the row; empty for all units.
    through : str
        Table that `unit_via` leads to by a column of the same name, where that is not the systems' own.
    decides : tuple of str
        Columns that only a decision credential fills or changes (``*`` for every write).
    keeps_books : bool
        Only the login of a service writes it: the sealer, the delivery of tells.
    audits : bool
        Auditors write it, too: what they issue, and what anybody may say.
    """

    insert: bool = True
    update: tuple[str, ...] = ()
    delete: bool = False
    signed: tuple[str, ...] = ()
    resigned: tuple[str, ...] = ()
    timed: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    unstated: tuple[str, ...] = ()
    unit_via: str = ""
    through: str = ""
    decides: tuple[str, ...] = ()
    keeps_books: bool = False
    audits: bool = False


def protect(  # noqa: PLR0913 - what may be said of a table, all by name
    table: sa.Table,
    *,
    unit_via: str = "",
    through: str = "",
    signed: Iterable[str] = (),
    resigned: Iterable[str] = (),
    timed: Iterable[str] = (),
    stated: Iterable[str] = (),
    update: Iterable[str] = (),
    delete: bool = False,
    decides: Iterable[str] = (),
    audits: bool = False,
) -> sa.Table:
    """Say what logins of a secured PostgreSQL database may do with a table, and return the table.

    Called beside the table's definition. It changes nothing by itself: `aims db secure` and every
    migration of a secured database put it in force. A table that nobody protects is closed to all.

    Parameters
    ----------
    unit_via : str
        Column with a system's id (or an empty text, for all); only who may see that system sees and
        writes the row.
    through : str
        Table that the column leads to instead, by a column of the same name: a row is seen with the one
        it belongs to.
    signed : iterable of str
        Columns that name who acted; the database has them name the one behind the login.
    resigned : iterable of str
        Those of `signed` that somebody else may sign anew later.
    timed : iterable of str
        Columns that say when somebody acted; the database has them hold the time of the transaction.
    stated : iterable of str
        Columns that say when something was so in fact, as somebody states it; the database takes none that
        lies ahead of the transaction, and keeps what was stated.
    update : iterable of str
        Columns that may be changed after the row was written; ``*`` for all of them.
    delete : bool
        Rows may be deleted.
    decides : iterable of str
        Columns that only a decision credential fills or changes; ``*`` for every write.
    audits : bool
        Auditors write it, too, who write nothing but audit records (rule R5).

    Raises
    ------
    ValueError
        A column is none of the table's.
    """
    columns = tuple(update)
    made = Protection(
        unit_via=unit_via,
        through=through,
        signed=tuple(signed),
        resigned=tuple(resigned),
        timed=tuple(timed),
        stated=tuple(stated),
        update=tuple(table.columns.keys()) if columns == ("*",) else columns,
        delete=delete,
        decides=tuple(decides),
        audits=audits,
    )
    named = {*made.signed, *made.timed, *made.stated, *made.update, *made.decides, made.unit_via}
    if unknown := sorted(named - {"", "*"} - set(table.columns.keys())):
        raise ValueError(f"{table.name} has no column {', '.join(unknown)}")
    table.info[INFO] = made
    return table


def protections(metadata: sa.MetaData = tables.metadata) -> dict[str, Protection]:
    """Return the protection of each table by name: the core's, and those that plugins declared.

    The history of a declared table is seen with it, and written by its triggers alone.
    """
    declared = {t.name: t.info[INFO] for t in metadata.tables.values() if INFO in t.info}
    former = {
        f"{name}_history": Protection(insert=False, unit_via=p.unit_via, through=p.through)
        for name, p in declared.items()
        if f"{name}_history" in metadata.tables
    }
    return {**former, **declared, **CORE}


def as_plain(protection: Protection) -> dict[str, Any]:
    """Return a protection as plain values, as it is kept in the database."""
    return {name: getattr(protection, name) for name in Protection.__slots__}


def from_plain(values: Mapping[str, Any]) -> Protection:
    """Return a protection that was kept in the database."""
    made: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return Protection(**made)


_READ_ONLY = Protection(insert=False)
_PLACES = Protection(keeps_books=True)
_QUEUE = Protection(keeps_books=True, delete=True)
_OF_SYSTEM = "system_id"

CORE: Mapping[str, Protection] = {
    # To lock a row takes the right to update a column; a trigger refuses the update itself.
    "aims_actor": Protection(timed=("added_at",), signed=("added_by",), update=("valid_from",)),
    "aims_grant": Protection(
        timed=("granted_at", "revoked_at"),
        stated=("fact_at", "revoked_fact_at"),
        signed=("granted_by", "revoked_by"),
        update=("revoked_by", "revoked_at", "revoke_reason", "revoked_fact_at"),
        decides=("*",),
    ),
    "aims_system": Protection(unit_via=_OF_SYSTEM, update=("search",)),
    "aims_system_revision": Protection(timed=("at",), unit_via=_OF_SYSTEM, signed=("author",)),
    "aims_legacy": Protection(timed=("entered_at",), unit_via=_OF_SYSTEM, signed=("entered_by",)),
    "aims_change_set": Protection(
        timed=(
            "proposed_at",
            "closed_at",
        ),
        signed=("proposed_by", "closed_by"),
        resigned=("proposed_by", "closed_by"),
        update=("status", "reason", "proposed_by", "proposed_at", "closed_by", "closed_at"),
    ),
    "aims_component": Protection(timed=("registered_at",), signed=("registered_by",)),
    "aims_system_component": Protection(unit_via=_OF_SYSTEM, delete=True),
    "aims_approval": Protection(
        timed=("requested_at",),
        stated=("fact_at", "closed_fact_at"),
        unit_via=_OF_SYSTEM,
        signed=("requested_by", "closed_by"),
    ),
    "aims_vote": Protection(
        timed=("at",),
        stated=("fact_at",),
        unit_via="approval_id",
        through="aims_approval",
        signed=("actor",),
        decides=("*",),
    ),
    "aims_delegation": Protection(
        timed=(
            "made_at",
            "ended_at",
        ),
        signed=("delegator", "ended_by"),
        update=("ended_at", "ended_by", "end_reason"),
        decides=("*",),
    ),
    "aims_waiver": Protection(
        timed=(
            "proposed_at",
            "granted_at",
            "closed_at",
        ),
        unit_via=_OF_SYSTEM,
        signed=("proposed_by", "closed_by"),
        stated=("fact_at", "granted_fact_at", "closed_fact_at"),
        update=(
            *("status", "granted_at", "granted_fact_at"),
            *("closed_by", "closed_at", "close_reason", "closed_fact_at"),
        ),
        decides=("granted_at", "granted_fact_at"),
    ),
    "aims_waiver_vote": Protection(
        timed=("at",),
        stated=("fact_at",),
        unit_via="waiver_id",
        through="aims_waiver",
        signed=("actor",),
        decides=("*",),
    ),
    "aims_exception": Protection(
        timed=(
            "recorded_at",
            "approved_at",
            "ended_at",
        ),
        signed=("recorded_by", "approved_by", "ended_by"),
        stated=("fact_at", "approved_fact_at", "ended_fact_at"),
        update=(
            *("approved_by", "approved_at", "approved_fact_at"),
            *("ended_by", "ended_at", "end_reason", "ended_fact_at"),
        ),
        decides=("approved_by", "approved_at", "approved_fact_at"),
    ),
    "aims_role_change": Protection(
        timed=(
            "proposed_at",
            "closed_at",
        ),
        signed=("proposed_by", "closed_by"),
        stated=("fact_at", "closed_fact_at"),
        update=("status", "closed_by", "closed_at", "grant_id", "closed_fact_at"),
        decides=("grant_id",),
    ),
    "aims_periodic_review": Protection(
        timed=("reviewed_at",), unit_via=_OF_SYSTEM, signed=("reviewed_by",)
    ),
    "aims_review_reminder": Protection(unit_via=_OF_SYSTEM),
    "aims_transition": Protection(
        timed=("at",), stated=("fact_at",), unit_via=_OF_SYSTEM, signed=("actor",)
    ),
    "aims_evidence": Protection(
        timed=(
            "added_at",
            "disposed_at",
        ),
        unit_via=_OF_SYSTEM,
        signed=("added_by", "disposed_by"),
        update=("disposed_at", "disposed_by"),
        decides=("disposed_by",),
    ),
    "aims_evidence_hold": Protection(
        timed=("placed_at", "release_proposed_at", "released_at"),
        unit_via=_OF_SYSTEM,
        signed=("placed_by", "release_proposed_by", "released_by"),
        resigned=("release_proposed_by",),
        stated=("fact_at", "release_proposed_fact_at", "released_fact_at"),
        unstated=("release_proposed_fact_at",),
        update=(
            *("release_proposed_by", "release_proposed_at", "release_proposed_fact_at"),
            *("released_by", "released_at", "released_fact_at", "release_reason"),
        ),
        decides=("released_by",),
    ),
    "aims_evidence_disposal": Protection(
        timed=("proposed_at", "decided_at"),
        unit_via="evidence_id",
        through="aims_evidence",
        signed=("proposed_by", "decided_by"),
        update=("status", "decided_by", "decided_at", "decision_reason"),
        decides=("decided_by",),
    ),
    "aims_concern": Protection(
        timed=("raised_at", "answered_at"),
        signed=("raised_by", "answered_by"),
        update=("answer", "answered_by", "answered_at"),
        audits=True,
    ),
    "aims_concern_access": Protection(timed=("at",), signed=("actor",), audits=True),
    "aims_result_schema": Protection(),
    "aims_result": Protection(
        timed=("recorded_at",), unit_via=_OF_SYSTEM, signed=("recorded_by",), update=("in_force",)
    ),
    "aims_event": Protection(unit_via=_OF_SYSTEM, signed=("actor",), audits=True),
    "aims_trail_head": _READ_ONLY,
    "aims_leaf": _PLACES,
    "aims_unsealed": _QUEUE,
    "aims_tree": Protection(insert=False, keeps_books=True, update=("size", "peaks", "root")),
    "aims_tree_node": _PLACES,
    "aims_checkpoint": Protection(timed=("made_at",), signed=("made_by",), audits=True),
    "aims_anchoring": Protection(audits=True),
    "aims_erasure": Protection(timed=("at",), signed=("actor",), decides=("*",), audits=True),
    "aims_outbox": _QUEUE,
    "aims_delivery": _QUEUE,
    "aims_schema_component": _READ_ONLY,
    "aims_actor_history": _READ_ONLY,
    "aims_grant_history": _READ_ONLY,
    "aims_system_history": Protection(insert=False, unit_via=_OF_SYSTEM),
    "aims_approval_history": Protection(insert=False, unit_via=_OF_SYSTEM),
}
"""What the core's own tables take. States, revisions and authors are in no `update`: see `decisions`."""
