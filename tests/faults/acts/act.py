"""One act of a life: who does what, which events it leaves, and how often in all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True)
class Act:
    """An act that may be tried again and again until it is done.

    Parameters
    ----------
    name : str
        What is done.
    run : callable
        Does it, as often as it is called; each look at what stands is taken inside.
    writes : tuple of str
        Types of the events that it leaves, each so often in all, however often it failed before.
    repeats : bool
        True where each try is an act of its own, such as another measurement: then at least once.
    """

    name: str
    run: Callable[[], Any]
    writes: tuple[str, ...] = ()
    repeats: bool = False


def later(workspace, **span):
    """Let the workspace's clock run ahead."""
    store = workspace._desk.store
    clock = store.clock
    store.clock = lambda: clock() + timedelta(**span)
