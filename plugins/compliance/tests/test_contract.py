"""aims-compliance keeps the contract of plugins."""

from aims_core.testing import PluginContract


class TestContract(PluginContract):
    plugin = "compliance"
