"""Writes a bundle of evidence: a zip whose bytes depend on nothing but what is on record."""

import hashlib
import os
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa

from aims_core import tables
from aims_core.errors import NotPermitted, WorkspaceError
from aims_core.events import EvidenceExported
from aims_core.evidence.content import ContentFolder, chunks_of
from aims_core.evidence.filing import Filing
from aims_core.evidence.manifest import MANIFEST, content_name, manifest_text
from aims_core.records import Evidence
from aims_core.roles import allows, roles_with
from aims_core.store import Transaction
from aims_core.store.rows import evidence_from_row, select_evidence
from aims_core.whole_files import hidden_beside, put_in_place

_EPOCH = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3
_PORTION = 1_000


class Exporting(Filing):
    """The part of the evidence store that hands evidence out."""

    def export_bundle(self, path: Path | str, *, system_ids: Sequence[str] | None = None) -> str:
        """Write evidence with its records to a zip file and return the file's SHA-256.

        Parameters
        ----------
        path : path or str
            The file; one that is there is replaced, in one step and only by a whole one.
        system_ids : sequence of str, optional
            Evidence of these systems; of all by default.

        Returns
        -------
        str
            64 hexadecimal characters. The same records give the same bytes, at any time and anywhere.

        Raises
        ------
        RecordNotFound
            A system does not exist.
        NotPermitted
            It takes a role that may report, for each of the systems or for the organisation.
        WorkspaceError
            Content is missing or was altered, or the file cannot be written; nothing is left then.

        Notes
        -----
        Writes ``EvidenceExported``. What was disposed of is listed without its content.
        """
        target = Path(path)
        asked = f"export evidence to {target.name}"
        with self._desk.writing() as tx:
            systems = _permitted(tx, asked, system_ids)
        with self._desk.reading() as tx:
            records = _records(tx, systems)
            manifest = manifest_text(
                self._desk.settings.organisation, records, _revision_digests(tx, records)
            )
        try:
            with hidden_beside(target) as waiting:
                digest = _write(waiting, manifest, records, self._content)
                with self._desk.writing() as tx:
                    tx.attempt(asked)
                    tx.record(
                        EvidenceExported(
                            digest=digest,
                            systems=tuple(sorted({e.system_id for e in records})),
                            records=len(records),
                        )
                    )
                # After the commit: an export on record that did not arrive harms nobody, the reverse may.
                put_in_place(waiting, target, replace=True)
        except OSError as error:
            raise WorkspaceError.not_written("the bundle of evidence", target, error) from error
        return digest


def _permitted(tx: Transaction, asked: str, system_ids: Sequence[str] | None) -> list[str] | None:
    if system_ids is None:
        tx.require("report", asked)
        return None
    tx.attempt(asked)
    systems = tx.get_systems(system_ids)
    for one in systems.values():
        if not allows(tx.grants(), "report", system_id=one.system_id, unit=one.unit):
            wanted = " or ".join(roles_with("report"))
            raise NotPermitted(
                f"{asked}: {tx.actor.actor_id} holds no role that allows this for "
                f"{one.system_id}; it takes {wanted}, granted by an administrator"
            )
    return sorted(systems)


def _records(tx: Transaction, systems: list[str] | None) -> list[Evidence]:
    query = select_evidence().order_by(tables.evidence.c.evidence_id)
    if systems is None:
        return [evidence_from_row(row) for row in tx.connection.execute(query)]
    found: list[Evidence] = []
    for start in range(0, len(systems), _PORTION):
        part = tables.evidence.c.system_id.in_(systems[start : start + _PORTION])
        found += [evidence_from_row(row) for row in tx.connection.execute(query.where(part))]
    return found


def _revision_digests(tx: Transaction, records: Iterable[Evidence]) -> dict[tuple[str, int], str]:
    """Return the digest of each description that evidence was collected for."""
    systems = sorted({e.system_id for e in records})
    table, evidence = tables.system_revision, tables.evidence
    query = (
        sa.select(table.c.system_id, table.c.revision, table.c.digest)
        .join(
            evidence,
            sa.and_(
                evidence.c.system_id == table.c.system_id, evidence.c.revision == table.c.revision
            ),
        )
        .distinct()
    )
    found: dict[tuple[str, int], str] = {}
    for start in range(0, len(systems), _PORTION):
        part = table.c.system_id.in_(systems[start : start + _PORTION])
        for row in tx.connection.execute(query.where(part)):
            found[row.system_id, row.revision] = row.digest
    return found


def _write(path: Path, manifest: str, records: Iterable[Evidence], content: ContentFolder) -> str:
    needed = {e.digest: e for e in records if e.disposed_at is None}
    with path.open("xb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            spelled = manifest.encode()
            _enter(archive, MANIFEST, len(spelled), [spelled])
            for digest, evidence in sorted(needed.items()):
                with ExitStack() as opened:
                    try:
                        kept = opened.enter_context(content.verified(digest))
                    except (OSError, ValueError) as error:
                        raise WorkspaceError(
                            f"evidence {evidence.evidence_id} cannot be exported: {error}; "
                            "`aims evidence verify` shows what else is missing or altered"
                        ) from error
                    _enter(archive, content_name(digest), evidence.size, chunks_of(kept))
        file.flush()
        os.fsync(file.fileno())
    with path.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()


def _enter(archive: zipfile.ZipFile, name: str, size: int, chunks: Iterable[bytes]) -> None:
    """Write one entry, not packed: how well packing does differs from one library to the next."""
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_STORED
    entry.external_attr = _PLAIN_FILE
    entry.create_system = _UNIX
    entry.file_size = size
    with archive.open(entry, "w") as target:
        for chunk in chunks:
            target.write(chunk)
