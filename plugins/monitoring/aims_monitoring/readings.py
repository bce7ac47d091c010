"""Reading what monitors measured: records, DataFrames with fixed columns, and pictures."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from aims_core import Measurement, RecordNotFound, Workspace, fixed_frame, moment
from aims_monitoring import ledger, views
from aims_monitoring.gaps import gap_frame
from aims_monitoring.metrics.catalogue import METRICS
from aims_monitoring.metrics.fairness import RATES, Tally, tallies
from aims_monitoring.metrics.listing import METRIC_COLUMNS, listed
from aims_monitoring.metrics.offered import metrics_of
from aims_monitoring.plots.drawing import Plot
from aims_monitoring.profile import Profile
from aims_monitoring.records import Monitor
from aims_monitoring.schema import Schema

When = date | int | None
"""A time, aware, or the number of a checkpoint: as it stood then. None is now."""


class Readings:
    """What monitors have measured, as records, DataFrames and pictures; nothing is written.

    Where `as_of` is taken, it is a time, aware, or the number of a checkpoint: what comes back is what
    stood on record then. One that names no time up to now raises InvalidRecord.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def get(self, monitor_id: str, *, as_of: When = None) -> Monitor:
        """Return a monitor.

        Raises
        ------
        RecordNotFound
            There is none of this id; near ones are suggested.
        """
        with self._workspace.reading() as tx:
            return ledger.get_monitor(tx, monitor_id, moment(tx.connection, as_of, tx.now))

    def profile(self, monitor_id: str, window: str = "") -> Profile:
        """Return the stored profile of a window, or of the reference when no window is named.

        Raises
        ------
        RecordNotFound
            There is no such monitor or window, or the monitor has no reference.
        """
        with self._workspace.reading() as tx:
            ledger.get_monitor(tx, monitor_id)
            if window:
                return ledger.profile_of_window(tx, monitor_id, window)
            return ledger.reference_profile(tx, monitor_id)

    def frame(self, system_id: str = "", *, as_of: When = None) -> Any:
        """Return monitors with how each stands, as a DataFrame with :data:`views.MONITOR_COLUMNS`."""
        with self._workspace.reading() as tx:
            return views.monitors(tx, system_id, moment(tx.connection, as_of, tx.now))

    def unknown(self, system_id: str = "", *, as_of: date | int) -> int:
        """Return how many monitors had run by then of which nobody kept how they were defined.

        Not 0 only for a time before former states were kept; :meth:`frame` lacks them.
        """
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now) or tx.now
            return views.unknown_then(tx, system_id, at)

    def series(self, monitor_id: str, *, as_of: When = None) -> Any:
        """Return every figure by window, as a DataFrame with :data:`views.FIGURE_COLUMNS`.

        Raises
        ------
        RecordNotFound
            There is no such monitor.
        """
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            ledger.get_monitor(tx, monitor_id, at)
            return views.series(tx, monitor_id, at)

    def measurements(self, system_id: str = "", *, as_of: When = None) -> Any:
        """Return the figures of each monitor's newest window, columns as in `series`."""
        with self._workspace.reading() as tx:
            return views.newest(tx, system_id, moment(tx.connection, as_of, tx.now))

    def metrics(self) -> Any:
        """Return what can be measured, those of other plugins too, as a DataFrame.

        One row a metric: its name for thresholds, title, the kind of monitor that shows it unasked, whether
        ``high`` or ``low`` is better, its range, fewest rows, formula and source.
        """
        return fixed_frame(listed(self._workspace.host), METRIC_COLUMNS)

    def gaps(self, system_id: str = "", *, as_of: When = None) -> Any:
        """Return windows of time without a row between others, as a DataFrame with `gaps.GAP_COLUMNS`."""
        with self._workspace.reading() as tx:
            return gap_frame(tx, system_id, moment(tx.connection, as_of, tx.now))

    def alerts(self, system_id: str = "", *, open_only: bool = False, as_of: When = None) -> Any:
        """Return alerts, newest first, as a DataFrame with :data:`views.ALERT_COLUMNS`."""
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            return views.alerts(tx, system_id, open_only=open_only, at=at)

    def plot(
        self, monitor_id: str, metric: str = "", column: str = "", *, as_of: When = None
    ) -> Plot:
        """Draw a metric over its windows, with its threshold.

        Parameters
        ----------
        metric, column : str, optional
            The metric that was last in breach by default, else the first with a threshold, and the column
            that is worst off.

        Raises
        ------
        RecordNotFound
            There is no such monitor, or it has not measured this metric or column.
        """
        from aims_monitoring.plots.series import plot_series

        monitor = self.get(monitor_id, as_of=as_of)
        series, metrics = self.series(monitor_id, as_of=as_of), metrics_of(self._workspace.host)
        return plot_series(monitor, series, metric, column, metrics=metrics)

    def plot_column(self, monitor_id: str, column: str, window: str = "") -> Plot:
        """Draw one column of the reference beside the same of a window, the newest by default.

        Raises
        ------
        RecordNotFound
            There is no such monitor, window, or column.
        """
        from aims_monitoring.plots.columns import plot_column

        columns = Schema.of(self.get(monitor_id).schema).profiled
        if column not in columns:
            raise RecordNotFound("column", column, list(columns))
        reference, (key, current) = self._reference(monitor_id), self._window(monitor_id, window)
        before, now = (
            None if profile is None else profile.columns.get(column)
            for profile in (reference, current)
        )
        return plot_column(monitor_id, column, key, before, now)

    def plot_groups(
        self,
        monitor_id: str,
        metric: str = "selection_rate",
        window: str = "",
        *,
        as_of: When = None,
    ) -> Plot:
        """Draw a rate by group with its 95 % interval, of a window, the newest by default.

        Parameters
        ----------
        metric : str
            One of `aims_monitoring.metrics.fairness.RATES`.

        Raises
        ------
        RecordNotFound
            There is no such monitor, window or rate.
        """
        from aims_monitoring.plots.groups import plot_groups

        if metric not in RATES:
            raise RecordNotFound("rate by group", metric, list(RATES))
        least = self.get(monitor_id, as_of=as_of).minimum_rows or METRICS[metric].minimum
        key, profile = self._window(monitor_id, window, as_of)
        figures: Sequence[Measurement] = ()
        if profile is not None:
            figures = METRICS[metric].compute(profile, None, least)
        overall = None if profile is None else _overall(profile, metric)
        return plot_groups(monitor_id, METRICS[metric].title, key, figures, overall)

    def plot_calibration(self, monitor_id: str, window: str = "") -> Plot:
        """Draw what share of positive labels each range of scores had, in the newest window by default.

        Raises
        ------
        RecordNotFound
            There is no such monitor or window.
        """
        from aims_monitoring.plots.calibration import plot_calibration
        from aims_monitoring.plots.drawing import empty

        self.get(monitor_id)
        key, profile = self._window(monitor_id, window)
        if profile is None:
            return empty("Calibration", "it has not run yet", monitor_id)
        return plot_calibration(monitor_id, key, profile.histogram)

    def plot_beside(self, monitor_id: str, metric: str, column: str = "") -> Plot | None:
        """Return what explains a metric in its newest window, None where nothing does.

        For a rate by group its bars, for a figure on scores their calibration, for a figure of a column its
        reference beside the window.

        Raises
        ------
        RecordNotFound
            There is no such monitor, or no such column.
        """
        known = metrics_of(self._workspace.host).get(metric)
        if metric in RATES:
            return self.plot_groups(monitor_id, metric)
        if known is not None and "score" in known.needs and known.family == "performance":
            return self.plot_calibration(monitor_id)
        if known is not None and known.per_column and column:
            return self.plot_column(monitor_id, column)
        return None

    def _reference(self, monitor_id: str) -> Profile | None:
        with self._workspace.reading() as tx:
            return ledger.reference_of(tx, monitor_id)[1]

    def _window(
        self, monitor_id: str, window: str, as_of: When = None
    ) -> tuple[str, Profile | None]:
        """Return a window's key and profile: the newest one by default, none before the first run."""
        with self._workspace.reading() as tx:
            at = moment(tx.connection, as_of, tx.now)
            key = window or ledger.newest_window(tx, monitor_id, at)
            return key, ledger.profile_of_window(tx, monitor_id, key, at) if key else None


def _overall(profile: Profile, metric: str) -> float | None:
    """Return a rate over all rows with a label and a prediction, None where there is none."""
    groups = tallies(profile)
    if isinstance(groups, str) or not groups:
        return None
    own = list(next(iter(groups.values())).values())
    parts = ("tp", "fp", "fn", "tn")
    hits, rows = RATES[metric][2](Tally(*(sum(getattr(t, part) for t in own) for part in parts)))
    return hits / rows if rows else None
