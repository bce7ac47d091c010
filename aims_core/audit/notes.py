"""Checkpoints as text: the C2SP signed note and tlog-checkpoint forms, signed with Ed25519.

A note is text that ends in a newline, an empty line, and signature lines ``— name base64(id ‖ signature)``.
The text of a checkpoint is three lines: origin, number of leaves, root in base64. A public key is written
``name+id+base64(0x01 ‖ key)``, where the id is the first four bytes of SHA-256(name ‖ newline ‖ 0x01 ‖ key).
"""

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ED25519 = b"\x01"
_DASH = "\u2014 "
_ID, _KEY, _ROOT = 4, 32, 32
_LINES = 3


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A named Ed25519 public key; `text` is what auditors keep."""

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """First four bytes of the hash of name and key: tells keys apart, proves nothing."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:_ID]

    @property
    def text(self) -> str:
        """The key as one word, ``name+id+base64``."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(_ED25519 + self.key).decode()}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Return whether this key's owner signed `message`."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its name; made by :mod:`aims_core.checkpoints.keys`."""

    name: str
    private: "Ed25519PrivateKey"

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`, 64 bytes."""
        return self.private.sign(message)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint as it was read: origin, leaves, root, and signatures by (name, key id)."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...]
    text: str

    @property
    def body(self) -> bytes:
        """The bytes that were signed."""
        return checkpoint_text(self.origin, self.size, self.root).encode()

    def is_signed_by(self, key: PublicKey) -> bool:
        """Return whether one of the signatures is this key's and holds."""
        return any(
            name == key.name and key_id == key.key_id and key.verifies(signature, self.body)
            for name, key_id, signature in self.signatures
        )


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """Return the text of a checkpoint, without signature."""
    return f"{origin}\n{size}\n{b64encode(root).decode()}\n"


def signed_checkpoint(origin: str, size: int, root: bytes, signer: Signer) -> str:
    """Return a checkpoint as a signed note."""
    text = checkpoint_text(origin, size, root)
    signed = signer.public.key_id + signer.sign(text.encode())
    return f"{text}\n{_DASH}{signer.name} {b64encode(signed).decode()}\n"


def parse_checkpoint(text: str) -> SignedCheckpoint:
    """Return a signed note as a checkpoint; whether the signatures hold is asked separately.

    Raises
    ------
    ValueError
        It has not the form of a checkpoint of this product: three lines, one empty, signatures.
    """
    text = text.replace("\r\n", "\n")
    body, separator, signed = text.partition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) != _LINES or not lines[0]:
        raise ValueError(
            "a checkpoint is three lines (origin, size, root), an empty one, signatures"
        )
    origin, size, root = lines
    if not (size.isascii() and size.isdigit()) or str(int(size)) != size:
        raise ValueError(f"a checkpoint's second line is its size, not {size[:40]!r}")
    hashed = _decoded(root)
    if len(hashed) != _ROOT:
        raise ValueError("a checkpoint's third line is its root: 32 bytes in base64")
    signatures = tuple(_signature(line) for line in signed.strip("\n").split("\n"))
    return SignedCheckpoint(origin, int(size), hashed, signatures, text.rstrip("\n") + "\n")


def parse_key(text: str) -> PublicKey:
    """Return a public key from ``name+id+base64``.

    Raises
    ------
    ValueError
        It has not that form, is of another kind, or its id is not the key's.
    """
    parts = text.strip().split("+", 2)
    if len(parts) == _LINES and is_key_name(parts[0]):
        raw = _decoded(parts[2])
        key = PublicKey(parts[0], raw[1:])
        if len(raw) == _KEY + 1 and raw[:1] == _ED25519 and key.key_id.hex() == parts[1]:
            return key
    raise ValueError(f"{text[:100]!r} is no public key of the form name+id+base64 (Ed25519)")


def is_key_name(name: str) -> bool:
    """Return whether a name may stand in a key and as an origin: no spaces, no plus."""
    return (
        bool(name) and "+" not in name and not any(c.isspace() or not c.isprintable() for c in name)
    )


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = _decoded(encoded)
    if not line.startswith(_DASH) or not is_key_name(name) or len(raw) <= _ID:
        raise ValueError(f"{line[:100]!r} is no signature line of a checkpoint")
    return name, raw[:_ID], raw[_ID:]


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"{text[:100]!r} is no base64") from error
