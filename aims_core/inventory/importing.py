"""An import from beginning to end: read, plan, and write by the thousand, each whole or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from aims_core import trigrams
from aims_core.events import ImportStarted, SystemsImported
from aims_core.frames import TEXT, WHOLE, fixed_frame
from aims_core.garbage import cycles_later
from aims_core.inventory.bulk import write_portion
from aims_core.inventory.intake import ReadFile, read_file, sort_out
from aims_core.inventory.planning import Sorted, changes, classify, portions, warnings
from aims_core.inventory.refused_rows import keep_refused, with_original_cells
from aims_core.plugin_host import Desk
from aims_core.records import Change, ImportOutcome, RefusedRow
from aims_core.store import Transaction

COLUMNS = {
    "row": WHOLE,
    "what": TEXT,
    "system_id": TEXT,
    "field": TEXT,
    "before": TEXT,
    "after": TEXT,
    "cell": TEXT,
    "reason": TEXT,
    "remedy": TEXT,
}
Progress = Callable[[int, int], None]
_SHOWN = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file to import, how its columns are named, and who is to read it."""

    path: Path
    mapping: Any = None
    importer: str = ""

    @property
    def asked(self) -> str:
        """What is asked, as messages say it."""
        return f"import {self.path.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedFile(ImportOutcome):
    """What became of an import, or would become of it."""

    def frame(self) -> Any:
        """Return one line per changed field, refused field and warning, as a DataFrame.

        Returns
        -------
        DataFrame
            Columns of :data:`COLUMNS`; `what` is ``new``, ``changed``, ``unchanged``, ``refused`` or
            ``warning``. The first three are there after a dry run.
        """
        rows = [*change_rows(self.changes), *_problem_rows(self)]
        return fixed_frame(sorted(rows, key=lambda r: int(r["row"] or 0)), COLUMNS)

    def _repr_html_(self) -> str:
        words = f"{self.source}: {self.read} rows read, {figures(self)}."
        rows = "".join(
            f"<tr><td>{escape(str(p.row))}</td><td>{escape(p.field)}</td>"
            f"<td>{escape(p.reason)}</td><td>{escape(p.remedy)}</td></tr>"
            for r in self.refused[:_SHOWN]
            for p in r.problems
        )
        table = f"<table><tr><th>Row</th><th>Field</th><th>Why</th><th>What helps</th></tr>{rows}</table>"
        return f"<p>{escape(words)}</p>{table if rows else ''}"


def figures(outcome: ImportOutcome) -> str:
    """Return the figures of an import in words."""
    done = "would be registered" if outcome.dry_run else "registered"
    return (
        f"{outcome.registered} {done}, {outcome.revised} revised, "
        f"{outcome.unchanged} unchanged, {len(outcome.refused)} refused"
    )


def change_rows(listed: Sequence[Change]) -> list[dict[str, Any]]:
    """Return one line per field of each change, and one for a system that stays as it is."""
    rows = []
    for change in listed:
        about = {"row": change.row, "what": change.kind, "system_id": change.system_id}
        rows += [
            {**about, "field": name, "before": _text(before), "after": _text(after)}
            for name, (before, after) in change.fields.items()
        ] or [about]
    return rows


def import_file(
    desk: Desk, source: Source, *, dry_run: bool = False, progress: Progress | None = None
) -> ImportedFile:
    """Import a file as :meth:`Inventory.import_file` says."""
    if dry_run:
        with desk.reading() as tx:
            tx.require("import", source.asked)
            read = read_file(desk.host, source.path, source.mapping, source.importer)
            return _planned(tx, desk, read)
    with desk.writing() as tx:
        tx.require("import", source.asked)
    with cycles_later():
        return _imported(desk, source, progress)


def _imported(desk: Desk, source: Source, progress: Progress | None) -> ImportedFile:
    read = read_file(desk.host, source.path, source.mapping, source.importer)
    with desk.reading() as tx:
        sound, refused = sort_out(tx, read.batch.drafts, desk.machine)
        found = classify(tx, sound, desk.machine)
        told = tuple(warnings(tx, found))
    # Before anything is written: an importer that fails here stops the import whole.
    named = with_original_cells([*read.batch.refused, *refused, *found.refused], read.batch)
    run = _Run(desk, source, read, list(named), progress)
    run.unchanged = len(found.unchanged)
    run.write([*found.new, *found.changed])
    return run.outcome(told)


