"""AI risk assessment, reached as ``ws.risk``: likelihood and consequence, with every factor on record."""

from importlib import import_module
from typing import Any

__all__ = ["Assessment", "Risk", "RiskCriteria", "RiskRegister", "Treatment"]
_HOME = {
    "Assessment": "aims_risk.records",
    "Risk": "aims_risk.records",
    "RiskCriteria": "aims_risk.criteria",
    "RiskRegister": "aims_risk.register",
    "Treatment": "aims_risk.records",
}


def __getattr__(name: str) -> Any:
    """Import what stands at the front door when it is first asked for."""
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
