"""``aims demo``: the whole life of an AI system on a real inventory, by the public API only."""

from aims_core.cli.demonstration.command import demo

__all__ = ["demo"]
