"""Anchor ``core.timestamp``: a time stamping authority (RFC 3161) states when it saw the checkpoint.

The request holds only a hash, so the authority learns nothing. Its answer is kept whole, as the receipt in
base64; that it is about this hash and this request is checked here. Whether its signature and certificate
hold is for ``openssl ts -verify`` with the authority's certificate: this product trusts none by itself.
"""

import hashlib
import secrets
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from aims_core.anchors.options import seconds_option, text_option
from aims_core.errors import WorkspaceError
from aims_core.records import AnchorReceipt, Checkpoint

_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
_SEQUENCE, _INTEGER, _OCTETS, _TIME = 0x30, 0x02, 0x04, 0x18
_GRANTED = (0, 1)
_LARGEST = 200_000
_LONG = 0x80


def keep(checkpoint: Checkpoint, options: Mapping[str, Any]) -> AnchorReceipt:
    """Have the authority at ``url`` state the time of the note, and return its token.

    Raises
    ------
    WorkspaceError
        The authority cannot be reached, refuses, or answers something else than was asked.
    """
    url = text_option(options, "url")
    if not url.startswith(("https://", "http://")):
        raise WorkspaceError(f"{url!r} is no address of a time stamping authority")
    digest, nonce = hashlib.sha256(checkpoint.note.encode()).digest(), secrets.randbits(63) | 1
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at above
        url,
        data=timestamp_query(digest, nonce),
        headers={"Content-Type": "application/timestamp-query"},
    )
    try:
        with urllib.request.urlopen(request, timeout=seconds_option(options)) as answer:  # noqa: S310 - same
            token = answer.read(_LARGEST)
    except (OSError, urllib.error.URLError) as error:
        raise WorkspaceError(f"the time stamping authority cannot be reached: {error}") from error
    try:
        stated = stated_time(token, digest, nonce)
    except (ValueError, IndexError, StopIteration) as error:
        raise WorkspaceError(
            f"the time stamping authority's answer does not fit: {error}"
        ) from error
    return AnchorReceipt(location=f"{url} at {stated}", receipt=b64encode(token).decode())


def timestamp_query(digest: bytes, nonce: int) -> bytes:
    """Return a ``TimeStampReq`` in DER for a SHA-256 digest, asking for the certificate too."""
    imprint = _der(_SEQUENCE, _SHA256 + _der(_OCTETS, digest))
    asked = _der(_INTEGER, b"\x01") + imprint + _integer(nonce) + bytes.fromhex("0101ff")
    return _der(_SEQUENCE, asked)


def stated_time(answer: bytes, digest: bytes, nonce: int) -> str:
    """Return the time that a ``TimeStampResp`` states for a digest, as ``YYYYMMDDhhmmssZ``.

    Raises
    ------
    ValueError
        It was not granted, or is about another digest or request.
    """
    status_and_token = list(_parts(_only(answer, _SEQUENCE)))
    status = int.from_bytes(next(_parts(status_and_token[0][1]))[1], "big")
    if status not in _GRANTED:
        raise ValueError(f"it was refused, status {status}")
    token = status_and_token[1][1]
    start = token.index(_TST_INFO) + len(_TST_INFO)
    wrapped = next(_parts(token[start:]))[1]  # [0] EXPLICIT OCTET STRING
    info = list(_parts(_only(_only(wrapped, _OCTETS), _SEQUENCE)))
    if info[2] != (_SEQUENCE, _SHA256 + _der(_OCTETS, digest)):
        raise ValueError("it is about another digest")
    if _integer(nonce) not in [_der(tag, value) for tag, value in info[4:]]:
        raise ValueError("it answers another request")
    return next(value for tag, value in info if tag == _TIME).decode("ascii")


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < _LONG:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, _LONG | len(length)]) + length + content


def _integer(value: int) -> bytes:
    return _der(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (tag, content) of the DER values that follow each other."""
    place = 0
    while place < len(data):
        tag, size = data[place], data[place + 1]
        place += 2
        if size & _LONG:
            count = size & ~_LONG
            size, place = int.from_bytes(data[place : place + count], "big"), place + count
        if place + size > len(data):
            raise ValueError("it ends too early")
        yield tag, data[place : place + size]
        place += size


def _only(data: bytes, tag: int) -> bytes:
    found, content = next(_parts(data))
    if found != tag:
        raise ValueError(f"it has the wrong form (tag {found}, expected {tag})")
    return content
