"""Columns in the forms that Arrow computes with: views of texts and runs of equal values are written out."""

from typing import Any

import pyarrow as pa


def plain_columns(table: Any) -> Any:
    """Return the same rows; a column of views becomes one of texts or bytes, one of runs their values."""
    for place, field in enumerate(table.schema):
        form = _plain_form(field.type)
        if form is not None:
            column = pa.chunked_array(
                [_written_out(chunk, form) for chunk in table.column(place).chunks], type=form
            )
            table = table.set_column(place, field.name, column)
    return table


def _plain_form(kind: Any) -> Any:
    """Return the type that a column is to have, None where it may stay as it is."""
    if pa.types.is_run_end_encoded(kind):
        return _plain_form(kind.value_type) or kind.value_type
    if pa.types.is_string_view(kind):
        return pa.large_string()
    return pa.large_binary() if pa.types.is_binary_view(kind) else None


def _written_out(array: Any, form: Any) -> Any:
    if not pa.types.is_run_end_encoded(array.type):
        return array.cast(form)
    if array.type.value_type != form:  # Arrow has no way from runs of views
        return pa.array(array.to_pylist(), type=form)
    import pyarrow.compute as pc

    return pc.run_end_decode(array)
