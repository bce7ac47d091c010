"""What an event's leaf is: a hash over its stored columns, byte for byte, with a nonce among them.

``leaf = SHA-256(0x00 ‖ netstrings of the stored columns)``, which is also the leaf of RFC 6962 over that
entry; ``chain = SHA-256(0x01 ‖ chain before ‖ leaf)``, both as hexadecimal text. The nonce hides what a
leaf stands for, so that leaves may be shown to anybody and content may be erased while proofs hold.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

START = "0" * 64
FIELDS = (
    "sequence",
    "event_id",
    "type",
    "at",
    "actor",
    "assurance",
    "system_id",
    "payload",
    "nonce",
)


def leaf(row: Mapping[str, Any]) -> str:
    """Return the hash of an event's stored columns, 64 hexadecimal characters."""
    return leaf_of([str(row[name]) for name in FIELDS])


def leaf_of(values: Sequence[str]) -> str:
    """Return the leaf of the columns of :data:`FIELDS`, given in that order as text."""
    text = "".join([f"{len(value)}:{value}," for value in values])
    if not text.isascii():  # lengths are those of the bytes; for ASCII they are the same
        text = "".join([f"{len(value.encode())}:{value}," for value in values])
    return sha256(b"\x00" + text.encode()).hexdigest()


def chained(before: str, leaf_hash: str) -> str:
    """Return the chain value of an event from that of the one before and its own leaf."""
    return sha256(b"\x01" + before.encode() + leaf_hash.encode()).hexdigest()
