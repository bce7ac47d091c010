"""A workspace's database copied into another one, from SQLite to PostgreSQL or back, with every digest."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aims_core import audit, tables
from aims_core.audit.leaves import START, chained
from aims_core.canonical import canonical_json, digest_text, utc_text
from aims_core.db.engine import for_writing, make_engine, sqlite_file, telling_time
from aims_core.db.teams.granted import commands, granted
from aims_core.db.ticket import write_ticket
from aims_core.errors import WorkspaceError
from aims_core.events import DatabaseCopied
from aims_core.recovery.backing_up import with_url
from aims_core.recovery.tables_across import Across, Course, columns_of, copy_across, disarmed
from aims_core.settings import FILE as SETTINGS
from aims_core.settings import replace_settings
from aims_core.store.identifiers import new_id
from aims_core.workspace import Workspace, migrator

_EVENT, _LEAF, _HEAD = tables.event.name, tables.leaf.name, tables.trail_head.name
_FILLED = "holds records already; name an empty database"
_HOLD = "LOCK TABLE aims_event, aims_outbox, aims_unsealed IN EXCLUSIVE MODE"
_COUNT_ON = "SELECT setval('aims_event_sequence', :last)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied:
    """A database that was copied and verified.

    `events` and `root` are the size of the audit trail and the root of its tree, the same in both;
    `tables` say of each table how many rows went across, and their digest. `switched` says whether the
    workspace now uses the copy. `logins` are the commands that secure the copy and give people the logins
    that they had: none where the original was not secured, or the copy is on SQLite, which knows none.
    """

    url: str
    events: int
    root: str
    digest: str
    tables: tuple[Across, ...]
    switched: bool = False
    logins: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows went across."""
        return sum(table.rows for table in self.tables)


def copy_database(
    workspace: Workspace,
    url: str,
    *,
    switch: bool = False,
    tick: Callable[[int, int], None] = lambda _done, _total: None,
) -> Copied:
    """Copy a workspace's database into an empty one and return what was copied; evidence stays in its folder.

    Parameters
    ----------
    url : str
        Of an empty database: ``sqlite:////path`` or ``postgresql+psycopg://…``.
    switch : bool
        Name the copy in ``aims.toml`` at the end, so that the workspace goes on there.
    tick : callable
        Told how many rows are done, and of how many.

    Raises
    ------
    NotPermitted
        The actor is no administrator.
    WorkspaceError
        The other database holds records, a table would not arrive as it is, or the trail does not hold.

    Notes
    -----
    Nobody writes meanwhile; whoever tries waits. All rows arrive in one transaction, or none: what is
    left of a copy that was broken off are empty tables, into which it can be made again. Every event, its
    nonce and leaf, the tree, checkpoints and histories are as they were; the last event of the copy is
    ``DatabaseCopied``, which the original does not have. The original is left as it is.
    """
    with workspace.reading() as tx:
        tx.require("configure", "copy the database")
    workspace.audit.seal()
    own = workspace._desk.store.engine  # noqa: SLF001 - there is no door for this
    if sa.make_url(url) == own.url:
        raise WorkspaceError("this is the database that the workspace uses; name another one")
    engine = make_engine(url, migrating=True)
    try:
        _refuse_filled(engine)
        with _held(own, workspace.actor.actor_id) as source:
            _lay_tables(workspace, source, url)
            with engine.connect() as connection:
                made = _copied(workspace, source, connection, url, tick)
    finally:
        engine.dispose()
    if switch:
        _switch(workspace.settings.folder, url)
    return replace(made, switched=switch)


def _copied(
    workspace: Workspace,
    source: sa.Connection,
    connection: sa.Connection,
    url: str,
    tick: Callable[[int, int], None],
) -> Copied:
    target, now = for_writing(connection), workspace.now()
    with target.begin(), telling_time(target, utc_text(now)):
        _refuse_events(target)
        with disarmed(target):
            crossed = copy_across(source, target, _courses(source, target), tick)
            _settle_trail(source, target)
        tree = audit.sealed(target)
        _check(source, target)
        knows_logins = target.dialect.name == "postgresql"
        logins = commands(granted(source)) if knows_logins else ()
        digest = digest_text(canonical_json([[a.table, a.rows, a.digest] for a in crossed]))
        told = DatabaseCopied(
            source=source.dialect.name,
            target=target.dialect.name,
            size=tree.size,
            root=tree.root,
            rows=sum(a.rows for a in crossed),
            digest=digest,
            logins=logins,
        )
        who = audit.Attribution(
            actor=workspace.actor.actor_id,
            at=now,
            assurance=workspace._desk.store.assurance,  # noqa: SLF001 - there is no door for this
        )
        audit.append(target, [(new_id("evt"), told)], who)
    return Copied(
        url=sa.make_url(url).render_as_string(),
        events=tree.size,
        root=tree.root,
        digest=digest,
        tables=tuple(crossed),
        logins=logins,
    )


