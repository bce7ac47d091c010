"""Expressions that put the values of a column into bins and windows inside a database."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from aims_monitoring.columns import MINUS_INFINITY, MISSING, PLUS_INFINITY
from aims_monitoring.score_bins import SCALE, Piece, ScoreBins

UNDATED = -(2**63)
"""Start of the window of rows without a readable time, in microseconds."""

Expression = sa.ColumnElement[Any]
_DAY = 86_400
_FIRST, _LAST = "0002-01-01", "9998-12-31"


def double(value: float) -> Expression:
    """Return a number as a literal that stands for the very same double on every database."""
    return sa.cast(sa.literal_column(repr(float(value))), sa.Double)


def bin_of(value: Expression, edges: Sequence[float], dialect: str) -> Expression:
    """Return the bin of a value between right-closed edges, as a balanced tree of CASE.

    NULL and NaN come first: in a CASE they would fall into the last arm (PostgreSQL holds NaN
    greater than everything).
    """
    missing, minus, plus = _odd(value, dialect)
    return sa.case(
        (missing, MISSING),
        (minus, MINUS_INFINITY),
        (plus, PLUS_INFINITY),
        else_=_tree(value, edges, 0, len(edges)),
    )


def finite(value: Expression, dialect: str) -> Expression:
    """Return a value, NULL where it is missing or infinite: an infinity would spoil a sum."""
    return sa.case((sa.or_(*_odd(value, dialect)), None), else_=value)


def score_bin(value: Expression, bins: ScoreBins, dialect: str) -> Expression:
    """Return the bin of a score from 0 to 1, or `MISSING` when it is not between."""
    scaled = value * double(SCALE)
    return sa.case(
        (is_no_score(value), MISSING),
        (scaled >= double(SCALE), bins.size - 1),
        else_=_piece_tree(scaled, bins.pieces, dialect),
    )


def is_no_score(value: Expression) -> Expression:
    """Return whether a value is missing or not from 0 to 1."""
    return sa.or_(value.is_(None), sa.not_(sa.and_(value >= double(0), value <= double(1))))


def window_start(time: Expression, length: str, dialect: str) -> Expression:
    """Return the start of a row's window in microseconds since 1970 in UTC, or `UNDATED`."""
    if dialect == "sqlite":
        seconds = _sqlite_start(sa.func.substr(time, 1, 19), length)
        return sa.case((time.is_(None), UNDATED), else_=seconds * 1_000_000)
    utc = sa.func.timezone("UTC", time) if getattr(time.type, "timezone", False) else time
    readable = sa.and_(
        utc >= sa.literal_column(f"'{_FIRST}'"), utc < sa.literal_column(f"'{_LAST}'")
    )
    whole = sa.cast(_epoch(utc, length), sa.BigInteger) * 1_000_000
    return sa.case((readable, whole), else_=sa.literal_column(f"({UNDATED + 1} - 1)::bigint"))


def unreadable_time(time: Expression) -> Expression:
    """Return whether SQLite and Python might read a text as different times."""
    day, rest = sa.func.substr(time, 1, 10), sa.func.substr(time, 20)
    plain = sa.func.replace(sa.func.rtrim(rest, "Z"), "+00:00", "")
    good = sa.and_(
        sa.func.typeof(time) == "text",
        time.op("GLOB")("[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]*"),
        sa.func.date(day) == day,
        sa.func.strftime("%s", sa.func.substr(time, 1, 19)).is_not(None),
        sa.or_(sa.func.length(time) == 10, sa.func.length(time) >= 19),  # noqa: PLR2004 - widths of dates
        sa.not_(plain.op("GLOB")("*[^0-9.]*")),
        # Before 1970 the whole part of a division lies on the other side.
        time >= "1970-01-02",
        time < _LAST,
    )
    return sa.and_(time.is_not(None), sa.not_(sa.func.coalesce(good, sa.false())))


def _odd(value: Expression, dialect: str) -> tuple[Expression, Expression, Expression]:
    if dialect != "postgresql":
        plus: Expression = sa.literal_column("9e999")
        minus: Expression = sa.literal_column("-9e999")
        return value.is_(None), value == minus, value == plus
    missing = sa.or_(value.is_(None), value == _text_double("NaN"))
    return missing, value == _text_double("-Infinity"), value == _text_double("Infinity")


def _tree(value: Expression, edges: Sequence[float], low: int, high: int) -> Expression:
    if low == high:
        return sa.literal_column(str(low))
    middle = (low + high) // 2
    return sa.case(
        (value <= double(edges[middle]), _tree(value, edges, low, middle)),
        else_=_tree(value, edges, middle + 1, high),
    )


def _piece_tree(scaled: Expression, pieces: Sequence[Piece], dialect: str) -> Expression:
    if len(pieces) > 1:
        middle = len(pieces) // 2
        return sa.case(
            (
                scaled < double(pieces[middle].start),
                _piece_tree(scaled, pieces[:middle], dialect),
            ),
            else_=_piece_tree(scaled, pieces[middle:], dialect),
        )
    (piece,) = pieces
    first: Expression = sa.literal_column(str(piece.first))
    if not piece.rate:
        return first
    # Neither the difference nor the product with a power of two is rounded.
    steps = (scaled - double(piece.start)) * double(piece.rate)
    whole = sa.func.floor(steps) if dialect == "postgresql" else steps
    return first + sa.cast(whole, sa.Integer)


def _text_double(text: str) -> Expression:
    return sa.literal_column(f"'{text}'::double precision")


def _epoch(utc: Expression, length: str) -> Expression:
    return sa.extract("epoch", sa.func.date_trunc(length, utc))


def _sqlite_start(text: Expression, length: str) -> Expression:
    def seconds(*modifiers: Any) -> Expression:
        return sa.cast(sa.func.strftime("%s", text, *modifiers), sa.Integer)

    def floored(step: int, shift: int = 0) -> Expression:
        return (seconds() + shift) // step * step - shift

    month = sa.cast(sa.func.strftime("%m", text), sa.Integer)
    back = sa.literal("-").concat(sa.cast((month - 1) % 3, sa.String)).concat(" months")
    ways: dict[str, Expression] = {
        "hour": floored(3_600),
        "day": floored(_DAY),
        # The first of January 1970 was a Thursday.
        "week": floored(7 * _DAY, 3 * _DAY),
        "month": seconds("start of month"),
        "quarter": seconds("start of month", back),
        "year": seconds("start of year"),
    }
    return ways[length]
