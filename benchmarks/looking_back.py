"""Looking back: the inventory and a review as of a date, one page of it, and the difference of two dates.

Systems with twenty states each are put straight into the tables, evenly over two years; the date lies
in the middle. Looks at then and at now are taken in turn.

    python benchmarks/looking_back.py [--quick] [--json FILE] [--database sqlite|postgresql]
"""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from time import process_time
from typing import Any

import sqlalchemy as sa
from core import Place
from figures import Figure, middle, seconds
from pasts import imported, past_the_services, run

from aims_core import Workspace, history, tables
from aims_core.testing.intruder import disarmed

STATES = 20
APART = timedelta(days=36)
ROUNDS, REVIEWS = 9, 3
PAGE = 50
DECIDES = ("system_id", "stage", "status", "revision")


def with_a_past(place: Place, folder: Path, number: int) -> tuple[Workspace, datetime]:
    """Return a workspace of `number` systems with twenty states each, and a date in the middle."""
    workspace = imported(place, folder, number)
    with past_the_services(workspace) as connection:
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
    return workspace, first - APART * (STATES // 2) + timedelta(hours=1)


def _moment(second: datetime) -> sa.ColumnElement[str]:
    """Return a time within a second that is each system's own: its number makes the microseconds."""
    own = sa.func.substr(tables.system.c.system_id, 5)
    return sa.literal(f"{second:%Y-%m-%dT%H:%M:%S}.") + own + sa.literal("Z")


def measure(place: Place, folder: Path, number: int) -> list[Figure]:
    """Return the figures on one kind of database."""
    workspace, then = with_a_past(place, folder, number)
    name = f"{place.name}, {number:,} x {STATES}"
    looks = _looks(workspace, then)
    took: dict[str, list[float]] = {look: [] for look in looks}
    spent: dict[str, list[float]] = {look: [] for look in looks}
    for _ in range(ROUNDS):
        for look, act in looks.items():
            started = process_time()
            took[look].append(seconds(act))
            spent[look].append(process_time() - started)
    review = _reviews(workspace, then)
    found = workspace.inventory.counts("stage", as_of=then)
    page, _ = workspace.inventory.find(limit=50, as_of=then)
    workspace.close()
    assert sum(found.values()) == number, found  # noqa: S101 - a wrong figure is no figure
    assert len(page) == PAGE  # noqa: S101 - same
    goals = {"inventory as of, what decides": 250.0}
    figures = [
        Figure(name=f"{name}: {look}", value=middle(t) * 1e3, unit="ms", goal=goals.get(look))
        for look, t in took.items()
    ]
    figures += [
        Figure(name=f"{name}: {look}, CPU of this process", value=middle(t) * 1e3, unit="ms")
        for look, t in spent.items()
        if look.startswith("inventory")
    ]
    for look in ("page", "page by name", "page of a stage"):
        # SQLite works within this process, whose time others do not disturb.
        by = spent if place.name == "SQLite" else took
        pairs = zip(by[f"{look} as of"], by[f"{look} now"], strict=True)
        ratio = middle([then_ / now for then_, now in pairs])
        figures.append(Figure(name=f"{name}: {look} as of over now", value=ratio, unit="x", goal=2))
    return [*figures, Figure(name=f"{name}: review as of over now", value=review, unit="x", goal=2)]


def _reviews(workspace: Workspace, then: datetime) -> float:
    """Return what a review as of a date takes over one of now, in turn."""
    reviews = workspace.reviews
    pairs = [
        (seconds(lambda: reviews.run(as_of=then)), seconds(reviews.run)) for _ in range(REVIEWS)
    ]
    return middle([past / present for past, present in pairs])


def _looks(workspace: Workspace, then: datetime) -> dict[str, Callable[[], Any]]:
    """Return what is measured, in turn."""
    inventory, offsets = workspace.inventory, count()

    def page(**options: Any) -> Any:
        return inventory.find(limit=PAGE, offset=next(offsets) % 20 * PAGE, **options)

    return {
        "page now": page,
        "page as of": lambda: page(as_of=then),
        "page by name now": lambda: page(sort="name"),
        "page by name as of": lambda: page(as_of=then, sort="name"),
        "page of a stage now": lambda: page(stage="retirement"),
        "page of a stage as of": lambda: page(as_of=then, stage="retirement"),
        "page of a unit as of": lambda: page(as_of=then, unit="unit-7"),
        "page of a search as of": lambda: inventory.find("fraud 77", as_of=then),
        "counts as of": lambda: inventory.counts("stage", as_of=then),
        "difference of two days": lambda: inventory.diff(then, then + timedelta(days=1)),
        "inventory now, what decides": lambda: inventory.frame(columns=DECIDES),
        "inventory as of, what decides": lambda: inventory.frame(as_of=then, columns=DECIDES),
        "inventory as of, every column": lambda: inventory.frame(as_of=then),
    }


if __name__ == "__main__":
    sys.exit(run(__doc__, measure, full=100_000, quick=5_000))
