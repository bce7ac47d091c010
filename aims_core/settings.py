"""Settings of a workspace: ``aims.toml`` and the environment, as frozen values."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aims_core.errors import WorkspaceError
from aims_core.whole_files import write_whole

FILE = "aims.toml"
_CORE_SECTIONS = ("organisation", "database", "identity", "providers", "plugins", "lifecycle")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What ``aims.toml`` says; `sections` keeps the tables of plugins as they stand.

    `alone` allows a SQLite file on a network folder, for one process at a time.
    """

    folder: Path
    organisation: str
    database_url: str
    actor: str = ""
    providers: Mapping[str, str] = field(default_factory=dict)
    blocked: tuple[str, ...] = ()
    machine: Path | None = None
    alone: bool = False
    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a plugin's own table of ``aims.toml``, empty when there is none."""
        return self.sections.get(name, {})


def find_folder(start: Path | None = None) -> Path:
    """Return the workspace folder: ``AIMS_WORKSPACE``, or the nearest ``aims.toml`` upward.

    Raises
    ------
    WorkspaceError
        There is none; the message says how to make one.
    """
    named = os.environ.get("AIMS_WORKSPACE")
    if named and start is None:
        return Path(named)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return folder
    raise WorkspaceError(
        f"no {FILE} in {here} or above it; create a workspace with `aims init FOLDER`, "
        "or name one by --workspace or AIMS_WORKSPACE"
    )


def read_settings(folder: Path) -> Settings:
    """Return the settings of a workspace folder.

    ``AIMS_DATABASE_URL`` and ``AIMS_ACTOR`` override the file, so that secrets need not stand in it.

    Raises
    ------
    WorkspaceError
        The file is missing, is no TOML, or a value has the wrong form.
    """
    path = folder / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise WorkspaceError(
            f"{folder} is no workspace: it has no {FILE}; run `aims init {folder}`"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WorkspaceError(f"{path} cannot be read: {error}") from error
    return Settings(
        folder=folder,
        organisation=_text(data, "organisation", "name", path),
        database_url=os.environ.get("AIMS_DATABASE_URL") or _database(data, folder, path),
        actor=os.environ.get("AIMS_ACTOR") or _text(data, "identity", "actor", path),
        providers={k: _text(data, "providers", k, path) for k in _table(data, "providers", path)},
        blocked=tuple(_blocked(data, path)),
        machine=_machine(data, folder, path),
        alone=_alone(data, path),
        sections={k: _table(data, k, path) for k in data if k not in _CORE_SECTIONS},
    )


def write_settings(folder: Path, *, organisation: str, database_url: str, actor: str) -> Path:
    """Write a first ``aims.toml`` and return its path; an existing one is left alone.

    Raises
    ------
    WorkspaceError
        The folder already holds a workspace, or cannot be written to.
    """
    path = folder / FILE
    text = (
        "# A workspace of AIMS. Say who you are with AIMS_ACTOR or --as; see docs/reference/settings.md.\n"
        f"[organisation]\nname = {_quoted(organisation)}\n\n"
        f"[database]\nurl = {_quoted(database_url)}\n\n"
        f"[identity]\nactor = {_quoted(actor)}\n\n"
        '[providers]\n# risk_scorer = "risk.likelihood_consequence"\n\n'
        "[plugins]\nblocked = []\n"
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    except FileExistsError:
        if not path.exists():  # the folder's name is that of a file
            raise WorkspaceError(f"{folder} is no folder; choose another name") from None
        raise WorkspaceError(
            f"{folder} already holds a workspace ({FILE}); open it, or choose another folder"
        ) from None
    except OSError as error:
        raise WorkspaceError.not_written("the workspace's settings", path, error) from error
    return path


def replace_settings(folder: Path, text: str) -> None:
    """Give ``aims.toml`` another text, in one step.

    Raises
    ------
    WorkspaceError
        It cannot be written; it is as it was then.
    """
    path = folder / FILE
    try:
        write_whole(path, text.encode(), replace=True)
    except OSError as error:
        raise WorkspaceError.not_written("the workspace's settings", path, error) from error


def _table(data: Mapping[str, Any], name: str, path: Path) -> Mapping[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise WorkspaceError(f"{path}: {name} is {table!r}; it must be a table, [{name}]")
    return table


def _text(data: Mapping[str, Any], section: str, key: str, path: Path) -> str:
    value = _table(data, section, path).get(key, "")
    if not isinstance(value, str):
        raise WorkspaceError(f"{path}: {section}.{key} is {value!r}; it must be text")
    return value


def _database(data: Mapping[str, Any], folder: Path, path: Path) -> str:
    url = _text(data, "database", "url", path) or "sqlite:///aims.db"
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith("sqlite:////"):
        return prefix + str((folder / url.removeprefix(prefix)).resolve())
    return url


def _blocked(data: Mapping[str, Any], path: Path) -> list[str]:
    blocked = _table(data, "plugins", path).get("blocked", [])
    if not isinstance(blocked, list) or not all(isinstance(b, str) for b in blocked):
        raise WorkspaceError(f"{path}: plugins.blocked must be a list of plugin names")
    return blocked


def _alone(data: Mapping[str, Any], path: Path) -> bool:
    said = _text(data, "database", "network_folder", path)
    if said not in {"", "refuse", "alone"}:
        raise WorkspaceError(
            f"{path}: database.network_folder is {said!r}; it must be refuse or alone"
        )
    return said == "alone"


def _machine(data: Mapping[str, Any], folder: Path, path: Path) -> Path | None:
    named = _text(data, "lifecycle", "machine", path)
    return folder / named if named else None


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    if any(c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in text):
        raise WorkspaceError(f"{text!r} holds characters that {FILE} cannot hold; remove them")
    return f'"{escaped}"'
