"""Which key signs: made, told in the trail, and replaced with the old one's signature."""

import os
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from aims_core import tables
from aims_core.audit.marks import KEY_ADDED, KeyHistory, KeyInForce, rotation_statement
from aims_core.audit.notes import Signer
from aims_core.checkpoints.keys import (
    PASSPHRASE_VARIABLE,
    beside,
    key_in_file,
    key_path,
    load_key,
    log_origin,
    new_key,
)
from aims_core.errors import WorkspaceError
from aims_core.events import CheckpointKeyAdded
from aims_core.plugin_host import Desk


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyStatus:
    """The checkpoint key: `public` is what auditors keep, `path` where the private half should lie."""

    origin: str
    public: str
    path: Path
    here: bool


class Keyring:
    """The checkpoint keys of one workspace."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def status(self) -> KeyStatus | None:
        """Return the key in force and whether its file is here; None before there is one."""
        own = self.in_force()
        if own is None:
            return None
        path = key_path(self._desk.settings, own.origin)
        return KeyStatus(
            origin=own.origin, public=own.key.text, path=path, here=key_in_file(path) == own.key
        )

    def in_force(self) -> KeyInForce | None:
        """Return the key that the trail names last."""
        history = KeyHistory()
        table = tables.event
        query = sa.select(table).where(table.c.type == KEY_ADDED).order_by(table.c.sequence)
        with self._desk.reading() as tx:
            for row in tx.connection.execute(query):
                history.take(0, row.sequence, row.payload)
        return history.keys[-1] if history.keys else None

    def signer(self, passphrase: str = "") -> tuple[Signer, Path]:
        """Return the key in force, loaded, and its file.

        Raises
        ------
        WorkspaceError
            There is none yet, its file is not here or cannot be opened, or it holds another key.
        """
        own = self.in_force()
        if own is None:
            raise WorkspaceError("this trail has no checkpoint key; make one with `aims audit key`")
        path = key_path(self._desk.settings, own.origin)
        _finish_rotation(path, own)
        signer = load_key(path, passphrase or os.environ.get(PASSPHRASE_VARIABLE, ""))
        if signer.public != own.key:
            raise WorkspaceError(
                f"{path} holds the key {signer.public.text}, the trail's own is {own.key.text}"
            )
        return signer, path

    def make(self, *, passphrase: str = "", old_passphrase: str = "", lost: str = "") -> KeyStatus:
        """Make a key, tell it in the trail, and return it; the one in force signs its successor.

        Parameters
        ----------
        passphrase : str
            Locks the new file (scrypt, AES-GCM); none leaves it to the file's rights.
        old_passphrase : str
            Opens the file of the key in force; `passphrase` by default.
        lost : str
            Why the old key cannot sign; whoever verifies is told of it for ever.

        Raises
        ------
        NotPermitted
            Only administrators make keys.
        WorkspaceError
            The old key cannot be loaded, or the new file cannot be written.

        Notes
        -----
        Writes ``CheckpointKeyAdded``.
        """
        own = self.in_force()
        origin = own.origin if own else log_origin(self._desk.settings, self._first_leaf())
        path = key_path(self._desk.settings, origin)
        old: Signer | None = None
        if own is not None and not lost:
            old, _ = self.signer(old_passphrase or passphrase)
        fresh = beside(path, ".next") if path.exists() else path
        with self._desk.writing() as tx:
            tx.require("configure", "make a checkpoint key")
            fresh.unlink(missing_ok=True) if fresh != path else None
            signer = new_key(fresh, origin, passphrase)
            statement = rotation_statement(origin, own.key, signer.public) if own else b""
            tx.record(
                CheckpointKeyAdded(
                    origin=origin,
                    key=signer.public.text,
                    replaces=own.key.text if own else "",
                    signature=old.sign(statement).hex() if old else "",
                    reason=lost,
                )
            )
        if fresh != path:
            _put_in_place(path, fresh)
        return KeyStatus(origin=origin, public=signer.public.text, path=path, here=True)

    def _first_leaf(self) -> str:
        query = sa.select(tables.event.c.leaf).order_by(tables.event.c.sequence).limit(1)
        with self._desk.reading() as tx:
            return str(tx.connection.execute(query).scalar_one())


def _finish_rotation(path: Path, own: KeyInForce) -> None:
    """Put the new key in place where a crash came between telling it and renaming its file."""
    fresh = beside(path, ".next")
    if fresh.exists() and key_in_file(fresh) == own.key:
        _put_in_place(path, fresh)


def _put_in_place(path: Path, fresh: Path) -> None:
    retired = key_in_file(path)
    if retired is not None:
        path.rename(beside(path, f".retired-{retired.key_id.hex()}"))
    fresh.rename(path)
