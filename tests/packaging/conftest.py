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

    The dependencies are linked into a folder of their own, without anything of ours, so that neither
    the code nor the entry points of an editable installation can be seen from here.
    """

    def __init__(self, folder: Path, wheels: Path):
        self.folder = folder
        venv.create(folder, with_pip=True)
        self.python = folder / "bin" / "python"
        self._pip(
            "install", "--no-index", "--no-deps", "--find-links", str(wheels), *_names(wheels)
        )
        code = "import sysconfig; print(sysconfig.get_path('purelib'))"
        site = Path(self.output(self.python, "-c", code))
        (site / "dependencies.pth").write_text(f"{_dependencies(folder)}\n", encoding="utf-8")

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


def _dependencies(folder):
    linked = folder / "dependencies"
    linked.mkdir()
    ours = ("aims_", "__editable__", "_editable_impl_aims_")
    for item in Path(sysconfig.get_path("purelib")).iterdir():
        if not item.name.startswith(ours):
            (linked / item.name).symlink_to(item)
    return linked
