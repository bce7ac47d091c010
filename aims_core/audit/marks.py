"""What a trail is held against: roots that were stated for a number of events, here or elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from json import loads

from aims_core.audit.notes import PublicKey, SignedCheckpoint, parse_checkpoint, parse_key

KEY_ADDED = "core.CheckpointKeyAdded"


@dataclass(frozen=True, slots=True)
class Mark:
    """Somebody's word that the first `size` events have this root."""

    size: int
    root: bytes
    label: str


@dataclass(slots=True)
class Marks:
    """Marks by size, and which of them held when the walk came by."""

    by_size: dict[int, list[Mark]] = field(default_factory=dict)
    held: list[int] = field(default_factory=list)
    broken: list[Mark] = field(default_factory=list)

    def add(self, mark: Mark) -> None:
        """Have a root looked at when the walk comes to its size."""
        self.by_size.setdefault(mark.size, []).append(mark)

    def sizes(self) -> list[int]:
        """Return the sizes at which to stop, ascending."""
        return sorted(self.by_size)

    def compare(self, size: int, root: bytes) -> None:
        """Hold the marks of a size against the root that the leaves give."""
        for mark in self.by_size.get(size, ()):
            if mark.root == root:
                self.held.append(size)
            else:
                self.broken.append(mark)

    def faults(self, events: int) -> Iterator[str]:
        """Yield what does not fit, the first with the stretch of events that can be to blame."""
        for size in self.sizes():
            if size > events:
                for mark in self.by_size[size]:
                    yield (
                        f"{mark.label} is about {size} events, the trail has {events}: it was cut, "
                        "or an older copy was restored"
                    )
        for number, mark in enumerate(self.broken):
            sound = max((size for size in self.held if size < mark.size), default=0)
            if number:
                yield f"{mark.label} (of {mark.size} events) does not fit either"
            else:
                yield (
                    f"{mark.label} does not fit: of the events at places {sound + 1} to {mark.size} "
                    "one or more were changed, removed, inserted or moved"
                )


@dataclass(frozen=True, slots=True)
class KeyInForce:
    """A checkpoint key and the place of the event that named it; it signs trees larger than that."""

    place: int
    sequence: int
    origin: str
    key: PublicKey


class KeyHistory:
    """The checkpoint keys that a trail names, each from its event on."""

    def __init__(self) -> None:
        self.keys: list[KeyInForce] = []
        self.faults: list[str] = []
        self.remarks: list[str] = []

    def take(self, place: int, sequence: int, payload: str) -> None:
        """Note a key; one that replaces another needs the other's signature, or it is remarked on."""
        try:
            told = loads(payload)
            origin, key = str(told["origin"]), parse_key(str(told["key"]))
            signature = bytes.fromhex(str(told["signature"]))
        except (ValueError, KeyError, TypeError):
            self.faults.append(f"event {sequence} names a checkpoint key that cannot be read")
            return
        if self.keys:
            before = self.keys[-1]
            statement = rotation_statement(before.origin, before.key, key)
            if not signature:
                self.remarks.append(
                    f"event {sequence} replaced the checkpoint key without the old one's signature"
                )
            elif not before.key.verifies(signature, statement):
                self.faults.append(
                    f"event {sequence} replaces the checkpoint key with a signature that does not hold"
                )
        self.keys.append(KeyInForce(place, sequence, origin, key))

    def at(self, size: int) -> KeyInForce | None:
        """Return the key that signs a checkpoint of this size."""
        fitting = [k for k in self.keys if k.place < size]
        return fitting[-1] if fitting else None

    def judge(self, checkpoint: SignedCheckpoint, label: str) -> Iterator[str]:
        """Yield why a checkpoint is not this trail's word: another log, or another key."""
        own = self.at(checkpoint.size)
        if own is None:
            yield f"{label} is of {checkpoint.size} events, before the trail names any checkpoint key"
        elif own.origin != checkpoint.origin:
            yield f"{label} is of another log: {checkpoint.origin}, this trail is {own.origin}"
        elif not checkpoint.is_signed_by(own.key):
            yield f"{label} bears no valid signature of the key in force then, {own.key.text}"


def rotation_statement(origin: str, old: PublicKey, new: PublicKey) -> bytes:
    """Return what the old key signs when a new one takes its place."""
    return f"aims checkpoint key\n{origin}\n{old.text}\n{new.text}\n".encode()


def stored_marks(rows: Sequence[Mapping[str, object]], marks: Marks) -> Iterator[str]:
    """Add the trail's own checkpoints to the marks, and yield where a row contradicts its note."""
    largest = 0
    for place, row in enumerate(rows, 1):
        number, label = row["number"], f"checkpoint {row['number']}"
        if number != place:
            yield f"checkpoint {place} is missing; the next one is {number}"
        try:
            said = parse_checkpoint(str(row["note"]))
        except ValueError as error:
            yield f"{label} cannot be read: {error}"
            continue
        if (said.origin, said.size, said.root.hex()) != (row["origin"], row["size"], row["root"]):
            yield f"{label} does not say what its note says"
        if said.size < largest:
            yield f"{label} is of fewer events than the one before"
        largest = max(largest, said.size)
        marks.add(Mark(said.size, said.root, label))
