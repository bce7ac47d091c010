"""Waivers, exceptions, breaches and periodic reviews, in both reports: what is not as the rules want it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aims_core import DataTable, Paragraph, Section, Workspace
from aims_reporting.pinning import time_of
from aims_reporting.words import Names, counted, plain

_EXCEPTION = ("Exception", "Rule", "Reaches", "Until", "Reason", "Done in its place", "Approved by")
_BREACH = ("When", "Rule", "System", "What", "Who", "Covered by exception")
_WAIVER = (
    "Waiver",
    "System",
    "Condition",
    "Holds",
    "Until",
    "Reason",
    "Done meanwhile",
    "Approved by",
)
_REVIEW = ("System", "Tier", "Due", "Overdue", "Owner", "Last outcome")


def system(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:
    """Return what in a system is not as the rules of separation want it, or counts as met by waiver."""
    names, at = Names(workspace, as_of), time_of(workspace, as_of)
    breaches = workspace.separation.breaches(system_ids=[system_id], as_of=at)
    exceptions = _shown_exceptions(workspace, breaches, system_id, at)
    waivers = workspace.waivers.frame(system_id, as_of=as_of)
    date = workspace.reviews.date(system_id, as_of=as_of)
    dates = [] if date is None else [_review(date, names)]
    return _section(names, breaches, exceptions, waivers, dates)


def portfolio(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:  # noqa: ARG001 - the hook's signature
    """Return what in all systems is not as the rules of separation want it, and the reviews that are due."""
    names, at = Names(workspace, as_of), time_of(workspace, as_of)
    breaches = workspace.separation.breaches(as_of=at)
    exceptions = _shown_exceptions(workspace, breaches, "", at)
    waivers = workspace.waivers.frame(as_of=as_of)
    dates = [_review(d, names) for d in workspace.reviews.due(as_of=at)]
    return _section(names, breaches, exceptions, waivers, dates)


def _section(
    names: Names,
    breaches: Sequence[Any],
    exceptions: Sequence[Any],
    waivers: Any,
    dates: Sequence[tuple[Any, ...]],
) -> Section:
    return Section(
        section_id="separation",
        title="Separation of duties, exceptions and waivers",
        blocks=(
            Paragraph(text=_in_words(breaches, exceptions, waivers)),
            *_table(
                _EXCEPTION,
                [_exception(e, names) for e in exceptions],
                "Exceptions to rules of separation",
            ),
            *_table(
                _BREACH, [_breach(b, names) for b in reversed(breaches)], "Breaches, newest first"
            ),
            *_table(_WAIVER, list(_waivers(waivers, names)), "Waivers of conditions, newest first"),
            *_table(_REVIEW, dates, "Periodic reviews"),
        ),
    )


def _in_words(breaches: Sequence[Any], exceptions: Sequence[Any], waivers: Any) -> str:
    uncovered = sum(1 for b in breaches if not b.exception)
    holding = int((waivers["holds"] == "yes").sum())
    ended = int(((waivers["granted_at"].notna()) & (waivers["holds"] != "yes")).sum())
    bare = counted(uncovered, "breach", "breaches")
    recorded = counted(len(exceptions), "exception")
    whole = (
        f"{bare} of the rules of separation without an exception, {len(breaches) - uncovered} covered "
        f"by one. On record, in force or having covered something: {recorded}. "
        f"Waivers in force: {holding}; ended: {ended}."
    )
    return whole[:1].upper() + whole[1:]


def _table(
    columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], caption: str
) -> tuple[DataTable, ...]:
    if not rows:
        return ()
    return (DataTable(columns=columns, rows=tuple(rows), caption=caption),)


def _shown_exceptions(
    workspace: Workspace, breaches: Sequence[Any], system_id: str, at: datetime
) -> list[Any]:
    """Those in force here, and those that ended but covered a breach that is shown."""
    used = {b.exception for b in breaches if b.exception}
    separation = workspace.separation
    here = {e.exception_id for e in separation.exceptions(system_id=system_id, as_of=at)}
    return [e for e in separation.recorded(as_of=at) if e.exception_id in used | here]


def _exception(exception: Any, names: Names) -> tuple[Any, ...]:
    reach = f"{plain(exception.scope_kind)} {exception.scope}".strip()
    until: Any = exception.expires_on or "the second administrator"
    if exception.ended_at is not None:
        until = f"ended {_day(exception)}: {exception.end_reason}"
    return (
        exception.exception_id,
        exception.rule,
        reach,
        until,
        exception.reason,
        exception.compensating_control,
        names.actor(exception.approved_by),
    )


def _day(exception: Any) -> str:
    """Return the day on which an exception ended, and the one on which it did in fact, where that differs."""
    entered, fact = f"{exception.ended_at:%Y-%m-%d}", exception.ended_fact_at
    said = entered if fact is None else f"{fact:%Y-%m-%d}"
    return entered if said == entered else f"{entered} (in fact {said})"


def _breach(breach: Any, names: Names) -> tuple[Any, ...]:
    who = ", ".join(names.actor(person) for person in breach.persons)
    covered = breach.exception or "NO"
    return breach.at, breach.rule, breach.system_id, breach.what, who, covered


def _waivers(frame: Any, names: Names) -> Any:
    for row in frame.itertuples(index=False):
        approved = ", ".join(names.actor(a) for a in row.approved_by.split(", ") if a)
        yield (
            row.waiver_id,
            row.system_id,
            plain(row.condition),
            row.holds,
            row.expires_on,
            row.reason,
            row.compensating_measure,
            approved,
        )


def _review(date: Any, names: Names) -> tuple[Any, ...]:
    overdue = "OVERDUE" if date.overdue else "no"
    last = plain(date.last_outcome) if date.last_outcome else "never reviewed"
    return date.system_id, plain(date.tier), date.due_on, overdue, names.actor(date.owner), last
