"""A backup is read again and compared with what its manifest says, and with itself."""

from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from aims_core import audit
from aims_core.errors import WorkspaceError
from aims_core.recovery import packing, postgresql_copy, sqlite_copy
from aims_core.recovery.manifest import FILE, Manifest, kept, read_manifest

_SHOWN = 5


def check_backup(backup: Path | str) -> Manifest:
    """Compare every file of a backup with its manifest and check the database in it; return the manifest.

    Raises
    ------
    WorkspaceError
        A file is missing, added or altered, or the database in it is damaged; each is named.
    """
    with packing.unpacked(Path(backup)) as folder:
        return check_folder(folder)


def check_folder(folder: Path) -> Manifest:
    """Do the same for a backup that is a folder."""
    manifest = read_manifest(folder)
    faults = _file_faults(folder, manifest)
    if not faults:
        faults = _database_faults(folder, manifest)
    if faults:
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise WorkspaceError(
            f"the backup {folder.name} is not what it was: {'; '.join(faults[:_SHOWN])}{more}. "
            "Nothing was restored from it; take another one"
        )
    return manifest


def _file_faults(folder: Path, manifest: Manifest) -> list[str]:
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {FILE}
    named = {file.path for file in manifest.files}
    faults = [f"{name} is missing" for name in sorted(named - there)]
    faults += [f"{name} is not in the manifest" for name in sorted(there - named)]
    for file in manifest.files:
        if file.path in there and kept(folder, file.path) != file:
            faults.append(f"{file.path} was altered")
    return faults


def _database_faults(folder: Path, manifest: Manifest) -> list[str]:
    if manifest.database == "postgresql":
        return list(islice(postgresql_copy.check_leaves(folder), _SHOWN + 1))
    database = folder / "aims.db"
    sqlite_copy.check_pages(database)
    rows = sqlite_copy.rows_by_table(database)
    faults = [f"{name} has other rows" for name in rows if rows[name] != manifest.tables.get(name)]
    try:
        with sqlite_copy.reading(database) as connection:
            found = audit.verify(connection)
    except sa.exc.DBAPIError as error:
        return [str(error.orig)]
    if (found.events, found.head) != (manifest.events, manifest.root):
        faults.append("the audit trail ends elsewhere than the manifest says")
    return faults
