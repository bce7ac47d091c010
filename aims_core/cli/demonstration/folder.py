"""The demo's folder: made afresh each time, and never at the cost of somebody's own work."""

import shutil
import tomllib
from pathlib import Path

from aims_core.errors import WorkspaceError
from aims_core.settings import FILE, replace_settings

_MARK = '\n[demo]\nnote = "made by `aims demo`, which may replace it"\n'
_OURS = (FILE, "aims.db*", "evidence", "report*", "system-*", "review.*", "refused.*")


def clear(folder: Path) -> bool:
    """Remove a former demo from the folder and return whether there was one.

    Only what a demo makes is removed; other files in the folder stay.

    Raises
    ------
    WorkspaceError
        The folder holds something that is recognisably no demo.
    """
    if not folder.exists():
        return False
    if not folder.is_dir():
        raise WorkspaceError(f"{folder} is no folder; name another: aims demo FOLDER")
    if not any(folder.iterdir()):
        return False
    if not _is_demo(folder / FILE):
        raise WorkspaceError(
            f"{folder} is not empty and no former demo, so it is left alone; "
            "name another folder: aims demo FOLDER"
        )
    for pattern in _OURS:
        for path in folder.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    return True


def mark(folder: Path) -> None:
    """Write into the workspace's settings that it is a demo."""
    replace_settings(folder, (folder / FILE).read_text(encoding="utf-8") + _MARK)


def _is_demo(path: Path) -> bool:
    try:
        return "demo" in tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
