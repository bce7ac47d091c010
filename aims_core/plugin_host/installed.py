"""Which plugins are installed, read once while nothing is installed, replaced or taken away.

Looking through the metadata of every distribution is most of what it costs to make a host, and a
process makes one for each workspace that it opens.
"""

import sys
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path

from aims_core.plugin_host.fingerprint import fingerprint

GROUP = "aims"
"""The group of entry points in which a distribution names its plugin."""

_Stamp = tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """An entry point, and the distribution that it came from."""

    point: EntryPoint
    distribution: str = "unknown"
    version: str = "0"
    fingerprint: str = ""


def installed_plugins() -> tuple[Installed, ...]:
    """Return every installed plugin, by name; none of them is imported."""
    return _read(_stamp())


@cache
def core_version() -> str:
    """Return the version of the core that this process runs."""
    return version("aims-core")


def _stamp() -> _Stamp:
    """Return what differs once a distribution comes, goes or is replaced: its folder is another then."""
    return tuple((place, _changed(Path(place))) for place in sys.path)


def _changed(place: Path) -> int:
    try:
        return place.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=8)
def _read(_: _Stamp) -> tuple[Installed, ...]:
    # Metadata order is the file system's; sorting makes every machine see the same.
    points = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    return tuple(_described(point) for point in points)


def _described(point: EntryPoint) -> Installed:
    found = point.dist
    if found is None:
        return Installed(point=point)
    return Installed(
        point=point,
        distribution=found.name,
        version=found.version,
        fingerprint=fingerprint(found),
    )
