"""Progress of long work, on stderr: a bar where somebody watches, one plain line otherwise.

Work that is done in one go has no progress: what became of it is told anyway.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

Tick = Callable[[int, int], None]


@contextmanager
def progress(label: str) -> Iterator[Tick]:
    """Yield a function to be called with how much is done, and of how much.

    Parameters
    ----------
    label : str
        What is being done, e.g. ``"Importing"``.
    """
    with ExitStack() as stack:
        if sys.stderr.isatty():
            yield _Bar(label, stack)
        else:
            seen = _Line()
            yield seen
            if seen.portions > 1:
                click.echo(f"{label}: {seen.done} of {seen.total}", err=True)


class _Line:
    def __init__(self) -> None:
        self.done = self.total = self.portions = 0

    def __call__(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        self.portions += 1


class _Bar:
    """A bar that appears with the first tick, because only then its length is known."""

    def __init__(self, label: str, stack: ExitStack) -> None:
        self._label = label
        self._stack = stack
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        if self._bar is None:
            if done >= total:
                return
            bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
            self._bar = self._stack.enter_context(bar)
        self._bar.update(done - self._bar.pos)
