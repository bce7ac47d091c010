"""The lifecycle's checks on monitoring: pure, and over many systems at once."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from aims_core import Condition, Result, SystemFacts
from aims_monitoring.payloads import MEASUREMENT, PLAN
from aims_monitoring.schedule import PERIODS

Answers = Mapping[str, Condition]


def monitoring_plan(facts: Sequence[SystemFacts]) -> Answers:
    """Met when an active monitor with a threshold is defined (ISO/IEC 42001, 9.1 and A.6.2.6)."""
    return {f.system.system_id: _plan(f) for f in facts}


def monitors_running(facts: Sequence[SystemFacts]) -> Answers:
    """Met when every active monitor has run as it is defined now, and not too long ago.

    A monitor that is scheduled and was not run when due is a gap, also where no new log has come.
    Source: ISO/IEC 42001, A.6.2.6.
    """
    return {f.system.system_id: _running(f) for f in facts}


def _plan(facts: SystemFacts) -> Condition:
    active = _active(facts)
    limited = [r.subject for r in active if r.payload["thresholds"]]
    if limited:
        reason = f"{len(limited)} monitor(s) with thresholds: {_listed(limited)}"
        return _condition("monitoring_plan", reason)
    reason = "no monitor is defined"
    if active:
        reason = f"no monitor has a threshold ({_listed([r.subject for r in active])})"
    remedy = "define a monitor with a threshold, e.g. ws.monitoring.define(...)"
    return _condition("monitoring_plan", reason, remedy)


def _running(facts: SystemFacts) -> Condition:
    active = _active(facts)
    measured = _newest(facts, MEASUREMENT)
    waiting = [r.subject for r in active if not _has_run(r, measured.get(r.subject))]
    late = [] if waiting else [r.subject for r in active if _is_late(r, measured, facts)]
    if active and not waiting and not late:
        reason = f"{len(active)} monitor(s) have run: {_listed([r.subject for r in active])}"
        reason += _said_missing([measured[r.subject] for r in active])
        return _condition("monitors_running", reason)
    reason = "no monitor is defined"
    if late:
        reason = f"not run when due: {_listed(late)}"
    elif active:
        reason = f"not run as they are defined now: {_listed(waiting)}"
    remedy = "run each monitor on a prediction log, e.g. ws.monitoring.run(...)"
    return _condition("monitors_running", reason, remedy)


@lru_cache(maxsize=10_000)
def _condition(name: str, reason: str, remedy: str = "") -> Condition:
    return Condition(name=name, met=not remedy, reason=reason, remedy=remedy)


def _said_missing(measured: Sequence[Result]) -> str:
    """Return how many windows have no row: no reason to stop, and nothing to pass over in silence."""
    missing = sum(result.payload.get("missing_windows", 0) for result in measured)
    return f"; {missing} window(s) between others have no row" if missing else ""


def _has_run(plan: Result, measured: Result | None) -> bool:
    return measured is not None and measured.payload["definition"] == plan.payload["definition"]


def _is_late(plan: Result, measured: Mapping[str, Result], facts: SystemFacts) -> bool:
    every = plan.payload.get("every", "")
    return bool(every) and measured[plan.subject].recorded_at + PERIODS[every] < facts.now


def _active(facts: SystemFacts) -> list[Result]:
    newest = _newest(facts, PLAN)
    return [newest[key] for key in sorted(newest) if newest[key].payload["active"]]


def _newest(facts: SystemFacts, kind: str) -> dict[str, Result]:
    """Return the newest result of each subject; facts hold the newest first."""
    return {r.subject: r for r in reversed(facts.results.get(kind, ()))}


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown  # noqa: PLR2004 - five names fit a line
