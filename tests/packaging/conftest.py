import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = [ROOT, *sorted(p.parent for p in ROOT.glob("plugins/*/pyproject.toml"))]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """Return the folder with the wheels of the core and of all plugins, built without network."""
    folder = tmp_path_factory.mktemp("dist")
    for project in PROJECTS:
        build = ["-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(project)]
        subprocess.run([sys.executable, *build], check=True, capture_output=True, text=True)
    return folder


class Installation:
    """A virtual environment with our wheels, and the dependencies of the environment under test.

    The dependencies come by a path line, which does not run the path lines of that folder in
    turn: our editable installations cannot be seen from here.
    """

    def __init__(self, folder: Path, wheels: Path):
        self.folder = folder
        venv.create(folder, with_pip=True)
        self.python = folder / "bin" / "python"
        self._pip(
            "install", "--no-index", "--no-deps", "--find-links", str(wheels), *_names(wheels)
        )
        site = Path(
            self.output(self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
        )
        (site / "dependencies.pth").write_text(
            sysconfig.get_path("purelib") + "\n", encoding="utf-8"
        )

    def _pip(self, *arguments):
        options = ["--quiet", "--disable-pip-version-check"]
        subprocess.run(
            [self.python, "-m", "pip", *arguments, *options], check=True, env=self._clean(), cwd="/"
        )

    def uninstall(self, name):
        self._pip("uninstall", "--yes", name)

    def aims(self, *arguments, code=0):
        """Run the command from the root folder and return what it printed."""
        result = self._run(self.folder / "bin" / "aims", *arguments)
        assert result.returncode == code, result.stdout + result.stderr
        return result.stdout

    def output(self, *command):
        result = self._run(*command)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout.strip()

    def _run(self, *command):
        return subprocess.run(
            [str(c) for c in command],
            cwd="/",
            env=self._clean(),
            capture_output=True,
            text=True,
            check=False,
        )

    @staticmethod
    def _clean():
        left_out = ("PYTHON", "AIMS_", "VIRTUAL_ENV")
        return {k: v for k, v in os.environ.items() if not k.startswith(left_out)}


@pytest.fixture(scope="session")
def install(wheels):
    return lambda folder: Installation(folder, wheels)


@pytest.fixture(scope="session")
def installation(tmp_path_factory, install):
    return install(tmp_path_factory.mktemp("installed") / "venv")


def _names(wheels):
    return sorted({w.name.split("-")[0].replace("_", "-") for w in wheels.glob("*.whl")})
