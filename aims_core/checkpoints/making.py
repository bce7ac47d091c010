"""Checkpoints: the trail as it stands is signed, put on record, and handed to every anchor."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aims_core import audit, tables
from aims_core.audit.notes import Signer, signed_checkpoint
from aims_core.canonical import writable
from aims_core.checkpoints.keyring import Keyring
from aims_core.checkpoints.keys import LastSigned, last_signed, note_signed
from aims_core.db.writers import outwait_writers
from aims_core.errors import PluginError, RecordNotFound, WorkspaceError
from aims_core.events import CheckpointAnchored, CheckpointMade
from aims_core.plugin_host import Desk
from aims_core.records import Anchored, AnchorReceipt, Checkpoint
from aims_core.store import Transaction

ABOUT_ITSELF = ("core.CheckpointMade", "core.CheckpointAnchored")
_LONGEST_ERROR = 2_000


class Checkpoints:
    """The checkpoints of one workspace."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._keyring = Keyring(desk)

    def make(self, passphrase: str = "") -> Checkpoint:
        """Sign the trail as it stands, hand that to every anchor, and return it.

        Where nothing but checkpoints was written since the newest one, that one is returned, and anchors
        that have not kept it yet are tried again.

        Parameters
        ----------
        passphrase : str
            Opens the key's file; ``AIMS_AUDIT_PASSPHRASE`` by default.

        Raises
        ------
        NotPermitted
            It takes an administrator or an auditor.
        WorkspaceError
            There is no key, the trail is not a continuation of what the key signed last, or (PostgreSQL)
            somebody who was writing when this began is not done after ten seconds.

        Notes
        -----
        Writes ``CheckpointMade``, and ``CheckpointAnchored`` where anchors are configured. What an anchor
        says does not undo the checkpoint.
        """
        signer, path = self._keyring.signer(passphrase)
        self._desk.store.seal()
        with self._desk.writing() as tx:
            tx.require("checkpoint", "make a checkpoint")
            self._take_in_what_is_under_way(tx)
            newest = _newest(tx.connection)
            if newest is None or _happened_since(tx.connection, newest.size):
                newest = _made(tx, signer, path, newest)
        return self._anchor(newest)

    def all(self) -> tuple[Checkpoint, ...]:
        """Return every checkpoint, the first one first, with where it is kept."""
        with self._desk.reading() as tx:
            return _read(tx.connection)

    def newest(self) -> Checkpoint | None:
        """Return the newest checkpoint, None before there is one."""
        with self._desk.reading() as tx:
            return _newest(tx.connection)

    def get(self, number: int | None = None) -> Checkpoint:
        """Return a checkpoint by its number, or the newest.

        Raises
        ------
        RecordNotFound
            There is no such checkpoint.
        """
        with self._desk.reading() as tx:
            found = _read(tx.connection, number) if number else ()
            chosen = found[0] if found else (None if number else _newest(tx.connection))
        if chosen is None:
            raise RecordNotFound(
                "checkpoint", str(number or "yet; make one: `aims audit checkpoint`")
            )
        return chosen

    def _take_in_what_is_under_way(self, tx: Transaction) -> None:
        """Have the tree hold all of the time before, or what was so at the checkpoint would change."""
        if self._desk.store.dialect == "postgresql":
            outwait_writers(tx.connection, "make a checkpoint")
            self._desk.store.seal()

    def _anchor(self, checkpoint: Checkpoint) -> Checkpoint:
        configured = _configured(self._desk.settings.section("audit"))
        kept = {a.anchor for a in checkpoint.anchored if a.kept}
        tried = [self._tried(checkpoint, a) for a in configured if a["name"] not in kept]
        if not tried:
            return checkpoint
        with self._desk.writing() as tx:
            rows = [_anchoring_row(tx, outcome) for outcome in tried]
            tx.connection.execute(sa.insert(tables.anchoring), rows)
            tx.record(
                CheckpointAnchored(
                    number=checkpoint.number,
                    kept={a.anchor: a.location for a in tried if a.kept},
                    failed={a.anchor: a.error for a in tried if not a.kept},
                )
            )
        return self.get(checkpoint.number)

    def _tried(self, checkpoint: Checkpoint, options: Mapping[str, Any]) -> Anchored:
        name, kind = str(options["name"]), str(options.get("kind", ""))
        offers = {o.spec.id: o for o in self._desk.host.contributions("aims_anchors")}
        if kind not in offers:
            known = ", ".join(sorted(offers)) or "none"
            error = f"no plugin offers the kind of anchor {kind!r}; there are {known}"
            return _failed(checkpoint, name, error)
        try:
            receipt = self._desk.host.ask(offers[kind], offers[kind].spec.keep, checkpoint, options)
        except PluginError as error:
            return _failed(checkpoint, name, str(error))
        if not isinstance(receipt, AnchorReceipt):
            return _failed(checkpoint, name, f"{kind} answered {receipt!r}, not an AnchorReceipt")
        return Anchored(
            number=checkpoint.number,
            anchor=name,
            kept=True,
            location=writable(receipt.location),
            receipt=writable(receipt.receipt),
        )


