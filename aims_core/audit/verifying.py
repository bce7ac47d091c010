"""The whole trail is recomputed and held against what was stated about it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.audit.erasing import ERASED, Erasures
from aims_core.audit.leaves import FIELDS, START, chained, leaf_of
from aims_core.audit.marks import KEY_ADDED, KeyHistory, Mark, Marks, stored_marks
from aims_core.audit.merkle import EMPTY, Frontier
from aims_core.audit.moved import moved
from aims_core.audit.notes import SignedCheckpoint, parse_checkpoint
from aims_core.audit.sealing import TREE, sealed
from aims_core.audit.stored_tree import StoredTree
from aims_core.audit.writing import HEAD, HEAD_IS_MISSING
from aims_core.errors import WorkspaceError
from aims_core.records import Verification

_LOOKED_INTO = frozenset({KEY_ADDED, ERASED})
_BATCH = 5_000
_MAX_FAULTS = 20
_LEAF, _CHAIN = len(FIELDS) + 1, len(FIELDS) + 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Against:
    """What a trail is held against from outside.

    `head` is a head noted earlier; `checkpoints` are signed notes kept elsewhere; `leaves` are those of
    an export, by place.
    """

    head: str = ""
    checkpoints: Sequence[SignedCheckpoint] = ()
    leaves: Sequence[str] = ()


def verify(connection: sa.Connection, against: Against | None = None) -> Verification:
    """Recompute every leaf, the chain and the tree, and name what does not fit."""
    against = against or Against()
    noted, marks = _noted(connection), Marks()
    tree = connection.execute(
        sa.select(tables.tree).where(tables.tree.c.name == TREE)
    ).one_or_none()
    stored = connection.execute(sa.select(tables.checkpoint).order_by("number")).mappings().all()
    faults = list(stored_marks([dict(row) for row in stored], marks))
    for given in against.checkpoints:
        marks.add(Mark(given.size, given.root, f"the given checkpoint of {given.size} events"))
    if tree is not None:
        marks.add(Mark(tree.size, bytes.fromhex(_hex(tree.root)), "the stored tree"))
    kept = StoredTree(connection, tree.size if tree is not None else 0)
    walk = _Walk(connection.dialect.name, noted, marks, against, kept)
    for rows in _partitions(connection):
        walk.take(rows)
    walk.end()
    waiting = _unsealed(connection, walk)
    # What concerns the whole trail comes first: the list is cut where it gets long.
    faults += [*marks.faults(walk.frontier.size), *_ends(walk, noted)]
    faults += [*_tree_faults(tree, walk), *walk.faults, *walk.erasures.faults()]
    faults += [*walk.keys.faults, *_signatures(walk.keys, stored, against)]
    head = walk.chain if connection.dialect.name != "postgresql" else walk.frontier.root().hex()
    return Verification(
        events=walk.frontier.size + waiting,
        head=head,
        faults=tuple(faults[:_MAX_FAULTS]),
        remarks=(*walk.erasures.remarks(), *walk.keys.remarks, *_waiting(waiting)),
    )


class _Walk:
    """One pass over the trail in its order; what it learns on the way."""

    def __init__(
        self,
        dialect: str,
        noted: tuple[int, str] | None,
        marks: Marks,
        against: Against,
        kept: StoredTree,
    ) -> None:
        self.queued = dialect == "postgresql"
        self.chained_to = noted[0] if noted else 0
        self.frontier = Frontier()
        self.kept = kept
        self.faults: list[str] = []
        self.erasures = Erasures()
        self.keys = KeyHistory()
        self.chain, self.last = START, 0
        self._place = 0
        self._marks, self._stops = marks, marks.sizes()
        self._against = against
        self.seen = against.head in {"", START, EMPTY.hex()}
        self._marks.compare(0, EMPTY)

    def take(self, rows: Iterable[Any]) -> None:
        """Take the next events, as (place, the fields of a leaf, leaf, chain)."""
        leaves = []
        for row in rows:
            if row[1] is None:
                self._fault(f"the event at place {row[0] + 1} is missing")
                self._place = row[0] + 1
                continue
            found, leaf, before = leaf_of((str(row[1]), *row[2:_LEAF])), row[_LEAF], self.chain
            self.take_chain(row)
            if row[0] != self._place or found != leaf or self.chain_is_wrong(row, before):
                self._suspect(row, found, before)
            if row[3] in _LOOKED_INTO:
                self._look_into(row)
            if self._against.leaves:
                self._compare(row)
            self._place = row[0] + 1
            leaves.append(_digest(leaf))
        self._extend(leaves)

    def end(self) -> None:
        """Say what is missing at the end."""
        given = len(self._against.leaves)
        if self._place < given:
            self._fault(f"the export holds {given} events, the trail {self._place}: it was cut")
        if not self.seen:
            self._fault(
                f"the expected head {self._against.head[:16]}… is nowhere in the trail: "
                "it was cut or rewritten"
            )

    def take_chain(self, row: Any) -> None:
        """Move on in the chain; events written on PostgreSQL have none."""
        if row[_CHAIN]:
            self.chain, self.last = row[_CHAIN], max(self.last, row[1])
            self.seen = self.seen or self.chain == self._against.head

    def chain_is_wrong(self, row: Any, before: str) -> bool:
        """Return whether an event's chain value is not the one that its place asks for."""
        if self.queued and row[1] > self.chained_to:
            return bool(row[_CHAIN] != "")
        return bool(row[_CHAIN] != chained(before, row[_LEAF]))

    def _suspect(self, row: Any, found: str, before: str) -> None:
        named = f"event {row[1]} ({row[3]})"
        if row[0] != self._place:
            self._fault(f"event {self._place + 1} is missing; the next one is {row[0] + 1}")
        if found != row[_LEAF] and not self.erasures.blank(row):
            self._fault(f"{named} was changed")
        if self.chain_is_wrong(row, before):
            self._fault(f"{named} does not follow the one before")

    def _look_into(self, row: Any) -> None:
        if row[3] == KEY_ADDED:
            self.keys.take(row[0], row[1], row[8])
        else:
            self.erasures.take(row[1], row[8])

    def _compare(self, row: Any) -> None:
        held = self._against.leaves
        if row[0] < len(held) and held[row[0]] != row[_LEAF]:
            self._fault(f"event {row[1]} ({row[3]}) is not the one that was exported")

    def _extend(self, leaves: list[bytes]) -> None:
        start, done = self.frontier.size, 0
        for size in (s for s in self._stops if start < s <= start + len(leaves)):
            self._grow(leaves[done : size - start])
            done = size - start
            self._marks.compare(size, self.frontier.root())
        self._grow(leaves[done:])

    def _grow(self, leaves: list[bytes]) -> None:
        if not self.queued or self.seen:
            self.frontier.extend(leaves, self.kept.note)
            return
        for leaf in leaves:  # the head noted earlier is the root of some smaller tree
            self.frontier.extend((leaf,), self.kept.note)
            self.seen = self.seen or self.frontier.root().hex() == self._against.head

    def _fault(self, fault: str) -> None:
        if len(self.faults) < _MAX_FAULTS:
            self.faults.append(fault)


