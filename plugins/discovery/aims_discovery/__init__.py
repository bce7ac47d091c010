"""Discovery of AI systems: importers that read existing inventories into the register.

Everything is loaded when it is first used: `aims --help` imports this package.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aims_discovery.csv_importer import read
    from aims_discovery.discovery import Discovery
    from aims_discovery.samples import us_federal_2024

_HOME = {
    "Discovery": "aims_discovery.discovery",
    "read": "aims_discovery.csv_importer",
    "us_federal_2024": "aims_discovery.samples",
}

__all__ = ["Discovery", "read", "us_federal_2024"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'aims_discovery' has no attribute {name!r}")
