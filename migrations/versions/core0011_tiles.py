"""Proofs read less, and so does who looks back at a unit's or an owner's systems.

Every fourth level of the trail's tree is kept, not every eighth; the history of systems gets indexes.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice

import sqlalchemy as sa
from alembic import op

revision = "core0011"
down_revision = "core0010"
branch_labels = None
depends_on = None

_LOOKED_BACK_BY = ("unit", "owner")
_APART = 4
_BATCH = 10_000
_NODES = sa.text("SELECT place, hash FROM aims_tree_node WHERE level = :level ORDER BY place")
_LEAVES = {
    "sqlite": sa.text(
        "SELECT sequence - 1, leaf FROM aims_event WHERE sequence <= "
        "(SELECT size FROM aims_tree WHERE name = 'main') ORDER BY sequence"
    ),
    "postgresql": sa.text(
        "SELECT l.leaf_index, e.leaf FROM aims_leaf l JOIN aims_event e ON e.sequence = l.sequence "
        "ORDER BY l.leaf_index"
    ),
}
_NEW = sa.text("INSERT INTO aims_tree_node (level, place, hash) VALUES (:level, :place, :hash)")


def upgrade() -> None:
    connection = op.get_bind()
    for column in _LOOKED_BACK_BY:
        name = op.f(f"ix_aims_system_history_{column}_system_id")
        op.create_index(name, "aims_system_history", [column, "system_id"])
    if connection.dialect.name == "postgresql":
        op.execute('CREATE TYPE aims_span AS RANGE (subtype = text, collation = "C")')
        op.execute(
            "CREATE INDEX ix_aims_system_history_span ON aims_system_history "
            "USING gist (aims_span(valid_from, valid_to))"
        )
    highest = connection.execute(sa.text("SELECT max(level) FROM aims_tree_node")).scalar() or 0
    for level in range(0, highest + 1, 2 * _APART):
        query = _NODES if level else _LEAVES[connection.dialect.name]
        below = connection.execute(
            query, {"level": level} if level else {}, execution_options={"yield_per": _BATCH}
        )
        above = _above((row[0], row[1]) for row in below)
        while made := list(islice(above, _BATCH)):
            rows = [{"level": level + _APART, "place": place, "hash": top} for place, top in made]
            connection.execute(_NEW, rows)


def _above(nodes: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield the nodes four levels up that are complete; where one is missing there is none."""
    tile: list[bytes] = []
    for place, text in nodes:
        if place % (1 << _APART) != len(tile):
            tile = []
        if place % (1 << _APART) == len(tile):
            tile.append(_digest(text))
        if len(tile) == 1 << _APART:
            yield place >> _APART, _top(tile).hex()
            tile = []


def _top(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]


def _digest(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return text.encode()  # it was changed, which `aims audit verify` says


def downgrade() -> None:
    connection = op.get_bind()
    for column in _LOOKED_BACK_BY:
        name = op.f(f"ix_aims_system_history_{column}_system_id")
        op.drop_index(name, table_name="aims_system_history")
    if connection.dialect.name == "postgresql":
        op.execute("DROP INDEX ix_aims_system_history_span")
        op.execute("DROP TYPE aims_span")
    on_sqlite = connection.dialect.name == "sqlite"
    guard = "aims_tree_node_keeps_delete" if on_sqlite else "aims_tree_node_append_only"
    op.execute(f"DROP TRIGGER {guard}" if on_sqlite else f"DROP TRIGGER {guard} ON aims_tree_node")
    node = sa.table("aims_tree_node", sa.column("level", sa.Integer))
    op.execute(sa.delete(node).where(node.c.level % (2 * _APART) != 0))
    op.execute(
        f"CREATE TRIGGER {guard} BEFORE DELETE ON aims_tree_node "
        "BEGIN SELECT RAISE(ABORT, 'aims_tree_node is append-only'); END"
        if on_sqlite
        else f"CREATE TRIGGER {guard} BEFORE UPDATE OR DELETE ON aims_tree_node "
        "FOR EACH ROW EXECUTE FUNCTION aims_append_only()"
    )
