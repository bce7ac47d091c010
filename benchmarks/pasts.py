"""What benchmarks of registers with a past share: an imported register, and how figures are taken on it."""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from core import Place, places, write_csv
from figures import Figure, show

from aims_core import Workspace


def imported(place: Place, folder: Path, count: int) -> Workspace:
    """Return a fresh workspace into which `count` systems were imported."""
    source = folder / f"{place.name}-{count}.csv"
    write_csv(source, count)
    workspace = place.workspace()
    workspace.inventory.import_file(source)
    return workspace


@contextmanager
def past_the_services(workspace: Workspace) -> Iterator[sa.Connection]:
    """Give a connection that puts years of use into the tables; they are tidied up after it."""
    store = workspace._desk.store  # noqa: SLF001 - there is no door for this
    with store.keeping_books() as connection:
        yield connection
    # What the databases do by themselves in the long run.
    if store.dialect == "postgresql":
        with store.engine.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            alone.exec_driver_sql("SET default_transaction_read_only = off")
            alone.exec_driver_sql("VACUUM (ANALYZE)")
            alone.exec_driver_sql("SET default_transaction_read_only = on")
        return
    with store.keeping_books() as connection:
        connection.exec_driver_sql("ANALYZE")


def run(
    about: str,
    measure: Callable[[Place, Path, int], list[Figure]],
    *,
    full: int,
    quick: int,
) -> int:
    """Take figures on each kind of database, print them, and return 1 when one misses its goal.

    Parameters
    ----------
    about : str
        What the program's help says.
    measure : callable
        Takes the figures on a kind of database, in a folder, with so many systems.
    full, quick : int
        Systems in the full and in the small form.
    """
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    short = f"{quick:,} systems instead of {full:,}"
    parser.add_argument("--quick", action="store_true", help=short)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this one")
    chosen = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name:
        for place in places(Path(name), chosen.database):
            figures += measure(place, Path(name), quick if chosen.quick else full)
    return show(figures, chosen.json)