def _made(tx: Transaction, signer: Signer, path: Path, newest: Checkpoint | None) -> Checkpoint:
    tree = audit.sealed(tx.connection)
    before = [c for c in (last_signed(path), newest) if c is not None]
    for signed in (*before, LastSigned(size=tree.size, root=tree.root)):
        if (
            signed.size > tree.size
            or audit.root_at(tx.connection, signed.size).hex() != signed.root
        ):
            raise WorkspaceError(
                f"this trail is not a continuation of the one that was signed at {signed.size} events; "
                "nothing was signed. Run `aims audit verify` with the newest checkpoint kept elsewhere"
            )
    number = newest.number + 1 if newest else 1
    note = signed_checkpoint(signer.name, tree.size, bytes.fromhex(tree.root), signer)
    made = Checkpoint(
        number=number,
        origin=signer.name,
        size=tree.size,
        root=tree.root,
        note=note,
        made_at=tx.now,
        made_by=tx.actor.actor_id,
    )
    columns = ("number", "origin", "size", "root", "note", "made_at", "made_by")
    row = {name: getattr(made, name) for name in columns}
    tx.connection.execute(sa.insert(tables.checkpoint), row)
    tx.record(CheckpointMade(number=number, size=tree.size, root=tree.root, key=signer.public.text))
    note_signed(path, LastSigned(size=tree.size, root=tree.root))
    return made


def _happened_since(connection: sa.Connection, size: int) -> bool:
    event = tables.event
    query = sa.select(event.c.sequence).where(event.c.type.not_in(ABOUT_ITSELF)).limit(1)
    if connection.dialect.name == "postgresql":
        query = query.join(tables.leaf, tables.leaf.c.sequence == event.c.sequence)
        query = query.where(tables.leaf.c.leaf_index >= size)
    else:
        query = query.where(event.c.sequence >= size + audit.moved(connection).shift)
    return connection.execute(query).one_or_none() is not None


def _newest(connection: sa.Connection) -> Checkpoint | None:
    number = connection.execute(sa.select(sa.func.max(tables.checkpoint.c.number))).scalar()
    return _read(connection, number)[0] if number else None


def _read(connection: sa.Connection, number: int | None = None) -> tuple[Checkpoint, ...]:
    table, anchoring = tables.checkpoint, tables.anchoring
    query = sa.select(table).order_by(table.c.number)
    tried = sa.select(anchoring).order_by(anchoring.c.at, anchoring.c.anchoring_id)
    if number is not None:
        query = query.where(table.c.number == number)
        tried = tried.where(anchoring.c.number == number)
    anchored: dict[int, list[Anchored]] = {}
    for row in connection.execute(tried).mappings():
        told = {name: row[name] for name in row if name != "anchoring_id"}
        anchored.setdefault(row["number"], []).append(Anchored(**told))
    return tuple(
        Checkpoint(**row, anchored=tuple(anchored.get(row["number"], ())))
        for row in connection.execute(query).mappings()
    )


def _configured(section: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    anchors = section.get("anchors", [])
    if not isinstance(anchors, list) or not all(
        isinstance(a, dict) and isinstance(a.get("name"), str) and a["name"] for a in anchors
    ):
        raise WorkspaceError(
            "aims.toml: [[audit.anchors]] must be tables, each with a name and a kind"
        )
    return anchors


def _failed(checkpoint: Checkpoint, anchor: str, error: str) -> Anchored:
    said = writable(error[:_LONGEST_ERROR])
    return Anchored(number=checkpoint.number, anchor=anchor, kept=False, error=said)


def _anchoring_row(tx: Transaction, outcome: Anchored) -> dict[str, Any]:
    return {
        "anchoring_id": tx.new_id("anc"),
        "number": outcome.number,
        "anchor": outcome.anchor[:200],
        "kept": outcome.kept,
        "location": outcome.location,
        "receipt": outcome.receipt,
        "error": outcome.error,
        "at": tx.now,
    }
