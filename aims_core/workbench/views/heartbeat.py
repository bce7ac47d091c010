"""Tells the page that the kernel is alive; when it is not, the page says so and locks the workbench."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

_STATIC = Path(__file__).parents[1] / "static"


class Heartbeat(anywidget.AnyWidget):
    """Answers the page's pings."""

    _esm = _STATIC / "heartbeat.js"
    _css = _STATIC / "workbench.css"
    period_ms = traitlets.Int(2_000).tag(sync=True)
    limit_ms = traitlets.Int(6_000).tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.on_msg(self._answer)

    def _answer(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if isinstance(content, dict) and content.get("ping"):
            self.send({"pong": True})
