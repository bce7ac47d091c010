"""Proofs read from the stored tree are those of the leaves held in memory, whatever the sizes."""

import pytest
import sqlalchemy as sa

from aims_core import WorkspaceError, audit, tables
from aims_core.audit import merkle
from aims_core.events import ActRefused
from aims_core.testing.intruder import disarmed, tampering

EVENTS = 1_100
"""More than four tiles of 256, so that three stored levels above the leaves take part."""
SIZES = (1, 2, 15, 16, 17, 255, 256, 257, 272, 511, 512, 769, 1_024, 1_025, EVENTS)


@pytest.fixture
def long(workspace):
    """Give a workspace with a long trail that is sealed."""
    with workspace.writing() as tx:
        tx.record(*(ActRefused(act=f"act {n}", reason="as the test says") for n in range(EVENTS)))
    workspace.audit.seal()
    return workspace


def leaves(connection):
    query = audit.in_order(sa.select(tables.event.c.leaf), connection.dialect.name)
    return [bytes.fromhex(leaf) for leaf in connection.execute(query).scalars()]


def test_every_proof_is_the_one_that_the_leaves_give(long):
    with long.reading() as tx:
        connection = tx.connection
        hash_of = merkle.levels(leaves(connection))
        for size in SIZES:
            assert audit.root_at(connection, size) == merkle.root(size, hash_of)
            for index in sorted({0, size // 3, size // 2, size - 1}):
                proof = audit.prove_inclusion(connection, index, size)
                assert proof == merkle.inclusion(index, size, hash_of)
                proof = audit.prove_consistency(connection, index + 1, size)
                assert proof == merkle.consistency(index + 1, size, hash_of)


def test_a_proof_is_read_by_one_statement(long):
    statements = []
    with long.reading() as tx:
        sa.event.listen(
            long._desk.store.engine, "after_cursor_execute", lambda *call: statements.append(call)
        )
        audit.prove_inclusion(tx.connection, 300, EVENTS)
        audit.prove_consistency(tx.connection, 300, EVENTS)

    assert len(statements) == 2


def test_what_lies_outside_the_tree_is_refused(long):
    with long.reading() as tx:
        with pytest.raises(ValueError, match="no leaf 5 among the first 5"):
            audit.prove_inclusion(tx.connection, 5, 5)
        with pytest.raises(ValueError, match="cannot be shown to extend"):
            audit.prove_consistency(tx.connection, 6, 5)
        with pytest.raises(WorkspaceError, match="lacks node"):
            audit.prove_inclusion(tx.connection, 0, 1 << 20)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM aims_tree_node WHERE level = 4 AND place = 3", "lacks node"),
        ("UPDATE aims_tree_node SET hash = 'x' WHERE level = 4 AND place = 3", "no hash"),
    ],
)
def test_no_proof_is_made_from_a_tree_with_holes(long, statement, said):
    with tampering(long) as connection:
        with disarmed(connection, "aims_tree_node"):
            connection.exec_driver_sql(statement)

        with pytest.raises(WorkspaceError, match=said):
            audit.prove_inclusion(connection, 0, EVENTS)
        proof = audit.prove_inclusion(connection, EVENTS - 1, EVENTS)

    assert proof  # what does not need the hole is not stopped by it


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM aims_tree_node WHERE level = 4 AND place IN (3, 5)", "differs at 2 node(s)"),
        ("UPDATE aims_tree_node SET hash = 'x' WHERE level = 8 AND place = 1", "places 257 to 512"),
        ("INSERT INTO aims_tree_node VALUES (4, -1, 'x')", "differs at 1 node(s)"),
        ("INSERT INTO aims_tree_node VALUES (5, 0, 'x')", "places 1 to 32"),
        ("INSERT INTO aims_tree_node VALUES (12, 0, 'x')", "places 1 to 4096"),
    ],
)
def test_verifying_finds_stored_nodes_that_do_not_belong(long, statement, said):
    with tampering(long) as connection, disarmed(connection, "aims_tree_node"):
        connection.exec_driver_sql(statement)

    with long.reading() as tx:
        faults = audit.verify(tx.connection).faults

    assert len(faults) == 1
    assert said in faults[0]
