"""Ids in a database: read row by row, as no database hashes them as they are hashed elsewhere."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from aims_monitoring.profile import Profile
from aims_monitoring.sql_source import SqlSource


def count_ids(source: SqlSource, start: Any, name: str, profiles: Mapping[int, Profile]) -> None:
    """Count the ids of a column in; nothing travels but they and the start of their window.

    Parameters
    ----------
    start : sqlalchemy.ColumnElement
        The start of the window of a row.
    profiles : mapping
        Profiles that count ids, by the start of their window.
    """
    counts = {key: profile.ids for key, profile in profiles.items() if profile.ids is not None}
    if name not in source.names:
        for key, ids in counts.items():
            ids.add_missing(profiles[key].rows)
        return
    read = source.read(source.table.columns[name])
    for rows in source.stream(sa.select(start, read).select_from(source.table)):
        starts, values = zip(*rows, strict=True)
        column = source.as_arrow([name], [values])[name]
        windows = np.array(starts, np.int64)
        for key in np.unique(windows).tolist():
            counts[key].add(column.filter(pa.array(windows == key)))
