"""Real inventories that come with the plugin, each with its mapping; README.md names source and licence."""

from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).parent


class Sample(NamedTuple):
    """An inventory file and the mapping that reads it."""

    data: Path
    mapping: Path

    @property
    def path(self) -> Path:
        """The inventory file, by the name under which imports take it."""
        return self.data


def us_federal_2024() -> Sample:
    """Return the AI use case inventory of the US federal agencies of 2024: 1,757 rows."""
    return Sample(_HERE / "us_federal_2024.csv", _HERE / "us_federal_2024.toml")
