"""Whether a plugin that keeps the history of its records tells truthfully how they stood at a time."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy as sa

    from aims_core.plugin_host import PluginHost
    from aims_core.workspace import Workspace

_APART = timedelta(hours=1)
Read = Callable[["Workspace", datetime | None], Any]
"""Returns a plugin's records as of a time, None for now; what comes back is compared."""


def historied(host: "PluginHost", plugin: str) -> list["sa.Table"]:
    """Return the tables of a plugin that have a history table, by name."""
    import sqlalchemy as sa

    found: dict[str, sa.Table] = {}
    for offer in host.contributions("aims_migrations"):
        if offer.spec.component != plugin:
            continue
        declared = vars(import_module(offer.spec.tables)).values()
        for table in (value for value in declared if isinstance(value, sa.Table)):
            if f"{table.name}_history" in table.metadata.tables:
                found[table.name] = table
    return [found[name] for name in sorted(found)]


class Witness:
    """Writes down how the records of a plugin stand, step by step, and compares later.

    Parameters
    ----------
    workspace : Workspace
        Its clock is told by the witness from here on.
    tables : sequence of sqlalchemy.Table
        The tables of which the history is kept.
    read : callable
        How the plugin itself reads its records as of a time.
    """

    def __init__(self, workspace: "Workspace", tables: "Sequence[sa.Table]", read: Read) -> None:
        self._workspace, self._tables, self._read = workspace, tables, read
        self._now = workspace.now() + _APART
        workspace._desk.store.clock = lambda: self._now  # noqa: SLF001 - a suite tells the time
        self._seen: list[tuple[datetime, Any, list[list[str]]]] = []

    def watch(self, steps: Iterator[None]) -> None:
        """Take each step an hour after the one before, and note what is on record then."""
        self._note()
        for _ in steps:
            self._note()

    def compare(self) -> None:
        """Demand that every time noted, and half an hour after it, is told as it was.

        Raises
        ------
        AssertionError
            Something is told otherwise, or nothing ever changed in one of the tables.
        """
        assert len(self._seen) > 1, "write_history has no step; write records and `yield` between"
        for at, told, rows in self._seen:
            for moment in (at, at + _APART / 2):
                held = [self._rows(table, moment) for table in self._tables]
                for table, now, then in zip(self._tables, rows, held, strict=True):
                    assert then == now, f"{table.name} as of {moment}: {then}; it was {now}"
                said = self._read(self._workspace, moment)
                assert _same(said, told), f"as of {moment} it answers {said}; it was {told}"
        for table in self._tables:
            former = table.metadata.tables[f"{table.name}_history"]
            assert self._rows(former, None), (
                f"{former.name} is empty: change a record of {table.name} in a later step of "
                "write_history; if one was changed, its triggers are missing"
            )

    def _note(self) -> None:
        rows = [self._rows(table, None) for table in self._tables]
        self._seen.append((self._now, self._read(self._workspace, None), rows))
        self._now += _APART

    def _rows(self, table: "sa.Table", at: datetime | None) -> list[str]:
        import sqlalchemy as sa

        from aims_core.history import as_of

        held = as_of(table, at)
        # As text: what no trigger dated has no time that could be read.
        query = sa.select(*(sa.type_coerce(column, sa.String) for column in held.columns))
        with self._workspace.reading() as tx:
            return sorted(str(tuple(row)) for row in tx.connection.execute(query))


def _same(one: Any, other: Any) -> bool:
    return bool(one.equals(other) if hasattr(one, "equals") else one == other)
