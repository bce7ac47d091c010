"""Plugins: found, loaded one by one, asked in isolation, told after the commit."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from aims_core.plugin_host.host import PluginHost

if TYPE_CHECKING:
    from aims_core.plugin_host.delivery import deliver, forget_untold, parked, replay
    from aims_core.plugin_host.desk import Desk

__all__ = ["Desk", "PluginHost", "deliver", "forget_untold", "parked", "replay"]


def __getattr__(name: str) -> Any:
    # `aims --help` needs the host and no database, which the rest of this room stands on.
    if name in __all__:
        place = "desk" if name == "Desk" else "delivery"
        return getattr(import_module(f"aims_core.plugin_host.{place}"), name)
    raise AttributeError(f"module 'aims_core.plugin_host' has no attribute {name!r}")
