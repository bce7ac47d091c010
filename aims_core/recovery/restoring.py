"""Puts a backup in place; that it was restored, from what, and what is lost stands in the trail."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from aims_core.audit.notes import parse_checkpoint
from aims_core.db.engine import for_writing, make_engine, sqlite_file
from aims_core.db.library import sqlite_library
from aims_core.errors import WorkspaceError
from aims_core.events import WorkspaceRestored
from aims_core.plugin_host import PluginHost
from aims_core.recovery import packing, postgresql_copy, sqlite_copy
from aims_core.recovery.backing_up import DATABASE, with_url
from aims_core.recovery.checking import check_folder
from aims_core.recovery.manifest import Manifest, copied, kept
from aims_core.settings import FILE as SETTINGS
from aims_core.settings import Settings, read_settings
from aims_core.store import Store
from aims_core.whole_files import hidden_beside, put_in_place, written_beside
from aims_core.workspace import migrator

_FRESH = ".restoring"
_BESIDE_DATABASE = ("", "-wal", "-shm", "-journal", ".ticket")


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """A restored workspace.

    `events` stood in the backup's trail; `known` in the longest trail that is known of (a checkpoint given,
    or the workspace that gave way), 0 when none is: where it is larger, what lies between is lost.
    `before` is where the database lies that gave way. `logins` are the commands that secure the database
    and give its people the logins that they had; none where the backup is of one that was not secured.
    """

    folder: Path
    digest: str
    made_at: str
    events: int
    known: int
    before: Path | None = None
    logins: tuple[str, ...] = ()

    @property
    def lost(self) -> int:
        """How many events are known of that the backup does not hold."""
        return max(0, self.known - self.events)


def restore(
    backup: Path | str,
    folder: Path | str,
    *,
    actor: str,
    database: str = "",
    replace: bool = False,
    checkpoints: Sequence[str] = (),
    host: PluginHost | None = None,
) -> Restored:
    """Put a backup in place as a workspace and return what was restored.

    Parameters
    ----------
    backup : path
        A folder or ``.zip`` file made by :func:`back_up`.
    folder : path
        The workspace to be; it holds none yet, unless `replace` says that it gives way.
    actor : str
        Who restores: an administrator in the backup.
    database : str
        URL of an empty PostgreSQL database, for a backup of one.
    checkpoints : sequence of str
        Texts of checkpoints kept elsewhere: they tell whether the backup is older than what is known.

    Raises
    ------
    WorkspaceError
        The backup is not what it was, the target is taken or cannot be written, or the backup is of
        another kind of database.
    NotPermitted, RecordNotFound
        The actor is no administrator in the backup, or unknown there. Nothing is in place then.

    Notes
    -----
    Writes ``WorkspaceRestored`` before anybody can open the workspace. Source: ISO/IEC 27001, A.8.13.
    """
    folder, host = Path(folder).resolve(), host or PluginHost()
    known = max((c.size for c in map(parse_checkpoint, checkpoints)), default=0)
    with packing.unpacked(Path(backup)) as source:
        manifest, asked = check_folder(source), _Request(actor, database, known, host)
        try:
            if not replace:
                _refuse_taken(folder)
                return _restore_fresh(source, manifest, folder, asked)
            _refuse_other_kind(manifest, folder)
            return _restore_over(source, manifest, folder, asked)
        except OSError as error:
            raise WorkspaceError.not_written("the restored workspace", folder, error) from error


@dataclass(frozen=True, slots=True)
class _Request:
    actor: str
    database: str
    known: int
    host: PluginHost


def _restore_fresh(source: Path, manifest: Manifest, folder: Path, asked: _Request) -> Restored:
    settings, url = (source / SETTINGS).read_text(encoding="utf-8"), asked.database
    if manifest.database == "sqlite":
        if url:
            raise WorkspaceError("this backup is of a SQLite database; leave --database out")
        url = f"sqlite:///{folder / DATABASE}"
    else:
        settings = with_url(settings, url)
    folder.mkdir(parents=True, exist_ok=True)
    # The settings come last: without them there is no workspace that anybody could open. That there is
    # room for them is known before a database is filled.
    with written_beside(folder / SETTINGS, settings.encode()) as waiting:
        _lay_files(source, manifest, folder)
        try:
            if manifest.database == "sqlite":
                shutil.copyfile(source / DATABASE, folder / DATABASE)
            else:
                _fill_postgresql(source, manifest, folder, asked)
            _note(manifest, folder, url, asked)
            put_in_place(waiting, folder / SETTINGS)
        except BaseException:  # also when interrupted; it is raised again
            for suffix in _BESIDE_DATABASE:
                (folder / (DATABASE + suffix)).unlink(missing_ok=True)
            raise
    return _restored(manifest, folder, asked.known, None)


def _restore_over(source: Path, manifest: Manifest, folder: Path, asked: _Request) -> Restored:
    settings = read_settings(folder)
    live = sqlite_file(sa.make_url(settings.database_url))
    if live is None:
        raise WorkspaceError(
            "a PostgreSQL database is not replaced; create an empty one and restore into a new folder"
        )
    asked = _Request(asked.actor, "", max(asked.known, _size_of(live)), asked.host)
    staged = live.with_name(live.name + _FRESH)
    try:
        shutil.copyfile(source / DATABASE, staged)
        _note(manifest, folder, f"sqlite:///{staged}", asked)
        _lay_files(source, manifest, folder)
        before = _step_aside(live, staged, asked.actor)
    finally:
        for suffix in _BESIDE_DATABASE:
            live.with_name(staged.name + suffix).unlink(missing_ok=True)
    return _restored(manifest, folder, asked.known, before)


def _step_aside(live: Path, staged: Path, holder: str) -> Path:
    """Put the staged database in the place of the live one, and keep the live one's content beside it."""
    before = live.with_name(f"{live.stem}.before-restore-{os.urandom(4).hex()}{live.suffix}")
    _settled(staged)
    try:
        sqlite_copy.copy_out(live, before)
        sqlite_copy.copy_in(staged, live, holder=holder)
    except WorkspaceError:
        before.unlink(missing_ok=True)
        if _is_sound(live):
            raise
        # Too damaged to be written into; nobody else can be working in it.
        live.rename(before)
        for suffix in ("-wal", "-shm", "-journal"):
            live.with_name(live.name + suffix).unlink(missing_ok=True)
        staged.replace(live)
    return before


