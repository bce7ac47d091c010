"""JupyterLab over a workspace: offline, quiet, and with a page policy that runs no foreign script."""

import os
import subprocess
import sys
from importlib.util import find_spec
from json import dumps
from pathlib import Path

from aims_core.errors import WorkspaceError
from aims_core.settings import FILE, find_folder

START = "00_start.ipynb"
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "frame-src 'self' data:; frame-ancestors 'self'; object-src 'none'; base-uri 'self'"
)
"""Without inline scripts no markup in a record can run; JupyterLab itself needs `unsafe-eval`."""


def launch(folder: str | Path | None = None, *, port: int = 8888, browser: bool = True) -> int:
    """Run JupyterLab at the start notebook until it is stopped, and return its exit code.

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
    notebooks = find_notebooks()
    environment = {**os.environ, "AIMS_WORKSPACE": str(workspace)}
    command = lab_command(notebooks, port=port, browser=browser)
    return subprocess.run(command, env=environment, cwd=notebooks, check=False).returncode  # noqa: S603 - our own interpreter and options


def find_notebooks() -> Path:
    """Return the folder of the guided notebooks.

    Raises
    ------
    WorkspaceError
        They are not here: an installation from wheels has none.
    """
    for folder in (Path.cwd() / "notebooks", Path(__file__).resolve().parents[2] / "notebooks"):
        if (folder / START).is_file():
            return folder
    raise WorkspaceError(
        "the guided notebooks are not here; run this in a checkout, or open any notebook and write "
        "`from aims_core import Workbench; Workbench()`"
    )


def lab_command(notebooks: Path, *, port: int = 8888, browser: bool = True) -> list[str]:
    """Return the command that starts JupyterLab; every option keeps it local and quiet."""
    settings = {"headers": {"Content-Security-Policy": POLICY}}
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        START,
        "--ip=127.0.0.1",
        f"--port={port}",
        f"--ServerApp.root_dir={notebooks}",
        f"--ServerApp.tornado_settings={dumps(settings)}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        f"--LabApp.app_settings_dir={Path(__file__).parent / 'static' / 'lab'}",
        "--LabApp.extension_manager=readonly",
    ]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return command
