"""Reads zip archives of strangers: every number in them is a claim, and limits hold before trust."""

import stat
import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import IO

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCAL_HEADER = 30
_MOST_DIRECTORY = 16 << 20
_FROM_HERE_ON_64 = 0xFFFFFFFF
_ENCRYPTED = 0x1
_CHUNK = 1 << 16
_FREE_RATIO = 1 << 20
_SHOWN = 60
_LONGEST_NAME = 1_000
_KINDS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_RESERVED = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{port}{n}" for port in ("COM", "LPT") for n in "123456789¹²³"}
)


class ArchiveFault(ValueError):
    """Why an archive is not read; the message names the entry."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveLimits:
    """How much an archive may claim and give: bytes, entries, and bytes unpacked per byte packed."""

    entries: int
    entry_bytes: int
    total_bytes: int
    ratio: int = 200


def open_archive(file: IO[bytes], limits: ArchiveLimits) -> zipfile.ZipFile:
    """Return an archive whose directory is small enough to be read.

    Raises
    ------
    ArchiveFault
        It is no zip archive, or its directory is too large or damaged.
    """
    _check_directory(file, limits)
    try:
        file.seek(0)
        return zipfile.ZipFile(file)
    except Exception as error:  # the parser meets hostile bytes; whatever it says is a fault
        raise ArchiveFault(f"it is damaged: {error}") from error


def check_entries(entries: Sequence[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    """Refuse an archive with an entry that would do harm when unpacked anywhere.

    Raises
    ------
    ArchiveFault
        Names lead elsewhere, entries are doubled, overlap, are links, encrypted, or unpack to too much.
    """
    if len(entries) > limits.entries:
        raise ArchiveFault(f"it has {len(entries):,} entries; {limits.entries:,} are allowed")
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        fault = name_fault(name) or _entry_fault(entry, limits)
        if not fault and name.casefold() in seen:
            fault = "is there twice"
        if fault:
            raise ArchiveFault(f"entry {_shown(name)} {fault}")
        seen.add(name.casefold())
    if sum(e.file_size for e in entries) > limits.total_bytes:
        raise ArchiveFault(f"it unpacks to more than the {limits.total_bytes:,} bytes allowed")
    _check_places(entries)


def name_fault(name: str) -> str:
    """Say why a name must not be used as a path, on any operating system; empty when it may."""
    parts = name.split("/")
    tests = (
        (not name or len(name) > _LONGEST_NAME, "has no name, or too long a one"),
        (any(c < " " or c == "\x7f" for c in name), "has a control character in its name"),
        ("\\" in name, "has a backslash in its name"),
        (name.startswith("/") or ":" in name, "has an absolute name, or names a drive or stream"),
        (
            any(p in {"", ".", ".."} for p in parts),
            "has a name that leads elsewhere, or a folder's",
        ),
        (any(p.endswith((".", " ")) for p in parts), "has a name that Windows reads as another"),
        (
            any(PureWindowsPath(p).name.split(".")[0].rstrip().upper() in _RESERVED for p in parts),
            "has a name that Windows keeps for devices",
        ),
    )
    return next((fault for failed, fault in tests if failed), "")


def entry_chunks(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: ArchiveLimits
) -> Iterator[bytes]:
    """Yield an entry's content piece by piece, for no longer than the limits hold.

    Raises
    ------
    ArchiveFault
        The entry is damaged, is not what the directory says, or unpacks to too much.
    """
    name, given = entry.orig_filename, 0
    for chunk in _pieces(archive, entry):
        given += len(chunk)
        if given > entry.file_size or _swells(given, entry.compress_size, limits):
            raise ArchiveFault(f"entry {_shown(name)} unpacks to more than it may")
        yield chunk
    if given != entry.file_size:
        raise ArchiveFault(f"entry {_shown(name)} has {given:,} bytes, not {entry.file_size:,}")


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(entry) as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except Exception as error:  # the unpacker meets hostile bytes; whatever it says is a fault
        raise ArchiveFault(f"entry {_shown(entry.orig_filename)} is damaged: {error}") from error


def _entry_fault(entry: zipfile.ZipInfo, limits: ArchiveLimits) -> str:
    mode = stat.S_IFMT(entry.external_attr >> 16)
    tests = (
        (mode not in {0, stat.S_IFREG}, "is a link or another thing that is no file"),
        (entry.flag_bits & _ENCRYPTED, "is encrypted"),
        (entry.compress_type not in _KINDS, "is packed in a way that is not read here"),
        (
            entry.file_size > limits.entry_bytes,
            f"has {entry.file_size:,} bytes; {limits.entry_bytes:,} are allowed",
        ),
        (
            _swells(entry.file_size, entry.compress_size, limits),
            f"unpacks to more than {limits.ratio} times its size",
        ),
    )
    return next((fault for failed, fault in tests if failed), "")


def _swells(unpacked: int, packed: int, limits: ArchiveLimits) -> bool:
    return unpacked > _FREE_RATIO and unpacked > packed * limits.ratio


def _check_places(entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse entries that share bytes: many names for the same few bytes are a bomb, too."""
    end = 0
    for entry in sorted(entries, key=lambda e: e.header_offset):
        if entry.header_offset < end:
            raise ArchiveFault(f"entry {_shown(entry.orig_filename)} overlaps another one")
        name = len(entry.orig_filename.encode("utf-8", "replace")) if entry.flag_bits & 0x800 else 0
        end = entry.header_offset + _LOCAL_HEADER + name + entry.compress_size


def _check_directory(file: IO[bytes], limits: ArchiveLimits) -> None:
    """Look at the claims about the directory before a parser makes an object of each entry."""
    size = file.seek(0, 2)
    if size < _END.size:
        raise ArchiveFault("it is no zip archive")
    mark, _, _, _, entries, length, _, comment = _END.unpack(_at(file, size - _END.size, _END))
    if mark != b"PK\x05\x06" or comment:
        raise ArchiveFault("it is no zip archive, or something stands behind its end")
    if length == _FROM_HERE_ON_64 or entries == 0xFFFF:  # noqa: PLR2004 - the format's "look elsewhere"
        entries, length = _sizes_64(file, size)
    if entries > limits.entries:
        raise ArchiveFault(f"it has {entries:,} entries; {limits.entries:,} are allowed")
    if length > _MOST_DIRECTORY:
        raise ArchiveFault(f"its directory has {length:,} bytes; {_MOST_DIRECTORY:,} are allowed")


def _sizes_64(file: IO[bytes], size: int) -> tuple[int, int]:
    place = size - _END.size - _LOCATOR.size
    if place < 0:
        raise ArchiveFault("its directory is damaged")
    mark, _, where, _ = _LOCATOR.unpack(_at(file, place, _LOCATOR))
    if mark != b"PK\x06\x07" or where > size - _END_64.size:
        raise ArchiveFault("its directory is damaged")
    found = _END_64.unpack(_at(file, where, _END_64))
    return int(found[7]), int(found[8])


def _at(file: IO[bytes], place: int, form: struct.Struct) -> bytes:
    file.seek(place)
    return file.read(form.size)


def _shown(name: str) -> str:
    return ascii(name if len(name) <= _SHOWN else name[: _SHOWN - 1] + "…")
