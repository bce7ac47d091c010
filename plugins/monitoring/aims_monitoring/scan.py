"""One pass over a prediction log: every row goes into the profile of its window."""

from collections.abc import Callable

from aims_monitoring.labels import Labels
from aims_monitoring.layout import Layout
from aims_monitoring.profile import Profile, with_label
from aims_monitoring.source import Source
from aims_monitoring.windows import Cutter, Window

Progress = Callable[[int, int], None]


def scan(
    source: Source,
    layout: Layout,
    length: str | int,
    *,
    labels: Labels | None = None,
    progress: Progress | None = None,
) -> dict[Window, Profile]:
    """Return the profile of each window, in the order of the windows.

    Parameters
    ----------
    progress : callable, optional
        Called with the rows done and the rows there are.
    """
    profiles: dict[Window, Profile] = {}
    cutter = Cutter(length, layout.schema.time, source.digest())
    done = 0
    for table in source.batches(_needed(source, layout, length, labels)):
        joined = with_label(table if labels is None else labels.join(table), layout.schema)
        for window, rows in cutter.cut(joined):
            profiles.setdefault(window, Profile.empty(layout)).add(rows)
        done += len(table)
        if progress is not None:
            progress(done, source.rows)
    return {window: profiles[window] for window in sorted(profiles)}


def _needed(source: Source, layout: Layout, length: str | int, labels: Labels | None) -> list[str]:
    schema = layout.schema
    wanted = [
        *schema.profiled,
        schema.time if isinstance(length, str) else "",
        "" if labels is None else schema.id,
    ]
    return [name for name in dict.fromkeys(wanted) if name and name in source.names]
