"""How complete the data of a window is."""

from aims_core import Measurement
from aims_monitoring.profile import Profile


def missing_share(window: Profile, _reference: Profile | None, minimum: int) -> list[Measurement]:
    """Return the share of rows in which a column has no usable value.

    Formula: ``(missing + unreadable) / rows``; unreadable are values that are no numbers in a
    column of numbers. Infinite values are values. Source: ISO/IEC 25012, completeness. Range: 0 to
    1. Direction: low is better. Minimum sample: 1 row.
    """
    return [
        _share(name, column.missing + column.unreadable, window.rows, minimum, column.kind)
        for name, column in window.columns.items()
        if name in window.layout.schema.watched
    ]


def _share(name: str, gone: int, rows: int, minimum: int, kind: str) -> Measurement:
    if rows < max(minimum, 1):
        reason = f"the window has {rows} row(s), {max(minimum, 1)} are needed"
    elif kind == "skipped":
        reason = "the column is not profiled"
    else:
        return Measurement(
            metric="missing_share", value=gone / rows, n=rows, direction="low", subject=name
        )
    return Measurement(
        metric="missing_share", value=None, n=rows, direction="low", subject=name, reason=reason
    )