def _partitions(connection: sa.Connection) -> Iterator[Sequence[Any]]:
    event, leaf = tables.event, tables.leaf
    columns = [*(event.c[name] for name in FIELDS), event.c.leaf, event.c.chain]
    queries = [
        sa.select(leaf.c.leaf_index, *columns)
        .select_from(leaf.outerjoin(event, event.c.sequence == leaf.c.sequence))
        .order_by(leaf.c.leaf_index)
    ]
    if connection.dialect.name != "postgresql":
        before = moved(connection)
        queries.append(
            sa.select(event.c.sequence - before.shift, *columns)
            .where(event.c.sequence > before.last)
            .order_by(event.c.sequence)
        )
    for query in queries:
        result = connection.execute(query, execution_options={"yield_per": _BATCH})
        yield from result.partitions()


def _unsealed(connection: sa.Connection, walk: _Walk) -> int:
    """Look at the events that wait for their place, and return how many there are."""
    if not walk.queued:
        return 0
    event, leaf, queue = tables.event, tables.leaf, tables.unsealed
    query = (
        sa.select(
            queue.c.sequence, *(event.c[name] for name in FIELDS), event.c.leaf, event.c.chain
        )
        .select_from(
            event.outerjoin(leaf, leaf.c.sequence == event.c.sequence).outerjoin(
                queue, queue.c.sequence == event.c.sequence
            )
        )
        .where(leaf.c.sequence.is_(None))
        .order_by(event.c.sequence)
    )
    count = 0
    for row in connection.execute(query):
        count += 1
        named = f"event {row[1]} ({row[3]})"
        if leaf_of((str(row[1]), *row[2:_LEAF])) != row[_LEAF] and not walk.erasures.blank(row):
            walk.faults.append(f"{named} was changed")
        if walk.chain_is_wrong(row, walk.chain):
            walk.faults.append(f"{named} does not follow the one before")
        if row[0] is None:
            walk.faults.append(f"{named} is neither in the tree nor waiting for it")
        if row[3] == ERASED:
            walk.erasures.take(row[1], row[8])
    return count


