"""Tells what the demo does, step by step, and keeps its figures and the seconds of each step."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aims_core.cli.output import say
from aims_core.errors import RequestRefused


@dataclass(slots=True)
class Narrator:
    """Numbers the steps; `seconds` holds how long each took, `figures` what is told at the end."""

    seconds: dict[str, float] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    subject: str = ""

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step and measure it."""
        say()
        say(f"{len(self.seconds) + 1}. {title}")
        started = time.perf_counter()
        yield
        self.seconds[title] = time.perf_counter() - started

    @staticmethod
    def did(text: str) -> None:
        """Tell one thing that was done or seen."""
        first, *rest = text.splitlines() or [""]
        say(f"   {first}")
        for line in rest:
            say(f"     {line}")

    @contextmanager
    def refused(self, who_tries_what: str, *expected: type[RequestRefused]) -> Iterator[None]:
        """Show that an act is refused, and fail the demo when it is not."""
        self.did(who_tries_what)
        try:
            yield
        except expected as error:
            self.did(f"REFUSED: {error}")
        else:
            raise AssertionError(f"{who_tries_what}: this must be refused, and was not")
