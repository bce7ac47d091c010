"""Writing down a run: its windows, its figures, its result for the core, and what it has to tell."""

from collections.abc import Sequence

from aims_core import ThresholdBreached, Transaction
from aims_monitoring import ledger
from aims_monitoring.alerts import Breach, Rule, turns
from aims_monitoring.events import BreachEnded, MonitoringRun
from aims_monitoring.gaps import find_gaps
from aims_monitoring.payloads import (
    MEASUREMENT,
    MEASUREMENT_SCHEMA,
    breached_names,
    measurement_payload,
)
from aims_monitoring.records import Monitor, Run, WindowFigures
from aims_monitoring.runs import Outcome, Task

_PER_RUN = 1_000_000


def record_run(tx: Transaction, task: Task, outcome: Outcome, key: str) -> Run:
    """Write a run with everything it says, and return it."""
    monitor = task.monitor
    run = Run(
        run_id=tx.new_id("run"),
        monitor_id=monitor.monitor_id,
        system_id=monitor.system_id,
        input_digest=key,
        definition=monitor.definition,
        source=task.source.name[:500],
        rows=task.source.rows,
        labels_unmatched=outcome.labels_unmatched,
        provider=task.offer.spec.id,
        version=task.offer.plugin.version,
        run_by=tx.actor.actor_id,
        run_at=tx.now,
        windows=outcome.windows,
    )
    _keep_profiles(tx, task, outcome)
    before = ledger.windows_in_force(tx, monitor.monitor_id)
    seen, fuller = {_standing(w) for w in before}, _fuller(before, outcome)
    ordinal = ledger.next_ordinal(tx, monitor.monitor_id)
    positions = _positions(tx, monitor, outcome, ordinal)
    ledger.save_run(tx, run, ordinal, positions, log=outcome.log, beside=fuller)
    tx.add_result(
        kind=MEASUREMENT,
        system_id=monitor.system_id,
        subject=monitor.monitor_id,
        offer=task.offer,
        input_digest=key,
        payload=measurement_payload(run, monitor, task.foreign, _missing_windows(tx, monitor)),
        schema=MEASUREMENT_SCHEMA,
    )
    tx.record(_ran(run))
    fresh = {w.window for w in run.windows if _standing(w) not in seen}
    _tell(tx, monitor, run, fresh - fuller)
    return run


def _missing_windows(tx: Transaction, monitor: Monitor) -> int:
    starts = ledger.window_starts(tx, monitor.monitor_id)
    return sum(gap.missing for gap in find_gaps(starts, monitor.window, _zone(monitor)))


def _zone(monitor: Monitor) -> str:
    return str(monitor.schema.get("zone", ""))


def _keep_profiles(tx: Transaction, task: Task, outcome: Outcome) -> None:
    if task.layout is None:
        # Later windows must be cut as this first one was, or they could not be compared.
        ledger.keep_layout(tx, outcome.layout)
        change = {"layout": outcome.layout.digest}
        ledger.update_monitor(tx, task.monitor.monitor_id, change)
    ledger.keep_profiles(tx, list(outcome.profiles.values()))


def _positions(tx: Transaction, monitor: Monitor, outcome: Outcome, ordinal: int) -> dict[str, int]:
    """Windows of time lie where time puts them; those of rows where their log lies, a new one last."""
    first = 0
    if outcome.log is not None:
        known = ledger.first_position(tx, monitor.monitor_id, outcome.log.name)
        first = ordinal * _PER_RUN if known is None else known
    return {window.key: first + window.position for window in outcome.profiles}


def _fuller(before: Sequence[WindowFigures], outcome: Outcome) -> set[str]:
    """Return the windows of rows that are on record with more rows, from a later state of the log."""
    if outcome.log is None:
        return set()
    rows = {w.window: w.rows for w in before}
    return {w.window for w in outcome.windows if w.rows < rows.get(w.window, 0)}


def _standing(window: WindowFigures) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return how a window stands; one that stands as before has nothing new to tell.

    Not the profile's digest: its sums differ in the last digit when a log is cut into other batches.
    """
    return window.window, tuple(sorted((j.name, j.status) for j in window.figures))


def _tell(tx: Transaction, monitor: Monitor, run: Run, fresh: set[str]) -> None:
    known = ledger.open_alerts(tx, monitor.monitor_id)
    series = ledger.windows_in_force(tx, monitor.monitor_id)
    raised = {metric: window for metric, (_, window) in known.items()}
    hits, of = monitor.persistence
    rule = Rule(hits=hits, of=of, hysteresis=monitor.hysteresis)
    found = turns(series, fresh=fresh, open_alerts=raised, rule=rule)
    if found.new:
        tx.record(_breached(monitor, found.new[0]))
    for breach in found.new:
        _open_alert(tx, monitor, run, breach)
    for metric, window in found.ended.items():
        alert_id, _ = known[metric]
        ledger.end_alert(tx, alert_id, window)
        tx.record(_ended(monitor, alert_id, metric, window))


def _open_alert(tx: Transaction, monitor: Monitor, run: Run, breach: Breach) -> None:
    measurement = breach.worst.measurement
    alert_id = tx.new_id("alert")
    ledger.save_alert(
        tx,
        {
            "alert_id": alert_id,
            "monitor_id": monitor.monitor_id,
            "metric": measurement.metric,
            "subject": measurement.subject,
            "window": breach.window,
            "value": measurement.value,
            "crossed": breach.worst.limit,
            "side": breach.worst.side,
            "severity": monitor.severity,
            "opened_by_run": run.run_id,
            "opened_at": tx.now,
            "ended_window": breach.ended,
            "ended_at": tx.now if breach.ended else None,
        },
    )
    if breach.ended:
        tx.record(_ended(monitor, alert_id, measurement.metric, breach.ended))


def _breached(monitor: Monitor, breach: Breach) -> ThresholdBreached:
    value, limit = breach.worst.measurement.value, breach.worst.limit
    assert value is not None  # noqa: S101 - a breach is a value beyond a limit; this tells the type checker
    assert limit is not None  # noqa: S101 - same
    return ThresholdBreached(
        system_id=monitor.system_id,
        monitor_id=monitor.monitor_id,
        metric=breach.worst.name,
        value=value,
        threshold=limit,
        direction=breach.worst.side,
        severity=monitor.severity,
        window=breach.window,
    )


def _ended(monitor: Monitor, alert_id: str, metric: str, window: str) -> BreachEnded:
    return BreachEnded(
        system_id=monitor.system_id,
        alert_id=alert_id,
        monitor_id=monitor.monitor_id,
        metric=metric,
        window=window,
    )


def _ran(run: Run) -> MonitoringRun:
    return MonitoringRun(
        system_id=run.system_id,
        run_id=run.run_id,
        monitor_id=run.monitor_id,
        input_digest=run.input_digest,
        rows=run.rows,
        windows=len(run.windows),
        status=run.status,
        breached=tuple(breached_names(run)),
    )
