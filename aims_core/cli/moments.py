"""Times on the command line: a date, a time with or without zone, or the number of a checkpoint."""

from datetime import UTC, datetime
from typing import Any

import click


class FactTime(click.ParamType[datetime]):
    """A date (its beginning, in UTC) or a time (UTC where it names no zone) at which something was so."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the time that a text names; what names none is refused."""
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            words = f"{text!r} is no time; write 2026-03-01 or 2026-03-01T12:00"
            self.fail(words, param, ctx)
        return read if read.utcoffset() is not None else read.replace(tzinfo=UTC)


class Moment(click.ParamType[datetime | int]):
    """A date (its end, in UTC), a time (UTC where it names no zone) or a checkpoint's number."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | int:
        """Return the time or number that a text names; what names none is refused."""
        if isinstance(value, datetime | int):
            return value
        text = str(value).strip()
        if text.isdecimal() and len(text) < len("20260301"):
            return int(text)
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            self.fail(
                f"{text!r} is no time; write 2026-03-01, 2026-03-01T12:00 or a checkpoint's number",
                param,
                ctx,
            )
        if len(text) == len("2026-03-01"):
            end = read.replace(hour=23, minute=59, second=59, microsecond=999_999, tzinfo=UTC)
            today = read.date() == datetime.now(UTC).date()
            return datetime.now(UTC) if today else end
        return read if read.utcoffset() is not None else read.replace(tzinfo=UTC)


MOMENT = Moment()
FACT_TIME = FactTime()
