"""Recognises pickles by their opcodes, without loading them: loading one runs whatever it says."""

import pickletools
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

MOST_BYTES = 16 << 20
_MOST_OPCODES = 200_000
_SHOWN = 5
_LONGEST_NAME = 80
_PROTOCOLS = range(2, 6)
_STRINGS = frozenset(
    [
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
        "UNICODE",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE8",
    ]
)
_GETS, _PUTS = frozenset({"GET", "BINGET", "LONG_BINGET"}), frozenset({"PUT", "BINPUT"})
_QUIET = frozenset({"PROTO", "FRAME", "MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"})


@dataclass(slots=True)
class _Scan:
    """What the opcodes said so far: names to be imported, and whether the end was reached."""

    imports: dict[str, None] = field(default_factory=dict)
    opcodes: int = 0
    ended: bool = False
    texts: list[str] = field(default_factory=lambda: ["", ""])
    memo: dict[int, str] = field(default_factory=dict)

    def take(self, name: str, argument: Any) -> None:
        self.opcodes += 1
        self.ended = name == "STOP"
        if name in {"GLOBAL", "INST"}:
            self.imports[str(argument).replace(" ", ".")] = None
        elif name == "STACK_GLOBAL":
            self.imports[".".join(t or "?" for t in self.texts[-2:])] = None
        if name in _PUTS or name == "LONG_BINPUT":
            self.memo[int(argument)] = self.texts[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = self.texts[-1]
        elif name not in _QUIET:
            self.texts = [self.texts[-1], self._text(name, argument)]

    def _text(self, name: str, argument: Any) -> str:
        if name in _GETS:
            return self.memo.get(int(argument), "")
        return str(argument) if name in _STRINGS else ""


def pickle_mark(content: bytes) -> str:
    """Return in words what a pickle would import when loaded; empty when the content is no pickle.

    Parameters
    ----------
    content : bytes
        The beginning of a file; at most 16 MiB and 200,000 opcodes are looked at.
    """
    scan = _Scan()
    try:
        for opcode, argument, _ in islice(_opcodes(content[:MOST_BYTES]), _MOST_OPCODES):
            scan.take(opcode.name, argument)
    except Exception:  # noqa: BLE001 - foreign bytes may fail the scanner in any way; what was seen counts
        scan.ended = False
    if not _is_pickle(content, scan):
        return ""
    named = [name[:_LONGEST_NAME] for name in scan.imports]
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    imports = f"it imports {', '.join(named[:_SHOWN])}{more}" if named else "it imports nothing"
    rest = "" if scan.ended else "; the scan did not reach its end, so there may be more"
    return f"a pickle: to load it would run what it says; {imports}{rest}"


def _opcodes(content: bytes) -> Iterator[tuple[Any, Any, Any]]:
    return pickletools.genops(content)


def _is_pickle(content: bytes, scan: _Scan) -> bool:
    if content[:1] == b"\x80" and content[1:2] and content[1] in _PROTOCOLS:
        return scan.opcodes > 1
    # Protocols 0 and 1 have no signature, and prose may begin like one: it must import, and end.
    names = [part for name in scan.imports for part in name.split(".")]
    return scan.ended and bool(names) and all(part.isidentifier() for part in names)
