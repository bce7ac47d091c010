"""The stored form of a profile: its JSON form with long lists of numbers beside it as bytes, compressed.

Packing loses nothing. Numbers of one list lie byte plane by byte plane, because their high bytes are alike
and pack to next to nothing; ascending whole numbers are stored as steps.
"""

import json
import zlib
from itertools import pairwise
from typing import Any

import numpy as np

_VERSION = 1
_SHORT = 8
_LEVEL = 9
_MARK = "$"
_LARGEST = 2**62


def pack(content: Any) -> bytes:
    """Return the packed form of a JSON form: a byte with the version, then compressed bytes."""
    blobs: list[bytes] = []
    head = json.dumps(_taken_out(content, blobs), separators=(",", ":"), sort_keys=True).encode()
    body = len(head).to_bytes(4) + head + b"".join(blobs)
    return bytes([_VERSION]) + zlib.compress(body, _LEVEL)


def unpack(packed: bytes) -> Any:
    """Return the JSON form that `pack` was given.

    Raises
    ------
    ValueError
        The bytes were packed by a newer version of this package, or are damaged.
    """
    if packed[:1] != bytes([_VERSION]):
        raise ValueError(f"packed form {packed[:1]!r} is not version {_VERSION}")
    try:
        body = zlib.decompress(packed[1:])
    except zlib.error as error:
        raise ValueError(f"the packed profile is damaged: {error}") from error
    end = 4 + int.from_bytes(body[:4])
    return _Reader(body, end).put_back(json.loads(body[4:end]))


class _Reader:
    """Takes the lists out of the bytes in the order in which they were put in."""

    def __init__(self, body: bytes, at: int) -> None:
        self._body = body
        self._at = at

    def put_back(self, node: Any) -> Any:
        if isinstance(node, dict) and _MARK in node:
            return self._list(*node[_MARK])
        if isinstance(node, dict):
            return {key: self.put_back(node[key]) for key in sorted(node)}
        return [self.put_back(item) for item in node] if isinstance(node, list) else node

    def _list(self, kind: str, length: int, width: int) -> list[Any]:
        size = length * width
        planes = np.frombuffer(self._body, np.uint8, size, self._at).reshape(width, length)
        self._at += size
        full = np.zeros((length, 8), np.uint8)
        # Whole numbers have their low bytes stored, others their high ones.
        place = slice(0, width) if kind in "id" else slice(8 - width, 8)
        full[:, place] = planes.T
        if kind == "f":
            values: list[Any] = full.view("<f8")[:, 0].tolist()
            return values
        numbers = full.view("<i8")[:, 0]
        whole: list[Any] = (np.cumsum(numbers) if kind == "d" else numbers).tolist()
        return whole


def _taken_out(node: Any, blobs: list[bytes]) -> Any:
    if isinstance(node, dict):
        return {key: _taken_out(node[key], blobs) for key in sorted(node)}
    if not isinstance(node, list):
        return node
    kind = _kind(node)
    if not kind:
        return [_taken_out(item, blobs) for item in node]
    if kind == "f":
        raw = np.array(node, "<f8")
    else:
        raw = np.array(node, "<i8")
        raw = np.diff(raw, prepend=0) if kind == "d" else raw
    planes = np.ascontiguousarray(raw).view(np.uint8).reshape(-1, 8).T
    held = np.flatnonzero(planes.any(axis=1))
    width = 0 if not len(held) else (8 - int(held[0]) if kind == "f" else int(held[-1]) + 1)
    kept = planes[8 - width :] if kind == "f" else planes[:width]
    blobs.append(kept.tobytes())
    return {_MARK: [kind, len(node), width]}


def _kind(values: list[Any]) -> str:
    """Return ``d`` for ascending whole numbers, ``i`` for others of at least 0, ``f`` for floats."""
    if len(values) < _SHORT:
        return ""
    if all(type(v) is float for v in values):
        return "f"
    if not all(type(v) is int and 0 <= v < _LARGEST for v in values):
        return ""
    return "d" if all(a <= b for a, b in pairwise(values)) else "i"
