"""Rows of a file on their way into the inventory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aims_core.records.problems import Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A row an importer could read: values by field of the register, and where it came from.

    `places` says by field in which cell of the source its value stands, such as ``C17``.
    """

    row: int
    values: Mapping[str, Any]
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedRow:
    """A row that could not be taken: its original cells are kept, with every problem found.

    `system_id` is the identifier it would have got, where one could be made.
    """

    row: int
    cells: Mapping[str, Any]
    problems: tuple[Problem, ...]
    system_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportBatch:
    """What an importer read from one source: drafts and refused rows add up to the rows read.

    `notes` says how it was read: the encoding and delimiter that were found, the sheet, the header's row.
    `cells` gives rows by number as they stand in the source, for rows that only the register refuses;
    without it, the values of their drafts are kept in place of their cells.
    """

    source: str
    source_digest: str
    drafts: tuple[Draft, ...]
    refused: tuple[RefusedRow, ...]
    notes: tuple[str, ...] = ()
    cells: Callable[[set[int]], Mapping[int, Mapping[str, Any]]] | None = field(
        default=None, compare=False, repr=False
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What would become of one system, or became of it.

    `kind` is ``new``, ``changed`` or ``unchanged``; `fields` holds (before, after) by field, with one
    entry ``attributes.NAME`` for each attribute; `revision` is the one it starts from, 0 when new.
    """

    system_id: str
    kind: str
    revision: int = 0
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    row: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportOutcome:
    """What became of an import; `registered + revised + unchanged + len(refused) == read`.

    A dry run fills `changes`, one per row that can be taken. `warnings` are about rows that were taken:
    a name that looks like another one, a stage that the register does not follow. `notes` says how
    the source was read. `refused_file` is where in the workspace the refused rows lie, to be corrected
    and imported alone; empty after a dry run and where none was refused.
    """

    source: str
    read: int
    registered: int
    revised: int
    unchanged: int
    refused: tuple[RefusedRow, ...]
    dry_run: bool = False
    changes: tuple[Change, ...] = ()
    warnings: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    refused_file: str = ""
