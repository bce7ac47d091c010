"""The workbench's tab Monitoring: pick a monitor, see its series with the threshold, and its figures."""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from aims_core import AimsError, PanelContext

_FIGURES = {
    "window": "Window",
    "metric": "Metric",
    "column": "Column",
    "value": "Value",
    "n": "Rows",
    "minimum": "At least",
    "maximum": "At most",
    "status": "Status",
    "reason": "Remark",
}
_ALERTS = {
    "metric": "Metric",
    "columns": "Columns",
    "window": "Since window",
    "value": "Value",
    "side": "Side",
    "limit": "Threshold",
    "severity": "Severity",
    "ended_window": "Over since",
}
_MONITORS = {
    "monitor_id": "Monitor",
    "system_id": "System",
    "status": "Status",
    "newest_window": "Newest window",
    "open_alerts": "Open alerts",
    "thresholds": "Thresholds",
}
_NONE = ("none", "")
_REASONS = 3
_WHOLE_ROW = {"description_width": "initial"}


def build(context: PanelContext) -> Any:
    """Return the tab; it follows the selected system and what is written elsewhere."""
    return MonitoringPanel(context).widget


class MonitoringPanel:
    """Shows the monitors of the selected system, or of all systems while none is selected.

    Parameters
    ----------
    context : PanelContext
        The workbench's workspace, selection and kit.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self._filling = False
        self.monitor = _choice("Monitor")
        self.metric = _choice("Metric")
        self.column = _choice("Column")
        self._overview = widgets.VBox()
        self._body = widgets.VBox()
        choices = widgets.HBox([self.monitor, self.metric, self.column])
        choices.layout.flex_flow = "row wrap"
        self.widget = widgets.VBox(
            [context.heading("Monitoring"), self._overview, choices, self._body]
        )
        for box, handler in (
            (self.monitor, self._show_monitor),
            (self.metric, self._show_metric),
            (self.column, self._show_column),
        ):
            box.observe(self._said(handler), names="value")
        context.observe(self._fill, names=["system_id", "refresh"])
        self._fill()

    def _fill(self, _change: Any = None) -> None:
        frame = self._context.workspace.monitoring.frame(self._context.system_id)
        self._offer(self.monitor, list(frame["monitor_id"]), self.monitor.value)
        self._overview.children = [
            self._context.table(
                _shown(frame, _MONITORS),
                label="Monitors",
                empty="No monitor is defined here. Define one with ws.monitoring.define(...).",
                on_select=self._choose,
            )
        ]
        self._show_monitor()

    def _choose(self, monitor_id: str) -> None:
        self.monitor.value = monitor_id

    def _said(self, handler: Callable[[], None]) -> Callable[[Any], None]:
        """Return a handler whose refusals are said: what a widget's observer raises is seen nowhere."""

        def run(_change: Any) -> None:
            try:
                handler()
            except AimsError as error:
                self._context.say(str(error), "error")

        return run

    def _show_monitor(self) -> None:
        if self._filling:
            return
        series = self._series()
        metrics = _distinct(series, "metric")
        kept = self.metric.value if self.metric.value in metrics else _first_limited(series)
        self._offer(self.metric, metrics, kept)
        self._show_metric()

    def _show_metric(self) -> None:
        if self._filling:
            return
        series = self._series()
        of_metric = [] if series is None else series[series["metric"] == self.metric.value]
        columns = [name for name in _distinct(of_metric, "column") if name]
        self._offer(self.column, columns, "", every="worst column" if columns else "")
        self._show_column()

    def _show_column(self) -> None:
        if self._filling:
            return
        series = self._series()
        if series is None:
            self._body.children = []
        elif not len(series):
            words = (
                f"Monitor {self.monitor.value} has not run yet. Run it with ws.monitoring.run(...)."
            )
            self._body.children = [self._context.empty(words)]
        else:
            self._body.children = self._pictured(series)

    def _pictured(self, series: Any) -> list[Any]:
        context, monitor_id = self._context, self.monitor.value
        monitoring = context.workspace.monitoring
        plot = monitoring.plot(monitor_id, self.metric.value, self.column.value)
        shown = series[series["metric"] == self.metric.value]
        if self.column.value:
            shown = shown[shown["column"] == self.column.value]
        alerts = monitoring.alerts()
        own = alerts[alerts["monitor_id"] == monitor_id]
        beside = monitoring.plot_beside(monitor_id, self.metric.value, self.column.value)
        pictures = [plot] if beside is None else [plot, beside]
        return [
            *(context.svg(one.svg, one.description) for one in pictures),
            *map(context.empty, _why_none(shown)),
            context.table(
                _shown(shown, _FIGURES).iloc[::-1],
                label="Measurements, newest window first",
                empty="Nothing was measured.",
            ),
            context.table(
                _shown(own, _ALERTS), label="Breaches", empty="No threshold was crossed so far."
            ),
        ]

    def _series(self) -> Any:
        """Return the series of the chosen monitor, None while none is chosen."""
        chosen = self.monitor.value
        return self._context.workspace.monitoring.series(chosen) if chosen else None

    def _offer(self, box: Any, names: list[str], wanted: str, every: str = "") -> None:
        """Fill a choice without acting on the values it passes through."""
        options = [(every, "")] if every else []
        options += [(name, name) for name in names]
        values = [value for _, value in options]
        self._filling = True
        try:
            box.options = options or [_NONE]
            box.value = wanted if wanted in values else next(iter(values), "")
            box.disabled = len(options) <= 1
        finally:
            self._filling = False


def _choice(label: str) -> Any:
    # An empty text stands for no choice: a box shows nothing at all for None.
    return widgets.Dropdown(options=[_NONE], value="", description=label, style=_WHOLE_ROW)


def _shown(frame: Any, names: Mapping[str, str]) -> Any:
    return frame[list(names)].rename(columns=dict(names))


def _why_none(shown: Any) -> list[str]:
    """Say why there is no figure in the newest window, where no column has one: a cell cuts reasons short."""
    newest = shown[shown["window"] == shown["window"].iloc[-1]]
    if newest["value"].notna().any():
        return []
    reasons = dict.fromkeys(newest["reason"])
    return [f"No figure in {newest['window'].iloc[0]}: {reason}." for reason in reasons][:_REASONS]


def _distinct(series: Any, name: str) -> list[str]:
    return [] if series is None or not len(series) else list(dict.fromkeys(series[name]))


def _first_limited(series: Any) -> str:
    if series is None or not len(series):
        return ""
    limited = series[series["minimum"].notna() | series["maximum"].notna()]
    return str(limited["metric"].iloc[0]) if len(limited) else str(series["metric"].iloc[0])
