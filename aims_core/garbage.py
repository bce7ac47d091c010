"""Python's search for reference cycles, put off while very many records are made.

The search walks every living object again and again as their number grows; a review of 100,000 systems
spends a third of its time in it, and finds nothing, because records hold no cycles.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_open: list[bool] = []


@contextmanager
def cycles_later() -> Iterator[None]:
    """Leave reference cycles where they are until the block ends, in the whole process.

    What is no longer needed is freed as ever; only cycles wait. Blocks may lie within each other and in
    several threads: the last to end switches the search on again, if it was on when the first began.
    """
    with _lock:
        _open.append(_open[0] if _open else gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            was_on = _open.pop()
            if was_on and not _open:
                gc.enable()
