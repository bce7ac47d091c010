"""Monitoring and measurement of AI systems from prediction logs (ISO/IEC 42001, 9.1 and A.6.2.6).

Public names are loaded when they are first used, so that a plugin host that only reads the
entry point pays for none of numpy, pyarrow, matplotlib or SQLAlchemy.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Job": "jobs",
    "Layout": "layout",
    "Metric": "metrics.catalogue",
    "Monitor": "records",
    "Monitoring": "register",
    "Plot": "plots.drawing",
    "Profile": "profile",
    "Run": "records",
    "RunCancelled": "jobs",
    "Schema": "schema",
    "SqlTable": "sql_source",
    "Status": "records",
    "Threshold": "thresholds",
    "fit_layout": "layout",
    "open_source": "source",
    "profile_source": "profile",
    "propose_schema": "proposal",
}

__all__ = [
    "Job",
    "Layout",
    "Metric",
    "Monitor",
    "Monitoring",
    "Plot",
    "Profile",
    "Run",
    "RunCancelled",
    "Schema",
    "SqlTable",
    "Status",
    "Threshold",
    "fit_layout",
    "open_source",
    "profile_source",
    "propose_schema",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
