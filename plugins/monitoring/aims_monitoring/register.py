"""Monitors of AI systems, their runs and what they measured; reached as ``workspace.monitoring``."""

from datetime import date
from threading import Event
from typing import Any

from aims_core import RevisionConflict, Transaction, digest, moment
from aims_monitoring import ledger
from aims_monitoring.engines import chosen_engine
from aims_monitoring.jobs import Job, cancellable
from aims_monitoring.metrics.offered import Foreign, foreign_of
from aims_monitoring.planning import Planning, check_active
from aims_monitoring.recording import record_run
from aims_monitoring.records import Monitor, Run, WindowFigures
from aims_monitoring.runs import Task, measure_log
from aims_monitoring.scan import Progress
from aims_monitoring.schedule import Worked, due_frame, due_monitors, work_off
from aims_monitoring.source import Source, open_source
from aims_monitoring.thresholds import read_thresholds


class Monitoring(Planning):
    """Define monitors, run them over prediction logs, and read what they measured.

    Only summaries by window are stored; no row of a log ever enters the governance database.
    """

    def due(self, at: date | int | None = None) -> Any:
        """Return the monitors whose run is due, as a DataFrame with :data:`schedule.DUE_COLUMNS`.

        Parameters
        ----------
        at : datetime, date or int, optional
            An aware time, a day (its end) or a checkpoint: what is due by then; now by default.

        Raises
        ------
        InvalidRecord
            `at` is a time without zone, or names no time.
        """
        with self._workspace.reading() as tx:
            return due_frame(tx, moment(tx.connection, at, tx.now, ahead=True) or tx.now)

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
        Writes, for each run, what :meth:`run` writes. A monitor that fails stops no other; stopped in between
        and called again, the batch goes on where it was.
        """
        with self._workspace.reading() as tx:
            due = due_monitors(tx, tx.now)
        return list(work_off(due, self._run_at_place, progress, cancel))

    def _run_at_place(self, monitor_id: str, data: str, labels: str) -> Run:
        return self.run(monitor_id, data, labels or None)

    def start(self, monitor_id: str, data: Any, labels: Any = None) -> Job[Run]:
        """Begin a run and go on: what comes back shows how far it is, and can cancel it.

        In a notebook it is a bar with a button; ``result()`` waits for the run and returns it, or raises
        what :meth:`run` raises. A run that is cancelled has written nothing.

        Notes
        -----
        Writes what :meth:`run` writes.
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
            The same definition, log and labels again find the former run and write nothing, unless metrics
            of other plugins that it measures are of another version now, were gone, or are gone.

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
            foreign = foreign_of(self._workspace.host, monitor)
            key = _input_digest(monitor, source, late, foreign)
            former = ledger.find_run(tx, monitor_id, key)
            layout, reference = ledger.reference_of(tx, monitor_id)
            recorded = _recorded(tx, monitor)
            known = tuple(ledger.known_logs(tx, monitor))
        if former is not None:
            return former
        check_active(monitor, asked)
        task = Task(
            monitor=monitor,
            offer=self._offer(monitor.kind),
            layout=layout,
            reference=reference,
            source=source,
            labels=late,
            recorded=recorded,
            known=known,
            foreign=foreign,
            engine=counting,
        )
        tick = cancellable(progress, cancel, asked=asked)
        outcome = measure_log(task, self._workspace.host, progress=tick)
        with self._workspace.writing() as tx:
            tx.require("monitor", asked, system_id=monitor.system_id)
            tx.get_system(monitor.system_id, for_update=True)
            _check_unchanged(tx, monitor, asked)
            return ledger.find_run(tx, monitor_id, key) or record_run(tx, task, outcome, key)


def _check_unchanged(tx: Transaction, monitor: Monitor, asked: str) -> None:
    if ledger.get_monitor(tx, monitor.monitor_id).definition != monitor.definition:
        raise RevisionConflict(f"{asked}: it was defined anew while the log was read; run it again")


def _recorded(tx: Transaction, monitor: Monitor) -> tuple[WindowFigures, ...]:
    """Return the windows on record where limits are learnt from them; reading them takes time."""
    if not any(t.learnt for t in read_thresholds(monitor.thresholds)):
        return ()
    return tuple(ledger.windows_in_force(tx, monitor.monitor_id))


def _input_digest(monitor: Monitor, source: Source, labels: Source | None, foreign: Foreign) -> str:
    return digest(
        {
            "definition": monitor.definition,
            "data": source.digest(),
            "labels": None if labels is None else labels.digest(),
        }
        # Left out where there are none, so that former runs are still found.
        | ({"metrics": foreign.providers} if foreign.providers else {})
    )
