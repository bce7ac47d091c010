"""The Stop button waits for a transaction to end: then it is known what was written, and no lock stays.

An interrupt that lands between two statements of a driver leaves a connection behind that still holds
the write lock, and its sender cannot tell whether the act was committed. So an interrupt (SIGINT) is kept
until the transaction is over, which takes milliseconds, and delivered then.
"""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from types import FrameType
from typing import Any, TypeAlias

from aims_core.events import Event

PATIENCE = 10.0
"""Seconds after which a further interrupt breaks a transaction off instead of waiting for its end."""

Handler: TypeAlias = Callable[..., Any] | int
"""Who takes interrupts, as :func:`signal.getsignal` tells."""

_NOT_OURS = (signal.SIG_IGN, None)


class InterruptedAfterCommit(KeyboardInterrupt):
    """The interrupt came while an act was being written: it was committed, and the work stopped after it.

    Attributes
    ----------
    act : str
        What was done, such as ``register ticket-triage``; empty for bookkeeping.
    events : tuple of Event
        What was recorded in the audit trail.
    result : Any
        What the act would have returned, None where it says nothing.
    """

    def __init__(self, act: str = "", events: Sequence[Event] = (), result: Any = None) -> None:
        self.act = act
        self.events = tuple(events)
        self.result = result
        told = ", ".join(dict.fromkeys(event.type for event in events)) or "no event"
        super().__init__(
            f"stopped after the commit: {act or 'the act'} is done and stays done ({told}); "
            "nothing after it was begun"
        )

    def _render_traceback_(self) -> list[str]:
        """Return what IPython prints for it."""
        return [f"{type(self).__name__}: {self}"]


class Shield:
    """What an interrupt meets during a transaction; made by :func:`shielded`."""

    def __init__(self) -> None:
        self._since = 0.0
        self._patience = PATIENCE
        self._committed: InterruptedAfterCommit | None = None
        self._previous: Handler | None = None

    @property
    def interrupted(self) -> bool:
        """Whether an interrupt waits for the end."""
        return self._since > 0

    def heed(self) -> None:
        """Stop here if an interrupt waits: for places where nothing is written yet, such as a queue.

        Raises
        ------
        KeyboardInterrupt
            One waits; nothing was written.
        """
        if self.interrupted:
            raise KeyboardInterrupt("stopped while waiting; nothing was written")

    @contextmanager
    def exposed(self) -> Iterator[None]:
        """Let interrupts through for the block, as without a shield: for work that may take its time.

        Raises
        ------
        KeyboardInterrupt
            One waits already.
        """
        if self._previous is None:
            yield
            return
        self.heed()
        try:
            signal.signal(signal.SIGINT, self._previous)
            yield
        finally:
            signal.signal(signal.SIGINT, self.receive)

    def commits(self) -> None:
        """Note that the commit begins: nobody could say any more what breaking off would leave."""
        self._patience = float("inf")

    def committed(self, act: str, events: Sequence[Event] = (), result: Any = None) -> None:
        """Note that the transaction was committed, for the one whose interrupt waits."""
        self._committed = InterruptedAfterCommit(act, events, result)
        self._patience = PATIENCE

    def receive(self, _number: int, _frame: FrameType | None) -> None:
        """Keep an interrupt, or break off where the one before has waited too long."""
        if self.interrupted and monotonic() - self._since > self._patience:
            if self._committed is not None:
                raise self._committed
            raise KeyboardInterrupt("stopped before the commit; nothing was written")
        self._since = self._since or monotonic()

    def deliver(self, previous: Handler) -> None:
        """Hand a kept interrupt to whoever takes interrupts here.

        Raises
        ------
        InterruptedAfterCommit
            They raise KeyboardInterrupt, and the transaction was committed.
        KeyboardInterrupt
            They raise it, and nothing was written.
        """
        if not self.interrupted:
            return
        try:
            if callable(previous):
                previous(signal.SIGINT, None)
            else:
                signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            if self._committed is not None:
                raise self._committed from None
            raise


@contextmanager
def shielded() -> Iterator[Shield]:
    """Keep interrupts for the length of the block and deliver them at its end.

    They reach the main thread alone; elsewhere, and where somebody has interrupts ignored or handled
    outside Python, nothing is kept. The handler found is put back. Blocks may stand in each other: the
    outermost delivers. A block that fails with an interrupt waiting ends in that interrupt, with the
    failure as its cause.
    """
    shield = Shield()
    previous = _replaced(shield)
    if previous is None:
        yield shield
        return
    shield._previous = previous  # noqa: SLF001 - only this makes shields
    try:
        yield shield
    except BaseException as error:
        signal.signal(signal.SIGINT, previous)
        _deliver_after(shield, previous, error)
        raise
    signal.signal(signal.SIGINT, previous)
    shield.deliver(previous)


def _deliver_after(shield: Shield, previous: Handler, error: BaseException) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    try:
        shield.deliver(previous)
    except KeyboardInterrupt as interrupt:
        if interrupt.__cause__ is None:
            raise interrupt from error
        raise


def _replaced(shield: Shield) -> Handler | None:
    if threading.current_thread() is not threading.main_thread():
        return None
    found = signal.getsignal(signal.SIGINT)
    if found in _NOT_OURS:
        return None
    try:
        signal.signal(signal.SIGINT, shield.receive)
    except ValueError:  # a sub-interpreter, which signals do not reach
        return None
    return found
