"""Labels that come late and apart: joined to their predictions by id, each accounted for."""

from typing import Any

import numpy as np
import pyarrow as pa

from aims_core import InvalidRecord, Problem
from aims_monitoring.schema import Schema
from aims_monitoring.source import Source
from aims_monitoring.values import flat, joined_tables

_ASKED = "join labels to predictions"


class Labels:
    """Labels by id.

    Raises
    ------
    InvalidRecord
        The id or label column is missing, or an id stands more than once.
    """

    def __init__(self, source: Source, schema: Schema) -> None:
        wanted = [
            name for name in (schema.id, schema.label) if name not in source.names or not name
        ]
        if wanted:
            raise _refused(
                "labels", f"the schema and {source.name} must both have an id and a label column"
            )
        table = joined_tables(list(source.batches([schema.id, schema.label])), source.name)
        known = table.filter(table[schema.id].is_valid())
        self._schema = schema
        self._ids = flat(known[schema.id])
        self._labels = flat(known[schema.label])
        self._used = np.zeros(len(self._ids), dtype=bool)
        self.without_id = len(table) - len(known)
        twice = len(self._ids) - len(self._ids.unique())
        if twice:
            raise _refused(
                schema.id,
                f"{twice} id(s) stand more than once in {source.name}",
                "keep one row each",
            )

    @property
    def unmatched(self) -> int:
        """Labels that belong to no row seen so far, those without an id among them."""
        return int((~self._used).sum()) + self.without_id

    @property
    def matched(self) -> int:
        """Labels that found their row."""
        return int(self._used.sum())

    def join(self, table: Any) -> Any:
        """Return the table with the label column; rows whose label has not come have none."""
        import pyarrow.compute as pc

        schema = self._schema
        if schema.label in table.column_names:
            raise _refused(
                schema.label, "the predictions hold labels already", "leave the separate labels out"
            )
        ids, known = _alike(flat(table[schema.id]), self._ids)
        places = pc.index_in(ids, value_set=known, skip_nulls=True)
        self._used[np.from_dlpack(places.drop_null())] = True
        return table.append_column(schema.label, self._labels.take(places))


def _alike(ids: Any, known: Any) -> tuple[Any, Any]:
    """Return both in one type: the predictions' where it can hold the labels' ids, else text."""
    if ids.type == known.type:
        return ids, known
    try:
        return ids, known.cast(ids.type)
    except pa.ArrowException:
        return ids.cast(pa.string()), known.cast(pa.string())


def _refused(field: str, reason: str, remedy: str = "") -> InvalidRecord:
    return InvalidRecord(_ASKED, [Problem(field=field, reason=reason, remedy=remedy)])
