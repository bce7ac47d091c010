"""Reading pandas frames column by column, so that one odd column does not cost the others.

What lies in memory is not copied where Arrow can read it as it stands: numbers without gaps, and texts that
Arrow holds already.
"""

import math
from typing import Any

import numpy as np
import pyarrow as pa

from aims_monitoring.shared_texts import encoded_by_identity


def table_of_frame(frame: Any) -> Any:
    """Return a pandas frame as an Arrow table; the index is left out.

    A column of mixed types comes as text; a name that is no text is written as text. A column of objects that
    stand for few texts comes as a dictionary.
    """
    names = [str(name) for name in frame.columns]
    return pa.Table.from_arrays([_array(frame.iloc[:, i]) for i in range(len(names))], names)


def _array(series: Any) -> Any:
    series = _plain(series)
    objects = str(series.dtype) == "object"
    array = encoded_by_identity(series.to_numpy()) if objects else _in_place(series)
    return _converted(series) if array is None else array


def _plain(series: Any) -> Any:
    """Return a column in a form that Arrow reads: a sparse one written out, long doubles as doubles."""
    if hasattr(series.dtype, "fill_value"):
        series = series.sparse.to_dense()
    if series.dtype == np.longdouble and series.dtype != np.float64:
        with np.errstate(over="ignore"):  # beyond the largest double it is infinite
            series = series.astype(np.float64)
    return series


def _in_place(series: Any) -> Any:
    """Return a column of doubles as it lies in memory, None where it has gaps or is something else."""
    if series.dtype != np.float64:
        return None
    values = series.to_numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        # A sum is NaN if a value is; where infinities make it so, it is only slower.
        if not values.flags.c_contiguous or math.isnan(values.sum()):
            return None
    return pa.Array.from_buffers(pa.float64(), len(values), [None, pa.py_buffer(values)])


def _converted(series: Any) -> Any:
    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError, ValueError):
        missing = series.isna().tolist()
        return pa.array(
            [None if gone else _text(v) for v, gone in zip(series, missing, strict=True)],
            pa.string(),
        )


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
