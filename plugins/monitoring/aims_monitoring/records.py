"""What the monitoring functions return: monitors, runs, and figures with their status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from html import escape
from typing import Any

from aims_core import Measurement
from aims_monitoring.thresholds import read_thresholds


class Status(StrEnum):
    """How a figure, a window or a monitor stands; the worst last.

    A figure is uncertain when it lies beyond its limit but chance may have put it there. One that is not
    applicable, such as the Kolmogorov-Smirnov distance of a text, says nothing about its window.
    """

    NEVER_RUN = "never_run"
    NOT_APPLICABLE = "not_applicable"
    WATCHED = "watched"
    OK = "ok"
    UNCERTAIN = "uncertain"
    INSUFFICIENT = "insufficient"
    BREACH = "breach"

    @property
    def rank(self) -> int:
        """Position from 0 (nothing known) to 6 (breach)."""
        return list(Status).index(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A figure held against its threshold.

    `minimum` and `maximum` are the limits in force, `side` and `limit` the one that was crossed:
    ``below`` or ``above``. `centre` is the level that limits are counted from where they depend on the
    reference or on earlier windows, None where they are fixed.
    """

    measurement: Measurement
    status: Status
    minimum: float | None = None
    maximum: float | None = None
    centre: float | None = None
    side: str = ""
    limit: float | None = None

    @property
    def name(self) -> str:
        """The metric, with its column after a colon where it has one."""
        m = self.measurement
        return f"{m.metric}:{m.subject}" if m.subject else m.metric


@dataclass(frozen=True, kw_only=True, slots=True)
class Monitor:
    """What is measured of an AI system, against which limits, by whom it is watched.

    `definition` is the digest of everything that a figure depends on; an owner, a severity, a persistence
    or a hysteresis may change without making former figures those of another monitor.
    """

    monitor_id: str
    system_id: str
    kind: str
    thresholds: Mapping[str, Mapping[str, float]]
    schema: Mapping[str, Any]
    window: str | int
    severity: str
    owner: str
    minimum_rows: int | None
    persistence: Sequence[int]
    hysteresis: float
    reference: str
    definition: str
    active: bool
    revision: int
    defined_at: datetime

    def _repr_html_(self) -> str:
        rows = {
            "AI system": self.system_id,
            "Kind": self.kind,
            "Thresholds": ", ".join(str(t) for t in read_thresholds(self.thresholds)) or "none",
            "Window": f"{self.window} rows" if isinstance(self.window, int) else self._cut(),
            "Alert": "when {} of {} windows are in breach".format(*self.persistence),
            "Severity of a breach": self.severity,
            "Owner": self.owner,
            "State": "active" if self.active else "stopped",
        }
        return _html_table(f"Monitor {self.monitor_id}", rows)

    def _cut(self) -> str:
        return f"{self.window}, {self.schema.get('zone') or 'UTC'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowFigures:
    """The figures of one window of a run; `rows` is every row that fell into it."""

    window: str
    starts_at: datetime | None
    rows: int
    profile: str
    figures: tuple[Judged, ...]

    @property
    def status(self) -> Status:
        """The worst status of its figures that have a threshold, or that it is only watched.

        Figures that are not applicable count only where there are no others: nothing was judged then.
        """
        held = [j.status for j in self.figures if j.minimum is not None or j.maximum is not None]
        applicable = [status for status in held if status is not Status.NOT_APPLICABLE]
        otherwise = Status.INSUFFICIENT if held else Status.WATCHED
        return max(applicable, key=lambda s: s.rank, default=otherwise)


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run of a monitor over a prediction log; its windows' rows add up to `rows`.

    `input_digest` covers the definition, the log and the labels: the same again finds this run.
    """

    run_id: str
    monitor_id: str
    system_id: str
    input_digest: str
    definition: str
    source: str
    rows: int
    labels_unmatched: int
    provider: str
    version: str
    run_by: str
    run_at: datetime
    windows: tuple[WindowFigures, ...]

    @property
    def breaches(self) -> tuple[tuple[str, Judged], ...]:
        """Every crossed threshold with its window, in the order of the windows."""
        return tuple(
            (w.window, j) for w in self.windows for j in w.figures if j.status is Status.BREACH
        )

    @property
    def status(self) -> Status:
        """How the newest window stands."""
        return self.windows[-1].status if self.windows else Status.INSUFFICIENT

    def _repr_html_(self) -> str:
        crossed = len({window for window, _ in self.breaches})
        rows = {
            "AI system": self.system_id,
            "Log": f"{self.source}, {self.rows:,} rows in {len(self.windows)} windows",
            "Windows in breach": crossed,
            "Newest window": f"{self.windows[-1].window}: {self.status}"
            if self.windows
            else "none",
            "Run": f"{self.run_at:%Y-%m-%d %H:%M} UTC by {self.run_by}",
        }
        return _html_table(f"Run of monitor {self.monitor_id}", rows)


def _html_table(caption: str, rows: Mapping[str, Any]) -> str:
    body = "".join(
        f"<tr><th scope='row' style='text-align:left'>{escape(k)}</th>"
        f"<td style='text-align:left'>{escape(str(v))}</td></tr>"
        for k, v in rows.items()
    )
    return f"<table><caption style='text-align:left'>{escape(caption)}</caption>{body}</table>"
