"""Simulated power cuts: what SQLite writes is recorded, and discs are made as a cut would leave them.

Acts of the product are recorded as SQL and carried out again, statement by statement, on a file system of
our own (apsw's VFS) with the product's own settings of the journal. Of what was written and not synced yet
each write survives by chance, whole or torn at a sector; a removal survives when something was synced later.
"""

import os
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import sqlalchemy as sa

from aims_core.db import guards, journal
from aims_core.db.library import sqlite_library
from aims_core.history import NOW

_SECTOR = 512


@dataclass
class Recording:
    """What happened to the discs, in order: writes, truncations, syncs, removals, acknowledgements."""

    trace: list = field(default_factory=list)
    base: int = 0

    def acknowledged(self, point):
        """Return the last act that was acknowledged before a point."""
        return max((op[1] for op in self.trace[:point] if op[0] == "ack"), default=0)


class Statements:
    """The SQL that an engine runs, with its values, as (statement, values of each run)."""

    def __init__(self, engine):
        self.told = []
        sa.event.listen(engine, "after_cursor_execute", self._note)
        sa.event.listen(engine, "commit", lambda _: self.told.append(("COMMIT", [()])))
        sa.event.listen(engine, "rollback", lambda _: self.told.append(("ROLLBACK", [()])))

    def _note(self, _connection, _cursor, statement, values, _context, many):
        self.told.append((statement, values if many else [values]))

    def done(self, number):
        """Mark that an act was acknowledged."""
        self.told.append(number)


def record(statements, source, folder, mode, synchronous=None):
    """Carry statements out on a copy of `source` and return the recording."""
    recording = Recording()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copyfile(source, folder / "x.db")
    disk = _Disk(recording)
    connection = apsw.Connection(str(folder / "x.db"), vfs=disk.name)
    # In memory of its own instead of shared memory, which this file system does not have.
    connection.execute("PRAGMA locking_mode=exclusive")
    connection.create_scalar_function(guards.FUNCTION, lambda: 1, 0, deterministic=True)
    begun = [0]
    connection.create_scalar_function(NOW, lambda: f"2026-01-01T00:00:00.{begun[0]:06}Z", 0)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA cache_size=30")
    connection.execute("PRAGMA wal_autocheckpoint=40")
    _settle(connection, mode, synchronous)
    recording.trace.append(("s", "x.db"))
    recording.base = len(recording.trace)
    for told in statements:
        if isinstance(told, int):
            recording.trace.append(("ack", told))
            continue
        statement, runs = told
        begun[0] += statement.startswith("BEGIN")
        for values in runs:
            connection.execute(statement, values)
    # Not closed in order: that would checkpoint, and power cuts are not polite.
    image = recording.trace[:]
    connection.close()
    disk.unregister()
    recording.trace = image
    return recording


def _settle(connection, mode, synchronous):
    cursor = connection.cursor()
    trusted = sqlite_library() if mode == journal.WAL else None
    if trusted is not None and trusted.trusts_wal:
        journal.settle(cursor, trusted, choose=True)
    else:
        journal.settle(cursor, sqlite_library(), choose=False, shared_memory=False)
    assert journal.mode_of(cursor) == mode
    if synchronous is not None:
        cursor.execute(f"PRAGMA synchronous={synchronous}")


class Discs:
    """The discs at rising points of a recording; each image is one that a power cut may leave."""

    def __init__(self, recording, source):
        self._trace = recording.trace
        self._at = 0
        self._files = {"x.db": [bytearray(Path(source).read_bytes()), []]}
        self._undone = {}

    def image(self, point, chance, folder):
        """Write the files as they may be found after a cut at `point`."""
        for op in self._trace[self._at : point]:
            self._apply(op)
        self._at = point
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        files = {name: (bytes(stable), pending) for name, (stable, pending) in self._files.items()}
        for name, old in self._undone.items():
            if chance.random() < 0.5:
                files[name] = (bytes(old), [])
        for name, (stable, pending) in files.items():
            content = bytearray(stable)
            for op in pending:
                if chance.random() < 0.5:
                    _write(content, _torn(op, chance))
            (folder / name).write_bytes(content)

    def _apply(self, op):
        kind = op[0]
        if kind in "wt":
            self._files.setdefault(op[1], [bytearray(), []])[1].append(op)
        elif kind == "s":
            stable, pending = self._files.setdefault(op[1], [bytearray(), []])
            for one in pending:
                _write(stable, one)
            pending.clear()
            self._undone.clear()
        elif kind == "d":
            gone = self._files.pop(op[1], None)
            if op[2]:
                self._undone.clear()
            elif gone is not None:
                self._undone[op[1]] = gone[0]


def points(recording, wanted, chance):
    """Return rising moments at which the power is cut."""
    return sorted(chance.randrange(recording.base, len(recording.trace) + 1) for _ in range(wanted))


def _torn(op, chance):
    if op[0] == "w" and len(op[3]) > _SECTOR and chance.random() < 0.2:
        whole = _SECTOR * chance.randrange(1, max(2, len(op[3]) // _SECTOR))
        return ("w", op[1], op[2], op[3][:whole])
    return op


def _write(content, op):
    if op[0] == "t":
        del content[op[2] :]
        return
    _, _, offset, data = op
    if len(content) < offset + len(data):
        content.extend(bytes(offset + len(data) - len(content)))
    content[offset : offset + len(data)] = data


class _File(apsw.VFSFile):
    def __init__(self, recording, base, name, flags):
        self._trace = recording.trace
        self._name = os.path.basename(name.filename() if hasattr(name, "filename") else str(name))  # noqa: PTH119 - apsw's own form
        super().__init__(base, name, flags)

    def xWrite(self, data, offset):  # noqa: N802 - SQLite's name
        self._trace.append(("w", self._name, offset, bytes(data)))
        return super().xWrite(data, offset)

    def xTruncate(self, size):  # noqa: N802 - same
        self._trace.append(("t", self._name, size))
        return super().xTruncate(size)

    def xSync(self, flags):  # noqa: N802 - same
        self._trace.append(("s", self._name))
        return super().xSync(flags)


class _Disk(apsw.VFS):
    def __init__(self, recording):
        self.name = f"recorded-{random.randrange(1 << 40)}"  # noqa: S311 - a name
        self._recording = recording
        super().__init__(self.name, "")

    def xOpen(self, name, flags):  # noqa: N802 - SQLite's name
        return _File(self._recording, "", name, flags)

    def xDelete(self, name, sync):  # noqa: N802 - same
        self._recording.trace.append(("d", os.path.basename(name), bool(sync)))  # noqa: PTH119 - same
        return super().xDelete(name, sync)
