"""Files come whole or not at all: whoever writes one does so by ``aims_core.whole_files``."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DIRECT = {
    "aims_core/checkpoints/exporting.py": "events, too many for memory, in a hidden folder",
    "aims_core/db/ticket.py": "the lock that writers queue at; what stands in it is for people",
    "aims_core/evidence/bundle.py": "too large for memory, under a hidden name",
    "aims_core/evidence/content.py": "too large for memory, beside the store, placed when it is synced",
    "aims_core/recovery/manifest.py": "copies into a backup's hidden folder",
    "aims_core/recovery/packing.py": "too large for memory, under a hidden name or a temporary folder",
    "aims_core/recovery/postgresql_copy.py": "tables, too large for memory, in a backup's hidden folder",
    "aims_core/recovery/restoring.py": "a database, too large for memory; nothing opens it before the end",
    "aims_core/testing/fixtures.py": "workspaces of tests, in pytest's own folder",
    "aims_core/whole_files.py": "this is how",
    "plugins/monitoring/aims_monitoring/plots/drawing.py": "draws into memory",
}
_MODE = re.compile(r"[rwxab+tU]{1,4}")
_WRITERS = {"write_text", "write_bytes", "touch", "mkstemp", "NamedTemporaryFile", "savefig"}
_COPIERS = {"copyfile", "copy", "copy2", "copytree", "move"}
_FRAMES = {"to_csv", "to_excel", "to_parquet", "to_json", "to_html"}


def writings(source):
    """Return the lines of a program that write to a file by themselves."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and _writes(node)
    ]


def _writes(call):
    place = getattr(call.func, "value", None)
    owner = place.id if isinstance(place, ast.Name) else ""
    name = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
    if name == "open":
        if owner == "os":
            return "O_RDONLY" not in ast.unparse(call)
        return any(map(_is_writing_mode, _texts(call)))
    if name == "ZipFile":
        return any(map(_is_writing_mode, _texts(call)))
    return name in _WRITERS or (owner == "shutil" and name in _COPIERS) or name in _saving(call)


def _saving(call):
    """Return the names of frames' own writers, where they are given a place."""
    return _FRAMES if call.args and not isinstance(call.args[0], ast.Constant) else ()


def _texts(call):
    given = [*call.args, *(k.value for k in call.keywords if k.arg == "mode")]
    # One quoted mode, or two of them to be chosen from.
    return [
        n.value
        for a in given
        for n in ast.walk(a)
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]


def _is_writing_mode(text):
    return bool(_MODE.fullmatch(text)) and bool(set(text) & set("wxa+"))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("path.write_text('x')", True),
        ("Path(p).write_bytes(b'x')", True),
        ("path.open('w', encoding='utf-8')", True),
        ("open(p, mode='ab')", True),
        ("path.open('wb' if replace else 'xb')", True),
        ("os.open(p, os.O_WRONLY | os.O_CREAT, 0o600)", True),
        ("os.open(p, flags)", True),
        ("shutil.copyfile(a, b)", True),
        ("frame.to_csv(path)", True),
        ("zipfile.ZipFile(p, 'w')", True),
        ("path.open(encoding='utf-8')", False),
        ("open(p, 'rb')", False),
        ("os.open(folder, os.O_RDONLY)", False),
        ("zipfile.ZipFile(p)", False),
        ("frame.to_json()", False),
        ("records.copy()", False),
    ],
)
def test_what_writes_to_a_file_by_itself_is_found(source, found):
    assert bool(writings(source)) is found


def test_files_are_written_whole_or_by_who_has_a_reason():
    sources = [*ROOT.glob("aims_core/**/*.py"), *ROOT.glob("plugins/*/aims_*/**/*.py")]
    found = {
        path.relative_to(ROOT).as_posix(): lines
        for path in sources
        if (lines := writings(path.read_text(encoding="utf-8")))
    }

    assert {path: lines for path, lines in found.items() if path not in DIRECT} == {}
    assert set(DIRECT) == set(found), "a reason without a writing is to be removed"
