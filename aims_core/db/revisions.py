"""Which revisions the migrations of a component hold, read once while their files stay as they are.

Reading them runs every migration's module, which would be most of what it costs to open a workspace.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

_Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Revisions:
    """The revisions of a component, and those of them that none follows; there should be one."""

    heads: tuple[str, ...]
    known: frozenset[str]


def revisions_in(folder: Path, location: str) -> Revisions:
    """Return the revisions in a folder of migrations.

    Parameters
    ----------
    location : str
        Folder of the Alembic environment, as its configuration names it.

    Raises
    ------
    Exception
        Whatever a migration that cannot be read raises, SystemExit too.
    """
    return _read(str(folder), location, _stamp(folder))


def _stamp(folder: Path) -> _Stamp:
    """Return what differs once a migration is added, taken away or edited."""
    files = ((path.name, path.stat()) for path in sorted(folder.glob("*.py")))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in files)


@lru_cache(maxsize=100)
def _read(folder: str, location: str, _: _Stamp) -> Revisions:
    config = Config()
    config.set_main_option("script_location", location)
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", folder.replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    return Revisions(
        heads=tuple(script.get_heads()),
        known=frozenset(found.revision for found in script.walk_revisions()),
    )
