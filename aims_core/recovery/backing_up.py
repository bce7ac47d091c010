"""Backs a workspace up while people work in it: database, evidence, reports and settings."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa

from aims_core import audit, tables
from aims_core.canonical import utc_text
from aims_core.db.engine import make_engine, reading_only, sqlite_file
from aims_core.db.teams.granted import commands, granted
from aims_core.errors import WorkspaceError
from aims_core.events import BackupMade
from aims_core.records import Verification
from aims_core.recovery import packing, postgresql_copy, sqlite_copy
from aims_core.recovery.checking import check_backup
from aims_core.recovery.manifest import KeptFile, Manifest, copied, kept, write_manifest
from aims_core.settings import FILE as SETTINGS
from aims_core.settings import Settings
from aims_core.whole_files import hidden_beside, put_in_place, write_synced
from aims_core.workspace import Workspace

DATABASE = "aims.db"
KEPT = ("evidence", "reports")
"""Folders of a workspace that are backed up, besides its ``*.toml`` and the file of its lifecycle."""

_URL = re.compile(r"(?m)^(\s*url\s*=\s*).*$")
_STAGED = ".staging"


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """A backup that was made and verified.

    `digest` proves it when kept elsewhere. `missing` names evidence on record that was not there to be
    copied, `faults` what does not fit in the audit trail itself; both are in the workspace, not in the copy.
    """

    path: Path
    digest: str
    events: int
    files: int
    size: int
    missing: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def back_up(workspace: Workspace, target: Path | str, *, database: str = "") -> Backup:
    """Back a workspace up and return what was made; others may go on working meanwhile.

    Parameters
    ----------
    target : path
        A folder that does not exist yet, or a file ending in ``.zip``.
    database : str
        URL by which to read the same PostgreSQL database, as a login that sees all rows, where the
        workspace's own does not.

    Returns
    -------
    Backup
        Every file was read again and compared, the database checked, before this returns.

    Raises
    ------
    WorkspaceError
        The target exists or cannot be written, the database is damaged, or a file came out otherwise.
    NotPermitted
        The actor is no administrator, or the login does not see all rows (PostgreSQL).

    Notes
    -----
    Writes ``BackupMade``, after the copy. The key that signs checkpoints lies outside the workspace and is
    not part of it. Source: ISO/IEC 42001, 7.5.3; ISO/IEC 27001, A.8.13.
    """
    target = Path(target).absolute()
    with workspace.reading() as tx:
        tx.require("configure", f"back up to {target.name}")
    if target.exists():
        raise WorkspaceError(f"{target} exists already; name a backup that does not")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with hidden_beside(target) as folder, hidden_beside(target) as packed:
            manifest, verified = _copied(workspace, folder, database)
            check_backup(folder)
            if target.suffix == packing.SUFFIX:
                packing.pack(folder, packed)
                check_backup(packed)
                put_in_place(packed, target)
            else:
                put_in_place(folder, target)
    except OSError as error:
        raise WorkspaceError.not_written("the backup", target, error) from error
    made = Backup(
        path=target,
        digest=manifest.digest,
        events=manifest.events,
        files=len(manifest.files),
        size=sum(file.size for file in manifest.files),
        missing=manifest.missing,
        faults=verified.faults,
    )
    with workspace.writing() as tx:
        tx.attempt(f"back up to {target.name}")
        tx.record(
            BackupMade(digest=made.digest, size=made.events, files=made.files, root=manifest.root)
        )
        tx.result = made
    return made


def _copied(workspace: Workspace, folder: Path, url: str) -> tuple[Manifest, Verification]:
    folder.mkdir()
    database = sqlite_file(workspace._desk.store.engine.url)  # noqa: SLF001 - there is no door for this
    if database is not None:
        manifest, verified = _from_sqlite(workspace, database, folder)
    else:
        manifest, verified = _from_postgresql(workspace, folder, url)
    # The files after the database: what it names was whole on the disk before it was committed.
    files = [*manifest.files, *_copy_files(workspace.settings, folder)]
    files.append(_copy_settings(workspace, folder))
    there = {Path(file.path).name for file in files}
    whole = replace(
        manifest,
        files=tuple(sorted(files, key=lambda file: file.path)),
        missing=tuple(f for f in manifest.missing if f not in there),
    )
    write_manifest(folder, whole)
    return whole, verified


def _from_sqlite(
    workspace: Workspace, database: Path, folder: Path
) -> tuple[Manifest, Verification]:
    copy = folder / DATABASE
    sqlite_copy.copy_out(database, copy)
    with sqlite_copy.reading(copy) as connection:
        verified = audit.verify(connection)
        manifest = _described(workspace, connection, verified, "sqlite")
    rows = sqlite_copy.rows_by_table(copy)
    return replace(manifest, tables=rows, files=(kept(folder, DATABASE),)), verified


def _from_postgresql(workspace: Workspace, folder: Path, url: str) -> tuple[Manifest, Verification]:
    own = workspace._desk.store.engine  # noqa: SLF001 - there is no door for this
    engine = make_engine(url) if url else own
    try:
        with engine.connect() as connection, reading_only(connection):
            files, rows = postgresql_copy.copy_out(connection, folder)
            verified = audit.verify(connection)
            sequences = postgresql_copy.sequences_of(connection)
            logins = commands(granted(connection))
            manifest = _described(workspace, connection, verified, "postgresql")
    finally:
        if engine is not own:
            engine.dispose()
    whole = replace(manifest, tables=rows, sequences=sequences, files=tuple(files), logins=logins)
    return whole, verified


def _described(
    workspace: Workspace, connection: sa.Connection, verified: Verification, database: str
) -> Manifest:
    needed = sa.select(tables.evidence.c.digest).where(tables.evidence.c.disposed_at.is_(None))
    component = tables.schema_component
    revisions = sa.select(component.c.component, component.c.revision)
    return Manifest(
        made_at=utc_text(workspace.now()),
        made_by=workspace.actor.actor_id,
        organisation=workspace.settings.organisation,
        database=database,
        version=version("aims-core"),
        events=verified.events,
        root=verified.head,
        checkpoint=connection.execute(sa.select(sa.func.max(tables.checkpoint.c.size))).scalar()
        or 0,
        schema={row.component: row.revision or "" for row in connection.execute(revisions)},
        tables={},
        missing=tuple(sorted(set(connection.execute(needed).scalars()))),
    )


def _copy_files(settings: Settings, folder: Path) -> Iterable[KeptFile]:
    source = settings.folder
    for kind in KEPT:
        for path in sorted((source / kind).rglob("*")):
            if path.is_file() and not path.is_symlink() and _STAGED not in path.parts:
                yield copied(path, folder, path.relative_to(source).as_posix())
    own = {path.name for path in source.glob("*.toml") if path.is_file()}
    for name in sorted((own | _machine_inside(settings)) - {SETTINGS}):
        yield copied(source / name, folder, name)


def _machine_inside(settings: Settings) -> set[str]:
    """Return the path of the lifecycle's own file in the workspace; none where it lies elsewhere."""
    machine = settings.machine
    if machine is None or not machine.is_relative_to(settings.folder):
        return set()
    name = Path(os.path.normpath(machine.relative_to(settings.folder)))
    return set() if name.parts[0] == ".." else {name.as_posix()}


def _copy_settings(workspace: Workspace, folder: Path) -> KeptFile:
    """Copy ``aims.toml``, without where this database is: a restored one lies elsewhere."""
    path = workspace.settings.folder / SETTINGS
    text = with_url(path.read_text(encoding="utf-8-sig"), f"sqlite:///{DATABASE}")
    write_synced(folder / SETTINGS, text.encode())
    return kept(folder, SETTINGS)


def with_url(settings: str, url: str) -> str:
    """Return the text of ``aims.toml`` with another database in its place."""
    quoted = url.replace("\\", "\\\\").replace('"', '\\"')
    head, section, rest = settings.partition("[database]")
    if not section:
        return f'{settings.rstrip()}\n\n[database]\nurl = "{quoted}"\n'
    own, bracket, others = rest.partition("\n[")
    if _URL.search(own):
        own = _URL.sub(lambda m: f'{m[1]}"{quoted}"', own, count=1)
    else:
        own = f'\nurl = "{quoted}"{own}'
    return head + section + own + bracket + others
