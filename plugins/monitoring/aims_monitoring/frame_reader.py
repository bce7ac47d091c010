"""Reading pandas frames column by column, so that one odd column does not cost the others."""

from typing import Any

import pyarrow as pa


def table_of_frame(frame: Any) -> Any:
    """Return a pandas frame as an Arrow table; the index is left out.

    A column of mixed types comes as text; a name that is no text is written as text.
    """
    names = [str(name) for name in frame.columns]
    return pa.Table.from_arrays([_array(frame.iloc[:, i]) for i in range(len(names))], names)


def _array(series: Any) -> Any:
    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError, ValueError):
        missing = series.isna().tolist()
        array = pa.array(
            [None if gone else _text(v) for v, gone in zip(series, missing, strict=True)],
            pa.string(),
        )
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _text(value: Any) -> str:
    # A lone surrogate has no UTF-8 form and would stop the whole column.
    return str(value).encode("utf-8", "replace").decode()


def array_of_values(values: Any, kind: Any) -> Any:
    """Return Python values as an Arrow array of a kind; without one, mixed values come as text."""
    if kind is not None:
        return pa.array(values, kind)
    try:
        return pa.array(values)
    except (pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError, ValueError):
        return pa.array([None if v is None else _text(v) for v in values], pa.string())
