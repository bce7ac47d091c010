"""What the product logs, as one plain line each on stderr: a command line shows no tracebacks."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aims_core.cli.text import visible


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return visible(f"{record.levelname.lower()}: {record.getMessage()}")


@contextmanager
def plain_logs() -> Iterator[None]:
    """Show warnings of the product as single lines; AIMS_TRACEBACK leaves logging alone."""
    if os.environ.get("AIMS_TRACEBACK"):
        yield
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    handler.setLevel(logging.WARNING)
    logger = logging.getLogger("aims")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
