"""Verify an exported audit trail of AIMS, or a proof from one. Needs Python 3.11 and nothing else.

    python -I verify_trail.py EXPORT [--key KEY] [--checkpoint FILE ...]
    python -I verify_trail.py --proof FILE [--key KEY]

KEY is the public key of the trail as you were told it, ``name+id+base64``. A FILE is a checkpoint that you
keep. Without them an export can only be shown to be at one with itself, and this program says so.
Exit code 0: everything holds. 1: something does not. 2: it could not be read.

What is checked: every event against its leaf, SHA-256(0x00 ‖ stored columns as netstrings); the leaves
against the root of every checkpoint (RFC 9162, section 2); the checkpoints' Ed25519 signatures (RFC 8032)
against the keys that the trail names, the first of which is to be KEY; changes of keys against the old
key's signature; emptied events against the event of their erasure; the chain, where the trail has one.
This file is meant to be read: it shares no code with the program that wrote the trail.
"""

import argparse
import json
import sys
from base64 import b64decode
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

FIELDS = (
    "sequence", "event_id", "type", "at", "actor", "assurance", "system_id", "payload", "nonce",
)  # fmt: skip
MOST_SHOWN = 20
KEY_BYTES, SIGNATURE_BYTES, ID_BYTES = 32, 64, 4

Point = tuple[int, int, int, int]
Event = dict[str, Any]

