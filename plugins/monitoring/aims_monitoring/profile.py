"""One mergeable profile per window: the sufficient statistics every metric is derived from.

A profile is what is stored; no metric ever scans the data again, and profiles of two days, two
partitions or two machines add up to the profile of both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from aims_core import digest
from aims_monitoring.columns import CategoryColumn, Column, NumericColumn, empty_column, read_column
from aims_monitoring.cube import Cube, ScoreSums
from aims_monitoring.ids import IdCounts
from aims_monitoring.kinds import kind_of
from aims_monitoring.layout import Layout
from aims_monitoring.reading import Reading
from aims_monitoring.residuals import Residuals
from aims_monitoring.schema import Schema
from aims_monitoring.scores import ScoreHistogram
from aims_monitoring.source import Source

VERSION = 3
"""Version of the stored form of profiles.

Version 1 had neither score histogram nor residuals; until version 2 the sums of bins were those of the
values, not of their distances from the shift.
"""


@dataclass(slots=True)
class Profile:
    """Statistics of some rows of a prediction log, within the fixed frame of a layout.

    `cubes` holds the confusion counts, and where groups are declared the same by group; `score` and
    `histogram` are None when the log has no score, `residuals` unless quantities are predicted, `ids` unless
    somebody asked for them.
    """

    layout: Layout
    rows: int
    columns: dict[str, Column]
    cubes: tuple[Cube, ...]
    score: ScoreSums | None
    histogram: ScoreHistogram | None = None
    residuals: Residuals | None = None
    ids: IdCounts | None = None

    @classmethod
    def empty(cls, layout: Layout, *, ids: bool = False) -> Self:
        """Return the profile of no rows; `ids` says whether ids are to be counted as well."""
        schema = layout.schema
        columns = {name: empty_column(plan) for name, plan in layout.columns.items()}
        cubes = tuple(Cube(axes) for axes in _axes(schema))
        measured = schema.task == "regression" and schema.label and schema.prediction
        return cls(
            layout,
            0,
            columns,
            cubes,
            ScoreSums() if schema.score else None,
            ScoreHistogram.empty(layout.score_bins) if schema.score else None,
            Residuals() if measured else None,
            IdCounts() if ids else None,
        )

    def add(self, table: Any) -> None:
        """Count the rows of an Arrow table in."""
        self.rows += len(table)
        schema, reading = self.layout.schema, Reading(table)
        shared = {schema.label, schema.prediction, schema.score, *schema.group}
        for name, column in self.columns.items():
            if name in shared:
                _add_shared(column, reading, name)
            else:
                column.add(table[name])
        self._add_cells(reading)
        if self.score is not None:
            self.score.add(
                reading, score=schema.score, label=schema.label, positive=schema.positive
            )
        if self.histogram is not None:
            self.histogram.add(
                reading,
                score=schema.score,
                label=schema.label,
                prediction=schema.prediction,
                positive=schema.positive,
            )
        if self.residuals is not None:
            self.residuals.add(reading, label=schema.label, prediction=schema.prediction)
        if self.ids is not None:
            _add_ids(self.ids, table, schema.id)

    def _add_cells(self, reading: Reading) -> None:
        *narrower, widest = self.cubes or (None,)
        cells = None if widest is None else widest.add(reading)
        for cube in narrower:
            if cells is None:
                cube.add(reading)
            else:
                cube.add_margin(cells, len(reading))

    def merge(self, other: Self) -> Self:
        """Return the profile of both parts.

        Counts are exactly those of one scan over all rows; sums are equal up to the rounding of
        their additions.

        Raises
        ------
        ValueError
            The profiles have different layouts, so their bins mean different things.
        """
        if self.layout.digest != other.layout.digest:
            raise ValueError("profiles with different layouts cannot be merged; fit one layout")
        return type(self)(
            self.layout,
            self.rows + other.rows,
            {name: _merged(column, other.columns[name]) for name, column in self.columns.items()},
            tuple(a.merge(b) for a, b in zip(self.cubes, other.cubes, strict=True)),
            _added(self.score, other.score),
            _added(self.histogram, other.histogram),
            _added(self.residuals, other.residuals),
            _added(self.ids, other.ids),
        )

    @property
    def confusion(self) -> Cube | None:
        """Counts by label and prediction, or None when the log has no prediction or label."""
        return self.cubes[0] if self.cubes else None

    def adds_up(self) -> bool:
        """Return whether every part of the profile accounts for every row."""
        seen = [column.rows for column in self.columns.values()]
        seen += [cube.rows for cube in self.cubes]
        if self.score is not None:
            seen.append(int(self.score.counts.sum()) + self.score.left_out)
        seen += [
            part.rows for part in (self.histogram, self.residuals, self.ids) if part is not None
        ]
        return all(rows == self.rows for rows in seen)

    @property
    def digest(self) -> str:
        """SHA-256 of the profile's JSON form."""
        return digest(self.content())

    def content(self) -> dict[str, Any]:
        """Return the profile in its JSON form; the layout is named by its digest."""
        # Left out where nobody asked, so that profiles of before there were ids keep their digest.
        counted = {} if self.ids is None else {"ids": self.ids.content()}
        return {
            "version": VERSION,
            "layout": self.layout.digest,
            "rows": self.rows,
            "columns": {name: column.content() for name, column in self.columns.items()},
            "cubes": [cube.content() for cube in self.cubes],
            "score": None if self.score is None else self.score.content(),
            "histogram": None if self.histogram is None else self.histogram.content(),
            "residuals": None if self.residuals is None else self.residuals.content(),
            **counted,
        }

    @classmethod
    def read(cls, layout: Layout, content: Mapping[str, Any]) -> Self:
        """Return the profile that `content` gave back.

        Raises
        ------
        ValueError
            The content belongs to another layout or was written by a newer version.
        """
        if content["version"] not in {1, 2, VERSION} or content["layout"] != layout.digest:
            raise ValueError(
                f"profile of version {content['version']} and layout {content['layout'][:12]} "
                f"does not fit version {VERSION} and layout {layout.digest[:12]}"
            )
        score, histogram = content["score"], content.get("histogram")
        residuals, ids = content.get("residuals"), content.get("ids")
        columns = {n: read_column(p, content["columns"][n]) for n, p in layout.columns.items()}
        if content["version"] != VERSION:
            for column in columns.values():
                if isinstance(column, NumericColumn):
                    column.sums -= column.counts * column.plan.shift
        return cls(
            layout,
            content["rows"],
            columns,
            tuple(Cube.read(cube) for cube in content["cubes"]),
            None if score is None else ScoreSums.read(score),
            None if histogram is None else ScoreHistogram.read(histogram, layout.score_bins),
            None if residuals is None else Residuals.read(residuals),
            None if ids is None else IdCounts.read(ids),
        )


