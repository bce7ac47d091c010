"""What happened in monitoring; breaches are the core's `ThresholdBreached`, so that others hear them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from aims_core import Event


@dataclass(frozen=True, kw_only=True)
class MonitorDefined(Event):
    """A monitor exists, or its definition changed; `definition` is its digest."""

    component: ClassVar[str] = "monitoring"
    monitor_id: str
    revision: int
    kind: str
    thresholds: Mapping[str, Any]
    severity: str
    owner: str
    definition: str
    persistence: tuple[int, ...]
    hysteresis: float


@dataclass(frozen=True, kw_only=True)
class MonitorStopped(Event):
    """A monitor is no longer part of the system's monitoring plan."""

    component: ClassVar[str] = "monitoring"
    monitor_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MonitorScheduled(Event):
    """A monitor is to run once in a period, on the log that then lies at a place."""

    component: ClassVar[str] = "monitoring"
    monitor_id: str
    every: str
    data: str
    labels: str


@dataclass(frozen=True, kw_only=True)
class MonitoringRun(Event):
    """A prediction log was measured; `breached` names the metrics that crossed a threshold."""

    component: ClassVar[str] = "monitoring"
    run_id: str
    monitor_id: str
    input_digest: str
    rows: int
    windows: int
    status: str
    breached: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BreachEnded(Event):
    """A metric is back within its threshold; `window` is the first in which it is."""

    component: ClassVar[str] = "monitoring"
    alert_id: str
    monitor_id: str
    metric: str
    window: str
