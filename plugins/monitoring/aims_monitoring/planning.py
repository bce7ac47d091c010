"""A system's monitoring plan: monitors are defined, changed, scheduled and stopped."""

from collections.abc import Mapping, Sequence
from typing import Any

from aims_core import InvalidRecord, Offer, Problem, Transaction
from aims_monitoring import ledger
from aims_monitoring.defining import (
    check_identity,
    cut_otherwise,
    defined_event,
    is_same,
    monitor_of,
    read_reference,
)
from aims_monitoring.definition import (
    HYSTERESIS,
    Definition,
    check_definition,
    kind_id,
    read_persistence,
    read_severity,
    usual_persistence,
)
from aims_monitoring.events import MonitorScheduled, MonitorStopped
from aims_monitoring.metrics.catalogue import DEFAULT_THRESHOLDS, asks_for_ids
from aims_monitoring.metrics.offered import metrics_of
from aims_monitoring.payloads import PLAN, PLAN_SCHEMA, plan_payload
from aims_monitoring.readings import Readings
from aims_monitoring.records import Monitor
from aims_monitoring.schedule import Schedule, check_schedule, find_schedule, save_schedule
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source
from aims_monitoring.thresholds import read_thresholds


class Planning(Readings):
    """Define, schedule and stop monitors."""

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
        metrics = metrics_of(self._workspace.host)
        check_definition(definition, offer, metrics, asked=asked)
        self._workspace.staffing.actor(definition.owner)
        with self._workspace.reading() as tx:
            former = ledger.find_monitor(tx, monitor_id)
        if former is not None and is_same(former, system_id, definition):
            return former
        # Outside the writing transaction: a large reference must not keep others from writing.
        ids = asks_for_ids(limits, metrics)
        layout, profile = read_reference(source, definition.schema, asked, ids=ids)
        with self._workspace.writing() as tx:
            tx.require("monitor", asked, system_id=system_id)
            tx.get_system(system_id, for_update=True)
            former = ledger.find_monitor(tx, monitor_id)
            check_identity(monitor_id, system_id, former, asked)
            monitor = monitor_of(tx, monitor_id, system_id, definition, former)
            ledger.save_monitor(tx, monitor, layout, profile)
            if former is not None and cut_otherwise(former, monitor):
                ledger.retire_windows(tx, monitor_id)
            self._publish_plan(tx, monitor, offer)
            tx.record(defined_event(monitor))
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
            check_active(monitor, asked)
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


def check_active(monitor: Monitor, asked: str) -> None:
    """Refuse a monitor that was stopped.

    Raises
    ------
    InvalidRecord
        It was stopped.
    """
    if not monitor.active:
        reason, remedy = "it was stopped", "define it again to go on"
        raise InvalidRecord(asked, [Problem(field="monitor_id", reason=reason, remedy=remedy)])
