"""What every part of the evidence store works from: the folder, the rules, and how a record is made."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.errors import InvalidRecord, RecordNotFound, RequestRefused
from aims_core.events import EvidenceAdded
from aims_core.evidence.content import ContentFolder, Staged
from aims_core.evidence.intake import field_problems
from aims_core.evidence.media import sniff
from aims_core.evidence.policy import EvidencePolicy, policy_of
from aims_core.plugin_host import Desk
from aims_core.records import AISystem, Evidence
from aims_core.store import Transaction
from aims_core.store.rows import evidence_from_row, select_evidence

# Whoever places content shares this lock, whoever removes some has it alone: see `guard_content`.
_CONTENT_LOCK = 0x41494D5345564944


@dataclass(frozen=True, kw_only=True, slots=True)
class Exhibit:
    """A record to be made: its fields, and what is known about its content."""

    kind: str
    title: str
    media_type: str = ""
    note: str = ""
    collected_at: datetime | None = None
    revision: int | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    run: Mapping[str, Any] | None = None
    run_key: str | None = None
    origin: Mapping[str, Any] | None = None


class Filing:
    """Folder, rules and records of evidence; the parts of the evidence store stand on it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._content = ContentFolder(desk.settings.folder / "evidence")
        self._policy: EvidencePolicy = policy_of(desk.settings)

    @contextmanager
    def _noting_refusals(self, act: str, system_id: str = "") -> Iterator[None]:
        """Leave the trace of a refusal that happens outside a transaction, where files are read."""
        try:
            yield
        except RequestRefused:
            with self._desk.writing() as tx:
                tx.attempt(act, system_id)
                raise

    def _may_add(self, asked: str, system_id: str, exhibit: Exhibit) -> AISystem:
        """Return the system, or refuse before a file is read or a notebook run: writers wait for neither."""
        with self._desk.writing() as tx:
            return self._check(tx, asked, system_id, exhibit)

    def _put(
        self, asked: str, system_id: str, exhibit: Exhibit, chunks: Iterable[bytes], name: str
    ) -> Evidence:
        """Write content beside the store, look at it, and then make its record in one transaction."""
        with ExitStack() as stack:
            with self._noting_refusals(asked, system_id):
                staged = stack.enter_context(self._content.staged(chunks))
            told = sniff(staged.path, name)
            exhibit = replace(
                exhibit, media_type=told.media_type, marks={**exhibit.marks, **told.marks}
            )
            with self._undoing([staged.digest]), self._desk.writing() as tx:
                return self._file(tx, asked, system_id, exhibit, staged)

    @contextmanager
    def _undoing(self, digests: Iterable[str]) -> Iterator[None]:
        """Remove content again whose record could not be committed."""
        try:
            yield
        except Exception:
            for digest in digests:
                if self._content.path(digest).exists():
                    self._remove_unneeded(digest)
            raise

    def _file(
        self, tx: Transaction, asked: str, system_id: str, exhibit: Exhibit, staged: Staged
    ) -> Evidence:
        """Make a record and put its content in its place, or find the same one."""
        system = self._check(tx, asked, system_id, exhibit)
        guard_content(tx)
        found = self._same(tx, system, exhibit, staged.digest)
        if found is not None:
            self._content.place(staged)
            return found
        values = self._values(tx, system, exhibit, staged)
        tx.connection.execute(sa.insert(tables.evidence).values(**values))
        tx.record(evidence_added(values))
        # Last, so that whatever the database refuses leaves no file.
        self._content.place(staged)
        return find_evidence(tx, str(values["evidence_id"]))

    @staticmethod
    def _check(tx: Transaction, asked: str, system_id: str, exhibit: Exhibit) -> AISystem:
        tx.require("evidence", asked, system_id=system_id)
        system = tx.get_system(system_id, for_update=True)
        problems = field_problems(exhibit.kind, exhibit.title, exhibit.collected_at, tx.now)
        if problems:
            raise InvalidRecord(asked, problems)
        return system

    @staticmethod
    def _same(tx: Transaction, system: AISystem, exhibit: Exhibit, digest: str) -> Evidence | None:
        table = tables.evidence
        query = select_evidence().where(
            table.c.system_id == system.system_id,
            table.c.kind == exhibit.kind.strip(),
            table.c.digest == digest,
            # The same content again, but for a newer revision, is a new statement of somebody.
            table.c.revision == (exhibit.revision or system.revision),
            table.c.disposed_at.is_(None),
        )
        row = tx.connection.execute(query.limit(1)).one_or_none()
        return None if row is None else evidence_from_row(row)

    def _values(
        self, tx: Transaction, system: AISystem, exhibit: Exhibit, staged: Staged
    ) -> dict[str, Any]:
        collected_at = exhibit.collected_at or tx.now
        return {
            "evidence_id": tx.new_id("evi"),
            "system_id": system.system_id,
            "kind": exhibit.kind.strip(),
            "title": exhibit.title.strip(),
            "digest": staged.digest,
            "media_type": exhibit.media_type,
            "size": staged.size,
            "location": self._location(staged.digest),
            "note": exhibit.note,
            "revision": exhibit.revision or system.revision,
            "collected_at": collected_at,
            "added_at": tx.now,
            "added_by": tx.actor.actor_id,
            "marks": dict(exhibit.marks),
            "retain_until": self._policy.retain_until(exhibit.kind.strip(), tx.now),
            "run": exhibit.run,
            "run_key": exhibit.run_key,
            "origin": exhibit.origin,
        }

    def _location(self, digest: str) -> str:
        return self._content.path(digest).relative_to(self._desk.settings.folder).as_posix()

    def _remove_unneeded(self, digest: str) -> None:
        """Remove content that no record needs; nobody can come to need it meanwhile."""
        with self._desk.writing() as tx:
            guard_content(tx, alone=True)
            if not content_is_needed(tx, digest):
                self._content.remove(digest)


