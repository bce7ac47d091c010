"""The register read: one system, pages and frames of many, and how it was."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import sqlalchemy as sa

from aims_core import audit, history, tables
from aims_core.errors import RecordNotFound
from aims_core.events import RecordedEvent
from aims_core.inventory import changes, components, lookalikes, search, states
from aims_core.inventory.filters import refuse_unknown
from aims_core.plugin_host import Desk
from aims_core.records import AISystem, SystemChange
from aims_core.store import Transaction, system_from_row


class Reading:
    """The part of the inventory that reads; nothing is written."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def get(self, system_id: str, *, as_of: date | int | None = None) -> AISystem:
        """Return one system, as it is or as it was.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint.

        Raises
        ------
        RecordNotFound
            No system has this id, or had it then; near ones are suggested.
        InvalidRecord
            `as_of` names no time up to now.
        """
        with self._desk.reading() as tx:
            current = tx.get_system(system_id)
            at = history.moment(tx.connection, as_of, tx.now)
            if at is None:
                return current
            table = history.as_of(tables.system, at, keys=[system_id])
            row = tx.connection.execute(sa.select(table)).one_or_none()
            if row is None:
                raise RecordNotFound(f"AI system of {at:%Y-%m-%d %H:%M} UTC", system_id, [])
            return system_from_row(row)

    def diff(self, a: date | int, b: date | int | None = None) -> tuple[SystemChange, ...]:
        """Return how the inventory changed between two times, by system.

        Parameters
        ----------
        a, b : date, datetime or int
            Days (their ends), times, aware, or numbers of checkpoints; `b` is now by default.

        Raises
        ------
        InvalidRecord
            One of them names no time up to now, or `b` lies before `a`.
        """
        with self._desk.reading() as tx:
            return changes.between(tx, a, b)

    def diff_frame(self, a: date | int, b: date | int | None = None) -> Any:
        """Return the same as a DataFrame with the columns of :data:`changes.COLUMNS`, one row a field."""
        return changes.frame(self.diff(a, b))

    def find(self, text: str = "", **options: Any) -> tuple[list[AISystem], search.Total]:
        """Return one page of systems and the number of all that fit; see :func:`search.find`.

        Raises
        ------
        InvalidRecord
            A filter names a stage, an owner, a unit or another word that is not known; those that are, or
            near ones, are named.
        """
        with self._reading_for(options) as tx:
            return search.find(tx, text, **options)

    def frame(self, text: str = "", **filters: Any) -> Any:
        """Return all systems that fit as a DataFrame with the columns of :data:`search.COLUMNS`.

        Parameters
        ----------
        text, **filters
            As for :meth:`find`, `as_of` among them; `columns` names those that are wanted, which of a
            large register are read faster than all.
        """
        with self._reading_for(filters) as tx:
            return search.frame(tx, text, **filters)

    def states(self, text: str = "", **filters: Any) -> Any:
        """Return what is stated, unknown and not looked into, one line per field, as a DataFrame.

        Parameters
        ----------
        text, **filters
            As for :meth:`find`.

        Returns
        -------
        DataFrame
            ``system_id``, ``field`` (``unit, intended_use, supplier, human_oversight, incident_contact``
            and ``attributes.NAME``), ``state`` (``stated``, ``unknown``, ``not_looked_into``) and
            ``reason``, which only an unknown one has.
        """
        with self._reading_for(filters) as tx:
            return states.frame(tx, text, **filters)

    def lookalikes(self) -> Any:
        """Return systems whose names mislead the eye, as a DataFrame: system_id, name, reason."""
        with self._desk.reading() as tx:
            return lookalikes.frame(tx)

    def counts(self, by: str = "stage", *, as_of: date | int | None = None) -> dict[str, int]:
        """Return the number of systems by a column such as ``stage``, ``tier`` or ``unit``."""
        with self._desk.reading() as tx:
            return search.counts(tx, by, as_of=as_of)

    def history(self, system_id: str) -> list[RecordedEvent]:
        """Return every event about a system, oldest first."""
        table = tables.event
        query = sa.select(table).where(table.c.system_id == system_id).order_by(table.c.sequence)
        with self._desk.reading() as tx:
            tx.get_system(system_id)
            return audit.read(tx.connection, query)

    def components(self, *, as_of: date | int | None = None) -> Any:
        """Return all components as a DataFrame: component_id, kind, name, version, supplier, systems.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: those on
            record then, and how many systems were built from each.
        """
        with self._desk.reading() as tx:
            return components.frame(tx, history.moment(tx.connection, as_of, tx.now))

    @contextmanager
    def _reading_for(self, asked: Mapping[str, Any]) -> Iterator[Transaction]:
        with self._desk.reading() as tx:
            refuse_unknown(tx, self._desk.machine, asked)
            yield tx
