"""Commands that plugins offer: listed from their records, imported only when run."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from aims_core.cli.session import Refusal
from aims_core.contributions import CommandSpec
from aims_core.errors import PluginError

if TYPE_CHECKING:
    from aims_core.plugin_host import PluginHost


@dataclass(frozen=True, slots=True)
class PluginCommand:
    """One name on the command line and every plugin that offers it."""

    name: str
    offers: tuple[tuple[str, CommandSpec], ...]

    @property
    def help(self) -> str:
        """One line of help; it says so when the name is claimed twice."""
        if len(self.offers) > 1:
            return "Offered by several plugins: " + ", ".join(p for p, _ in self.offers)
        return self.offers[0][1].title

    def load(self) -> click.Command:
        """Import the command.

        Raises
        ------
        Refusal
            Several plugins claim the name, the import fails, or what it gives is no command.
        """
        plugin, spec = self.offers[0]
        if len(self.offers) > 1:
            names = " and ".join(p for p, _ in self.offers)
            reason = f"the command {self.name} is offered by {names}; uninstall one of them"
            raise Refusal(PluginError(plugin, "aims_cli_commands", reason))
        try:
            command = spec.command.load()
        except Exception as error:
            reason = f"{spec.command.target} cannot be imported: {type(error).__name__}: {error}"
            raise Refusal(PluginError(plugin, "aims_cli_commands", reason)) from error
        if not isinstance(command, click.Command):
            reason = f"{spec.command.target} is no click command but a {type(command).__name__}"
            raise Refusal(PluginError(plugin, "aims_cli_commands", reason))
        return command


def plugin_commands(host: "PluginHost") -> dict[str, PluginCommand]:
    """Return the commands of all active plugins by name; a plugin that fails offers none."""
    offers: dict[str, list[tuple[str, CommandSpec]]] = {}
    for offer in host.contributions("aims_cli_commands"):
        offers.setdefault(offer.spec.name, []).append((offer.plugin.name, offer.spec))
    return {name: PluginCommand(name, tuple(found)) for name, found in sorted(offers.items())}