def find_evidence(tx: Transaction, evidence_id: str, *, for_update: bool = False) -> Evidence:
    """Return evidence by its id; `for_update` keeps others from changing it meanwhile.

    Raises
    ------
    RecordNotFound
        Nothing is on record under this id; near ones are suggested.
    """
    table = tables.evidence
    query = select_evidence().where(table.c.evidence_id == evidence_id)
    if for_update:
        query = query.with_for_update(of=table)
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        near = sa.select(table.c.evidence_id).where(
            table.c.evidence_id.startswith(evidence_id[:6], autoescape=True)
        )
        raise RecordNotFound(
            "evidence", evidence_id, list(tx.connection.execute(near.limit(500)).scalars())
        )
    return evidence_from_row(row)


def evidence_added(values: Mapping[str, Any]) -> EvidenceAdded:
    """Return the event of a record that is being made."""
    names = ("evidence_id", "kind", "title", "digest", "media_type", "size", "revision")
    times = ("collected_at", "retain_until")
    return EvidenceAdded(
        system_id=values["system_id"],
        marks=tuple(sorted(values["marks"])),
        **{name: values[name] for name in (*names, *times)},
    )


def guard_content(tx: Transaction, *, alone: bool = False) -> None:
    """Keep content from being removed while it gets a new record, until the transaction ends.

    Without it, a disposal that saw no other record could take the file that a new one has just found.
    SQLite lets one writer in at a time anyway.
    """
    if tx.connection.dialect.name == "postgresql":
        lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        tx.connection.execute(sa.text(f"SELECT {lock}(:key)"), {"key": _CONTENT_LOCK})


def content_is_needed(tx: Transaction, digest: str) -> bool:
    """Say whether a record that was not disposed of needs some content."""
    table = tables.evidence
    query = sa.select(table.c.evidence_id).where(
        table.c.digest == digest, table.c.disposed_at.is_(None)
    )
    return tx.connection.execute(query.limit(1)).one_or_none() is not None
