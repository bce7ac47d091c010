"""What a run of a notebook stood on: the interpreter, the machine's kind, and every distribution."""

import platform
from importlib.metadata import distributions
from typing import Any

from aims_core.canonical import digest


def environment() -> dict[str, Any]:
    """Return Python, platform and the installed distributions with their versions, and a digest of it all."""
    installed = {
        str(one.metadata["Name"]): one.version
        for one in distributions()
        if one.metadata is not None and one.metadata["Name"]
    }
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "distributions": dict(sorted(installed.items(), key=lambda item: item[0].lower())),
    }
    return {**found, "digest": digest(found)}
