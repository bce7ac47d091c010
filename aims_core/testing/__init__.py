"""For authors of plugins: fixtures on both databases, and the contract every plugin must keep."""

from typing import TYPE_CHECKING, Any

__all__ = ["PEOPLE", "PluginContract", "facts_of", "tampering"]

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


def __getattr__(name: str) -> Any:
    # pytest loads this package in every run of everybody, so it imports nothing by itself.
    if name == "PluginContract":
        from aims_core.testing.contract import PluginContract

        return PluginContract
    if name == "facts_of":
        from aims_core.testing.facts import facts_of

        return facts_of
    if name == "tampering":
        from aims_core.testing.intruder import tampering

        return tampering
    raise AttributeError(f"module 'aims_core.testing' has no attribute {name!r}")
