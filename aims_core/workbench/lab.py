"""JupyterLab over a workspace: offline, quiet, and with a page policy that runs no foreign script."""

import base64
import hashlib
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from json import dumps
from pathlib import Path

from aims_core.errors import WorkspaceError
from aims_core.settings import FILE, find_folder
from aims_core.whole_files import write_whole

START = "00_start.ipynb"
_HERE = Path(__file__).resolve().parent
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' blob:{}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "frame-src 'self' data:; frame-ancestors 'self'; object-src 'none'; base-uri 'self'"
)
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def launch(folder: str | Path | None = None, *, port: int = 8888, browser: bool = True) -> int:
    """Run JupyterLab at the start notebook until it is stopped, and return its exit code.

    The guided notebooks are copied into the workspace, where people may write in them.

    Parameters
    ----------
    folder : path, optional
        The workspace; found as everywhere when omitted.

    Raises
    ------
    WorkspaceError
        There is no workspace, JupyterLab is not installed, or the notebooks are not here.
    """
    workspace = (Path(folder) if folder else find_folder()).resolve()
    if not (workspace / FILE).is_file():
        raise WorkspaceError(
            f"{workspace} is no workspace: it has no {FILE}; run `make demo` first"
        )
    if find_spec("jupyterlab") is None:
        raise WorkspaceError("JupyterLab is not installed; pip install 'aims-core[lab]'")
    notebooks = place_notebooks(workspace)
    environment = {**os.environ, "AIMS_WORKSPACE": str(workspace)}
    command = lab_command(notebooks, port=port, browser=browser)
    with subprocess.Popen(command, env=environment, cwd=notebooks) as lab:  # noqa: S603 - our own interpreter and options
        while True:
            try:
                return lab.wait()
            except KeyboardInterrupt:
                # JupyterLab hears it too, asks whether to stop, and stops its kernels in order.
                continue


def place_notebooks(workspace: Path) -> Path:
    """Copy the guided notebooks into a workspace and return their folder; what is there stays.

    Raises
    ------
    WorkspaceError
        An installation without notebooks has none to copy, or the folder cannot be written.
    """
    folder = workspace / "notebooks"
    if (folder / START).is_file() and _shipped() is None:
        return folder
    try:
        folder.mkdir(exist_ok=True)
        for path in sorted(find_notebooks().glob("*.ipynb")):
            if not (folder / path.name).exists():
                write_whole(folder / path.name, path.read_bytes())
    except OSError as error:
        raise WorkspaceError.not_written("the notebooks", folder, error) from error
    return folder


def find_notebooks() -> Path:
    """Return the folder of the guided notebooks as they were shipped.

    Raises
    ------
    WorkspaceError
        They are not here.
    """
    found = _shipped()
    if found is None:
        raise WorkspaceError(
            "the guided notebooks are not here; run this in a checkout, or open any notebook and write "
            "`from aims_core import Workbench; Workbench()`"
        )
    return found


def lab_command(notebooks: Path, *, port: int = 8888, browser: bool = True) -> list[str]:
    """Return the command that starts JupyterLab; every option keeps it local and quiet."""
    headers = {"headers": {"Content-Security-Policy": page_policy()}}
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ip=127.0.0.1",
        f"--port={port}",
        f"--ServerApp.root_dir={notebooks}",
        f"--ServerApp.tornado_settings={dumps(headers)}",
        # One document on the page and nothing around it: the rest of JupyterLab is one click away.
        f"--LabApp.default_url=/doc/tree/{START}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        f"--LabApp.app_settings_dir={_HERE / 'static' / 'lab' / 'settings'}",
        f"--LabApp.extra_labextensions_path={_HERE / 'static' / 'lab' / 'extensions'}",
        "--LabApp.extension_manager=readonly",
    ]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return command


def page_policy() -> str:
    """Return the page's policy: no inline script of a record can run, JupyterLab's own one can.

    JupyterLab needs `unsafe-eval` to start. Its one inline script takes the token out of the address.
    """
    return _POLICY.format("".join(f" '{key}'" for key in _own_scripts()))


def _own_scripts() -> list[str]:
    from jupyter_core.paths import jupyter_path

    for path in map(Path, jupyter_path("lab", "static", "index.html")):
        if path.is_file():
            # A script with a blank to be filled in has another hash on every page, so it stays out.
            scripts = [s for s in _INLINE.findall(path.read_text("utf-8")) if "{{" not in s]
            return [_key(script) for script in scripts]
    return []


def _key(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _shipped() -> Path | None:
    """Beside the package in a checkout, inside it in a wheel."""
    for folder in (_HERE.parent / "notebooks", _HERE.parents[1] / "notebooks"):
        if (folder / START).is_file():
            return folder
    return None
