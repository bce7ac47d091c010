"""A workspace made and opened: settings, database, plugins and who acts, put together."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from aims_core import tables
from aims_core.errors import InvalidRecord, WorkspaceError
from aims_core.plugin_host import Desk, PluginHost, forget_untold
from aims_core.records import Actor
from aims_core.settings import Settings, find_folder, read_settings, write_settings
from aims_core.staffing import actor_problems
from aims_core.store import Store
from aims_core.store.rows import actor_from_row
from aims_core.terms import ActorKind
from aims_core.workspace.founding import found, founder_of
from aims_core.workspace.schema import check_schema, machine_of, migrator
from aims_core.workspace.workspace import Workspace, desk_of


def create_workspace(
    folder: Path | str,
    *,
    organisation: str,
    administrator: str,
    database: str | None = None,
    host: PluginHost | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Workspace:
    """Make a workspace, its database and its first administrator, and return it.

    Parameters
    ----------
    folder : path
        Where ``aims.toml``, evidence and (by default) the database lie; made when absent.
    organisation : str
        Name of the organisation.
    administrator : str
        Id of the first administrator, who grants everybody else their roles.
    database : str, optional
        Database URL; a SQLite file in the folder by default.
    host : PluginHost, optional
        Plugins to use; the installed ones by default.
    clock : callable, optional
        Tells the time to the workspace that is returned, aware; the machine does by default. For examples
        and tests: a secured database takes no time but its own.

    Raises
    ------
    WorkspaceError
        The folder already holds a workspace, or the database already has an administrator.
    InvalidRecord
        The administrator's id is no identifier.

    Notes
    -----
    Writes ``WorkspaceFounded``, and ``RoleGranted`` for each role an installed plugin asks to act in.
    """
    if problems := actor_problems(founder_of(administrator)):
        raise InvalidRecord(f"make {administrator} the first administrator", problems)
    folder = Path(folder).resolve()
    path = write_settings(
        folder,
        organisation=organisation,
        database_url=database or "sqlite:///aims.db",
        actor=administrator,
    )
    try:
        settings = read_settings(folder)
        host = host or PluginHost(blocked=settings.blocked, providers=settings.providers)
        migrator(settings, host).upgrade()
        with _closed_on_failure(
            Store(settings.database_url, clock=clock, alone=settings.alone)
        ) as store:
            found(store, host, organisation, administrator)
    except BaseException:  # also when interrupted; it is raised again
        # A half-made workspace would refuse the next try; the database keeps what it has.
        path.unlink()
        raise
    return _open(settings, host, store, administrator)


def open_workspace(
    folder: Path | str | None = None,
    *,
    actor: str | None = None,
    host: PluginHost | None = None,
) -> Workspace:
    """Return the workspace in a folder.

    Parameters
    ----------
    folder : path, optional
        ``AIMS_WORKSPACE``, or the nearest folder upward with an ``aims.toml``, by default.
    actor : str, optional
        Who acts; by default the one behind the login of a secured database, else ``AIMS_ACTOR`` or
        ``[identity] actor``.
    host : PluginHost, optional
        Plugins to use; the installed ones by default.

    Raises
    ------
    WorkspaceError
        There is no workspace, its settings are wrong, or its database is not up to date.
    RecordNotFound
        Nobody is known by the actor's id.
    """
    settings = read_settings(Path(folder).resolve() if folder is not None else find_folder())
    host = host or PluginHost(blocked=settings.blocked, providers=settings.providers)
    store = Store(settings.database_url, alone=settings.alone)
    with _closed_on_failure(store):
        check_schema(settings, host, store.engine)
        who = actor or _behind(store) or settings.actor
    if not who:
        store.close()
        raise WorkspaceError(
            "who is acting? Name an actor: actor=…, --as, AIMS_ACTOR, or [identity] actor in aims.toml"
        )
    return _open(settings, host, store, who)


def _behind(store: Store) -> str:
    """Return who the database says is connected, or an empty text where it cannot tell."""
    return "" if store.identity is None else store.identity.actor


def _open(settings: Settings, host: PluginHost, store: Store, actor: str) -> Workspace:
    with _closed_on_failure(store):
        return _at_work(settings, host, store, actor)


@contextmanager
def _closed_on_failure(store: Store) -> Iterator[Store]:
    try:
        yield store
    except BaseException:  # also when interrupted; it is raised again
        store.close()
        raise


def _at_work(settings: Settings, host: PluginHost, store: Store, actor: str) -> Workspace:
    machine = machine_of(settings)
    acting: dict[str, Workspace] = {}
    desk = Desk(
        store=store,
        host=host,
        machine=machine,
        settings=settings,
        actor=store.actor(actor),
        acting=acting,
    )
    forget_untold(store, host)
    known = _known_plugins(store)
    for offer in host.contributions("aims_on_event"):
        name = offer.plugin.name
        if name not in acting and f"plugin:{name}" in known:
            acting[name] = Workspace(desk_of(desk, known[f"plugin:{name}"]))
    return Workspace(desk)


def _known_plugins(store: Store) -> Mapping[str, Actor]:
    table = tables.actor
    query = sa.select(table).where(table.c.kind == ActorKind.PLUGIN)
    with store.engine.connect() as connection:
        return {row.actor_id: actor_from_row(row) for row in connection.execute(query)}
