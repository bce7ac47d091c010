"""Objective evidence, stored by its content: what it shows, its digest, when it was collected.

Source: ISO 9000, 3.8.3; ISO 19011, 3.9; ISO/IEC 42001, 7.5.
"""

import hashlib
import os
import tempfile
from datetime import datetime
from mimetypes import guess_type
from pathlib import Path

import sqlalchemy as sa

from aims_core import tables
from aims_core.canonical import writable
from aims_core.errors import InvalidRecord, RequestRefused, WorkspaceError
from aims_core.events import EvidenceAdded
from aims_core.plugin_host import Desk
from aims_core.records import Evidence, Problem
from aims_core.store.rows import evidence_from_row

MAX_BYTES = 50_000_000
_LIMITS = {"kind": 40, "title": 500}


class EvidenceStore:
    """Evidence about AI systems; reached as ``workspace.evidence``. Files lie in ``<workspace>/evidence``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._folder = desk.settings.folder / "evidence"

    def add(
        self,
        system_id: str,
        kind: str,
        title: str,
        *,
        path: Path | str | None = None,
        text: str | None = None,
        note: str = "",
        collected_at: datetime | None = None,
    ) -> Evidence:
        """Put a file or a text on record and return it; the same content again is found.

        Parameters
        ----------
        kind : str
            What it is evidence of, such as ``validation``, ``documentation``, ``impact_assessment``.
        path, text : path or str
            The file, or the statement itself; exactly one of them.
        collected_at : datetime, optional
            When it was collected, aware; now by default. Time of entry is kept apart.

        Raises
        ------
        InvalidRecord
            A field is empty or too long, or the file is larger than 50 MB.
        NotPermitted, RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``EvidenceAdded``.
        """
        asked = f"add evidence to {system_id}"
        with self._desk.writing() as tx:
            tx.require("evidence", asked, system_id=system_id)
            system = tx.get_system(system_id, for_update=True)
            content, media_type = self._content(path, text, asked)
            if problems := _problems(kind, title):
                raise InvalidRecord(asked, problems)
            key = hashlib.sha256(content).hexdigest()
            table = tables.evidence
            same = (table.c.system_id == system_id, table.c.kind == kind, table.c.digest == key)
            found = tx.connection.execute(sa.select(table).where(*same).limit(1)).one_or_none()
            if found is not None:
                return evidence_from_row(found)
            values = {
                "evidence_id": tx.new_id("evi"),
                "system_id": system_id,
                "kind": kind,
                "title": title.strip(),
                "digest": key,
                "media_type": media_type,
                "size": len(content),
                "location": self._keep(key, content),
                "note": note,
                "revision": system.revision,
                "collected_at": collected_at or tx.now,
                "added_at": tx.now,
                "added_by": tx.actor.actor_id,
            }
            tx.connection.execute(sa.insert(table).values(**values))
            tx.record(
                EvidenceAdded(
                    system_id=system_id,
                    evidence_id=str(values["evidence_id"]),
                    kind=kind,
                    title=title.strip(),
                    digest=key,
                    media_type=media_type,
                    size=len(content),
                )
            )
            return evidence_from_row(
                tx.connection.execute(
                    sa.select(table).where(table.c.evidence_id == values["evidence_id"])
                ).one()
            )

    def of(self, system_id: str, kind: str | None = None) -> list[Evidence]:
        """Return the evidence about a system, newest first, of one kind or of all."""
        table = tables.evidence
        query = (
            sa.select(table)
            .where(table.c.system_id == system_id)
            .order_by(table.c.added_at.desc(), table.c.evidence_id)
        )
        if kind is not None:
            query = query.where(table.c.kind == kind)
        with self._desk.reading() as tx:
            tx.get_system(system_id)
            return [evidence_from_row(row) for row in tx.connection.execute(query)]

    def read(self, evidence: Evidence) -> bytes:
        """Return the stored content.

        Raises
        ------
        WorkspaceError
            The file is gone or is no longer what was put on record.
        """
        path = self._path(evidence.digest)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise WorkspaceError(
                f"evidence {evidence.evidence_id}: its file cannot be read: {error}"
            ) from error
        if hashlib.sha256(content).hexdigest() != evidence.digest:
            raise WorkspaceError(
                f"evidence {evidence.evidence_id}: its file was changed since it was put on record"
            )
        return content

    def _content(self, path: Path | str | None, text: str | None, asked: str) -> tuple[bytes, str]:
        if (path is None) == (text is None):
            raise RequestRefused(f"{asked}: give a file or a text, one of them")
        if text is not None:
            content, media_type = _encoded(text, asked), "text/plain"
        else:
            content, media_type = _read_file(Path(str(path)), asked)
        if not content:
            raise _unfit(asked, "content", "is empty", "give a file or text that shows something")
        return content, media_type

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key

    def _keep(self, key: str, content: bytes) -> str:
        """Write by content and rename, so that a file is there whole or not at all."""
        target = self._path(key)
        if not _holds(target, key):
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=target.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        return target.relative_to(self._desk.settings.folder).as_posix()


def _holds(path: Path, key: str) -> bool:
    """Say whether a file is there and still what it was: a bad copy is no reason to keep it."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == key


def _encoded(text: str, asked: str) -> bytes:
    try:
        content = text.encode()
    except UnicodeEncodeError:
        raise _unfit(asked, "text", "holds half a character", "remove it") from None
    if len(content) > MAX_BYTES:
        raise _too_large(asked, "text", "the text", len(content))
    return content


def _read_file(path: Path, asked: str) -> tuple[bytes, str]:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _too_large(asked, "path", path.name, size)
        return path.read_bytes(), guess_type(path.name)[0] or "application/octet-stream"
    except (OSError, ValueError) as error:
        # ValueError: a name with a NUL in it is no name to the operating system.
        said = getattr(error, "strerror", "") or str(error)
        why = f"{writable(str(path))} cannot be read: {said}"
        raise _unfit(asked, "path", why, "check the path") from error


def _too_large(asked: str, field: str, what: str, size: int) -> InvalidRecord:
    why = f"{what} has {size:,} bytes, {MAX_BYTES:,} are allowed"
    remedy = "keep it where it lies and put a note with its digest on record"
    return _unfit(asked, field, why, remedy)


def _unfit(asked: str, field: str, reason: str, remedy: str) -> InvalidRecord:
    return InvalidRecord(asked, [Problem(field=field, reason=reason, remedy=remedy)])


def _problems(kind: str, title: str) -> list[Problem]:
    given = {"kind": kind.strip(), "title": title.strip()}
    return [
        Problem(
            field=name,
            reason="is empty"
            if not value
            else f"has {len(value)} characters, {_LIMITS[name]} are allowed",
            remedy=f"give a short {name}",
        )
        for name, value in given.items()
        if not 0 < len(value) <= _LIMITS[name]
    ]
