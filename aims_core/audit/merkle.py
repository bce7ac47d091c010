"""A Merkle tree as in RFC 6962 and RFC 9162, section 2: roots, inclusion and consistency proofs. Pure.

Leaves and nodes are 32 bytes. A leaf is ``SHA-256(0x00 ‖ entry)``, a node ``SHA-256(0x01 ‖ left ‖ right)``;
the tree of n leaves splits at the largest power of two below n. Nothing here knows of events or databases.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()
"""Root of the tree without leaves."""

HashOf = Callable[[int, int], bytes]
"""``hash_of(level, place)``: root of the complete subtree of 2**level leaves, the place-th from the left."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the leaf of an entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the node above two others."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: at most 64 hashes, from which its root follows.

    Parameters
    ----------
    size : int
        Number of leaves so far.
    peaks : sequence of bytes
        Roots of the complete subtrees that make up `size`, the largest first.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count():
            raise ValueError(
                f"a tree of {size} leaves has {size.bit_count()} peaks, {len(peaks)} given"
            )
        self.size = size
        self.peaks = list(peaks)

    def extend(
        self, leaves: Iterable[bytes], note: Callable[[int, int, bytes], None] | None = None
    ) -> None:
        """Append leaves; `note` is called with (level, place, hash) of every node that becomes complete."""
        peaks, size = self.peaks, self.size
        for leaf in leaves:
            top, level, place = leaf, 0, size
            while place & 1:
                top = sha256(b"\x01" + peaks.pop() + top).digest()
                level, place = level + 1, place >> 1
                if note is not None:
                    note(level, place, top)
            peaks.append(top)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """Return the root of the tree as it stands."""
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = sha256(b"\x01" + peak + root).digest()
        return root


def levels(leaves: Sequence[bytes]) -> HashOf:
    """Return the complete subtrees of leaves held in memory."""
    rows = [list(leaves)]
    while len(rows[-1]) > 1:
        below = rows[-1]
        pairs = zip(below[::2], below[1::2], strict=False)  # an odd one at the end has no pair
        rows.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])
    return lambda level, place: rows[level][place]


def root(size: int, hash_of: HashOf) -> bytes:
    """Return the root of the first `size` leaves."""
    return _range(0, size, hash_of) if size else EMPTY


def inclusion(index: int, size: int, hash_of: HashOf) -> list[bytes]:
    """Return the proof that a leaf stands at `index` (from 0) of the first `size`, lowest hash first.

    Raises
    ------
    ValueError
        There is no such leaf among the first `size`.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among the first {size}")
    start, end, proof = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_range(middle, end, hash_of))
            end = middle
        else:
            proof.append(_range(start, middle, hash_of))
            start = middle
    return proof[::-1]


def consistency(old: int, new: int, hash_of: HashOf) -> list[bytes]:
    """Return the proof that the first `old` leaves are the beginning of the first `new`.

    Raises
    ------
    ValueError
        `old` is not between 1 and `new`.
    """
    if not 0 < old <= new:
        raise ValueError(f"a tree of {new} leaves cannot be shown to extend one of {old}")
    start, end, whole, proof = 0, new, True, []
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_range(middle, end, hash_of))
            end = middle
        else:
            proof.append(_range(start, middle, hash_of))
            start, whole = middle, False
    if not whole:
        proof.append(_range(start, end, hash_of))
    return proof[::-1]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether a proof leads from a leaf to a root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(other, found)
            place, last = _up(place, last)
        else:
            found = node_hash(found, other)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Return whether a proof shows that one tree is the beginning of another (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root and old >= 0
    if not 0 < old < new:
        return False
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_found = new_found = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_found, new_found = node_hash(other, old_found), node_hash(other, new_found)
            place, last = _up(place, last)
        else:
            new_found = node_hash(new_found, other)
        place, last = place >> 1, last >> 1
    return last == 0 and (old_found, new_found) == (old_root, new_root)


def _up(place: int, last: int) -> tuple[int, int]:
    """Climb while the node is a left one without a right neighbour: it is its own parent."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def _range(start: int, end: int, hash_of: HashOf) -> bytes:
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return hash_of(level, start >> level)
    middle = start + _split(size)
    return node_hash(_range(start, middle, hash_of), _range(middle, end, hash_of))
