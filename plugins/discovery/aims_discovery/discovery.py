"""Look into an inventory, import it, keep what was refused; reached as ``workspace.discovery``."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from aims_core import (
    ImportOutcome,
    InvalidRecord,
    Problem,
    RefusedRow,
    Workspace,
    fixed_frame,
    moment,
)
from aims_discovery import samples
from aims_discovery.csv_importer import (
    IMPORTERS,
    Table,
    batch,
    identifiers,
    importer_for,
    open_table,
    original_cells,
)
from aims_discovery.explanation import (
    EXPLAIN_COLUMNS,
    PREVIEW_COLUMNS,
    explain_rows,
    preview_rows,
)
from aims_discovery.runs import (
    REFUSED_COLUMNS,
    RUN_COLUMNS,
    ImportRun,
    Origin,
    keep_run,
    read_refused,
    read_runs,
    write_refused,
)
from aims_discovery.samples import Sample

__all__ = ["IMPORTER_COLUMNS", "PREVIEW_COLUMNS", "REFUSED_COLUMNS", "RUN_COLUMNS", "Discovery"]

IMPORTER_COLUMNS = {
    "importer": "string",
    "title": "string",
    "suffixes": "string",
    "plugin": "string",
    "distribution": "string",
}
_SAMPLES = {"us_federal_2024": samples.us_federal_2024}


class Discovery:
    """Importers, the runs they made, and the rows that could not be taken (ISO/IEC 42001, A.4.2)."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def importers(self) -> Any:
        """Return the installed importers as a DataFrame with the columns of `IMPORTER_COLUMNS`."""
        rows = [
            {
                "importer": offer.spec.id,
                "title": offer.spec.title,
                "suffixes": " ".join(offer.spec.suffixes),
                "plugin": offer.plugin.name,
                "distribution": f"{offer.plugin.distribution} {offer.plugin.version}",
            }
            for offer in self._workspace.host.contributions("aims_importers")
        ]
        return fixed_frame(rows, IMPORTER_COLUMNS)

    def sample(self, name: str = "us_federal_2024") -> Sample:
        """Return an inventory that comes with the plugin, and its mapping.

        Raises
        ------
        InvalidRecord
            There is no such sample.
        """
        if name not in _SAMPLES:
            problem = Problem(
                field="name", reason="is no sample", remedy=f"use {', '.join(_SAMPLES)}"
            )
            raise InvalidRecord(f"find sample {name}", [problem])
        return _SAMPLES[name]()

    def preview(self, path: Path | str, mapping: Any = None, rows: int = 5) -> Any:
        """Return what the first rows of a file would become, as a DataFrame.

        Parameters
        ----------
        path, mapping
            As for :meth:`import_file`.
        rows : int
            How many rows to show; the whole file is read, because an identifier may depend on it.

        Returns
        -------
        DataFrame
            Columns of `PREVIEW_COLUMNS`: the row as spreadsheets count it, whether the mapping can take
            it, its identifier and fields, or its problems. What the register itself would refuse
            shows in :meth:`import_file` with ``dry_run=True``.

        Raises
        ------
        InvalidRecord
            The file or the mapping cannot be read, or they do not fit; every problem is named.
        """
        return fixed_frame(preview_rows(batch(open_table(path, mapping)), rows), PREVIEW_COLUMNS)

    def explain(self, path: Path | str, mapping: Any = None) -> Any:
        """Return where each field comes from and how often it is stated, as a DataFrame.

        Returns
        -------
        DataFrame
            Columns of `EXPLAIN_COLUMNS`: for each field and attribute its source, how many rows state
            it, say that it is unknown, leave it blank, or say something the mapping does not
            foresee, and the most common values.

        Raises
        ------
        InvalidRecord
            As for :meth:`preview`.
        """
        return fixed_frame(explain_rows(open_table(path, mapping)), EXPLAIN_COLUMNS)

    def import_file(
        self,
        path: Path | str,
        mapping: Any = None,
        *,
        importer: str = "",
        progress: Callable[[int, int], None] | None = None,
        dry_run: bool = False,
    ) -> ImportOutcome:
        """Import an inventory file, keep the rows that were refused, and return what became of each.

        Parameters
        ----------
        path : path
            The file.
        mapping : path or mapping, optional
            A TOML file that says how columns become fields, or the same as a mapping; without one,
            columns bear the names of the register's fields.
        importer : str
            Who reads the file; by its ending when empty, and as CSV where the ending says nothing.
        progress : callable, optional
            Told ``(done, total)`` as rows are written.
        dry_run : bool
            True reports what would happen and writes nothing.

        Returns
        -------
        ImportOutcome
            Its refused rows hold the cells as they stand in the file.

        Raises
        ------
        InvalidRecord
            The file or the mapping cannot be read, or they do not fit; nothing was written.
        NotPermitted, PluginError, ProviderChoice
            As for `workspace.inventory.import_file`, which does the import.

        Notes
        -----
        Writes the core's events and ``RefusedRowsKept``. The same file, mapping and refused rows again
        are found, not doubled.
        """
        importer = importer or importer_for(path)
        ours = importer in IMPORTERS.values()
        table = open_table(path, mapping, importer) if ours else None
        outcome = self._workspace.inventory.import_file(
            path, mapping=mapping, importer=importer, dry_run=dry_run, progress=progress
        )
        if table is not None:
            outcome = replace(outcome, refused=_as_in_file(outcome, table))
        if not dry_run:
            self._record(outcome, _origin(table), _names(outcome, table))
        return outcome

    def record_run(self, outcome: ImportOutcome) -> ImportRun:
        """Keep the refused rows of an import that was made otherwise, and return the run on record.

        Raises
        ------
        NotPermitted
            The actor may not import.

        Notes
        -----
        Writes ``RefusedRowsKept``, unless the same outcome is on record.
        """
        return self._record(outcome, Origin(), {})

    def runs(self, *, as_of: date | int | None = None) -> Any:
        """Return the import runs on record, newest first, with the columns of `RUN_COLUMNS`.

        Parameters
        ----------
        as_of : date, datetime or int, optional
            A day (its end), an aware time, or the number of a checkpoint: the runs on record then.

        Raises
        ------
        InvalidRecord
            `as_of` names no time up to now.
        """
        with self._workspace.reading() as tx:
            found = read_runs(tx, moment(tx.connection, as_of, tx.now))
            return fixed_frame([asdict(run) for run in found], RUN_COLUMNS)

    def refused(self, run: str | None = None) -> Any:
        """Return why rows were refused, one line per problem, with the columns of `REFUSED_COLUMNS`.

        Parameters
        ----------
        run : str, optional
            The run; the newest one by default.

        Returns
        -------
        DataFrame
            `system_id` is the identifier the row would have got; `cells` its original cells by column.

        Raises
        ------
        RecordNotFound
            No run has this id.
        """
        with self._workspace.reading() as tx:
            rows = read_refused(tx, run)
        listed = [{**row, **asdict(p)} for row in rows for p in row["problems"]]
        return fixed_frame(listed, REFUSED_COLUMNS)

    def export_refused(self, path: Path | str, run: str | None = None) -> int:
        """Write refused rows as CSV, to be corrected and imported with the same mapping; return how many.

        The file says in ``aims_problems`` what to correct and in ``aims_id`` which system a row is,
        so that a corrected row does not take the place of another one with the same title. No cell
        is run as a formula by a spreadsheet; the import takes the added apostrophes off again.
        Written twice, it stays; a file that holds anything else is left alone.

        Parameters
        ----------
        path : path
            The file to write.
        run : str, optional
            The run; the newest one by default.

        Raises
        ------
        RecordNotFound
            No run has this id.
        InvalidRecord
            Another file lies there already, such as one that is being corrected.
        """
        with self._workspace.reading() as tx:
            return write_refused(tx, run, Path(path))

    def _record(self, outcome: ImportOutcome, origin: Origin, names: dict[int, str]) -> ImportRun:
        with self._workspace.writing() as tx:
            tx.require("import", f"keep the refused rows of {outcome.source}")
            return keep_run(tx, outcome, origin, names)


def _as_in_file(outcome: ImportOutcome, table: Table) -> tuple[RefusedRow, ...]:
    """Give refused rows their original cells: those the register refused come as drafted values."""
    cells = original_cells(table.source, {r.row for r in outcome.refused})
    return tuple(replace(r, cells=cells.get(r.row, r.cells)) for r in outcome.refused)


def _origin(table: Table | None) -> Origin:
    if table is None:
        return Origin()
    return Origin(
        source_digest=table.source.digest,
        mapping=table.mapping.name,
        mapping_digest=table.mapping.digest,
        delimiter=table.mapping.delimiter,
        encoding=table.mapping.encoding,
    )


def _names(outcome: ImportOutcome, table: Table | None) -> dict[int, str]:
    return identifiers(table) if table is not None and outcome.refused else {}
