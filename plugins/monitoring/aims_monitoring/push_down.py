"""Profiles counted inside a database: one grouped query for each column, none for a row.

Counts are those of the embedded engine, bit for bit; sums are equal up to the rounding of their additions.
Wherever the database might read a value otherwise, nothing is pushed down and the rows are streamed instead.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from aims_monitoring import sql_bins
from aims_monitoring.classes import class_text
from aims_monitoring.columns import CategoryColumn, Column, NumericColumn
from aims_monitoring.cube import Cube
from aims_monitoring.kinds import NUMBER, TEXT
from aims_monitoring.layout import CategoryPlan, Layout, NumericPlan
from aims_monitoring.profile import Profile
from aims_monitoring.schema import Schema
from aims_monitoring.sql_ids import count_ids
from aims_monitoring.sql_source import SqlSource
from aims_monitoring.windows import Window, window_at

_EPSILON = 2.220446049250313e-16
_DIALECTS = ("sqlite", "postgresql")
_CODES = (sa.Boolean, sa.Integer, sa.Float, sa.String)
_QUANTITIES = (sa.Integer, sa.Float, sa.Numeric)


def count_in_database(
    source: SqlSource, layout: Layout, length: str | None, *, ids: bool = False
) -> dict[Window | None, Profile] | None:
    """Return the profile of each window, or None where the rows have to be read instead.

    Parameters
    ----------
    length : str, optional
        Length of the windows; without it there is one profile, under None.
    ids : bool
        Whether ids are counted as well: they are read row by row, and nothing but they and their window.
    """
    if not _can_be_pushed(source, layout, length):
        return None
    counting = _Counting(source, layout, length, ids=ids)
    try:
        return counting.profiles()
    except sa.exc.DBAPIError:
        # An overflow or a function that this database lacks; reading the rows tells which.
        return None


class _Counting:
    """The queries of one pass, each grouped by window first."""

    def __init__(self, source: SqlSource, layout: Layout, length: str | None, *, ids: bool) -> None:
        self._source = source
        self._dialect = source.engine.dialect.name
        self._layout = layout
        self._length = length
        self._found: dict[int, Profile] = defaultdict(lambda: Profile.empty(layout, ids=ids))
        self._ids = ids

    def profiles(self) -> dict[Window | None, Profile]:
        """Ask each query and return the profiles."""
        for window, rows in self._grouped({}, [sa.func.count()]):
            self._found[window].rows = rows
        for name, column in Profile.empty(self._layout).columns.items():
            self._column(name, column)
        for place, cube in enumerate(Profile.empty(self._layout).cubes):
            self._cube(place, cube)
        schema = self._layout.schema
        if schema.score:
            self._scores(schema)
        if Profile.empty(self._layout).residuals is not None:
            self._residuals(schema)
        if self._ids:
            count_ids(self._source, self._start(), schema.id, self._found)
        if self._length is None:
            return {None: self._found[0]}
        known = {window_at(start, self._length): p for start, p in self._found.items()}
        return {window: known[window] for window in sorted(known)}

    def _grouped(
        self, keys: Mapping[str, Any], sums: list[Any], chosen: list[Any] | None = None
    ) -> list[Any]:
        """Return counts and sums by window and keys; keys are worked out once, below the grouping."""
        inner = sa.select(self._start().label("start"), *(k.label(n) for n, k in keys.items()))
        inner = inner.add_columns(*(c for c in chosen or []))
        below = inner.select_from(self._source.table).subquery("keyed")
        by = [below.columns["start"], *(below.columns[name] for name in keys)]
        asked = [part(below.columns) if callable(part) else part for part in sums]
        return self._source.answer(sa.select(*by, *asked).group_by(*by))

    def _start(self) -> Any:
        if self._length is None:
            return sa.literal_column("0")
        time = self._read(self._layout.schema.time)
        return sql_bins.window_start(time, self._length, self._dialect)

    def _read(self, name: str) -> Any:
        return self._source.read(self._source.table.columns[name])

    def _code(self, name: str) -> Any:
        if name not in self._source.names:
            return sa.literal_column("NULL")
        column = self._source.table.columns[name]
        if isinstance(column.type, sa.String):
            # Other collations take different texts for the same.
            return sa.collate(column, "BINARY" if self._dialect == "sqlite" else "C")
        return self._source.read(column)

    def _column(self, name: str, empty: Column) -> None:
        if name not in self._source.names:
            for profile in self._found.values():
                self._missing_throughout(profile, name)
        elif isinstance(empty, NumericColumn):
            self._numeric(name, empty.plan)
        elif isinstance(empty, CategoryColumn):
            is_text = isinstance(self._source.table.columns[name].type, sa.String)
            found: dict[int, dict[str | None, int]] = defaultdict(dict)
            for window, value, count in self._grouped({"v": self._code(name)}, [sa.func.count()]):
                text = class_text(value)
                found[window][text] = found[window].get(text, 0) + count
            for window, counts in found.items():
                column: Any = self._found[window].columns[name]
                column.add_counts(counts, TEXT if is_text else NUMBER)
        else:
            known = self._source.table.columns[name]
            told = [lambda c: sa.func.count(c.v)]
            for window, held in self._grouped({}, [*told], [known.label("v")]):
                skipped: Any = self._found[window].columns[name]
                skipped.unreadable += held
                skipped.missing += self._found[window].rows - held

    @staticmethod
    def _missing_throughout(profile: Profile, name: str) -> None:
        column: Any = profile.columns[name]
        column.missing += profile.rows

    def _numeric(self, name: str, plan: NumericPlan) -> None:
        value = sa.cast(self._read(name), sa.Double)
        place = sql_bins.bin_of(value, plan.edges.tolist(), self._dialect)
        sums: list[Callable[[Any], Any]] = [
            lambda _: sa.func.count(),
            lambda c: sa.func.min(c.x),
            lambda c: sa.func.max(c.x),
            lambda c: sa.func.sum(c.x - sql_bins.double(plan.shift)),
            lambda c: sa.func.sum(
                (c.x - sql_bins.double(plan.shift)) * (c.x - sql_bins.double(plan.shift))
            ),
        ]
        finite = sql_bins.finite(value, self._dialect).label("x")
        for window, at, *found in self._grouped({"place": place}, [*sums], [finite]):
            column: Any = self._found[window].columns[name]
            column.add_bin(at, *found)

    def _cube(self, place: int, cube: Cube) -> None:
        keys = {f"a{i}": self._code(name) for i, name in enumerate(cube.axes)}
        found: dict[int, dict[tuple[str | None, ...], int]] = defaultdict(dict)
        for window, *values, count in self._grouped(keys, [sa.func.count()]):
            cell = tuple(class_text(value) for value in values)
            found[window][cell] = found[window].get(cell, 0) + count
        for window, cells in found.items():
            here = self._found[window].cubes[place]
            here.rows += sum(cells.values())
            here.add_cells(cells)

    def _scores(self, schema: Schema) -> None:
        score = sa.cast(self._read(schema.score), sa.Double)
        place = sql_bins.score_bin(score, self._layout.score_bins, self._dialect)
        # Not by the place: a database works out anew what is named twice.
        safe = sa.case(
            (sql_bins.is_no_score(score), None),
            (score < sql_bins.double(_EPSILON), sql_bins.double(_EPSILON)),
            (score > sql_bins.double(1 - _EPSILON), sql_bins.double(1 - _EPSILON)),
            else_=score,
        )
        keys = {
            "place": place,
            "label": self._code(schema.label),
            "prediction": self._code(schema.prediction),
        }
        sums: list[Callable[[Any], Any]] = [
            lambda _: sa.func.count(),
            lambda c: sa.func.sum(c.s),
            lambda c: sa.func.sum(c.s * c.s),
            lambda c: sa.func.sum(sa.func.ln(sql_bins.double(1) - c.safe)),
            lambda c: sa.func.sum(sa.func.ln(c.safe)),
        ]
        chosen = [score.label("s"), safe.label("safe")]
        for window, at, label, prediction, *found in self._grouped(keys, [*sums], chosen):
            profile = self._found[window]
            outcome, guess = (
                None if (text := class_text(value)) is None else text == schema.positive
                for value in (label, prediction)
            )
            assert profile.score is not None  # noqa: S101 - a schema with a score has sums of it
            assert profile.histogram is not None  # noqa: S101 - same
            count, total, squares, *logs = found
            profile.score.add_sums(
                usable=at >= 0, outcome=outcome, count=count, total=total, squares=squares
            )
            profile.histogram.add_bin(at, (outcome, guess), count, total, *logs)

    def _residuals(self, schema: Schema) -> None:
        true, read = (
            sql_bins.finite(sa.cast(self._read(name), sa.Double), self._dialect)
            for name in (schema.label, schema.prediction)
        )
        plan = self._layout.columns[schema.label]
        shift = plan.shift if isinstance(plan, NumericPlan) else 0.0
        error = read - true
        moved = sa.case((error.is_not(None), true - sql_bins.double(shift)))
        sums: list[Callable[[Any], Any]] = [
            lambda _: sa.func.count(),
            lambda c: sa.func.count(c.e),
            lambda c: sa.func.sum(c.e),
            lambda c: sa.func.sum(sa.func.abs(c.e)),
            lambda c: sa.func.sum(c.e * c.e),
            lambda c: sa.func.sum(c.e * c.e * (c.e * c.e)),
            lambda c: sa.func.sum(c.m),
            lambda c: sa.func.sum(c.m * c.m),
        ]
        for window, rows, n, *found in self._grouped(
            {}, [*sums], [error.label("e"), moved.label("m")]
        ):
            residuals: Any = self._found[window].residuals
            residuals.add_sums(rows, n, shift, found)


def _can_be_pushed(source: SqlSource, layout: Layout, length: str | None) -> bool:
    if source.engine.dialect.name not in _DIALECTS:
        return False
    schema = layout.schema
    if schema.task == "regression" and not {schema.label, schema.prediction} <= {*source.names, ""}:
        return False
    if not all(_fits(source, layout, name) for name in layout.columns if name in source.names):
        return False
    if length is not None and not _times_are_alike(source, schema.time):
        return False
    if schema.zone not in ("", "UTC") and length not in (None, "hour"):
        # Databases know other zones, or other dates of their changes.
        return False
    return source.engine.dialect.name != "sqlite" or _types_are_kept(source, layout)


def _fits(source: SqlSource, layout: Layout, name: str) -> bool:
    """Return whether a column's type is read alike by the database and by the embedded engine."""
    schema, kind = layout.schema, source.table.columns[name].type
    coded = schema.task != "regression" and name in (
        schema.label,
        schema.prediction,
        *schema.group,
    )
    plan = layout.columns[name]
    if (isinstance(plan, CategoryPlan) or coded) and not isinstance(kind, _CODES):
        return False
    if isinstance(plan, NumericPlan) and plan.origin:
        # Beyond 2**53 a database's double no longer tells whole numbers apart.
        return False
    counted = isinstance(plan, NumericPlan) or name == schema.score
    return isinstance(kind, _QUANTITIES) or not counted


def _times_are_alike(source: SqlSource, name: str) -> bool:
    column = source.table.columns[name]
    if source.engine.dialect.name == "postgresql":
        return isinstance(column.type, sa.DateTime)
    odd = sql_bins.unreadable_time(sa.type_coerce(column, sa.String))
    query = sa.select(sa.func.count()).select_from(source.table).where(odd)
    return not source.answer(query)[0][0]


def _types_are_kept(source: SqlSource, layout: Layout) -> bool:
    """Return whether SQLite, which takes any value in any column, holds what the types say."""
    wrong: list[Any] = []
    for name in layout.columns:
        if name not in source.names:
            continue
        column = source.table.columns[name]
        held = ("text",) if isinstance(column.type, sa.String) else ("integer", "real")
        if isinstance(column.type, sa.Integer | sa.Boolean):
            held = ("integer",)
        kind = sa.func.typeof(sa.type_coerce(column, sa.types.NullType()))
        wrong.append(sa.func.count(sa.case((kind.not_in([*held, "null"]), 1))))
    query: sa.Select[Any] = sa.select(*wrong).select_from(source.table)
    return not wrong or not any(source.answer(query)[0])
