"""What is tried here comes from outside: files, frames and texts that were made to do harm."""

import pytest
import sqlalchemy as sa
from hypothesis import settings

from aims_core import tables
from aims_core.testing.fixtures import TICKET_TRIAGE

settings.register_profile("aims", deadline=None)
settings.load_profile("aims")

COLUMNS = ("system_id", "name", "use_case", "owner", "origin", "declared_risk_category")


@pytest.fixture
def ines(workspace):
    """The workspace as its steward, with the installed importers."""
    return workspace.act_as("ines")


@pytest.fixture
def described():
    """Give the description of a system with some fields changed."""

    def make(**changes):
        return {**TICKET_TRIAGE, **changes}

    return make


BOOKS = {
    "aims_event",
    "aims_outbox",
    "aims_trail_head",
    "aims_delivery",
    "aims_unsealed",
    "aims_leaf",
    "aims_tree",
    "aims_tree_node",
}
"""Tables in which a refusal is recorded, and events find their place."""


@pytest.fixture
def state(workspace):
    """Give what must not change when something is refused: the rows of every table but the refusal itself."""

    def read():
        counted = {}
        with workspace.reading() as tx:
            for table in tables.metadata.sorted_tables:
                if table.name in BOOKS:
                    continue
                query = sa.select(sa.func.count()).select_from(table)
                counted[table.name] = tx.connection.execute(query).scalar()
            events = sa.select(sa.func.count()).where(tables.event.c.type != "core.ActRefused")
            counted["events"] = tx.connection.execute(events).scalar()
        return counted

    return read
