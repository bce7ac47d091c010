"""Rows to DataFrames with fixed columns and types, also when there are none; the room with pandas."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from aims_core.garbage import cycles_later

TEXT = "string"
WHOLE = "Int64"
NUMBER = "Float64"
YES_NO = "boolean"
TIME = "datetime64[us, UTC]"


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


def column_frame(rows: Iterable[Sequence[Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Return rows of a query as a DataFrame with exactly these columns and types, column by column.

    Made for very many rows: a row is no mapping and its values are taken as the database gives them.

    Parameters
    ----------
    rows : iterable of sequences
        Values in the order of `columns`.
    columns : mapping of str to str
        As for :func:`fixed_frame`.
    """
    with cycles_later():
        values = list(zip(*rows, strict=True)) or [()] * len(columns)
        series = {
            name: pd.Series(list(column), dtype=kind)
            for (name, kind), column in zip(columns.items(), values, strict=True)
        }
    return pd.DataFrame(series, columns=list(columns))


def _plain(value: Any) -> Any:
    """Return enumerations as their text, so that cells show ``high`` and compare as text."""
    return str(value) if isinstance(value, str) else value