# --- Ed25519, verification only (RFC 8032, 5.1) ------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add(one: Point, other: Point) -> Point:
    """Add two points in extended coordinates (x, y, z, t)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(factor: int, point: Point) -> Point:
    """Multiply a point by a number."""
    result = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            result = add(result, point)
        point = add(point, point)
        factor >>= 1
    return result


def same(one: Point, other: Point) -> bool:
    """Return whether two points are the same."""
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (
        one[1] * other[2] - other[1] * one[2]
    ) % P == 0


def x_of(y: int, sign: int) -> int | None:
    """Return the x of a point with this y, or None where there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def point_of(data: bytes) -> Point | None:
    """Return the point that 32 bytes stand for, or None."""
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = x_of(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = x_of(BASE_Y, 0) or 0
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether an Ed25519 signature is that of a message by the owner of a public key."""
    if len(public) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    key, commitment = point_of(public), point_of(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= ORDER:
        return False
    challenge = sha512(signature[:32] + public + message).digest()
    factor = int.from_bytes(challenge, "little") % ORDER
    return same(times(scalar, BASE), add(commitment, times(factor, key)))


# --- Merkle tree (RFC 9162, 2.1) ---------------------------------------------------------------------


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash above two others."""
    return sha256(b"\x01" + left + right).digest()


def root_of(peaks: list[bytes]) -> bytes:
    """Return the root from the roots of complete subtrees, the largest first."""
    if not peaks:
        return sha256(b"").digest()
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node(peak, root)
    return root


def grown(peaks: list[bytes], size: int, leaf: bytes) -> None:
    """Add a leaf to the complete subtrees of a tree of `size` leaves."""
    while size & 1:
        leaf = node(peaks.pop(), leaf)
        size >>= 1
    peaks.append(leaf)


def included(leaf: bytes, place: int, size: int, proof: list[bytes]) -> bytes | None:
    """Return the root to which an inclusion proof leads, or None (2.1.3.2)."""
    if not 0 <= place < size:
        return None
    last = size - 1
    for step in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            leaf = node(step, leaf)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            leaf = node(leaf, step)
        place, last = place >> 1, last >> 1
    return leaf if last == 0 else None


def extends(old: int, new: int, proof: list[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Return whether a consistency proof holds (2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node(step, first), node(step, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node(second, step)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


# --- Events, keys, checkpoints -----------------------------------------------------------------------


def leaf_of(event: Event) -> str:
    """Return the leaf of an event from its stored columns."""
    parts = [str(event[name]).encode() for name in FIELDS]
    return sha256(b"\x00" + b"".join(b"%d:%b," % (len(p), p) for p in parts)).hexdigest()


class Key:
    """A public key, written name+id+base64."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.name, self.id, encoded = self.text.split("+", 2)
        raw = b64decode(encoded, validate=True)
        self.raw = raw[1:]
        own = sha256(self.name.encode() + b"\n" + raw).hexdigest()[:8]
        if raw[:1] != b"\x01" or len(raw) != KEY_BYTES + 1 or own != self.id:
            raise ValueError(f"{self.text!r} is no Ed25519 public key of the form name+id+base64")


class Checkpoint:
    """A signed note: origin, number of events, root, signatures."""

    def __init__(self, text: str, label: str) -> None:
        body, _, signed = text.replace("\r\n", "\n").partition("\n\n")
        self.label = label
        self.origin, size, root = body.split("\n")
        self.size, self.root = int(size), b64decode(root, validate=True)
        self.body = (body + "\n").encode()
        self.signatures = []
        for line in signed.strip("\n").split("\n"):
            dash, name, encoded = line.split(" ")
            raw = b64decode(encoded, validate=True)
            if dash != "\u2014" or len(raw) <= ID_BYTES:
                raise ValueError(f"{label} has a signature line that cannot be read")
            self.signatures.append((name, raw[:ID_BYTES].hex(), raw[ID_BYTES:]))

    def signed_by(self, key: Key) -> bool:
        """Return whether one of the signatures is this key's and holds."""
        return any(
            (name, key_id) == (key.name, key.id) and signature_holds(key.raw, self.body, signature)
            for name, key_id, signature in self.signatures
        )


class Trail:
    """What one pass over an export finds."""

    def __init__(self, pinned: Key | None) -> None:
        self.pinned = pinned
        self.faults: list[str] = []
        self.remarks: list[str] = []
        self.keys: list[tuple[int, Key, str]] = []
        self.blank: dict[str, Event] = {}
        self.erased: dict[str, tuple[str, Event]] = {}
        self.peaks: list[bytes] = []
        self.roots: dict[int, bytes] = {}
        self.count, self.chain = 0, "0" * 64

    def take(self, event: Event, wanted: set[int]) -> None:
        """Take the next event; keep the root wherever a checkpoint of that size is to be compared."""
        named = f"event {event['sequence']} ({event['type']})"
        if event["place"] != self.count:
            self.faults.append(f"{named} stands at place {event['place']}, expected {self.count}")
        if leaf_of(event) != event["leaf"]:
            if event["payload"] or event["nonce"]:
                self.faults.append(f"{named} was changed")
            else:
                self.blank[event["event_id"]] = event
        if event["chain"]:
            self.take_chain(event, named)
        if event["type"] == "core.CheckpointKeyAdded":
            self.take_key(event, named)
        if event["type"] == "core.EventErased" and event["payload"]:
            left = json.loads(event["payload"])["left"]
            self.erased[left["event_id"]] = (event["sequence"], left)
        grown(self.peaks, self.count, bytes.fromhex(event["leaf"]))
        self.count += 1
        if self.count in wanted:
            self.roots[self.count] = root_of(self.peaks)

    def take_chain(self, event: Event, named: str) -> None:
        """Follow the chain, which trails written on SQLite have."""
        linked = sha256(b"\x01" + self.chain.encode() + event["leaf"].encode()).hexdigest()
        if event["chain"] != linked:
            self.faults.append(f"{named} does not follow the one before")
        self.chain = event["chain"]

    def take_key(self, event: Event, named: str) -> None:
        """Take a checkpoint key; one that replaces another must be signed by it."""
        told = json.loads(event["payload"])
        key = Key(told["key"])
        if not self.keys:
            if self.pinned and key.text != self.pinned.text:
                self.faults.append(f"{named} names {key.text}, you expect {self.pinned.text}")
        elif told["signature"]:
            old = self.keys[-1][1]
            statement = f"aims checkpoint key\n{told['origin']}\n{old.text}\n{key.text}\n"
            if not signature_holds(old.raw, statement.encode(), bytes.fromhex(told["signature"])):
                self.faults.append(f"{named} replaces the key with a signature that does not hold")
        else:
            self.remarks.append(f"{named} replaced the key without the old one's signature")
        self.keys.append((self.count, key, told["origin"]))

    def compare(self, checkpoints: list[Checkpoint]) -> None:
        """Hold the checkpoints against the roots and the keys."""
        sound = 0
        for one in sorted(checkpoints, key=lambda c: c.size):
            fitting = [(key, origin) for place, key, origin in self.keys if place < one.size]
            if one.size > self.count:
                self.faults.append(
                    f"{one.label} is about {one.size} events, the trail has {self.count}"
                )
            elif self.roots.get(one.size) != one.root:
                self.faults.append(
                    f"{one.label} does not fit: of the events at places {sound + 1} to {one.size} "
                    "one or more were changed, removed, inserted or moved"
                )
            else:
                sound = one.size
            if not fitting:
                self.faults.append(f"{one.label}: the trail names no key for it")
            elif one.origin != fitting[-1][1]:
                self.faults.append(f"{one.label} is of another log, {one.origin}")
            elif not one.signed_by(fitting[-1][0]):
                self.faults.append(f"{one.label} is not signed by the key in force then")

    def finish(self) -> None:
        """Look at emptied events: a later event must say that they were erased, and what is left."""
        if self.pinned and not self.keys:
            self.faults.append(f"the trail names no checkpoint key, you expect {self.pinned.text}")
        for event_id, event in self.blank.items():
            named = f"event {event['sequence']} ({event['type']})"
            sequence, left = self.erased.get(event_id, ("", {}))
            if not left:
                self.faults.append(f"{named} was emptied, and no event says that it was erased")
            elif any(str(event[name]) != value for name, value in left.items()):
                self.faults.append(f"{named} was changed since it was erased by event {sequence}")
            else:
                self.remarks.append(f"{named}: erased by event {sequence}")
        for event_id, (sequence, left) in self.erased.items():
            if event_id not in self.blank:
                self.faults.append(
                    f"event {left['sequence']}, erased by event {sequence}, is not empty"
                )


def verify_export(
    folder: Path, pinned: Key | None, given: list[Checkpoint]
) -> tuple[list[str], list[str], int, int]:
    """Return (faults, remarks, events, checkpoints) of an export."""
    kept = [
        Checkpoint(path.read_text(encoding="utf-8"), f"checkpoint {path.stem}")
        for path in sorted((folder / "checkpoints").glob("*.txt"))
    ]
    trail = Trail(pinned)
    wanted = {c.size for c in (*kept, *given)}
    with (folder / "events.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            trail.take(json.loads(line), wanted)
    trail.compare([*kept, *given])
    trail.finish()
    if not (pinned and trail.keys) and not given:
        trail.remarks.append(
            "no key and no checkpoint of yours was given: a trail rewritten whole would pass"
        )
    return trail.faults, trail.remarks, trail.count, len(kept) + len(given)


def verify_proof(proof: dict[str, Any], pinned: Key | None) -> tuple[list[str], str]:
    """Return (faults, what is proved) of a proof."""
    key = pinned or Key(proof["key"])
    steps = [b64decode(step, validate=True) for step in proof["proof"]]
    if proof["kind"] == "aims consistency proof":
        old, new = (
            Checkpoint(proof["old"], "the older checkpoint"),
            Checkpoint(proof["new"], "the newer"),
        )
        faults = [
            f"{c.label} is not signed by {key.text}" for c in (old, new) if not c.signed_by(key)
        ]
        if old.origin != new.origin:
            faults.append("the checkpoints are of different logs")
        if not extends(old.size, new.size, steps, old.root, new.root):
            faults.append(
                "the proof does not hold: the later trail is no continuation of the earlier one"
            )
        return faults, f"the first {old.size} of {new.size} events are the same in both checkpoints"
    checkpoint, event = Checkpoint(proof["checkpoint"], "the checkpoint"), proof["event"]
    faults = [] if checkpoint.signed_by(key) else [f"the checkpoint is not signed by {key.text}"]
    erased = not event["payload"] and not event["nonce"]
    if leaf_of(event) != proof["leaf"] and not erased:
        faults.append("the event is not the one that the leaf stands for")
    if (
        included(bytes.fromhex(proof["leaf"]), proof["place"], checkpoint.size, steps)
        != checkpoint.root
    ):
        faults.append("the proof does not hold: the event is not in the trail that was signed")
    said = "its leaf (the content is erased)" if erased else "the event"
    return (
        faults,
        f"{said} {event['event_id']} is number {proof['place'] + 1} of the {checkpoint.size} signed",
    )


def main(arguments: list[str]) -> int:
    """Verify and report; return the exit code."""
    parser = argparse.ArgumentParser(
        description="Verify an exported audit trail of AIMS, or a proof."
    )
    parser.add_argument("export", nargs="?", type=Path, help="folder of the export")
    parser.add_argument("--key", type=Key, help="the trail's first public key, as you were told it")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--proof", type=Path, metavar="FILE", help="verify this proof instead")
    chosen = parser.parse_args(arguments)
    if (chosen.export is None) == (chosen.proof is None):
        parser.error("name the folder of an export, or a proof with --proof")
    try:
        if chosen.proof:
            proof = json.loads(chosen.proof.read_text(encoding="utf-8"))
            faults, said = verify_proof(proof, chosen.key)
            remarks = [] if chosen.key else ["the key is the proof's own; give yours with --key"]
        else:
            given = [
                Checkpoint(path.read_text(encoding="utf-8"), f"your checkpoint {path.name}")
                for path in chosen.checkpoint
            ]
            faults, remarks, events, checkpoints = verify_export(chosen.export, chosen.key, given)
            said = f"{events} events fit {checkpoints} checkpoint(s)"
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"it cannot be read: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    for remark in remarks:
        print(f"note: {ascii(remark)[1:-1]}")
    for fault in faults[:MOST_SHOWN]:
        print(f"FAULT: {ascii(fault)[1:-1]}")
    if len(faults) > MOST_SHOWN:
        print(f"... and {len(faults) - MOST_SHOWN} more")
    print("IT DOES NOT HOLD." if faults else f"It holds: {ascii(said)[1:-1]}.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
