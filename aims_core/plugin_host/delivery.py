"""Tells: events handed to listeners after the commit, at least once, in order, failures kept in sight."""

import logging
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from aims_core import audit, tables
from aims_core.canonical import writable
from aims_core.contributions import ListenerSpec, Offer
from aims_core.errors import RevisionConflict
from aims_core.events import RecordedEvent
from aims_core.plugin_host.host import PluginHost
from aims_core.store import Store

_log = logging.getLogger("aims.plugins")
_ATTEMPTS = 3
_AT_ONCE = 1_000
_BATCH = 100
_FORGOTTEN_AT_ONCE = 1_000
_LONGEST_ERROR = 2_000


def deliver(store: Store, host: PluginHost, acting: Mapping[str, Any]) -> int:
    """Work off the outbox and return how many events were handled.

    Parameters
    ----------
    acting : mapping of str to Workspace
        By plugin name, the workspace in which its listeners act.

    Notes
    -----
    On a secured database a service delivers (`aims db work`): no person may act as a plugin.
    A listener's own writes queue further events, which this loop takes on in turn; a call from
    within a listener returns at once. After 1,000 events the rest waits for the next act, so that
    two listeners answering each other cannot hold it for ever.
    """
    listeners = _listeners(host, acting)
    if host.delivering or not listeners or not store.keeps_books:
        return 0
    host.delivering = True
    handled = 0
    try:
        while handled < _AT_ONCE and (batch := _pending(store, listeners)):
            for event in batch:
                for offer in listeners:
                    if event.type in offer.spec.events:
                        _tell(store, offer, event, acting[offer.plugin.name])
                _done(store, event)
                handled += 1
    finally:
        host.delivering = False
    return handled


def forget_untold(store: Store, host: PluginHost) -> None:
    """Take events out of the outbox that nobody listens to; called when a workspace is opened.

    Only now and then, because opening is reading and should not wait in line with the writers; and
    never while a plugin is failed or blocked, or no plugin listens at all (``--no-plugins``): who
    works again later may listen to any of them.
    """
    wanted = {name for o in host.contributions("aims_on_event") for name in o.spec.events}
    if not store.keeps_books:
        return
    if not wanted or any(plugin.status != "active" for plugin in host.plugins()):
        return
    stale = tables.outbox.c.type.not_in(sorted(wanted))
    count = sa.select(sa.func.count()).select_from(tables.outbox).where(stale)
    with store.engine.connect() as connection:
        if connection.execute(count).scalar_one() < _FORGOTTEN_AT_ONCE:
            return
    with store.keeping_books() as connection:
        connection.execute(sa.delete(tables.outbox).where(stale))


def parked(store: Store) -> list[dict[str, Any]]:
    """Return the tells that failed for good: event, listener, attempts, error, time."""
    table, event = tables.delivery, tables.event
    query = (
        sa.select(table, event.c.sequence, event.c.type, event.c.system_id)
        .join(event, event.c.event_id == table.c.event_id)
        .where(table.c.status == "parked")
        .order_by(event.c.sequence)
    )
    with store.engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's public accessor


def replay(store: Store, host: PluginHost, acting: Mapping[str, Any]) -> int:
    """Put parked tells back into the outbox, deliver, and return how many were tried again.

    Those of listeners that are not here now stay parked.
    """
    here = {o.spec.id for o in _listeners(host, acting)}
    waiting = [row for row in parked(store) if row["listener"] in here]
    types = {row["sequence"]: row["type"] for row in waiting}
    with store.keeping_books() as connection:
        for row in waiting:
            connection.execute(
                sa.delete(tables.delivery).where(
                    tables.delivery.c.event_id == row["event_id"],
                    tables.delivery.c.listener == row["listener"],
                )
            )
        queued = set(connection.execute(sa.select(tables.outbox.c.sequence)).scalars())
        again = sorted({row["sequence"] for row in waiting} - queued)
        if again:
            tells = [{"sequence": s, "type": types[s]} for s in again]
            connection.execute(sa.insert(tables.outbox), tells)
    deliver(store, host, acting)
    return len(waiting)