def _ends(walk: _Walk, noted: tuple[int, str] | None) -> Iterator[str]:
    if noted is None:
        yield "the head of the trail is missing"
    elif noted != (walk.last, walk.chain):
        yield f"the head names event {noted[0]}, the trail ends at event {walk.last}"


def _tree_faults(tree: Any, walk: _Walk) -> Iterator[str]:
    if tree is None:
        yield "the tree of the trail is missing"
        return
    if tree.size == walk.frontier.size and tree.peaks != [p.hex() for p in walk.frontier.peaks]:
        yield "the stored tree's right edge is not that of the trail"
    if walk.queued and tree.size != walk.frontier.size:
        yield f"the stored tree has {tree.size} leaves, the trail {walk.frontier.size}"
    yield from walk.kept.faults()


def _signatures(keys: KeyHistory, stored: Sequence[Any], against: Against) -> Iterator[str]:
    for row in stored:
        try:
            said = parse_checkpoint(row["note"])
        except ValueError:
            continue  # said already
        yield from keys.judge(said, f"checkpoint {row['number']}")
    for given in against.checkpoints:
        yield from keys.judge(given, f"the given checkpoint of {given.size} events")


def _waiting(count: int) -> Iterator[str]:
    if count:
        yield f"{count} event(s) are not sealed yet; `aims audit seal` gives them their place"


def _noted(connection: sa.Connection) -> tuple[int, str] | None:
    table = tables.trail_head
    row = connection.execute(
        sa.select(table.c.sequence, table.c.chain).where(table.c.name == HEAD)
    ).one_or_none()
    return (int(row.sequence), str(row.chain)) if row is not None else None


def head(connection: sa.Connection) -> tuple[int, str]:
    """Return how long the trail is and the value that stands for all of it.

    On SQLite the number of events and the chain value of the last; on PostgreSQL the number of sealed
    events and the root of their tree.

    Raises
    ------
    WorkspaceError
        The row that holds them is gone.
    """
    if connection.dialect.name == "postgresql":
        tree = sealed(connection)
        return tree.size, tree.root
    noted = _noted(connection)
    if noted is None:
        raise WorkspaceError(HEAD_IS_MISSING)
    return noted[0] - moved(connection).shift + 1, noted[1]


def _digest(leaf: str) -> bytes:
    try:
        return bytes.fromhex(leaf)
    except ValueError:
        return (
            leaf.encode()
        )  # it was changed, which is said; the tree goes on with what stands there


def _hex(text: str) -> str:
    return text if len(text) == len(START) and set(text) <= set("0123456789abcdef") else "00"
