"""Times on the command line: a date, a time with or without zone, or the number of a checkpoint."""

from datetime import UTC, date, datetime
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


class Moment(click.ParamType[date | int]):
    """A date (its end, in UTC), a time (UTC where it names no zone) or a checkpoint's number.

    What a date means is said where `as_of` is read, so that a command and a call mean the same.
    """

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> date | int:
        """Return the date, time or number that a text names; what names none is refused."""
        if isinstance(value, date | int):
            return value
        text = str(value).strip()
        if text.isdecimal() and len(text) < len("20260301"):
            return int(text)
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass  # no date, so it has to be a time
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            self.fail(
                f"{text!r} is no time; write 2026-03-01, 2026-03-01T12:00 or a checkpoint's number",
                param,
                ctx,
            )
        return read if read.utcoffset() is not None else read.replace(tzinfo=UTC)


MOMENT = Moment()
fact_at_option = click.option(
    "--fact-at",
    type=FactTime(),
    help="When it was so in fact, if earlier than now; a date means its beginning, in UTC.",
)
as_of_option = click.option(
    "--as-of",
    type=MOMENT,
    help="As it was at the end of a day, at a time, or at a checkpoint's number.",
)
