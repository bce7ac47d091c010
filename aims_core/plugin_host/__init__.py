"""Plugins: found, loaded one by one, asked in isolation, told after the commit."""

from aims_core.plugin_host.delivery import deliver, forget_untold, parked, replay
from aims_core.plugin_host.desk import Desk
from aims_core.plugin_host.host import PluginHost

__all__ = ["Desk", "PluginHost", "deliver", "forget_untold", "parked", "replay"]
