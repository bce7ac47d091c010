"""A real JupyterLab and a real Chromium: started by the tests, offline, on this machine only."""

import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from aims_core.workbench.lab import lab_command, place_notebooks

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
)
_START_SECONDS = 90


@pytest.fixture(scope="session")
def chromium():
    """Give the path of the system's Chromium; skip, or fail where it is required, without one."""
    named = os.environ.get("AIMS_TEST_CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser")
    if found and Path(found).exists():
        return found
    reason = "the browser test needs Chromium: apt-get install chromium, or name it by AIMS_TEST_CHROMIUM"
    if os.environ.get("AIMS_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)
    return ""


@pytest.fixture(scope="module")
def folder(demo_made_once, tmp_path_factory):
    """Give a copy of the demo workspace that the tests of the module share."""
    return Path(shutil.copytree(demo_made_once, tmp_path_factory.mktemp("browser") / "demo"))


@pytest.fixture(scope="module")
def lab(chromium, folder, tmp_path_factory):
    """Start JupyterLab over the workspace, as `aims lab` does."""
    server = Lab(place_notebooks(folder), folder, tmp_path_factory.mktemp("home"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser(chromium):
    """Start Chromium once for the tests of the module; each has a context of its own in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def page(request, browser, lab):
    """Open the start notebook; what it asks for outside this machine is refused and fails the test."""
    outside = []

    def guard(route):
        if route.request.url.startswith(lab.url):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context = browser.new_context(viewport={"width": 1360, "height": 1300})
    context.route(lambda url: not url.startswith(("data:", "blob:")), guard)
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    try:
        opened.goto(lab.address)
        yield opened
        assert opened.evaluate("() => window.xss") is None
    finally:
        ARTIFACTS.mkdir(exist_ok=True)
        opened.screenshot(path=ARTIFACTS / f"{request.node.name}.png")
        context.close()
    assert outside == []


class Lab:
    """A JupyterLab server of our own, with an empty home."""

    def __init__(self, notebooks, workspace, home):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.token = secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{port}"
        self.address = f"{self.url}/doc/tree/00_start.ipynb?token={self.token}"
        places = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        places += ("IPYTHONDIR", "MPLCONFIGDIR", "XDG_RUNTIME_DIR")
        environment = {**os.environ, **{name: str(home / name.lower()) for name in places}}
        environment |= {"AIMS_WORKSPACE": str(workspace)}
        for name in places:
            (home / name.lower()).mkdir()
        command = [
            *lab_command(notebooks, port=port, browser=False),
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}",
            "--LabApp.expose_app_in_browser=True",
            f"--LabApp.user_settings_dir={home / 'settings'}",
            f"--LabApp.workspaces_dir={home / 'workspaces'}",
        ]
        self._log = (home / "lab.log").open("w")
        self._process = subprocess.Popen(
            command, env=environment, cwd=notebooks, stdout=self._log, stderr=subprocess.STDOUT
        )
        self._wait(home / "lab.log")

    def stop(self):
        """Stop the server and its kernels."""
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _wait(self, log):
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(  # noqa: S310 - our own server, on this machine
                    f"{self.url}/api/status?token={self.token}", timeout=2
                ):
                    return
            except OSError:
                time.sleep(0.2)
        pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")
