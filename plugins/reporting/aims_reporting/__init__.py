"""Reports of one AI system or of the whole portfolio, as HTML and JSON, reached as ``ws.reporting``."""

from importlib import import_module
from typing import Any

__all__ = ["Reporting"]


def __getattr__(name: str) -> Any:
    """Import what stands at the front door when it is first asked for."""
    if name in __all__:
        return getattr(import_module("aims_reporting.reporting"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
