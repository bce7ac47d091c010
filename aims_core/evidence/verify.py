"""Compares every file in the store with the records: missing, altered, unreferenced."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.evidence.filing import Filing
from aims_core.frames import TEXT, fixed_frame
from aims_core.store import Transaction

COLUMNS = {
    "finding": TEXT,
    "evidence_id": TEXT,
    "system_id": TEXT,
    "digest": TEXT,
    "location": TEXT,
    "detail": TEXT,
}
_LEFT = "no record needs it: a write or a disposal ended before its end; it proves nothing"


class Verifying(Filing):
    """The part of the evidence store that verifies."""

    def verify(self, *, progress: Callable[[int, int], None] | None = None) -> Any:
        """Compare all files with the records and return what does not fit as a DataFrame.

        Parameters
        ----------
        progress : callable, optional
            Told ``(done, total)`` after each file.

        Returns
        -------
        DataFrame
            Columns `finding`, `evidence_id`, `system_id`, `digest`, `location`, `detail`; empty when
            everything fits. A finding is ``missing`` or ``altered`` (one row for each record that needs
            the file) or ``unreferenced`` (a file that no record needs; harmless, and no evidence).

        Notes
        -----
        Reads every file. Writes nothing. What somebody adds meanwhile may show as unreferenced.
        """
        # The files first: one that is listed after the records would seem unreferenced when just added.
        files = set(self._content.walk())
        with self._desk.reading() as tx:
            needed = _needed(tx)
        findings: list[dict[str, str]] = []
        for done, (digest, records) in enumerate(needed.items(), start=1):
            finding, detail = self._compared(digest)
            files.discard(self._content.path(digest))
            if finding:
                location = self._location(digest)
                same = {
                    "finding": finding,
                    "digest": digest,
                    "location": location,
                    "detail": detail,
                }
                findings += [same | record for record in records]
            if progress is not None:
                progress(done, len(needed))
        return fixed_frame([*findings, *self._unneeded(files)], COLUMNS)

    def _compared(self, digest: str) -> tuple[str, str]:
        try:
            found = self._content.digest_on_disk(digest)
        except OSError as error:
            return "missing", error.strerror or str(error)
        return ("", "") if found == digest else ("altered", f"its SHA-256 is {found} now")

    def _unneeded(self, files: set[Any]) -> Iterator[Mapping[str, str]]:
        for path in sorted(files):
            name = path.relative_to(self._desk.settings.folder).as_posix()
            yield {
                "finding": "unreferenced",
                "evidence_id": "",
                "system_id": "",
                "digest": "" if self._content.is_staged(path) else path.name[:64],
                "location": name.encode(errors="backslashreplace").decode(),
                "detail": _LEFT,
            }


def _needed(tx: Transaction) -> dict[str, list[dict[str, str]]]:
    """Return the records by the digest they need, one statement for all."""
    table = tables.evidence
    query = (
        sa.select(table.c.digest, table.c.evidence_id, table.c.system_id)
        .where(table.c.disposed_at.is_(None))
        .order_by(table.c.digest, table.c.evidence_id)
    )
    needed: dict[str, list[dict[str, str]]] = {}
    for row in tx.connection.execute(query):
        record = {"evidence_id": row.evidence_id, "system_id": row.system_id}
        needed.setdefault(row.digest, []).append(record)
    return needed
