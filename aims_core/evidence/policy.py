"""How large evidence may be and how long it is kept: shipped data, overridden by ``aims.toml``."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

from aims_core.errors import WorkspaceError
from aims_core.settings import FILE, Settings

FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The retention end of what is never disposed of."""

_PERIOD = re.compile(r"(\d{1,4}) (day|month|year)s?")
_MEGABYTE = 1_000_000
_KEYS = ("max_megabytes", "max_bundle_megabytes", "retention")
_MONTHS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidencePolicy:
    """The rules in force: sizes in bytes, retention periods by kind in words."""

    max_bytes: int
    max_bundle_bytes: int
    retention: Mapping[str, str]

    def retain_until(self, kind: str, since: datetime) -> datetime:
        """Return until when evidence of a kind must be kept that is on record since a time."""
        return end_of(self.retention.get(kind, self.retention["default"]), since)


def policy_of(settings: Settings) -> EvidencePolicy:
    """Return the rules of a workspace: what is shipped, overridden by ``[evidence]``.

    Raises
    ------
    WorkspaceError
        A key is unknown or a value has the wrong form.
    """
    shipped = tomllib.loads(files(__package__).joinpath("policy.toml").read_text("utf-8"))
    own = settings.section("evidence")
    if unknown := sorted(set(own) - set(_KEYS)):
        raise _wrong(settings, f"evidence.{unknown[0]}", "is unknown", f"use {', '.join(_KEYS)}")
    retention = own.get("retention", {})
    if not isinstance(retention, dict):
        raise _wrong(settings, "evidence.retention", f"is {retention!r}", "make it a table")
    for kind, period in retention.items():
        _check_period(settings, kind, period)
    return EvidencePolicy(
        max_bytes=_bytes(settings, own, "max_megabytes", shipped),
        max_bundle_bytes=_bytes(settings, own, "max_bundle_megabytes", shipped),
        retention={**shipped["retention"], **retention},
    )


def end_of(period: str, since: datetime) -> datetime:
    """Return the end of a period such as ``10 years``; a day that a month lacks ends on the next.

    Raises
    ------
    ValueError
        The period has another form.
    """
    if period == "forever":
        return FOR_EVER
    found = _PERIOD.fullmatch(period)
    if found is None:
        raise ValueError(f"period {period!r} has another form than `10 years`")
    count, unit = int(found[1]), found[2]
    try:
        if unit == "day":
            return since + timedelta(days=count)
        return _later(since, count * (_MONTHS if unit == "year" else 1))
    except (OverflowError, ValueError):
        return FOR_EVER


def _later(since: datetime, months: int) -> datetime:
    years, month = divmod(since.month - 1 + months, _MONTHS)
    first = since.replace(year=since.year + years, month=month + 1, day=1)
    # From the first of the month on: 29 February plus a year is 1 March, which keeps a day longer.
    reached = first + timedelta(days=since.day - 1)
    if reached.month == first.month:
        return reached
    return reached.replace(day=1)


def _bytes(settings: Settings, own: Mapping[str, Any], key: str, shipped: Mapping[str, Any]) -> int:
    value = own.get(key, shipped[key])
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _wrong(settings, f"evidence.{key}", f"is {value!r}", "give a whole number from 1")
    return value * _MEGABYTE


def _check_period(settings: Settings, kind: str, period: object) -> None:
    if not isinstance(period, str) or (period != "forever" and not _PERIOD.fullmatch(period)):
        remedy = "write `10 years`, `6 months`, `90 days` or `forever`"
        raise _wrong(settings, f"evidence.retention.{kind}", f"is {period!r}", remedy)


def _wrong(settings: Settings, key: str, reason: str, remedy: str) -> WorkspaceError:
    return WorkspaceError(f"{settings.folder / FILE}: {key} {reason}; {remedy}")
