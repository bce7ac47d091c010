"""Whatever the texts and however many, those rows are found and no others, on both databases."""

import pytest
import sqlalchemy as sa

from aims_core import tables
from aims_core.among import among
from aims_core.loading import load

COLUMNS = ("actor_id", "name", "kind", "person", "added_at", "added_by")
NAMES = ["plain", "it's", 'so "called"', "back\\slash", "[1, 2]", "null", "Zoë 🙂", "a,b", "% _"]


@pytest.fixture
def peopled(workspace):
    """Give a workspace with an actor for each name, and many more."""
    names = [*NAMES, *(f"other {n}" for n in range(3_000))]
    rows = [(f"p-{n}", name, "person", f"p-{n}", "", "ada") for n, name in enumerate(names)]
    with workspace._desk.store.keeping_books() as connection:
        load(connection, tables.actor, COLUMNS, rows)
    return workspace


def found(workspace, condition_of):
    with workspace.reading() as tx:
        condition = condition_of(tx.connection, tables.actor.c.name)
        query = sa.select(tables.actor.c.name).where(condition)
        return sorted(tx.connection.execute(query).scalars())


@pytest.mark.parametrize(
    "texts", [[], NAMES[:1], NAMES, [*NAMES, "nobody"], [f"other {n}" for n in range(2_500)]]
)
def test_it_finds_exactly_the_rows_that_hold_one_of_them(peopled, texts):
    wanted = sorted(set(texts) - {"nobody"})

    assert found(peopled, lambda c, name: among(c, name, texts)) == wanted


def test_two_of_them_in_one_query_do_not_mix(peopled):
    both = found(
        peopled, lambda c, name: sa.and_(among(c, name, NAMES[:3]), ~among(c, name, NAMES[1:2]))
    )

    assert both == sorted([NAMES[0], NAMES[2]])