class _Run:
    """The writing half of an import: what was done so far, and the transactions that do the rest."""

    def __init__(
        self,
        desk: Desk,
        source: Source,
        read: ReadFile,
        refused: list[RefusedRow],
        progress: Progress | None,
    ) -> None:
        self._desk, self._source, self._read, self._progress = desk, source, read, progress
        self.refused = refused
        self.registered = self.revised = self.unchanged = 0

    def write(self, drafts: Sequence[dict[str, Any]]) -> None:
        """Write drafts by the thousand; the last thousand and the record of the run are one transaction."""
        parts = list(portions(drafts))
        for place, part in enumerate(parts):
            with self._desk.writing() as tx:
                tx.require("import", self._source.asked)
                if place == 0 and len(parts) > 1:
                    tx.record(ImportStarted(**self._origin(), read=self._total))
                # Looked at again under lock: somebody may have changed a system since it was planned.
                found = classify(tx, part, self._desk.machine, lock=True)
                if place < len(parts) - 1:
                    trigrams.expect_many(tx.connection)
                write_portion(tx, found)
                self._count(found)
                if place == len(parts) - 1:
                    self._finish(tx)
            if self._progress is not None:
                done = sum(len(p) for p in parts[: place + 1])
                self._progress(done, len(drafts))
        if not parts and self.refused:
            with self._desk.writing() as tx:
                tx.require("import", self._source.asked)
                self._finish(tx)

    def outcome(self, told: Sequence[Any]) -> ImportedFile:
        """Return what became of every row; those that were refused lie in a file of the workspace."""
        batch = self._read.batch
        refused = tuple(sorted(self.refused, key=lambda r: r.row))
        kept, failed = keep_refused(self._desk.settings.folder, batch.source, refused)
        return ImportedFile(
            source=batch.source,
            read=self._total,
            registered=self.registered,
            revised=self.revised,
            unchanged=self.unchanged,
            refused=refused,
            warnings=tuple(told),
            notes=(*batch.notes, failed) if failed else batch.notes,
            refused_file=kept,
        )

    @property
    def _total(self) -> int:
        return len(self._read.batch.drafts) + len(self._read.batch.refused)

    def _origin(self) -> dict[str, str]:
        batch = self._read.batch
        return {
            "source": batch.source,
            "source_digest": batch.source_digest,
            "importer": self._read.importer,
        }

    def _count(self, found: Sorted) -> None:
        self.registered += len(found.new)
        self.revised += len(found.changed)
        self.unchanged += len(found.unchanged)
        self.refused += found.refused

    def _finish(self, tx: Transaction) -> None:
        tx.record(
            SystemsImported(
                **self._origin(),
                read=self._total,
                registered=self.registered,
                revised=self.revised,
                unchanged=self.unchanged,
                refused=len(self.refused),
            )
        )


def _planned(tx: Transaction, desk: Desk, read: ReadFile) -> ImportedFile:
    batch = read.batch
    sound, refused = sort_out(tx, batch.drafts, desk.machine)
    found = classify(tx, sound, desk.machine)
    return ImportedFile(
        source=batch.source,
        read=len(batch.drafts) + len(batch.refused),
        registered=len(found.new),
        revised=len(found.changed),
        unchanged=len(found.unchanged),
        refused=with_original_cells([*batch.refused, *refused, *found.refused], batch),
        dry_run=True,
        changes=tuple(sorted(changes(tx, found), key=lambda c: c.row or 0)),
        warnings=tuple(warnings(tx, found)),
        notes=batch.notes,
    )


def _problem_rows(outcome: ImportOutcome) -> list[dict[str, Any]]:
    refused = [("refused", r.row, p) for r in outcome.refused for p in r.problems]
    told = [("warning", p.row, p) for p in outcome.warnings]
    return [
        {
            "row": row,
            "what": what,
            "field": p.field,
            "after": p.value,
            "cell": p.cell,
            "reason": p.reason,
            "remedy": p.remedy,
        }
        for what, row, p in (*refused, *told)
    ]


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    from aims_core.canonical import canonical_json

    return canonical_json(value)
