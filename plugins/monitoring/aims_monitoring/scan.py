"""One pass over a prediction log: every row goes into the profile of its window."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from aims_monitoring.engines import Engine, merge_answers, tasks_of
from aims_monitoring.fingerprints import Fingerprints
from aims_monitoring.labels import Labels
from aims_monitoring.layout import Layout
from aims_monitoring.profile import Profile, profile_source, with_label
from aims_monitoring.source import Source, is_database
from aims_monitoring.windows import Cutter, Window

if TYPE_CHECKING:
    from aims_monitoring.sql_source import SqlSource

Progress = Callable[[int, int], None]


def scan(
    source: Source,
    layout: Layout,
    length: str | int,
    *,
    labels: Labels | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
    ids: bool = False,
    fingerprints: Fingerprints | None = None,
) -> dict[Window, Profile]:
    """Return the profile of each window, in the order of the windows.

    A table of a database is counted there where that gives the same counts.

    Parameters
    ----------
    progress : callable, optional
        Called with the rows done and the rows there are.
    engine : Engine, optional
        Who counts Parquet files whose labels lie in them; all else is counted in this process.
    ids : bool
        Whether ids are counted as well, which costs reading them.
    fingerprints : Fingerprints, optional
        Takes those of the log's first rows, which costs reading the columns that count there.
    """
    tasks: list[bytes] = []
    if engine and labels is None:
        tasks = tasks_of(source, layout, length, ids=ids, fingerprints=fingerprints)
    if engine and tasks:
        return merge_answers(engine.map(tasks), layout, fingerprints)
    if labels is None and isinstance(length, str):
        counted = _counted_there(source, layout, length, ids=ids)
        if counted is not None:
            return {window: p for window, p in counted.items() if window is not None}
    profiles: dict[Window, Profile] = {}
    schema = layout.schema
    cutter = Cutter(length, schema.time, source.digest(), zone=schema.zone)
    done = 0
    needed = _needed(source, layout, length, joins=labels is not None or ids)
    more = () if fingerprints is None else fingerprints.names
    for piece in source.pieces(list(dict.fromkeys((*needed, *more)))):
        table = piece
        if fingerprints is not None:
            fingerprints.add(piece)
            table = piece.select(needed)
        joined = with_label(table if labels is None else labels.join(table), layout.schema)
        for window, rows in cutter.cut(joined):
            profiles.setdefault(window, Profile.empty(layout, ids=ids)).add(rows)
        done += len(table)
        if progress is not None:
            progress(done, source.rows)
    return {window: profiles[window] for window in sorted(profiles)}


def profile_log(source: Source, layout: Layout, *, ids: bool = False) -> Profile:
    """Return the profile of all rows of a source, counted in its database where that is the same."""
    counted = _counted_there(source, layout, None, ids=ids)
    return profile_source(source, layout, ids=ids) if counted is None else counted[None]


def _counted_there(
    source: Source, layout: Layout, length: str | None, *, ids: bool
) -> dict[Window | None, Profile] | None:
    """Return what a database counted by itself, None where the source is none or would count otherwise."""
    if not is_database(source):
        return None
    from aims_monitoring.push_down import count_in_database

    return count_in_database(cast("SqlSource", source), layout, length, ids=ids)


def _needed(source: Source, layout: Layout, length: str | int, *, joins: bool) -> list[str]:
    schema = layout.schema
    wanted = [
        *schema.profiled,
        schema.time if isinstance(length, str) else "",
        schema.id if joins else "",
    ]
    return [name for name in dict.fromkeys(wanted) if name and name in source.names]
