"""Rows to DataFrames with fixed columns and types, also when there are none; the room with pandas."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from operator import itemgetter
from typing import Any

import pandas as pd

TEXT = "string"
WHOLE = "Int64"
NUMBER = "Float64"
YES_NO = "boolean"
TIME = "datetime64[us, UTC]"
_LONGEST_ROW = 16 * 2**20
"""Bytes of a row as CSV at most; a description may hold some 60,000 characters."""


def fixed_frame(rows: Iterable[Mapping[Any, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Return rows as a DataFrame with exactly these columns and types.

    Parameters
    ----------
    rows : iterable of mappings
        Values by column; a missing one becomes NA, further keys are left out.
    columns : mapping of str to str
        Type by column: ``string``, ``Int64``, ``Float64``, ``boolean`` or ``datetime64[us, UTC]``.
    """
    listed = list(rows)
    series = {
        name: pd.Series([_plain(row.get(name)) for row in listed], dtype=kind)
        for name, kind in columns.items()
    }
    return pd.DataFrame(series, columns=list(columns))


def stored_frame(
    portions: Iterable[Sequence[Sequence[Any]]], columns: Mapping[str, str], *, order: str
) -> pd.DataFrame:
    """Return very many rows, in the form in which they are stored, as a DataFrame with these columns.

    Parameters
    ----------
    portions : iterable of sequences of rows
        Rows by the hundred or thousand, with values in the order of `columns`; times as
        :func:`canonical.utc_text` spells them.
    columns : mapping of str to str
        Type by column: ``string``, ``Int64`` or ``datetime64[us, UTC]``.
    order : str
        The column of text by which the rows are sorted, code point by code point.
    """
    if not has_arrow():
        rows = [row for portion in portions for row in portion]
        rows.sort(key=itemgetter(list(columns).index(order)))
        values: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else [()] * len(columns)
        return _typed(dict(zip(columns, values, strict=True)), columns)
    import pyarrow as pa

    kinds = [pa.int64() if kind == WHOLE else pa.large_string() for kind in columns.values()]
    listed: list[list[Any]] = [[] for _ in columns]
    for portion in portions:
        for whole, kind, values in zip(listed, kinds, zip(*portion, strict=True), strict=True):
            whole.append(pa.array(values, kind))
    arrays = [pa.chunked_array(part, kind) for part, kind in zip(listed, kinds, strict=True)]
    return _sorted_frame(pa.table(arrays, names=list(columns)), columns, order)


def csv_frame(csv: Sequence[bytes], columns: Mapping[str, str], *, order: str) -> pd.DataFrame:
    """Return what PostgreSQL copied out as CSV as a DataFrame; see :func:`stored_frame`. It takes pyarrow.

    Parameters
    ----------
    csv : sequence of bytes
        One after the other they are the copy, without a line of names. What is empty and not in quotes is NA.
    """
    import pyarrow as pa
    from pyarrow import csv as reading

    if not csv:
        return stored_frame([], columns, order=order)
    kinds = {n: pa.int64() if kind == WHOLE else pa.large_string() for n, kind in columns.items()}
    made = reading.read_csv(
        pa.BufferReader(b"".join(csv)),
        read_options=reading.ReadOptions(column_names=list(columns), block_size=_LONGEST_ROW),
        parse_options=reading.ParseOptions(newlines_in_values=True),
        convert_options=reading.ConvertOptions(
            column_types=kinds,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return _sorted_frame(made, columns, order)


@cache
def has_arrow() -> bool:
    """Return whether pyarrow is installed, with which columns of text are made several times faster."""
    return find_spec("pyarrow") is not None


def _sorted_frame(made: Any, columns: Mapping[str, str], order: str) -> pd.DataFrame:
    import pyarrow as pa

    for place, (name, kind) in enumerate(columns.items()):
        if kind == TIME:
            time = made[name].cast(pa.timestamp("us", tz="UTC"))
            made = made.set_column(place, name, time)
    kinds = {pa.large_string(): pd.StringDtype(), pa.int64(): pd.Int64Dtype()}
    frame: pd.DataFrame = made.sort_by(order).to_pandas(types_mapper=kinds.get)
    return frame.astype(dict(columns))


def _typed(values: Mapping[str, Sequence[Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    series = {
        name: pd.Series(
            pd.to_datetime(list(values[name]), format="ISO8601", utc=True)
            if kind == TIME
            else list(values[name]),
            dtype=kind,
        )
        for name, kind in columns.items()
    }
    return pd.DataFrame(series, columns=list(columns))


def _plain(value: Any) -> Any:
    """Return enumerations as their text, so that cells show ``high`` and compare as text."""
    return str(value) if isinstance(value, str) else value
