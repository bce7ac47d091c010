"""Takes a stranger's bundle of evidence in: all of it or nothing, and nothing on its word alone."""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.canonical import writable
from aims_core.events import EvidenceImported
from aims_core.evidence.archive import (
    ArchiveFault,
    ArchiveLimits,
    entry_chunks,
)
from aims_core.evidence.bundle_reading import (
    MANIFEST_BYTES,
    RESEND,
    read_bundle,
    told_by_content,
)
from aims_core.evidence.claims import known_records, revisions_of, systems_of, taken_ids
from aims_core.evidence.content import Staged, chunks_of, open_regular
from aims_core.evidence.filing import Filing, evidence_added, guard_content
from aims_core.evidence.intake import too_large, unfit
from aims_core.evidence.manifest import (
    MOST_RECORDS,
    Listed,
    Manifest,
    content_name,
)
from aims_core.evidence.media import Sniffed
from aims_core.records import BundleImport
from aims_core.store import Transaction

_UNKNOWN_REVISION = 0


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
            archive, manifest = read_bundle(file, asked, self._limits)
        with self._desk.writing() as tx:  # before gigabytes are unpacked for somebody who may not
            systems_of(tx, asked, manifest)
        with self._noting_refusals(asked):
            staged = dict(self._staged(stack, archive, manifest, asked))
        claims = {r.digest: r.media_type for r in manifest.records}
        told = {d: told_by_content(s.path, claims[d]) for d, s in staged.items()}
        return _Unpacked(digest=digest, manifest=manifest, staged=staged, told=told)

    @property
    def _limits(self) -> ArchiveLimits:
        return ArchiveLimits(
            entries=MOST_RECORDS + 1,
            entry_bytes=max(self._policy.max_bytes, MANIFEST_BYTES),
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
                raise unfit(asked, "bundle", str(fault), RESEND) from fault
            if staged.digest != digest:
                why = f"entry {content_name(digest)} has the SHA-256 {staged.digest}"
                raise unfit(asked, "bundle", why, RESEND)
            yield digest, staged

    def _take_in(self, tx: Transaction, asked: str, unpacked: _Unpacked) -> BundleImport:
        manifest = unpacked.manifest
        units = systems_of(tx, asked, manifest)
        guard_content(tx)
        live = [r for r in manifest.records if not r.disposed]
        known = known_records(tx, units, live)
        revisions = revisions_of(tx, live)
        taken = taken_ids(tx, [r.evidence_id for r in live])
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
