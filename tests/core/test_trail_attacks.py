"""Somebody who can write to the database, with every guard taken away, against a checkpoint kept elsewhere.

Each attack is made three ways: as it is; with the leaves recomputed; and with everything recomputed that
can be without the key: leaves, chain, heads, tree. The last one is found by nothing but the checkpoint.
"""

import json
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from aims_core import Event, audit, tables
from aims_core.audit.leaves import FIELDS, START, chained, leaf
from aims_core.audit.merkle import Frontier
from aims_core.audit.sealing import TILE
from aims_core.db.engine import for_writing

COLUMNS = (*FIELDS, "leaf", "chain")


@dataclass(frozen=True, kw_only=True)
class Other(Event):
    """An event of a plugin, with text beyond ASCII."""

    component = "test"
    text: str = "Überprüfung: naïve, 試験"


class Attacker:
    """Rewrites the tables of a trail as raw SQL can, guards and foreign keys off."""

    def __init__(self, workspace):
        self.engine = workspace._desk.store.engine
        self.on_postgresql = self.engine.dialect.name == "postgresql"

    def __enter__(self):
        self.connection = for_writing(self.engine.connect())
        if self.on_postgresql:
            self.connection.exec_driver_sql("SET session_replication_role = replica")
        else:
            self.connection.exec_driver_sql("COMMIT")
            self.connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            self.connection.exec_driver_sql("BEGIN IMMEDIATE")
            names = self.connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            )
            for name in names.scalars().all():
                self.connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return self

    def __exit__(self, *_):
        self.connection.commit()
        self.connection.invalidate()  # no other test gets a connection whose guards are off
        self.connection.close()

    def rows(self):
        query = audit.in_order(sa.select(tables.event), self.connection.dialect.name)
        return [dict(row) for row in self.connection.execute(query).mappings()]

    def rewrite(self, rows, *, leaves, whole):
        """Put these rows in the place of the trail's."""
        if leaves or whole:
            rows = [{**row, "leaf": leaf(row)} for row in rows]
        if whole and not self.on_postgresql:
            chain = START
            for number, row in enumerate(rows, 1):
                row["sequence"] = number
                row["leaf"] = leaf(row)
                chain = row["chain"] = chained(chain, row["leaf"])
        for table in (tables.outbox, tables.unsealed, tables.delivery, tables.leaf, tables.event):
            self.connection.execute(sa.delete(table))
        self.connection.execute(sa.insert(tables.event), rows)
        if self.on_postgresql:
            places = [{"leaf_index": n, "sequence": r["sequence"]} for n, r in enumerate(rows)]
            self.connection.execute(sa.insert(tables.leaf), places)
        if whole:
            self._recompute(rows)

    def _recompute(self, rows):
        frontier, nodes = Frontier(), []

        def note(level, place, top):
            if level % TILE == 0:
                nodes.append({"level": level, "place": place, "hash": top.hex()})

        frontier.extend((bytes.fromhex(row["leaf"]) for row in rows), note)
        self.connection.execute(sa.delete(tables.tree_node))
        if nodes:
            self.connection.execute(sa.insert(tables.tree_node), nodes)
        self.connection.execute(
            sa.update(tables.tree).values(
                size=frontier.size,
                peaks=[peak.hex() for peak in frontier.peaks],
                root=frontier.root().hex(),
            )
        )
        self.connection.execute(sa.delete(tables.anchoring))
        self.connection.execute(sa.delete(tables.checkpoint))
        if not self.on_postgresql:
            head = {"sequence": len(rows), "chain": rows[-1]["chain"] if rows else START}
            self.connection.execute(sa.update(tables.trail_head).values(**head))


@pytest.fixture
def trail(signed):
    """Give a trail with many kinds of events, some after the first checkpoint, all under the last."""
    with signed.writing() as tx:
        tx.record(*(Other(system_id="ticket-triage", text=f"é{n}") for n in range(300)))
    signed.act_as("olga").inventory.revise("ticket-triage", name="Other")
    signed.audit.checkpoint()
    return signed


def found(workspace, **options):
    """Return the faults against the checkpoint kept elsewhere, and check that there are some."""
    faults = workspace.audit.verify(**options).faults
    assert faults
    return " ".join(faults)


def kept(workspace):
    return [checkpoint.note for checkpoint in workspace.audit.checkpoints()]


def test_the_trail_holds_before_anybody_attacks_it(trail):
    verification = trail.audit.verify(checkpoints=kept(trail))

    assert verification.intact, verification.faults
    assert verification.remarks == ()


WAYS = ("as it is", "leaves recomputed", "all recomputed")


