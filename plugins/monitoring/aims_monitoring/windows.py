"""Cutting a prediction log into windows of time or of rows; every row falls into exactly one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from aims_core import InvalidRecord, Problem
from aims_monitoring.row_group import RowGroup
from aims_monitoring.values import array_of, dense, flat, is_text

UNDATED = "undated"
"""Key of the window of rows that carry no readable time."""

_FORMS = {
    "hour": "%Y-%m-%dT%H",
    "day": "%Y-%m-%d",
    "week": "%G-W%V",
    "month": "%Y-%m",
    "quarter": "",
    "year": "%Y",
}
_ASKED = "cut a prediction log into windows"
_MISSING = np.iinfo(np.int64).min
# Times that Python's datetime can hold whatever the window is, as microseconds since 1970.
_EARLIEST = -62_104_000_000_000_000
_LATEST = 253_370_000_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER = 900_000_000
# First, so that rows nobody can place are never the newest window.
_UNDATED_PLACE = 2 * _EARLIEST


@dataclass(frozen=True, order=True, slots=True)
class Window:
    """A part of a log. `starts_at` is None for windows of rows and for undated rows."""

    position: int
    key: str
    starts_at: datetime | None = None


def check_window(window: str | int) -> str | int:
    """Return a window length that can be used.

    Raises
    ------
    InvalidRecord
        It is neither a number of rows nor a known length of time.
    """
    if isinstance(window, int) and not isinstance(window, bool) and window > 0:
        return window
    if isinstance(window, str) and window in _FORMS:
        return window
    remedy = f"use a number of rows, or one of {', '.join(_FORMS)}"
    raise InvalidRecord(
        _ASKED, [Problem(field="window", reason=f"{window!r} is none", remedy=remedy)]
    )


class Cutter:
    """Cuts batches in the order in which they come; it counts the rows, from those `seen` before.

    Days and longer windows begin at midnight in a `zone`, the name of one in the IANA time zone database, or
    in UTC without one.
    """

    def __init__(
        self, length: str | int, time: str, log: str, *, seen: int = 0, zone: str = ""
    ) -> None:
        self._length = length
        self._time = time
        self._zone = zone
        # Row windows of two logs must not be taken for each other.
        self._log = log[:8]
        self._seen = seen

    def cut(self, table: Any) -> Iterator[tuple[Window, Any]]:
        """Yield each window that has rows in the batch, and those rows."""
        if isinstance(self._length, int):
            yield from self._by_rows(table, self._length)
        else:
            yield from self._by_time(table, self._length)

    def _by_rows(self, table: Any, length: int) -> Iterator[tuple[Window, Any]]:
        if isinstance(table, RowGroup) and len(table) > length - self._seen % length:
            # Each slice would decode the row group anew.
            table = table.table()
        start = 0
        while start < len(table):
            number, within = divmod(self._seen, length)
            part = table.slice(start, length - within)
            yield Window(number, f"{self._log}:{number + 1:06d}"), part
            start += len(part)
            self._seen += len(part)

    def _by_time(self, table: Any, length: str) -> Iterator[tuple[Window, Any]]:
        moments = microseconds(table[self._time])
        starts = _floored(moments, length, self._zone)
        found = np.unique(starts)
        if len(found) == 1:
            yield window_at(int(found[0]), length, self._zone), table
            return
        for start in found:
            rows = table.filter(pa.array(starts == start))
            yield window_at(int(start), length, self._zone), rows


def named_after(window: Window, log: str) -> Window:
    """Return a window of rows under the name of another log, of which its own goes on."""
    return replace(window, key=f"{log}:{window.key.rpartition(':')[2]}")


def microseconds(column: Any) -> Any:
    """Return times as microseconds since 1970 in UTC; a missing or unreadable one is the least int64.

    Raises
    ------
    InvalidRecord
        The column holds numbers or something else that is no time.
    """
    array = flat(column)
    if is_text(array.type):
        array = _parsed(array)
    if pa.types.is_null(array.type):
        return np.full(len(array), _MISSING)
    if not (pa.types.is_timestamp(array.type) or pa.types.is_date(array.type)):
        raise InvalidRecord(
            _ASKED,
            [
                Problem(
                    field="time",
                    reason=f"the time column holds values of type {array.type}",
                    remedy="give dates with time, for instance 2026-03-01T12:00:00Z",
                )
            ],
        )
    moments = dense(array.cast(pa.timestamp("us"), safe=False).cast(pa.int64()), _MISSING)
    return np.where((moments >= _EARLIEST) & (moments < _LATEST), moments, _MISSING)


def _floored(moments: Any, length: str, zone: str) -> Any:
    """Return when the windows begin by the clocks of the zone."""
    dated = np.where(moments == _MISSING, 0, moments)
    if zone and length != "hour":
        dated = dated + _offsets(dated, zone)
    import pyarrow.compute as pc

    floor = pc.floor_temporal(array_of(dated).cast(pa.timestamp("us")), unit=length)
    return np.where(moments == _MISSING, _MISSING, np.from_dlpack(floor.cast(pa.int64())))


def _offsets(moments: Any, zone: str) -> Any:
    """Return how far the zone's clocks were ahead of UTC, in microseconds."""
    # No zone changes its clocks at another time than at a quarter of an hour.
    quarters, place = np.unique(moments // _QUARTER, return_inverse=True)
    clock = ZoneInfo(zone)
    ahead = [
        (_EPOCH + timedelta(microseconds=int(q) * _QUARTER)).astimezone(clock).utcoffset()
        for q in quarters
    ]
    return np.array([int((a or timedelta()) / timedelta(microseconds=1)) for a in ahead])[place]


def window_at(start: int, length: str, zone: str = "") -> Window:
    """Return the window that starts at a moment, in microseconds by the clocks of the zone.

    The least int64 is the undated one. Hours are those of UTC whatever the zone is: by local clocks one is
    missing and one comes twice in a year. A midnight that the clocks leave out is the moment when they do.
    """
    if start == _MISSING:
        return Window(_UNDATED_PLACE, UNDATED)
    moment = _EPOCH + timedelta(microseconds=start)
    key = (
        f"{moment:%Y}-Q{(moment.month + 2) // 3}"
        if length == "quarter"
        else f"{moment:{_FORMS[length]}}"
    )
    if zone and length != "hour":
        moment = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return Window((moment - _EPOCH) // timedelta(microseconds=1), key, moment)


def _parsed(array: Any) -> Any:
    try:
        return array.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        encoded = array.dictionary_encode()
    read = pa.array([_moment(text) for text in encoded.dictionary.to_pylist()], pa.timestamp("us"))
    return read.take(encoded.indices)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):  # no time, or in UTC before the year 1 or after 9999
        return None
