"""Looking back: the inventory as of a date, one page of it, and the difference of two dates.

Systems with twenty states each are put straight into the tables, evenly over two years; the date lies
in the middle. Looks at then and at now are taken in turn.

    python benchmarks/looking_back.py [--quick] [--json FILE] [--database sqlite|postgresql]
"""

import argparse
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from core import Place, places, write_csv
from figures import Figure, middle, seconds, show

from aims_core import Workspace, history, tables
from aims_core.testing.intruder import disarmed

STATES = 20
APART = timedelta(days=36)
ROUNDS = 9


def with_a_past(place: Place, folder: Path, count: int) -> tuple[Workspace, datetime]:
    """Return a workspace of `count` systems with twenty states each, and a date in the middle."""
    source = folder / f"{place.name}.csv"
    write_csv(source, count)
    workspace = place.workspace()
    workspace.inventory.import_file(source)
    store = workspace._desk.store  # noqa: SLF001 - years of use are put in past the services
    with store.keeping_books() as connection:
        first = connection.execute(sa.select(sa.func.min(tables.system.c.valid_from))).scalar()
        names = [c.name for c in tables.system.columns if c.name != "valid_from"]
        registered = first - (STATES - 1) * APART
        with disarmed(connection, "aims_system"):
            connection.execute(sa.update(tables.system).values(registered_at=registered))
        for state in range(STATES - 1):
            begin = first - (STATES - 1 - state) * APART
            end = begin + APART if state < STATES - 2 else first
            chosen = sa.select(
                *(tables.system.c[n] for n in names if n != "revision"),
                sa.literal(state + 1).label("revision"),
                _moment(begin).label("valid_from"),
                (_moment(end) if end < first else tables.system.c.valid_from).label("valid_to"),
            )
            into = [*(n for n in names if n != "revision"), "revision", "valid_from", "valid_to"]
            connection.execute(sa.insert(history.system).from_select(into, chosen))
    with store.keeping_books() as connection:
        connection.exec_driver_sql("ANALYZE")  # the databases do it by themselves in the long run
    return workspace, first - APART * (STATES // 2) + timedelta(hours=1)


def _moment(second: datetime) -> sa.ColumnElement[str]:
    """Return a time within a second that is each system's own: its number makes the microseconds."""
    own = sa.func.substr(tables.system.c.system_id, 5)
    return sa.literal(f"{second:%Y-%m-%dT%H:%M:%S}.") + own + sa.literal("Z")


def measure(place: Place, folder: Path, count: int) -> list[Figure]:
    """Return the figures on one kind of database."""
    workspace, then = with_a_past(place, folder, count)
    inventory, took = workspace.inventory, {"all": [], "page": [], "now": [], "counts": []}
    for number in range(ROUNDS):
        offset = number * 50
        took["now"].append(seconds(lambda o=offset: inventory.find(limit=50, offset=o)))
        took["page"].append(
            seconds(lambda o=offset: inventory.find(limit=50, offset=o, as_of=then))
        )
        took["counts"].append(seconds(lambda: inventory.counts("stage", as_of=then)))
        took["all"].append(seconds(lambda: _read(workspace, then)))
    short = seconds(lambda: inventory.diff(then, then + timedelta(days=1)))
    found = sum(inventory.counts("stage", as_of=then).values())
    workspace.close()
    assert found == count, f"{found} systems as of then, {count} are there"  # noqa: S101 - a wrong figure is no figure
    name = f"{place.name}, {count:,} x {STATES}"
    page = middle(took["page"])
    return [
        Figure(
            name=f"{name}: inventory as of", value=middle(took["all"]) * 1e3, unit="ms", goal=250
        ),
        Figure(name=f"{name}: counts as of", value=middle(took["counts"]) * 1e3, unit="ms"),
        Figure(name=f"{name}: page as of", value=page * 1e3, unit="ms"),
        Figure(
            name=f"{name}: page as of over now", value=page / middle(took["now"]), unit="x", goal=2
        ),
        Figure(name=f"{name}: difference of two days", value=short * 1e3, unit="ms"),
    ]


def _read(workspace: Workspace, then: datetime) -> Any:
    """Read every system as of then: what decides, as the database gives it."""
    table = history.as_of(tables.system, then)
    query = sa.select(table.c.system_id, table.c.stage, table.c.status, table.c.revision)
    with workspace.reading() as tx:
        return tx.connection.execute(query).all()


def main() -> int:
    """Print the figures and return 1 when one misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="5,000 systems instead of 100,000")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this one")
    chosen = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name:
        for place in places(Path(name), chosen.database):
            figures += measure(place, Path(name), 5_000 if chosen.quick else 100_000)
    return show(figures, chosen.json)


if __name__ == "__main__":
    sys.exit(main())