@pytest.mark.parametrize("way", WAYS)
def test_changing_any_field_of_any_kind_of_event_is_found(trail, way):
    notes = kept(trail)
    with Attacker(trail) as attacker:
        original = attacker.rows()
    first = {row["type"]: place for place, row in reversed(list(enumerate(original[:-1])))}
    assert len(first) >= 7
    size = trail.audit.newest_checkpoint().size
    for kind, place in first.items():
        for column in COLUMNS:
            attacked = [dict(row) for row in original]
            attacked[place][column] = _other(attacked[place][column])
            if way != WAYS[0] and column in {"leaf", "chain"}:
                continue  # recomputing undoes it: nothing is left to be found
            if way == WAYS[2] and column == "sequence" and not _on_postgresql(trail):
                continue  # the same
            if place >= size:
                continue  # after the last checkpoint: the claim ends there
            with Attacker(trail) as attacker:
                attacker.rewrite(attacked, leaves=way == WAYS[1], whole=way == WAYS[2])

            faults = found(trail, checkpoints=notes)

            if way == WAYS[0] and column != "sequence":
                assert f"({kind})" in faults or column == "type", (kind, column, faults)
            if way == WAYS[2]:
                assert "does not fit: of the events at places" in faults, (kind, column, faults)


def _other(value):
    return value + 10_000_000 if isinstance(value, int) else "x" + value[1:] if value else "x"


def _on_postgresql(workspace):
    return workspace._desk.store.dialect == "postgresql"


def remove(rows):
    del rows[3]


def insert(rows):
    rows.insert(3, {**rows[3], "event_id": "evt-forged", "sequence": 10_000_000})


def move(rows):
    rows[3], rows[5] = rows[5], rows[3]


def swap_numbers(rows):
    rows[3]["sequence"], rows[5]["sequence"] = rows[5]["sequence"], rows[3]["sequence"]


def cut(rows):
    del rows[-4:]


def empty(rows):
    rows[3]["payload"] = rows[3]["nonce"] = ""


def replace_all(rows):
    for row in rows:
        row["actor"] = "mallory"


ATTACKS = (remove, insert, move, swap_numbers, cut, empty, replace_all)


# On SQLite the numbers are the order, so these change nothing: there is nothing to be found.
WITHOUT_EFFECT = {
    ("sqlite", "move", WAYS[0]),
    ("sqlite", "move", WAYS[1]),
    ("sqlite", "swap_numbers", WAYS[2]),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_on_the_trail_is_found(trail, attack, way, aims_database):
    notes = kept(trail)
    with Attacker(trail) as attacker:
        before = attacker.rows()
        rows = attacker.rows()
        attack(rows)
        attacker.rewrite(rows, leaves=way == WAYS[1], whole=way == WAYS[2])
        unchanged = attacker.rows() == before

    assert unchanged == ((aims_database, attack.__name__, way) in WITHOUT_EFFECT)
    if not unchanged:
        found(trail, checkpoints=notes)


@pytest.mark.parametrize(
    "attack", [a for a in ATTACKS if a is not swap_numbers], ids=lambda attack: attack.__name__
)
def test_a_trail_rewritten_whole_passes_without_a_checkpoint_and_an_export_names_the_events(
    trail, tmp_path, attack
):
    trail.audit.export(tmp_path / "export")
    with Attacker(trail) as attacker:
        rows = attacker.rows()
        attack(rows)
        attacker.rewrite(rows, leaves=True, whole=True)

    assert trail.audit.verify().intact  # the limit of what any trail can show by itself
    faults = found(trail, export=tmp_path / "export")
    assert "is not the one that was exported" in faults or "it was cut" in faults


def test_the_stretch_of_events_to_blame_lies_between_the_last_sound_checkpoint_and_the_next(trail):
    first, second = trail.audit.checkpoints()
    with Attacker(trail) as attacker:
        rows = attacker.rows()
        rows[first.size + 2]["actor"] = "mallory"
        attacker.rewrite(rows, leaves=True, whole=True)

    faults = found(trail, checkpoints=[first.note, second.note])

    assert f"at places {first.size + 1} to {second.size}" in faults


def test_an_older_copy_that_was_restored_is_found_by_its_size(trail):
    notes = kept(trail)
    with Attacker(trail) as attacker:
        attacker.rewrite(attacker.rows()[:5], leaves=False, whole=True)

    assert "the trail has 5" in found(trail, checkpoints=notes)


def test_nothing_is_signed_that_contradicts_an_earlier_signature(trail):
    from aims_core import WorkspaceError

    with Attacker(trail) as attacker:
        rows = attacker.rows()
        rows[3]["actor"] = "mallory"
        attacker.rewrite(rows, leaves=True, whole=True)

    with pytest.raises(WorkspaceError, match="not a continuation"):
        trail.audit.checkpoint()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE aims_checkpoint SET size = size - 1 WHERE number = 2",
            "does not say what its note",
        ),
        ("UPDATE aims_checkpoint SET note = 'x' WHERE number = 2", "checkpoint 2 cannot be read"),
        ("DELETE FROM aims_checkpoint WHERE number = 1", "checkpoint 1 is missing"),
        ("UPDATE aims_tree SET root = 'x'", "the stored tree does not fit"),
        ("UPDATE aims_tree SET size = size - 1", "the stored tree does not fit"),
        ("UPDATE aims_tree SET peaks = '[]'", "right edge"),
        ("DELETE FROM aims_tree", "the tree of the trail is missing"),
        (
            "UPDATE aims_tree_node SET hash = 'x' WHERE level = 8",
            "the stored tree differs at 1 node",
        ),
        ("DELETE FROM aims_tree_node WHERE level = 8", "the stored tree differs at 1 node"),
        ("INSERT INTO aims_tree_node VALUES (8, 9, 'x')", "the stored tree differs at 1 node"),
        ("DELETE FROM aims_trail_head", "the head of the trail is missing"),
        ("UPDATE aims_trail_head SET sequence = 99", "the head names event 99"),
    ],
)
def test_tampering_with_what_is_kept_about_the_trail_is_found(trail, statement, said):
    trail.audit.seal()
    with Attacker(trail) as attacker:
        attacker.connection.exec_driver_sql(statement)
    faults = " ".join(_verified_without_sealing(trail).faults)

    assert said in faults


