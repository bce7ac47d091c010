"""The status line: the one place that says what happened, seen and read out wherever one is."""

from pathlib import Path

import anywidget
import traitlets

_STATIC = Path(__file__).parents[1] / "static"


class StatusLine(anywidget.AnyWidget):
    """A message with a sign; where it is scrolled out of sight, the page shows it at its foot.

    Attributes
    ----------
    text, level : str
        What it says, and whether it is ``ok``, ``info`` or ``error``.
    """

    _esm = _STATIC / "status.js"
    _css = _STATIC / "status.css"
    text = traitlets.Unicode("").tag(sync=True)
    level = traitlets.Unicode("info").tag(sync=True)
    number = traitlets.Int(0).tag(sync=True)

    def show(self, text: str, level: str) -> None:
        """Say something; the same words again are said again."""
        with self.hold_sync():
            self.text, self.level = text, level
            self.number += 1
