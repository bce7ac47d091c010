"""The evidence store: puts content on record, lists it, and gives it back verified.

Source: ISO 9000, 3.8.3; ISO 19011, 3.9; ISO/IEC 42001, 7.5.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.errors import WorkspaceError
from aims_core.evidence.bundle import Exporting
from aims_core.evidence.disposal import Retaining
from aims_core.evidence.filing import Exhibit, find_evidence
from aims_core.evidence.intake import content_chunks
from aims_core.evidence.listing import listed
from aims_core.evidence.notebooks import Notebooks
from aims_core.evidence.unbundle import Importing
from aims_core.evidence.verify import Verifying
from aims_core.frames import TEXT, TIME, WHOLE, YES_NO, fixed_frame
from aims_core.records import Evidence

COLUMNS = {
    "evidence_id": TEXT,
    "system_id": TEXT,
    "kind": TEXT,
    "title": TEXT,
    "media_type": TEXT,
    "size": WHOLE,
    "revision": WHOLE,
    "outdated": YES_NO,
    "collected_at": TIME,
    "added_at": TIME,
    "added_by": TEXT,
    "retain_until": TIME,
    "disposed_at": TIME,
    "marks": TEXT,
    "digest": TEXT,
}


class EvidenceStore(Exporting, Importing, Notebooks, Retaining, Verifying):
    """Evidence about AI systems; reached as ``workspace.evidence``. Files lie in ``<workspace>/evidence``."""

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
        """Put a file or a text on record and return it; the same for the same revision is found.

        Parameters
        ----------
        kind : str
            What it is evidence of, such as ``validation``, ``documentation``, ``impact_assessment``.
        path, text : path or str
            The file, or the statement itself; exactly one of them. The file is kept as it is: its media
            type is told from its content, nothing in it is run, and pickles are marked, not loaded.
        collected_at : datetime, optional
            When it was collected, aware, not in the future; now by default. Time of entry is kept apart.

        Raises
        ------
        InvalidRecord
            A field is empty, too long or in the future, or the content is larger than the limit
            (200 MB; ``max_megabytes`` under ``[evidence]`` in ``aims.toml``).
        NotPermitted, RecordNotFound
            As everywhere.
        WorkspaceError
            The content cannot be written.

        Notes
        -----
        Writes ``EvidenceAdded``. The content is on the disk, whole, before its record is committed.
        """
        asked = f"add evidence to {system_id}"
        exhibit = Exhibit(kind=kind, title=title, note=note, collected_at=collected_at)
        self._may_add(asked, system_id, exhibit)
        chunks = content_chunks(path, text, asked, self._policy)
        name = "text.txt" if path is None else Path(path).name
        return self._put(asked, system_id, exhibit, chunks, name)

    def get(self, evidence_id: str) -> Evidence:
        """Return evidence by its id, disposed of or not.

        Raises
        ------
        RecordNotFound
            Nothing is on record under this id; near ones are suggested.
        """
        with self._desk.reading() as tx:
            return find_evidence(tx, evidence_id)

    def of(
        self,
        system_id: str,
        kind: str | None = None,
        *,
        disposed: bool = False,
        as_of: date | int | None = None,
    ) -> list[Evidence]:
        """Return the evidence about a system, newest first, of one kind or of all.

        Parameters
        ----------
        disposed : bool
            True lists what was disposed of, too.
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: what stood on record then. Time
            of entry (`added_at`) decides, not `collected_at`.

        Returns
        -------
        list of Evidence
            `outdated` is True for what was collected for another revision than the system has now, or
            had then.

        Raises
        ------
        RecordNotFound
            No system has this id.
        InvalidRecord
            The time has no zone or lies ahead, or there is no such checkpoint.
        """
        table = tables.evidence
        wanted = table.c.system_id == system_id
        if kind is not None:
            wanted = sa.and_(wanted, table.c.kind == kind)
        order = (table.c.added_at.desc(), table.c.evidence_id)
        with self._desk.reading() as tx:
            tx.get_system(system_id)
            return listed(tx, as_of, where=wanted, order=order, disposed=disposed)

    def all(self, *, disposed: bool = False, as_of: date | int | None = None) -> list[Evidence]:
        """Return the evidence about all systems, by system and oldest first, without what was disposed of.

        `as_of` is a day, a time, aware, or the number of a checkpoint, as for :meth:`of`.
        """
        table = tables.evidence
        order = (table.c.system_id, table.c.added_at, table.c.evidence_id)
        with self._desk.reading() as tx:
            return listed(tx, as_of, where=sa.true(), order=order, disposed=disposed)

    def frame(self, *, as_of: date | int | None = None) -> Any:
        """Return all evidence, disposed of or not, as a DataFrame with the columns of ``COLUMNS``.

        `as_of` is a day, a time, aware, or the number of a checkpoint, as for :meth:`of`.
        """
        records = self.all(disposed=True, as_of=as_of)
        rows = (
            {n: getattr(e, n) for n in COLUMNS} | {"marks": ", ".join(e.marks)} for e in records
        )
        return fixed_frame(rows, COLUMNS)

    def read(self, evidence: Evidence | str) -> bytes:
        """Return the stored content of a record or an id, verified.

        Raises
        ------
        RecordNotFound
            Nothing is on record under this id.
        WorkspaceError
            It was disposed of, its file is gone, or is no longer what was put on record.
        """
        with self.open(evidence) as file:
            return file.read()

    @contextmanager
    def open(self, evidence: Evidence | str) -> Iterator[IO[bytes]]:
        """Give the stored content as a readable file for a ``with`` block, verified before the first byte.

        Raises
        ------
        RecordNotFound
            Nothing is on record under this id.
        WorkspaceError
            It was disposed of, its file is gone, or is no longer what was put on record.
        """
        record = self.get(evidence if isinstance(evidence, str) else evidence.evidence_id)
        what = f"evidence {record.evidence_id}"
        if record.disposed_at is not None:
            raise WorkspaceError(
                f"{what}: it was disposed of on {record.disposed_at:%Y-%m-%d} by "
                f"{record.disposed_by}; its record with the digest remains"
            )
        with ExitStack() as stack:
            try:
                file = stack.enter_context(self._content.verified(record.digest))
            except OSError as error:
                raise WorkspaceError(f"{what}: its file cannot be read: {error}") from error
            except ValueError as error:
                raise WorkspaceError(
                    f"{what}: its file was changed since it was put on record ({error})"
                ) from error
            yield file