def _note(manifest: Manifest, folder: Path, url: str, asked: _Request) -> None:
    """Bring the restored database up to date and write into it that it was restored."""
    settings = _settings_of(folder, manifest, url)
    migrator(settings, asked.host).upgrade()
    store = Store(url, alone=settings.alone)
    try:
        with store.begin(store.actor(asked.actor)) as tx:
            tx.require("configure", "restore a backup")
            tx.record(
                WorkspaceRestored(
                    backup=manifest.digest,
                    made_at=manifest.made_at,
                    size=manifest.events,
                    root=manifest.root,
                    known_size=asked.known,
                    logins=manifest.logins,
                )
            )
    finally:
        store.close()


def _fill_postgresql(source: Path, manifest: Manifest, folder: Path, asked: _Request) -> None:
    if sa.make_url(asked.database or "sqlite://").get_backend_name() != "postgresql":
        raise WorkspaceError(
            "this backup is of a PostgreSQL database; name an empty one with --database URL"
        )
    engine = make_engine(asked.database, migrating=True)
    try:
        with engine.connect() as connection:
            if postgresql_copy.tables_of(connection):
                raise WorkspaceError("the database holds tables already; create an empty one")
        moving = migrator(_settings_of(folder, manifest, asked.database), asked.host)
        moving.upgrade(manifest.schema)
        with engine.connect() as connection, for_writing(connection).begin():
            postgresql_copy.copy_in(connection, source, manifest.tables, manifest.sequences)
    finally:
        engine.dispose()


def _settings_of(folder: Path, manifest: Manifest, url: str) -> Settings:
    return Settings(folder=folder, organisation=manifest.organisation, database_url=url)


def _lay_files(source: Path, manifest: Manifest, folder: Path) -> None:
    own = (DATABASE, SETTINGS)
    for file in manifest.files:
        if file.path in own or file.path.startswith(f"{postgresql_copy.FOLDER}/"):
            continue
        target = folder / file.path
        if target.is_file() and kept(folder, file.path) == file:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with hidden_beside(target) as staged:
            copied(source / file.path, staged.parent, staged.name)
            staged.replace(target)


def _refuse_taken(folder: Path) -> None:
    if (folder / SETTINGS).exists():
        raise WorkspaceError(
            f"{folder} holds a workspace; restore into another folder, or say that it gives way (--replace)"
        )
    if (folder / DATABASE).exists():
        raise WorkspaceError(f"{folder} holds a database {DATABASE}; restore into another folder")


def _refuse_other_kind(manifest: Manifest, folder: Path) -> None:
    if not (folder / SETTINGS).exists():
        raise WorkspaceError(f"{folder} holds no workspace to replace; leave --replace out")
    if manifest.database != "sqlite":
        raise WorkspaceError(
            "a PostgreSQL database is not replaced; create an empty one and restore into a new folder"
        )


def _size_of(database: Path) -> int:
    """Return how many events a database holds, 0 where it is too damaged to say."""
    try:
        return sqlite_copy.rows_by_table(database).get("aims_event", 0)
    except sqlite_library().module.Error:
        return 0


def _is_sound(database: Path) -> bool:
    try:
        sqlite_copy.check_pages(database)
    except WorkspaceError:
        return False
    return True


def _settled(database: Path) -> None:
    """Move what a write-ahead log still holds into the file itself."""
    connection = sqlite_library().module.connect(str(database), isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=delete")
    finally:
        connection.close()


def _restored(manifest: Manifest, folder: Path, known: int, before: Path | None) -> Restored:
    return Restored(
        folder=folder,
        digest=manifest.digest,
        made_at=manifest.made_at,
        events=manifest.events,
        known=known,
        before=before,
        logins=manifest.logins,
    )
