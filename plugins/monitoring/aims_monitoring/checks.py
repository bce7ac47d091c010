"""The lifecycle's checks on monitoring: pure, and over many systems at once."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from aims_core import Condition, Result, SystemFacts
from aims_monitoring.payloads import MEASUREMENT, PLAN
from aims_monitoring.schedule import PERIODS

Answers = Mapping[str, Condition]
_RUN_THEM = "run each monitor on a prediction log, e.g. ws.monitoring.run(...)"
_MEND_THEM = (
    "mend what the reason names (install the plugin again, give the column or the reference), or define "
    "other thresholds, and run the monitor again"
)


def monitoring_plan(facts: Sequence[SystemFacts]) -> Answers:
    """Met when an active monitor with a threshold is defined (ISO/IEC 42001, 9.1 and A.6.2.6)."""
    return {f.system.system_id: _plan(f) for f in facts}


def monitors_running(facts: Sequence[SystemFacts]) -> Answers:
    """Met when each active monitor has run as it is defined now, not too long ago, and measured something.

    A monitor that is scheduled and was not run when due is a gap, also where no new log has come. A run does
    not count as monitoring where every figure that the thresholds ask for lacks a value, since the plugin of
    its metric is gone, say. Where each lacks it for too few rows, the run counts: that is the log's doing and
    passes. A run from before this was recorded counts.
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
    if not active:
        return _condition("monitors_running", "no monitor is defined", _RUN_THEM)
    if waiting := [r.subject for r in active if not _has_run(r, measured.get(r.subject))]:
        reason = f"not run as they are defined now: {_listed(waiting)}"
        return _condition("monitors_running", reason, _RUN_THEM)
    if late := [r.subject for r in active if _is_late(r, measured, facts)]:
        return _condition("monitors_running", f"not run when due: {_listed(late)}", _RUN_THEM)
    newest = [measured[r.subject] for r in active]
    if empty := [r for r in newest if r.payload.get("unmeasured")]:
        return _condition("monitors_running", _said_unmeasured(empty), _MEND_THEM)
    reason = f"{len(active)} monitor(s) have run: {_listed([r.subject for r in active])}"
    return _condition("monitors_running", reason + _said_missing(newest))


@lru_cache(maxsize=10_000)
def _condition(name: str, reason: str, remedy: str = "") -> Condition:
    return Condition(name=name, met=not remedy, reason=reason, remedy=remedy)


def _said_missing(measured: Sequence[Result]) -> str:
    """Return how many windows have no row: no reason to stop, and nothing to pass over in silence."""
    missing = sum(result.payload.get("missing_windows", 0) for result in measured)
    return f"; {missing} window(s) between others have no row" if missing else ""


def _said_unmeasured(empty: Sequence[Result]) -> str:
    why = "; ".join(empty[0].payload["unmeasured"])
    return f"the last run measured nothing: {_listed([r.subject for r in empty])} ({why})"


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
