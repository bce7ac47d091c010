"""What content is, judged by its bytes; its name is only a hint, and a name that misleads is noted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import IO

from aims_core.evidence.archive import (
    ArchiveFault,
    ArchiveLimits,
    check_entries,
    entry_chunks,
    open_archive,
)
from aims_core.evidence.content import open_regular
from aims_core.evidence.packed import beginning
from aims_core.evidence.pickles import MOST_BYTES, pickle_mark

UNKNOWN = "application/octet-stream"
TEXT = "text/plain"
NOTEBOOK = "application/x-ipynb+json"
PICKLE = "application/x-python-pickle"
_EDGE = 64 << 10
_ZIP = "application/zip"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_LOOK_INSIDE = ArchiveLimits(entries=10_000, entry_bytes=MOST_BYTES, total_bytes=1 << 40)
_MOST_INSIDE = 20

# (place, bytes, media type); the first that fits wins, so the longer of two alike stands first.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"PAR1", "application/vnd.apache.parquet"),
    (0, b"ARROW1\x00\x00", "application/vnd.apache.arrow.file"),
    (0, b"\x89HDF\r\n\x1a\n", "application/x-hdf5"),
    (0, b"\x93NUMPY", "application/x-npy"),
    (0, b"GGUF", "application/x-gguf"),
    (9, b'"__metadata__"', "application/x-safetensors"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (0, b"PK\x03\x04", _ZIP),
    (0, b"PK\x05\x06", _ZIP),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (257, b"ustar", "application/x-tar"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"{\\rtf", "application/rtf"),
    (4, b"ftyp", "video/mp4"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\x1aE\xdf\xa3", "video/x-matroska"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"MZ", "application/x-msdownload"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
)
_RUNNABLE = frozenset(
    {"application/x-executable", "application/x-msdownload", "application/x-mach-binary"}
)
# What names claim; text formats cannot be told apart by their bytes, so there the name decides.
_BY_SUFFIX: Mapping[str, str] = {
    **dict.fromkeys((".csv", ".tsv"), "text/csv"),
    **dict.fromkeys((".txt", ".log", ".rst", ".ini", ".cfg", ".sql"), TEXT),
    ".md": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".json": "application/json",
    ".ipynb": NOTEBOOK,
    ".toml": "application/toml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
    ".py": "text/x-python",
    ".sh": "text/x-shellscript",
    ".eml": "message/rfc822",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".pptx": f"{_OFFICE}.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".parquet": "application/vnd.apache.parquet",
    ".h5": "application/x-hdf5",
    ".hdf5": "application/x-hdf5",
    ".npy": "application/x-npy",
    ".gguf": "application/x-gguf",
    ".safetensors": "application/x-safetensors",
    ".zip": _ZIP,
    ".gz": "application/gzip",
    ".xz": "application/x-xz",
    ".7z": "application/x-7z-compressed",
    ".tar": "application/x-tar",
    ".pkl": PICKLE,
    ".pickle": PICKLE,
    ".exe": "application/x-msdownload",
    ".mp4": "video/mp4",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
}
_TEXTUAL = frozenset(t for t in _BY_SUFFIX.values() if t.startswith(("text/", "message/"))) | {
    "application/json",
    "application/toml",
    "application/yaml",
    "application/xml",
    "image/svg+xml",
    NOTEBOOK,
}
_RUN_BY_BROWSERS = ("text/html", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A media type, and what to mind about the content: sentences by ``type_mismatch``, ``pickle``, …."""

    media_type: str
    marks: Mapping[str, str] = field(default_factory=dict)


def sniff(path: Path, name: str) -> Sniffed:
    """Return what a file is and what is to be minded about it; nothing of it is run or loaded.

    Parameters
    ----------
    path : Path
        The content.
    name : str
        The name it came under, of which only the ending counts.
    """
    with open_regular(path) as file:
        head = file.read(_EDGE)
        size = file.seek(0, 2)
        file.seek(max(0, size - _EDGE))
        tail = file.read(_EDGE)
        media_type = _media_type(head, tail, name)
        marks = dict(_marks(file, media_type, head + tail))
    if "pickle" in marks and media_type in {UNKNOWN, TEXT}:
        media_type = PICKLE
    claimed = _BY_SUFFIX.get(PurePath(name).suffix.lower(), "")
    if claimed and not _fits(claimed, media_type):
        marks["type_mismatch"] = f"its name claims {claimed}, its content is {media_type}"
    return Sniffed(media_type, marks)


