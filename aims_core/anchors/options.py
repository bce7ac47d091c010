"""What the anchors have in common: options from ``aims.toml``, and the name of a checkpoint's file."""

import re
from collections.abc import Mapping
from typing import Any

from aims_core.errors import WorkspaceError
from aims_core.records import Checkpoint

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")


def text_option(options: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """Return an option that must be text.

    Raises
    ------
    WorkspaceError
        It is missing and has no default, or is something else.
    """
    value = options.get(name, default)
    if not isinstance(value, str) or (not value and default is None):
        raise WorkspaceError(
            f'anchor {options.get("name")!r} needs {name} = "…" in its [[audit.anchors]]'
        )
    return value


def seconds_option(
    options: Mapping[str, Any], name: str = "timeout", default: float = 20.0
) -> float:
    """Return an option in seconds, more than 0.

    Raises
    ------
    WorkspaceError
        It is no number above 0.
    """
    value = options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise WorkspaceError(f"anchor {options.get('name')!r}: {name} must be seconds, more than 0")
    return float(value)


def file_name(checkpoint: Checkpoint) -> str:
    """Return a name for the checkpoint's file: its log and number, in letters that every system takes."""
    return f"{_UNSAFE.sub('-', checkpoint.origin).strip('-.')}-{checkpoint.number:06}.txt"