@contextmanager
def _held(engine: sa.Engine, holder: str) -> Iterator[sa.Connection]:
    """Open the original so that it stays as it is until the copy is made; it is not written to."""
    with write_ticket(sqlite_file(engine.url), holder=holder), engine.connect() as connection:
        source = for_writing(connection)
        with source.begin():
            if source.dialect.name == "postgresql":
                source.exec_driver_sql(_HOLD)
            waiting = sa.select(sa.func.count()).select_from(tables.unsealed)
            if source.execute(waiting).scalar_one():
                raise WorkspaceError(
                    "events still wait for their place in the audit trail; run `aims audit seal`, then "
                    "copy again"
                )
            yield source


def _lay_tables(workspace: Workspace, source: sa.Connection, url: str) -> None:
    """Make the tables of the core and the plugins in the other database, at the revisions of this one."""
    component = tables.schema_component
    query = sa.select(component.c.component, component.c.revision)
    wanted = {row.component: row.revision or "" for row in source.execute(query)}
    settings = replace(workspace.settings, database_url=url)
    migrator(settings, workspace.host).upgrade(wanted)


def _courses(source: sa.Connection, target: sa.Connection) -> dict[str, Course]:
    """Say what goes another way because writers queue on PostgreSQL and come one by one on SQLite."""
    kinds = (source.dialect.name, target.dialect.name)
    if kinds == ("postgresql", "sqlite"):
        order = f"JOIN {_LEAF} ON {_LEAF}.sequence = {_EVENT}.sequence ORDER BY {_LEAF}.leaf_index"
        course = Course(order, _Chain(columns_of(source, _EVENT)), frozenset({"chain"}))
        return {_EVENT: course}
    return {}


class _Chain:
    """Chains events in the order of the tree, as they would have been written on SQLite."""

    def __init__(self, names: Sequence[str]) -> None:
        self._leaf, self._chain = names.index("leaf"), names.index("chain")
        self._last = START

    def __call__(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        for row in rows:
            values = list(row)
            self._last = values[self._chain] = chained(self._last, values[self._leaf])
            yield values


def _settle_trail(source: sa.Connection, target: sa.Connection) -> None:
    """Have the copy's trail go on where the original ends."""
    kinds = (source.dialect.name, target.dialect.name)
    event, head, leaf = tables.event, tables.trail_head, tables.leaf
    last = target.execute(sa.select(sa.func.max(event.c.sequence))).scalar_one()
    if kinds == ("sqlite", "postgresql"):
        before = audit.moved(source)
        later = sa.select(event.c.sequence - before.shift, event.c.sequence)
        later = later.where(event.c.sequence > before.last)
        target.execute(sa.insert(leaf).from_select(["leaf_index", "sequence"], later))
        target.execute(sa.delete(head).where(head.c.name == audit.MOVED))
    if kinds == ("postgresql", "sqlite"):
        query = (
            sa.select(event.c.chain)
            .join(leaf, leaf.c.sequence == event.c.sequence)
            .order_by(leaf.c.leaf_index.desc())
            .limit(1)
        )
        chain = target.execute(query).scalar_one()
        target.execute(sa.delete(head))
        rows = [("main", chain), (audit.MOVED, "")]
        target.execute(
            sa.insert(head), [{"name": n, "sequence": last, "chain": c} for n, c in rows]
        )
    if target.dialect.name == "postgresql":
        target.execute(sa.text(_COUNT_ON), {"last": last})


def _check(source: sa.Connection, target: sa.Connection) -> None:
    if audit.sealed(source) != audit.sealed(target):
        raise WorkspaceError("the copy's audit trail ends elsewhere; nothing was kept")
    found = audit.verify(target).faults
    before = set(audit.verify(source).faults) if found else set()
    if after := [fault for fault in found if fault not in before]:
        raise WorkspaceError(f"the copy's audit trail does not hold: {after[0]}; nothing was kept")
    if target.dialect.name == "sqlite":
        broken = target.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise WorkspaceError(
                f"{len(broken)} row(s) would lack what they belong to: {broken[0]}"
            )


def _refuse_filled(engine: sa.Engine) -> None:
    """Refuse a database with records; empty tables of a copy that was broken off are none."""
    with engine.connect() as connection:
        names = set(sa.inspect(connection).get_table_names())
        if not names:
            return
        if _EVENT not in names:
            raise WorkspaceError(f"the other database holds {len(names)} other table(s); {_FILLED}")
        _refuse_events(connection)


def _refuse_events(connection: sa.Connection) -> None:
    if connection.execute(sa.select(tables.event.c.sequence).limit(1)).first() is not None:
        raise WorkspaceError(f"the other database {_FILLED}")


def _switch(folder: Path, url: str) -> None:
    path = folder / SETTINGS
    replace_settings(folder, with_url(path.read_text(encoding="utf-8-sig"), url))
