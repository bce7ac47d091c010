"""Make docs/images/workbench.png anew: ``python docs/picture.py`` runs the demo and looks at it in Chromium.

It needs what the browser tests need: the `lab` extra, playwright, and Chromium on this machine.
"""  # noqa: INP001 - a script beside the pages it illustrates, no package

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from aims_core.workbench.lab import START, lab_command, place_notebooks

PICTURE = Path(__file__).parent / "images" / "workbench.png"
SIZE = {"width": 1280, "height": 1700}
_WAITS = "start development: Ask Complaints"
_SECONDS = 90
_HOMES = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")


def main() -> None:
    """Run the demo, open its workbench on the request that waits there, and keep the picture."""
    chromium = os.environ.get("AIMS_TEST_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        raise SystemExit("Chromium is missing: apt-get install chromium, or set AIMS_TEST_CHROMIUM")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "demo"
        aims = Path(sys.executable).parent / "aims"
        subprocess.run([aims, "demo", workspace], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        token, port = secrets.token_hex(16), _free_port()
        lab = _lab(workspace, Path(folder), port, token)
        try:
            _wait(f"http://127.0.0.1:{port}/api/status?token={token}")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox", "--force-color-profile=srgb"]
                )
                page = browser.new_page(viewport=SIZE)
                page.goto(f"http://127.0.0.1:{port}/doc/tree/{START}?token={token}")
                _look(page)
                browser.close()
        finally:
            lab.terminate()
            lab.wait()
    print(f"{PICTURE}: {PICTURE.stat().st_size:,} bytes")  # noqa: T201 - a command tells what it made


def _look(page: Page) -> None:
    out = page.locator(".jp-Notebook .aims-workbench")
    out.get_by_role("button", name=_WAITS).click()
    out.get_by_text("What may come next").wait_for()
    out.get_by_text("conditions are met").first.wait_for()
    page.wait_for_timeout(1_000)
    # Only the workbench, down to the request: the page around it is JupyterLab's.
    box, request = out.bounding_box(), out.locator(".aims-card").first.bounding_box()
    if box is None or request is None:
        raise SystemExit("the request that waits is not shown")
    bottom = request["y"] + request["height"] + 12
    left, top = box["x"], box["y"]
    clip = {"x": left, "y": top, "width": box["width"], "height": bottom - top}
    page.screenshot(path=PICTURE, clip=clip)


def _lab(workspace: Path, folder: Path, port: int, token: str) -> "subprocess.Popen[bytes]":
    notebooks = place_notebooks(workspace)
    homes = {name: str(folder / name.lower()) for name in _HOMES}
    for home in homes.values():
        Path(home).mkdir()
    command = [
        *lab_command(notebooks, port=port, browser=False),
        f"--IdentityProvider.token={token}",
    ]
    environment = {**os.environ, **homes, "AIMS_WORKSPACE": str(workspace)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=environment, cwd=notebooks, **quiet)  # noqa: S603 - our own interpreter and options


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(address: str) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server, on this machine
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("JupyterLab did not start")


if __name__ == "__main__":
    main()
