"""The container of a workbook (a zip file), looked through before anything reads it: size, names, XML."""

import zipfile
import zlib
from pathlib import Path

from aims_discovery.source import unreadable

_MOST_PARTS = 2_000
_LARGEST = 512 << 20
_FREE = 4 << 20
"""Bytes a part may unpack to whatever it was packed to; beyond them its ratio counts."""
_RATIO = 200
_CHUNK = 1 << 20
_MARKUP = (b"<!DOCTYPE", b"<!ENTITY")
_REMEDY = "open it in a spreadsheet and save it anew, or save it as CSV"


def check_container(path: Path) -> bool:
    """Return whether any sheet holds formulas; nothing is unpacked to disk or kept in memory.

    Raises
    ------
    InvalidRecord
        It is no workbook, is damaged, unpacks to more than a workbook should (a zip bomb), or its XML
        declares entities or is not UTF-8, behind which it could do so.
    """
    try:
        with zipfile.ZipFile(path) as file:
            return _looked_through(path, file)
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise unreadable(path, "file", f"is no readable workbook: {error}", _REMEDY) from error


def _looked_through(path: Path, file: zipfile.ZipFile) -> bool:
    parts = file.infolist()
    if len(parts) > _MOST_PARTS:
        raise unreadable(
            path, "file", f"has {len(parts)} parts, {_MOST_PARTS} are allowed", _REMEDY
        )
    if len({part.filename for part in parts}) != len(parts):
        raise unreadable(path, "file", "has two parts of the same name", _REMEDY)
    total, formulas = 0, False
    for part in parts:
        size, found = _part(path, file, part, total)
        total += size
        formulas = formulas or found
    return formulas


def _part(
    path: Path, file: zipfile.ZipFile, part: zipfile.ZipInfo, before: int
) -> tuple[int, bool]:
    size, formulas, tail = 0, False, b""
    markup = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    sheet = markup and "worksheets/" in part.filename.lower()
    with file.open(part) as content:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if before + size > _LARGEST or size > max(_FREE, _RATIO * part.compress_size):
                reason = f"{part.filename} unpacks to far more than it should (a zip bomb)"
                raise unreadable(path, "file", reason, _REMEDY)
            seen = tail + chunk
            if markup and (b"\0" in seen or any(word in seen.upper() for word in _MARKUP)):
                reason = f"{part.filename} declares entities, or is not UTF-8"
                raise unreadable(path, "file", reason, _REMEDY)
            formulas = formulas or (
                sheet and (b"<f>" in seen or b"<f " in seen or b":f>" in seen or b":f " in seen)
            )
            tail = chunk[-16:]
    return size, formulas
