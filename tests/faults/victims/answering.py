"""The core with a plugin that answers every check of the default lifecycle: met, unless it is in `UNMET`."""

from aims_core import CheckSpec, Condition, PluginHost, default_machine, hookimpl
from aims_core.testing import at_hand

UNMET: set[str] = set()
"""Names of checks that are not met for now."""


def _met(name):
    def run(facts):
        met = Condition(name=name, met=name not in UNMET, reason="as the test says")
        return {f.system.system_id: met for f in facts}

    return run


class Answers:
    """Every check that is not the core's own, met."""

    @hookimpl
    def aims_checks(self):
        own = {o.spec.name for o in PluginHost(discover=False).contributions("aims_checks")}
        return [
            CheckSpec(id=f"fake.{name}", title=name, name=name, run=at_hand(_met(name)))
            for name in default_machine().check_names()
            if name not in own
        ]


def answering_host():
    """Return a host with that plugin and no other."""
    host = PluginHost(discover=False)
    assert host.register(Answers(), "fake").status == "active"
    return host
