"""Incidents of AI systems: opened by breaches, analysed, treated, closed.

Everything is loaded when it is first used: `aims --help` imports this package.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aims_incidents.handling import Incident
    from aims_incidents.register import IncidentRegister
    from aims_incidents.terms import CauseKind, IncidentStatus

_HOME = {
    "CauseKind": "aims_incidents.terms",
    "Incident": "aims_incidents.handling",
    "IncidentRegister": "aims_incidents.register",
    "IncidentStatus": "aims_incidents.terms",
}

__all__ = ["CauseKind", "Incident", "IncidentRegister", "IncidentStatus"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'aims_incidents' has no attribute {name!r}")
