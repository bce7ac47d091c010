"""A new plugin from a template: a named check with its test, ready to install, prove and publish."""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from aims_core.errors import InvalidRecord, WorkspaceError
from aims_core.records import Problem
from aims_core.whole_files import hidden_beside, put_in_place, write_synced

_TITLE = re.compile(r"[A-Za-z][A-Za-z0-9 ]{1,38}[A-Za-z0-9]")


def new_plugin(title: str, parent: Path) -> Path:
    """Write the files of a new plugin and return its folder.

    Parameters
    ----------
    title : str
        Such as ``Bias Audit``; gives the name ``bias_audit``, the distribution ``aims-bias-audit`` and
        the package ``aims_bias_audit``.
    parent : Path
        Folder in which the plugin's folder is made.

    Raises
    ------
    InvalidRecord
        The title cannot become a name.
    WorkspaceError
        The folder exists already, which is left as it is, or it cannot be written.
    """
    if not _TITLE.fullmatch(title):
        problem = Problem(
            field="title",
            value=title,
            reason=f"{title!r} cannot become a name",
            remedy="use 3 to 40 letters, digits and spaces, starting with a letter, such as Bias Audit",
        )
        raise InvalidRecord("new plugin", [problem])
    words = {
        "title": title,
        "name": "_".join(title.lower().split()),
        "dashed": "-".join(title.lower().split()),
    }
    target = parent / f"aims-{words['dashed']}"
    if target.exists():
        raise WorkspaceError(f"{target} exists already; choose another title or folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with hidden_beside(target) as made:
            _write(files("aims_core.scaffold") / "plugin", made, words)
            put_in_place(made, target)
    except OSError as error:
        raise WorkspaceError.not_written("the plugin", target, error) from error
    return target


def _write(source: Traversable, target: Path, words: dict[str, str]) -> None:
    target.mkdir()
    for item in source.iterdir():
        if item.is_dir():
            _write(item, target / item.name.replace("package", f"aims_{words['name']}"), words)
        elif item.name.endswith(".tmpl"):
            text = Template(item.read_text(encoding="utf-8")).substitute(words)
            write_synced(target / item.name.removesuffix(".tmpl"), text.encode())
