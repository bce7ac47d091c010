"""Takes a stranger's bundle of evidence in: all of it or nothing, and nothing on its word alone."""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.canonical import writable
from aims_core.errors import InvalidRecord, NotPermitted
from aims_core.events import EvidenceImported
from aims_core.evidence.archive import (
    ArchiveFault,
    ArchiveLimits,
    check_entries,
    entry_chunks,
    open_archive,
)
from aims_core.evidence.content import Staged, chunks_of, open_regular
from aims_core.evidence.filing import Filing, evidence_added, guard_content
from aims_core.evidence.intake import too_large, unfit
from aims_core.evidence.manifest import (
    MANIFEST,
    MOST_RECORDS,
    Listed,
    Manifest,
    content_name,
    read_manifest,
)
from aims_core.evidence.media import Sniffed, sniff, suffix_of
from aims_core.records import BundleImport, Problem
from aims_core.roles import allows, roles_with
from aims_core.store import Transaction

_MANIFEST_BYTES = 64 << 20
_PORTION = 1_000
_UNKNOWN_REVISION = 0
_REMEDY = "have the bundle exported again, and sent in a way that does not change it"

_Key = tuple[str, str, str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Unpacked:
    """A bundle whose manifest was read and whose contents lie beside the store, each verified."""

    digest: str
    manifest: Manifest
    staged: Mapping[str, Staged]
    told: Mapping[str, Sniffed]


class Importing(Filing):
    """The part of the evidence store that takes evidence in."""

    def import_bundle(self, path: Path | str) -> BundleImport:
        """Take a bundle's evidence on record and return what became of it; again, all of it is found.

        Parameters
        ----------
        path : path or str
            A file that `export_bundle` wrote. Its systems must be in the inventory here.

        Raises
        ------
        InvalidRecord
            The file is no bundle, would do harm, is larger than allowed, its contents are not what its
            manifest says, or a system is not in the inventory. Nothing of it is kept.
        NotPermitted
            It takes a role that may add evidence, for each of the systems.

        Notes
        -----
        Writes ``EvidenceImported``, and ``EvidenceAdded`` for each new record. Who added it first, and
        when, stands in `origin`; here it was added by whoever imports. `revision` is the one here with
        the very same description, 0 when there is none. The later of both retention ends counts; holds
        are not taken over.
        """
        source = Path(path)
        asked = f"import {writable(source.name)}"
        with ExitStack() as stack:
            unpacked = self._unpacked(stack, source, asked)
            with self._undoing(unpacked.staged), self._desk.writing() as tx:
                return self._take_in(tx, asked, unpacked)

    def _unpacked(self, stack: ExitStack, source: Path, asked: str) -> _Unpacked:
        with self._noting_refusals(asked):
            file, digest = self._opened(stack, source, asked)
            archive, manifest = _read(file, asked, self._limits)
        with self._desk.writing() as tx:  # before gigabytes are unpacked for somebody who may not
            _systems(tx, asked, manifest)
        with self._noting_refusals(asked):
            staged = dict(self._staged(stack, archive, manifest, asked))
        claims = {r.digest: r.media_type for r in manifest.records}
        told = {d: _told(s.path, claims[d]) for d, s in staged.items()}
        return _Unpacked(digest=digest, manifest=manifest, staged=staged, told=told)

    @property
    def _limits(self) -> ArchiveLimits:
        return ArchiveLimits(
            entries=MOST_RECORDS + 1,
            entry_bytes=max(self._policy.max_bytes, _MANIFEST_BYTES),
            total_bytes=self._policy.max_bundle_bytes,
        )

    def _opened(self, stack: ExitStack, source: Path, asked: str) -> tuple[IO[bytes], str]:
        try:
            file = stack.enter_context(open_regular(source))
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", "") or str(error)
            why = f"{writable(str(source))} cannot be read: {said}"
            raise unfit(asked, "path", why, "check the path") from error
        if file.seek(0, 2) > self._policy.max_bundle_bytes:
            why = f"it is larger than the {self._policy.max_bundle_bytes:,} bytes allowed"
            remedy = (
                "export fewer systems, or raise max_bundle_megabytes under [evidence] in aims.toml"
            )
            raise unfit(asked, "bundle", why, remedy)
        file.seek(0)
        seen = hashlib.sha256()
        for chunk in chunks_of(file):
            seen.update(chunk)
        return file, seen.hexdigest()

    def _staged(
        self, stack: ExitStack, archive: zipfile.ZipFile, manifest: Manifest, asked: str
    ) -> Iterator[tuple[str, Staged]]:
        for digest, size in manifest.contents.items():
            if size > self._policy.max_bytes:
                raise too_large(asked, "bundle", content_name(digest), self._policy)
            entry = archive.getinfo(content_name(digest))
            try:
                chunks = entry_chunks(archive, entry, self._limits)
                staged = stack.enter_context(self._content.staged(chunks))
            except ArchiveFault as fault:
                raise unfit(asked, "bundle", str(fault), _REMEDY) from fault
            if staged.digest != digest:
                why = f"entry {content_name(digest)} has the SHA-256 {staged.digest}"
                raise unfit(asked, "bundle", why, _REMEDY)
            yield digest, staged

    def _take_in(self, tx: Transaction, asked: str, unpacked: _Unpacked) -> BundleImport:
        manifest = unpacked.manifest
        units = _systems(tx, asked, manifest)
        guard_content(tx)
        live = [r for r in manifest.records if not r.disposed]
        known = _known(tx, units, live)
        revisions = _revisions(tx, live)
        taken = _taken_ids(tx, [r.evidence_id for r in live])
        rows = []
        for record in live:
            revision = revisions.get((record.system_id, record.revision_digest), _UNKNOWN_REVISION)
            key = (record.system_id, record.kind, record.digest, revision)
            if key not in known:
                known.add(key)
                rows.append(self._row(tx, record, revision, unpacked, taken))
        if rows:
            tx.connection.execute(sa.insert(tables.evidence), rows)
        outcome = BundleImport(
            digest=unpacked.digest,
            records=len(manifest.records),
            added=len(rows),
            found=len(live) - len(rows),
            disposed=len(manifest.records) - len(live),
        )
        _record(tx, outcome, manifest, rows)
        for staged in unpacked.staged.values():
            self._content.place(staged)
        return outcome

    def _row(
        self,
        tx: Transaction,
        record: Listed,
        revision: int,
        unpacked: _Unpacked,
        taken: set[str],
    ) -> dict[str, Any]:
        fresh = record.evidence_id not in taken
        told = unpacked.told[record.digest]
        here = self._policy.retain_until(record.kind.strip(), tx.now)
        return {
            "evidence_id": record.evidence_id if fresh else tx.new_id("evi"),
            "system_id": record.system_id,
            "kind": record.kind,
            "title": record.title,
            "digest": record.digest,
            "media_type": told.media_type,
            "size": record.size,
            "location": self._location(record.digest),
            "note": record.note,
            "revision": revision,
            "collected_at": record.collected_at,
            "added_at": tx.now,
            "added_by": tx.actor.actor_id,
            "marks": dict(told.marks),
            "retain_until": max(record.retain_until, here),
            "run": None if record.run is None else {**record.run, "here": False},
            "run_key": None,
            "origin": {
                "organisation": unpacked.manifest.organisation,
                "bundle": unpacked.digest,
                "evidence_id": record.evidence_id,
                "revision": record.revision,
                "added_at": record.added_at,
                "added_by": record.added_by,
                "origin": record.origin,
            },
        }


def _read(file: IO[bytes], asked: str, limits: ArchiveLimits) -> tuple[zipfile.ZipFile, Manifest]:
    """Return an archive that is safe to unpack, and its manifest, which lists exactly what is in it."""
    try:
        archive = open_archive(file, limits)
        entries = {e.orig_filename: e for e in archive.infolist()}
        check_entries(archive.infolist(), limits)
        listing = entries.pop(MANIFEST, None)
        if listing is None:
            raise unfit(asked, "bundle", f"it has no {MANIFEST}", "give a bundle of evidence")
        if listing.file_size > _MANIFEST_BYTES:
            raise unfit(asked, "manifest", "is too large", "export fewer systems")
        content = b"".join(entry_chunks(archive, listing, limits))
    except ArchiveFault as fault:
        raise unfit(asked, "bundle", str(fault), _REMEDY) from fault
    manifest, problems = read_manifest(content)
    if manifest is not None:
        problems = list(_differences(manifest, entries))
    if manifest is None or problems:
        raise InvalidRecord(asked, problems)
    return archive, manifest


def _differences(manifest: Manifest, entries: Mapping[str, zipfile.ZipInfo]) -> Iterator[Problem]:
    promised = {content_name(d): size for d, size in manifest.contents.items()}
    for name in sorted(promised.keys() - entries.keys()):
        yield Problem(field="bundle", reason=f"{name} is listed and not there", remedy=_REMEDY)
    for name in sorted(entries.keys() - promised.keys()):
        why = f"{name[:80]!a} is there and not listed"
        yield Problem(field="bundle", reason=why, remedy=_REMEDY)
    for name in sorted(promised.keys() & entries.keys()):
        if entries[name].file_size != promised[name]:
            why = f"{name} has {entries[name].file_size:,} bytes, {promised[name]:,} are listed"
            yield Problem(field="bundle", reason=why, remedy=_REMEDY)


def _told(path: Path, claimed: str) -> Sniffed:
    """Return what content is; what the bundle claims is only a hint, as a name would be."""
    told = sniff(path, f"content{suffix_of(claimed)}")
    if told.media_type == claimed or "type_mismatch" in told.marks:
        return told
    said = f"its bundle claims {claimed}, its content is {told.media_type}"
    return Sniffed(told.media_type, {**told.marks, "type_mismatch": said})


def _systems(tx: Transaction, asked: str, manifest: Manifest) -> set[str]:
    """Return the systems of a bundle, locked; each must be here, and open to the actor."""
    tx.attempt(asked)
    table = tables.system
    wanted = sorted({r.system_id for r in manifest.records})
    query = sa.select(table.c.system_id, table.c.unit).order_by(table.c.system_id).with_for_update()
    units: dict[str, str] = {}
    for part in _portions(wanted):
        for row in tx.connection.execute(query.where(table.c.system_id.in_(part))):
            units[row.system_id] = row.unit
    if absent := [s for s in wanted if s not in units]:
        raise InvalidRecord(
            asked,
            [
                Problem(
                    field="system_id",
                    reason=f"{name!r} is not in this inventory",
                    remedy="register or import the system first",
                )
                for name in absent
            ],
        )
    for system_id, unit in units.items():
        if not allows(tx.grants(), "evidence", system_id=system_id, unit=unit):
            roles = " or ".join(roles_with("evidence"))
            raise NotPermitted(
                f"{asked}: {tx.actor.actor_id} holds no role that allows this for {system_id}; "
                f"it takes {roles}, granted by an administrator"
            )
    future = [r for r in manifest.records if r.collected_at > tx.now]
    if future:
        why = f"{future[0].evidence_id} was collected in the future"
        raise unfit(asked, "collected_at", why, "set the clocks right, here or where it was made")
    return set(units)


def _known(tx: Transaction, systems: set[str], records: Iterable[Listed]) -> set[_Key]:
    """Return what is on record already, by what makes a record the same."""
    table = tables.evidence
    query = sa.select(table.c.system_id, table.c.kind, table.c.digest, table.c.revision)
    found: set[_Key] = set()
    for part in _portions(sorted({r.digest for r in records})):
        live = query.where(table.c.digest.in_(part), table.c.disposed_at.is_(None))
        found |= {tuple(row) for row in tx.connection.execute(live) if row.system_id in systems}
    return found


def _revisions(tx: Transaction, records: Iterable[Listed]) -> dict[tuple[str, str], int]:
    """Return the newest revision here of each description that evidence was collected for."""
    table = tables.system_revision
    query = sa.select(table.c.system_id, table.c.digest, sa.func.max(table.c.revision))
    found: dict[tuple[str, str], int] = {}
    for part in _portions(sorted({r.revision_digest for r in records})):
        grouped = query.where(table.c.digest.in_(part)).group_by(table.c.system_id, table.c.digest)
        for system_id, digest, revision in tx.connection.execute(grouped):
            found[system_id, digest] = revision
    return found


def _taken_ids(tx: Transaction, ids: Sequence[str]) -> set[str]:
    column = tables.evidence.c.evidence_id
    taken: set[str] = set()
    for part in _portions(ids):
        taken |= set(tx.connection.execute(sa.select(column).where(column.in_(part))).scalars())
    return taken


def _record(
    tx: Transaction, outcome: BundleImport, manifest: Manifest, rows: Iterable[Mapping[str, Any]]
) -> None:
    tx.record(
        EvidenceImported(
            digest=outcome.digest,
            organisation=manifest.organisation,
            records=outcome.records,
            added=outcome.added,
            found=outcome.found,
            disposed=outcome.disposed,
        ),
        *(evidence_added(row) for row in rows),
    )


def _portions(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _PORTION):
        yield values[start : start + _PORTION]
