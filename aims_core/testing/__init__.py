"""For authors of plugins: fixtures on both databases, and the contract every plugin must keep."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = [
    "PEOPLE",
    "PluginContract",
    "at_hand",
    "facts_of",
    "metric_spec",
    "plugin_of",
    "tampering",
]

PEOPLE = {
    "olga": "system_owner",
    "devi": "developer",
    "rita": "risk_reviewer",
    "carl": "committee_member",
    "cora": "committee_member",
    "imre": "incident_manager",
    "aude": "auditor",
    "ines": "inventory_steward",
}
"""People of the `workspace` fixture and the role each holds for the whole organisation; `ada` administers."""

if TYPE_CHECKING:
    from aims_core.testing.contract import PluginContract
    from aims_core.testing.facts import facts_of
    from aims_core.testing.intruder import tampering
    from aims_core.testing.offering import at_hand, metric_spec, plugin_of

_ROOMS = {
    "PluginContract": "contract",
    "at_hand": "offering",
    "facts_of": "facts",
    "metric_spec": "offering",
    "plugin_of": "offering",
    "tampering": "intruder",
}


def __getattr__(name: str) -> Any:
    # pytest loads this package in every run of everybody, so it imports nothing by itself.
    if name not in _ROOMS:
        raise AttributeError(f"module 'aims_core.testing' has no attribute {name!r}")
    return getattr(import_module(f"aims_core.testing.{_ROOMS[name]}"), name)