def _listeners(host: PluginHost, acting: Mapping[str, Any]) -> list[Offer]:
    return [o for o in host.contributions("aims_on_event") if o.plugin.name in acting]


def _pending(store: Store, listeners: list[Offer]) -> list[RecordedEvent]:
    types = frozenset(name for offer in listeners for name in offer.spec.events)
    with store.looking() as connection:
        if not connection.execute(_any_waiting(types)).scalar_one():
            return []
    query = _waiting(types)
    # Listeners hear events in the order of the trail. On PostgreSQL the place there is given after the
    # commit, so that no later one can get an earlier place than what was told already.
    if store.dialect == "postgresql" and _awaited(store, query):
        store.seal_if_possible(wait=True)
    with store.engine.connect() as connection:
        return audit.read(connection, audit.in_order(query, store.dialect).limit(_BATCH))


@lru_cache(maxsize=64)
def _any_waiting(types: frozenset[str]) -> sa.Select[Any]:
    """Return the question whether any event of some types waits; asked after each act, so made once."""
    return sa.select(sa.exists().where(tables.outbox.c.type.in_(sorted(types))))


def _waiting(types: frozenset[str]) -> sa.Select[Any]:
    return (
        sa.select(tables.event)
        .join(tables.outbox, tables.outbox.c.sequence == tables.event.c.sequence)
        .where(tables.outbox.c.type.in_(sorted(types)))
    )


def _awaited(store: Store, query: sa.Select[Any]) -> bool:
    """Return whether an event that somebody listens to has no place in the trail yet."""
    waiting = query.join(tables.unsealed, tables.unsealed.c.sequence == tables.event.c.sequence)
    with store.engine.connect() as connection:
        return connection.execute(sa.select(waiting.exists())).scalar_one()


def _tell(store: Store, offer: Offer, event: RecordedEvent, workspace: Any) -> None:
    spec: ListenerSpec = offer.spec
    if _told(store, spec.id, event.event_id):
        return
    error = ""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            spec.handle.load()(event, workspace)
        except (Exception, SystemExit) as failure:  # noqa: BLE001 - foreign code may fail in any way; it becomes a record
            _log.exception(
                "listener %s failed on event %s, attempt %d", spec.id, event.event_id, attempt
            )
            error = f"{type(failure).__name__}: {failure}"
        else:
            _book(store, offer, event, attempt, "delivered", "")
            return
    _book(store, offer, event, _ATTEMPTS, "parked", error)


def _told(store: Store, listener: str, event_id: str) -> bool:
    table = tables.delivery
    query = sa.select(table.c.event_id).where(
        table.c.event_id == event_id, table.c.listener == listener
    )
    with store.engine.connect() as connection:
        return connection.execute(query).one_or_none() is not None


def _book(
    store: Store, offer: Offer, event: RecordedEvent, attempts: int, status: str, error: str
) -> None:
    at: datetime = store.clock()
    booked = sa.insert(tables.delivery).values(
        event_id=event.event_id,
        listener=offer.spec.id,
        version=f"{offer.plugin.distribution} {offer.plugin.version}"[:100],
        status=status,
        attempts=attempts,
        error=writable(error[:_LONGEST_ERROR]),
        at=at,
    )
    try:
        with store.keeping_books() as connection:
            connection.execute(booked)
    except RevisionConflict:
        # Another process told it at the same time: that is what "at least once" means.
        _log.info("event %s was also told by another process", event.event_id)


def _done(store: Store, event: RecordedEvent) -> None:
    with store.keeping_books() as connection:
        connection.execute(
            sa.delete(tables.outbox).where(tables.outbox.c.sequence == event.sequence)
        )