def suffix_of(media_type: str) -> str:
    """Return a name's ending that claims a media type, empty where none does."""
    return next((suffix for suffix, claimed in _BY_SUFFIX.items() if claimed == media_type), "")


def _media_type(head: bytes, tail: bytes, name: str) -> str:
    for place, bytes_, media_type in _SIGNATURES:
        if head[place : place + len(bytes_)] == bytes_:
            return _inside_zip(head + tail) if media_type == _ZIP else media_type
    if not _is_text(head):
        return UNKNOWN
    return _kind_of_text(head, tail, PurePath(name).suffix.lower())


def _inside_zip(edges: bytes) -> str:
    for name, media_type in (
        (b"word/document.xml", _BY_SUFFIX[".docx"]),
        (b"xl/workbook.xml", _BY_SUFFIX[".xlsx"]),
        (b"ppt/presentation.xml", _BY_SUFFIX[".pptx"]),
        (b"mimetypeapplication/vnd.oasis.opendocument.text", _BY_SUFFIX[".odt"]),
        (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", _BY_SUFFIX[".ods"]),
        (b"/data.pkl", "application/x-pytorch"),
    ):
        if name in edges:
            return media_type
    return _ZIP


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    # What keyboards do not write is no text; bytes above 127 may be any code page.
    return not any(b < 32 and b not in b"\t\n\r\f\x1b" for b in head)  # noqa: PLR2004 - the first printable


def _kind_of_text(head: bytes, tail: bytes, suffix: str) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1_000].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg")):
        return "image/svg+xml" if b"<svg" in start else "application/xml"
    if head.startswith(b"#!"):
        return "text/x-shellscript" if suffix != ".py" else "text/x-python"
    claimed = _BY_SUFFIX.get(suffix, TEXT)
    if claimed in {"application/json", NOTEBOOK}:
        return _kind_of_json(start, head + tail, claimed)
    if claimed in {"text/html", "image/svg+xml", "application/xml"}:
        return claimed if start.startswith(b"<") else TEXT
    return claimed if claimed in _TEXTUAL else TEXT


def _kind_of_json(start: bytes, edges: bytes, claimed: str) -> str:
    if not start.startswith((b"{", b"[")):
        return TEXT
    return NOTEBOOK if claimed == NOTEBOOK and b'"nbformat"' in edges else "application/json"


def _fits(claimed: str, found: str) -> bool:
    if claimed == TEXT:
        return found.startswith("text/") and found != "text/html"
    return claimed == found


def _marks(file: IO[bytes], media_type: str, edges: bytes) -> list[tuple[str, str]]:
    marks = []
    if media_type in _RUNNABLE or edges.startswith(b"#!"):
        marks.append(("executable", "a program; it is kept and never run"))
    if media_type in _RUN_BY_BROWSERS and b"<script" in edges.lower():
        marks.append(("active_content", "holds scripts that a browser would run"))
    if b"vbaProject.bin" in edges:
        marks.append(("active_content", "holds macros that an office program would run"))
    if mark := _pickle_in(file, media_type):
        marks.append(("pickle", mark))
    return marks


def _pickle_in(file: IO[bytes], media_type: str) -> str:
    if media_type in {_ZIP, "application/x-pytorch"}:
        return _pickle_in_zip(file)
    file.seek(0)
    content = file.read(MOST_BYTES)
    if media_type == "application/x-npy":
        return _pickle_in_array(content)
    return pickle_mark(content) or pickle_mark(beginning(content, MOST_BYTES))


def _pickle_in_zip(file: IO[bytes]) -> str:
    """Look into the members that may be pickles, each no further than its limit."""
    try:
        archive = open_archive(file, _LOOK_INSIDE)
        likely = [
            entry
            for entry in archive.infolist()
            if entry.orig_filename.lower().endswith((".pkl", ".pickle", ".npy", ".joblib"))
        ][:_MOST_INSIDE]
        check_entries(likely, _LOOK_INSIDE)
        for entry in likely:
            content = b"".join(entry_chunks(archive, entry, _LOOK_INSIDE))
            npy = content.startswith(b"\x93NUMPY")
            if mark := _pickle_in_array(content) if npy else pickle_mark(content):
                return f"{entry.orig_filename[:80]!a} inside is {mark}"
    except ArchiveFault as fault:
        return f"it could not be looked into for pickles: {fault}"
    return ""


def _pickle_in_array(content: bytes) -> str:
    header = content[:1_000].partition(b"}")[0]
    return (
        "an array of objects, stored as a pickle: to load it would run what it says"
        if b"'|O'" in header or b"'O'" in header
        else ""
    )