def _verified_without_sealing(workspace):
    with workspace.reading() as tx:
        return audit.verify(tx.connection)


@pytest.mark.parametrize("aims_database", ["postgresql"])
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM aims_leaf WHERE leaf_index = 3", "event 4 is missing"),
        ("DELETE FROM aims_event WHERE sequence = 4", "the event at place 4 is missing"),
        ("UPDATE aims_event SET chain = 'x' WHERE sequence = 4", "does not follow the one before"),
        (
            "UPDATE aims_leaf SET leaf_index = leaf_index + 1000 WHERE leaf_index > 300",
            "is missing",
        ),
    ],
)
def test_tampering_with_the_order_of_leaves_is_found(trail, statement, said):
    with Attacker(trail) as attacker:
        attacker.connection.exec_driver_sql(statement)

    assert said in " ".join(_verified_without_sealing(trail).faults)


@pytest.mark.parametrize("aims_database", ["postgresql"])
def test_an_event_that_waits_to_be_sealed_is_no_fault_and_one_that_nobody_queued_is(registered):
    with registered._desk.store.begin(registered.actor) as tx:
        tx.record(Other())
    waiting = _verified_without_sealing(registered)
    assert waiting.intact, waiting.faults
    assert "1 event(s) are not sealed yet" in waiting.remarks[0]

    with Attacker(registered) as attacker:
        attacker.connection.exec_driver_sql("DELETE FROM aims_unsealed")

    assert "neither in the tree nor waiting" in " ".join(
        _verified_without_sealing(registered).faults
    )


def test_a_head_noted_earlier_is_no_longer_there_when_the_trail_was_cut(registered):
    _, head = registered.audit.head()
    assert registered.audit.verify(head).intact
    with Attacker(registered) as attacker:
        attacker.rewrite(attacker.rows()[:-1], leaves=False, whole=True)

    assert registered.audit.verify().intact
    assert "nowhere in the trail" in found(registered, expect_head=head)


def test_a_trail_without_its_bookkeeping_takes_no_checkpoint(signed):
    from aims_core import WorkspaceError

    signed.act_as("olga").inventory.revise("ticket-triage", name="Other")
    with Attacker(signed) as attacker:
        attacker.connection.exec_driver_sql("DELETE FROM aims_tree")

    with pytest.raises(WorkspaceError, match="tree is missing"):
        signed.audit.checkpoint()


@pytest.mark.parametrize("aims_database", ["sqlite"])
def test_a_trail_whose_head_is_gone_takes_no_further_events_on_sqlite(registered):
    from aims_core import WorkspaceError

    with Attacker(registered) as attacker:
        attacker.connection.exec_driver_sql("DELETE FROM aims_trail_head")

    with pytest.raises(WorkspaceError, match="head of the audit trail is missing"):
        registered.act_as("olga").inventory.revise("ticket-triage", name="Other")
    assert registered.inventory.get("ticket-triage").revision == 1


def test_events_with_text_beyond_ascii_hash_like_the_definition_says(trail):
    import hashlib

    with trail.reading() as tx:
        rows = tx.connection.execute(sa.select(tables.event)).mappings().all()
    for row in rows:
        parts = [str(row[name]).encode() for name in FIELDS]
        entry = b"".join(b"%d:%b," % (len(part), part) for part in parts)
        assert hashlib.sha256(b"\x00" + entry).hexdigest() == row["leaf"]
    assert json.loads(rows[-4]["payload"])
