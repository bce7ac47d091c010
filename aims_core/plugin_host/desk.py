"""What every service works from: the store, the plugins, who acts; and how a write ends in its tells."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aims_core.lifecycle import Machine
from aims_core.plugin_host.delivery import deliver
from aims_core.plugin_host.host import PluginHost
from aims_core.records import Actor
from aims_core.settings import Settings
from aims_core.store import Store, Transaction
from aims_core.store.interrupts import shielded


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """Store, plugins, lifecycle, settings and the actor; shared by the services of one workspace.

    `acting` holds, by plugin name, the workspace in which that plugin's listeners act.
    """

    store: Store
    host: PluginHost
    machine: Machine
    settings: Settings
    actor: Actor
    acting: Mapping[str, Any]

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Open a writing transaction; after the commit, listeners are told.

        Raises
        ------
        InterruptedAfterCommit
            An interrupt came meanwhile; the act is done, and who is not told yet will be at the next one.
        """
        with shielded() as shield:
            with self.store.begin(self.actor) as tx:
                yield tx
            shield.committed(tx.act, tx.events, tx.result)
            if not shield.interrupted:
                self.store.seal_now_and_then()
                deliver(self.store, self.host, self.acting)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a reading transaction."""
        with self.store.read(self.actor) as tx:
            yield tx