def profile_source(source: Source, layout: Layout, *, ids: bool = False) -> Profile:
    """Return the profile of all rows of a source, with counts of their ids where asked for."""
    profile, schema = Profile.empty(layout, ids=ids), layout.schema
    wanted = dict.fromkeys((*schema.profiled, schema.id if ids else ""))
    for table in source.pieces([c for c in wanted if c and c in source.names]):
        profile.add(with_label(table, layout.schema))
    return profile


def _add_shared(column: Column, reading: Reading, name: str) -> None:
    """Count a column in that several statistics need, by what was read of it."""
    if isinstance(column, CategoryColumn):
        column.add_codes(reading.codes(name), kind_of(reading[name].type))
    elif isinstance(column, NumericColumn):
        column.add(reading[name], reading.span(name))
    else:
        column.add(reading[name])


def _add_ids(ids: IdCounts, table: Any, name: str) -> None:
    if name in table.column_names:
        ids.add(table[name])
    else:
        ids.add_missing(len(table))


def with_label(table: Any, schema: Schema) -> Any:
    """Return the table with the label column, all missing where it has not come in yet."""
    import pyarrow as pa

    if not schema.label or schema.label in table.column_names:
        return table
    return table.append_column(schema.label, pa.nulls(len(table)))


def _axes(schema: Schema) -> tuple[tuple[str, ...], ...]:
    if not (schema.label and schema.prediction) or schema.task == "regression":
        return ()
    pair = (schema.label, schema.prediction)
    return (pair, (*schema.group, *pair)) if schema.group else (pair,)


def _added(a: Any, b: Any) -> Any:
    # A profile of version 1 lacks what the other holds; the sum then lacks it too.
    return None if a is None or b is None else a.merge(b)


def _merged(a: Column, b: Any) -> Column:
    # Both come from the same plan, so they are of the same kind.
    return a.merge(b)
