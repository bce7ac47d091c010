"""The trail in files that need no database to be read, with the program that verifies them."""

import json
import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aims_core import audit, tables
from aims_core.audit import FIELDS
from aims_core.checkpoints.making import Checkpoints
from aims_core.errors import WorkspaceError
from aims_core.plugin_host import Desk
from aims_core.whole_files import hidden_beside, put_in_place, sync_folder, write_synced

EVENTS, CHECKPOINTS, VERIFIER = "events.jsonl", "checkpoints", "verify_trail.py"
_README = """The audit trail of {organisation}, {count} events.

events.jsonl     one event a line, in the order of the trail, as it was stored
checkpoints/     signed statements of the first so many events
verify_trail.py  recomputes all of it; needs Python 3.11 or newer and nothing else

    python -I verify_trail.py . --key 'PUBLIC KEY AS YOU WERE TOLD IT' --checkpoint FILE

Take the public key and the checkpoint from where you keep them, not from this folder: what stands here
can only show that it is at one with itself. verify_trail.py, too, is best taken from a release of AIMS.
"""


def export_trail(desk: Desk, folder: Path) -> int:
    """Write the trail, its checkpoints and the verifier into a new folder; return the number of events.

    Raises
    ------
    WorkspaceError
        The folder exists and is not empty, or cannot be written; nothing is left then.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkspaceError(f"{folder} is not empty; name a new folder for the export")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with hidden_beside(folder) as made:
            made.mkdir(mode=0o700)
            count = _write(desk, made)
            put_in_place(made, folder)
    except OSError as error:
        raise WorkspaceError.not_written("the export", folder, error) from error
    return count


def exported_leaves(folder: Path) -> list[str]:
    """Return the leaves of an export, by place.

    Raises
    ------
    WorkspaceError
        The folder holds no export, or what is there cannot be read.
    """
    try:
        with (folder / EVENTS).open(encoding="utf-8") as lines:
            return [str(json.loads(line)["leaf"]) for line in lines]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(f"{folder} holds no export that can be read: {error}") from error


def _write(desk: Desk, folder: Path) -> int:
    (folder / CHECKPOINTS).mkdir()
    for checkpoint in Checkpoints(desk).all():
        name = f"{checkpoint.number:06}.txt"
        write_synced(folder / CHECKPOINTS / name, checkpoint.note.encode())
    count = 0
    event = tables.event
    columns = [*(event.c[name] for name in FIELDS), event.c.leaf, event.c.chain]
    with (
        desk.reading() as tx,
        (folder / EVENTS).open("x", encoding="utf-8", newline="\n") as lines,
    ):
        copied = audit.moved(tx.connection).count > 0
        query = audit.in_order(sa.select(*columns), desk.store.dialect, copied=copied)
        rows = tx.connection.execute(query, execution_options={"yield_per": 5_000}).mappings()
        for row in rows:
            lines.write(json.dumps(_line(count, dict(row)), separators=(",", ":")) + "\n")
            count += 1
        lines.flush()
        os.fsync(lines.fileno())
    write_synced(folder / VERIFIER, files("aims_core.audit").joinpath(VERIFIER).read_bytes())
    said = _README.format(organisation=desk.settings.organisation, count=count)
    write_synced(folder / "README.txt", said.encode())
    sync_folder(folder / CHECKPOINTS)
    sync_folder(folder)
    return count


def _line(place: int, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"place": place, **{name: str(row[name]) for name in FIELDS}, **_hashes(row)}


def _hashes(row: Mapping[str, Any]) -> dict[str, str]:
    return {"leaf": row["leaf"], "chain": row["chain"]}
