from aims_core.testing import PluginContract


class TestContract(PluginContract):
    plugin = "reporting"
