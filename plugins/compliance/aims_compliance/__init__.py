"""Controls as data and the Statement of Applicability, reached as ``ws.compliance``."""

from importlib import import_module
from typing import Any

__all__ = ["ControlDecision", "IssuedStatement", "StatementOfApplicability"]
_HOME = {
    "ControlDecision": "aims_compliance.records",
    "IssuedStatement": "aims_compliance.records",
    "StatementOfApplicability": "aims_compliance.statement",
}


def __getattr__(name: str) -> Any:
    """Import what stands at the front door when it is first asked for."""
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
