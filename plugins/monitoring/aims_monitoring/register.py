"""Monitors of AI systems, their runs and what they measured; reached as ``workspace.monitoring``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Event
from typing import Any

from aims_core import (
    InvalidRecord,
    Offer,
    Problem,
    RevisionConflict,
    Transaction,
    digest,
)
from aims_monitoring import ledger
from aims_monitoring.definition import (
    HYSTERESIS,
    Definition,
    check_definition,
    kind_id,
    read_persistence,
    read_severity,
    usual_persistence,
)
from aims_monitoring.engines import chosen_engine
from aims_monitoring.events import MonitorDefined, MonitorScheduled, MonitorStopped
from aims_monitoring.jobs import Job, cancellable
from aims_monitoring.layout import Layout, fit_layout
from aims_monitoring.metrics.catalogue import DEFAULT_THRESHOLDS
from aims_monitoring.payloads import PLAN, PLAN_SCHEMA, plan_payload
from aims_monitoring.profile import Profile
from aims_monitoring.readings import Readings
from aims_monitoring.recording import record_run
from aims_monitoring.records import Monitor, Run, WindowFigures
from aims_monitoring.runs import Task, measure_log
from aims_monitoring.scan import Progress, profile_log
from aims_monitoring.schedule import (
    Schedule,
    Worked,
    check_schedule,
    due_frame,
    due_monitors,
    find_schedule,
    save_schedule,
    work_off,
)
from aims_monitoring.schema import Schema
from aims_monitoring.source import Source, open_source, require_columns
from aims_monitoring.thresholds import read_thresholds, threshold_content


class Monitoring(Readings):
    """Define monitors, run them over prediction logs, and read what they measured.

    Only summaries by window are stored; no row of a log ever enters the governance database.
    """

    def define(  # noqa: PLR0913 - a monitor is what its definition says; each part has a name
        self,
        monitor_id: str,
        system_id: str,
        *,
        kind: str = "performance",
        thresholds: Mapping[str, Mapping[str, float]] | None = None,
        schema: Mapping[str, Any] | Schema,
        reference: Any = None,
        window: str | int = "month",
        severity: str = "major",
        owner: str = "",
        minimum_rows: int | None = None,
        persistence: Sequence[int] | None = None,
        hysteresis: float = HYSTERESIS,
    ) -> Monitor:
        """Put a monitor into a system's monitoring plan, or change the one of this id.

        Parameters
        ----------
        monitor_id : str
            Chosen by people, e.g. ``"housing-accuracy"``; the same call twice finds the monitor.
        kind : str
            ``performance``, ``drift``, ``fairness``, ``estimate`` (performance while no labels have
            come), or the id of a kind that another plugin offers.
        thresholds : mapping
            Limits by metric, e.g. ``{"accuracy": {"min": 0.85}, "psi": {"max": 0.2}}``; limits of
            one column have its name after a colon: ``"psi:income"``. ``fall`` and ``rise`` are shares of
            the reference's own figure; ``deviations_below`` and ``deviations_above`` are learnt from at
            least 14 earlier windows. Left out, those of
            `aims_monitoring.metrics.catalogue.DEFAULT_THRESHOLDS` hold; empty, the monitor only watches.
        schema : mapping or Schema
            Column names by role: feature, prediction, score, label, time, id, group, categorical.
        reference : path, data frame or Arrow table, optional
            What windows are compared with. Its profile is stored, its rows are not.
        window : str or int
            ``hour``, ``day``, ``week``, ``month``, ``quarter``, ``year``, or a number of rows.
        severity : str
            Severity of a breach: ``minor``, ``moderate``, ``major`` or ``serious``.
        owner : str
            Actor who answers for the monitor; whoever defines it by default.
        minimum_rows : int, optional
            Fewest rows for a figure, instead of each metric's own minimum sample.
        persistence : pair of int, optional
            In how many of the last how many windows a figure must be in breach before an alert opens;
            by default as `aims_monitoring.definition.usual_persistence` says.
        hysteresis : float
            How far back within its limits a figure must come before its alert ends: a share of the room,
            see `aims_monitoring.alerts.is_clear`.

        Returns
        -------
        Monitor
            As it stands now.

        Raises
        ------
        InvalidRecord
            Something is missing or wrong; every problem is named.
        RecordNotFound
            The system or the owner is not known.
        NotPermitted
            The actor may not monitor this system.

        Notes
        -----
        Writes ``MonitorDefined`` and a result of the kind ``monitoring_plan``. Where kind, schema or
        window change, former windows leave the series and stay on record. Source: ISO/IEC 42001, 9.1
        (what is monitored, how, when, by whom).
        """
        asked = f"define monitor {monitor_id}"
        source = None if reference is None else open_source(reference, asked=asked)
        limits = read_thresholds(
            DEFAULT_THRESHOLDS.get(kind_id(kind), {}) if thresholds is None else thresholds
        )
        definition = Definition(
            kind=kind_id(kind),
            thresholds=limits,
            schema=Schema.of(schema),
            window=window,
            severity=read_severity(severity, asked=asked),
            owner=owner or self._workspace.actor.actor_id,
            minimum_rows=minimum_rows,
            persistence=usual_persistence(limits, window)
            if persistence is None
            else read_persistence(persistence, asked=asked),
            hysteresis=hysteresis,
            reference="" if source is None else source.digest(),
        )
        offer = self._offer(definition.kind)
        check_definition(definition, offer, asked=asked)
        self._workspace.staffing.actor(definition.owner)
        with self._workspace.reading() as tx:
            former = ledger.find_monitor(tx, monitor_id)
        if former is not None and _same(former, system_id, definition):
            return former
        # Outside the writing transaction: a large reference must not keep others from writing.
        layout, profile = _reference(source, definition.schema, asked)
        with self._workspace.writing() as tx:
            tx.require("monitor", asked, system_id=system_id)
            tx.get_system(system_id, for_update=True)
            former = ledger.find_monitor(tx, monitor_id)
            _check_identity(monitor_id, system_id, former, asked)
            monitor = _monitor(tx, monitor_id, system_id, definition, former)
            ledger.save_monitor(tx, monitor, layout, profile)
            if former is not None and _cut_otherwise(former, monitor):
                ledger.retire_windows(tx, monitor_id)
            self._publish_plan(tx, monitor, offer)
            tx.record(_defined(monitor))
        return monitor

    def schedule(self, monitor_id: str, *, every: str, data: str, labels: str = "") -> Schedule:
        """Have a monitor run once in a period, by :meth:`run_due`; a missed run is a finding.

        Parameters
        ----------
        every : str
            ``hour``, ``day``, ``week``, ``month``, ``quarter`` or ``year``.
        data, labels : str
            Path of the file or folder that holds the newest log, and of its labels if they lie apart.

        Raises
        ------
        InvalidRecord
            The period is unknown, no data are named, or the monitor was stopped.
        RecordNotFound
            There is no such monitor.
        NotPermitted
            The actor may not monitor this system.

        Notes
        -----
        Writes ``MonitorScheduled`` and a result of the kind ``monitoring_plan``. Source: ISO/IEC 42001,
        9.1 (when it is monitored).
        """
        asked = f"schedule monitor {monitor_id}"
        wanted = Schedule(monitor_id=monitor_id, every=every, data=data, labels=labels)
        with self._workspace.writing() as tx:
            monitor = ledger.get_monitor(tx, monitor_id)
            tx.require("monitor", asked, system_id=monitor.system_id)
            check_schedule(every, data, asked=asked)
            _check_active(monitor, asked)
            if find_schedule(tx, monitor_id) != wanted:
                save_schedule(tx, wanted)
                self._publish_plan(tx, monitor, self._offer(monitor.kind))
                tx.record(
                    MonitorScheduled(
                        system_id=monitor.system_id,
                        monitor_id=monitor_id,
                        every=every,
                        data=data,
                        labels=labels,
                    )
                )
        return wanted

    def due(self, at: datetime | None = None) -> Any:
        """Return the monitors whose run is due, as a DataFrame with :data:`schedule.DUE_COLUMNS`."""
        with self._workspace.reading() as tx:
            return due_frame(tx, at or tx.now)

    def run_due(
        self, *, progress: Progress | None = None, cancel: Event | None = None
    ) -> list[Worked]:
        """Run every monitor that is due, over the whole portfolio, and return what became of each.

        Parameters
        ----------
        progress : callable, optional
            Called with the monitors done and the monitors there are.
        cancel : threading.Event, optional
            Stops the batch once it is set, after the monitor that is being run; the rest stays due.

        Notes
        -----
        Each run writes what :meth:`run` writes. A monitor that fails stops no other; stopped in between
        and called again, the batch goes on where it was.
        """
        with self._workspace.reading() as tx:
            due = due_monitors(tx, tx.now)
        return list(work_off(due, self._run_at_place, progress, cancel))

    def _run_at_place(self, monitor_id: str, data: str, labels: str) -> Run:
        return self.run(monitor_id, data, labels or None)

    def stop(self, monitor_id: str, *, reason: str) -> Monitor:
        """Take a monitor out of its system's plan; its runs stay on record.

        Raises
        ------
        RecordNotFound
            There is no such monitor.
        NotPermitted
            The actor may not monitor this system.

        Notes
        -----
        Writes ``MonitorStopped`` and a result of the kind ``monitoring_plan``.
        """
        asked = f"stop monitor {monitor_id}"
        with self._workspace.writing() as tx:
            monitor = ledger.get_monitor(tx, monitor_id)
            tx.require("monitor", asked, system_id=monitor.system_id)
            if monitor.active:
                change = {"active": False, "revision": monitor.revision + 1}
                ledger.update_monitor(tx, monitor_id, change)
                monitor = ledger.get_monitor(tx, monitor_id)
                self._publish_plan(tx, monitor, self._offer(monitor.kind))
                stopped = MonitorStopped(
                    system_id=monitor.system_id, monitor_id=monitor_id, reason=reason
                )
                tx.record(stopped)
        return monitor

    def start(self, monitor_id: str, data: Any, labels: Any = None) -> Job[Run]:
        """Begin a run and go on: what comes back shows how far it is, and can cancel it.

        In a notebook it is a bar with a button; ``result()`` waits for the run and returns it, or raises
        what :meth:`run` raises. A run that is cancelled has written nothing.
        """

        def act(tick: Progress) -> Run:
            return self.run(monitor_id, data, labels, progress=tick)

        return Job(f"run monitor {monitor_id}", act)

    def run(
        self,
        monitor_id: str,
        data: Any,
        labels: Any = None,
        *,
        progress: Progress | None = None,
        cancel: Event | None = None,
        engine: str = "",
    ) -> Run:
        """Measure a prediction log window by window, and raise an alert on the way into a breach.

        Parameters
        ----------
        data : path, data frame or Arrow table
            The log: CSV, Parquet, or anything that gives an Arrow stream.
        labels : same, optional
            Labels that came later and apart, joined on the column declared as `id`.
        progress : callable, optional
            Called with the rows done and the rows there are.
        cancel : threading.Event, optional
            Stops the run once it is set, before anything is written; so does interrupting the kernel.
        engine : str
            ``embedded``, ``dask`` or ``spark``; left out, what `aims_monitoring.engines.SETTING` says.

        Returns
        -------
        Run
            The same definition, log and labels again find the former run and write nothing.

        Raises
        ------
        InvalidRecord
            The monitor was stopped, or log and labels do not fit its schema.
        RecordNotFound
            There is no such monitor.
        NotPermitted
            The actor may not monitor this system.
        RunCancelled
            It was cancelled.

        Notes
        -----
        Writes ``MonitoringRun``, a result of the kind ``measurement``, and at most one
        ``ThresholdBreached``: the first window that crosses a threshold tells, later windows and
        further metrics of the same run are on record but do not tell again. ``BreachEnded`` says
        that a metric is back.
        """
        asked = f"run monitor {monitor_id}"
        counting = chosen_engine(engine, asked=asked)
        source = open_source(data, asked=asked)
        late = None if labels is None else open_source(labels, asked=asked)
        with self._workspace.reading() as tx:
            monitor = ledger.get_monitor(tx, monitor_id)
            key = _input_digest(monitor, source, late)
            former = ledger.find_run(tx, monitor_id, key)
            layout, reference = ledger.reference_of(tx, monitor_id)
            recorded = _recorded(tx, monitor)
        if former is not None:
            return former
        _check_active(monitor, asked)
        task = Task(
            monitor=monitor,
            offer=self._offer(monitor.kind),
            layout=layout,
            reference=reference,
            source=source,
            labels=late,
            recorded=recorded,
            engine=counting,
        )
        tick = cancellable(progress, cancel, asked=asked)
        outcome = measure_log(task, self._workspace.host, progress=tick)
        with self._workspace.writing() as tx:
            tx.require("monitor", asked, system_id=monitor.system_id)
            tx.get_system(monitor.system_id, for_update=True)
            _check_unchanged(tx, monitor, asked)
            return ledger.find_run(tx, monitor_id, key) or record_run(tx, task, outcome, key)

    def _offer(self, kind: str) -> Offer:
        return self._workspace.host.offer("aims_monitors", kind)

    def _publish_plan(self, tx: Transaction, monitor: Monitor, offer: Offer) -> None:
        planned = find_schedule(tx, monitor.monitor_id)
        tx.add_result(
            kind=PLAN,
            system_id=monitor.system_id,
            subject=monitor.monitor_id,
            offer=offer,
            input_digest=monitor.definition,
            payload=plan_payload(monitor, planned.every if planned else ""),
            schema=PLAN_SCHEMA,
        )


def _check_identity(monitor_id: str, system_id: str, former: Monitor | None, asked: str) -> None:
    problems = []
    if not monitor_id.strip() or len(monitor_id) > 64 or not monitor_id.isprintable():  # noqa: PLR2004 - width of the column
        reason = "an id is 1 to 64 printable characters"
        problems.append(Problem(field="monitor_id", reason=reason, value=monitor_id[:64]))
    if former is not None and former.system_id != system_id:
        reason = f"it already watches {former.system_id}"
        problems.append(Problem(field="monitor_id", reason=reason, remedy="choose another id"))
    if problems:
        raise InvalidRecord(asked, problems)


def _check_active(monitor: Monitor, asked: str) -> None:
    if not monitor.active:
        reason, remedy = "it was stopped", "define it again to go on"
        raise InvalidRecord(asked, [Problem(field="monitor_id", reason=reason, remedy=remedy)])


def _check_unchanged(tx: Transaction, monitor: Monitor, asked: str) -> None:
    if ledger.get_monitor(tx, monitor.monitor_id).definition != monitor.definition:
        raise RevisionConflict(f"{asked}: it was defined anew while the log was read; run it again")


def _recorded(tx: Transaction, monitor: Monitor) -> tuple[WindowFigures, ...]:
    """Return the windows on record where limits are learnt from them; reading them takes time."""
    if not any(t.learnt for t in read_thresholds(monitor.thresholds)):
        return ()
    return tuple(ledger.windows_in_force(tx, monitor.monitor_id))


def _values(system_id: str, definition: Definition) -> dict[str, Any]:
    return {
        "system_id": system_id,
        "kind": definition.kind,
        "thresholds": threshold_content(definition.thresholds),
        "schema": definition.schema.content(),
        "window": definition.window,
        "severity": str(definition.severity),
        "owner": definition.owner,
        "minimum_rows": definition.minimum_rows,
        "persistence": list(definition.persistence),
        "hysteresis": definition.hysteresis,
        "reference": definition.reference,
        "definition": definition.digest,
        "active": True,
    }


def _same(former: Monitor, system_id: str, definition: Definition) -> bool:
    values = _values(system_id, definition)
    return all(getattr(former, name) == value for name, value in values.items())


def _monitor(
    tx: Transaction,
    monitor_id: str,
    system_id: str,
    definition: Definition,
    former: Monitor | None,
) -> Monitor:
    return Monitor(
        monitor_id=monitor_id,
        revision=1 if former is None else former.revision + 1,
        defined_at=tx.now,
        **_values(system_id, definition),
    )


def _cut_otherwise(former: Monitor, monitor: Monitor) -> bool:
    """Return whether former windows and new ones would not belong in one series."""
    kept = ("kind", "schema", "window")
    return any(getattr(former, name) != getattr(monitor, name) for name in kept)


def _reference(
    source: Source | None, schema: Schema, asked: str
) -> tuple[Layout | None, Profile | None]:
    if source is None:
        return None, None
    require_columns(source, schema, asked=asked, time=False)
    layout = fit_layout(source, schema)
    return layout, profile_log(source, layout)


def _defined(monitor: Monitor) -> MonitorDefined:
    return MonitorDefined(
        system_id=monitor.system_id,
        monitor_id=monitor.monitor_id,
        revision=monitor.revision,
        kind=monitor.kind,
        thresholds=monitor.thresholds,
        severity=monitor.severity,
        owner=monitor.owner,
        definition=monitor.definition,
        persistence=tuple(monitor.persistence),
        hysteresis=monitor.hysteresis,
    )


def _input_digest(monitor: Monitor, source: Source, labels: Source | None) -> str:
    return digest(
        {
            "definition": monitor.definition,
            "data": source.digest(),
            "labels": None if labels is None else labels.digest(),
        }
    )
