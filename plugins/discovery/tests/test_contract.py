"""aims-discovery keeps the contract of plugins."""

from aims_core.testing import PluginContract


class TestContract(PluginContract):
    plugin = "discovery"
