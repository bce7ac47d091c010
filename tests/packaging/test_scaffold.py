"""A third party's first hour: make a plugin from the template, install it, see it keep the contract."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from aims_core import InvalidRecord, WorkspaceError
from aims_core.scaffold import new_plugin


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """Give an environment of its own that sees what is installed here, so that nothing is fetched."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    site = next((tmp_path / "venv").glob("lib/python*/site-packages"))
    here = sysconfig.get_paths()["purelib"]
    (site / "here.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    return tmp_path / "venv" / "bin" / "python"


@pytest.mark.slow
def test_a_plugin_made_from_the_template_installs_and_keeps_the_contract(tmp_path, python):
    folder = new_plugin("Bias Audit", tmp_path)

    installed = subprocess.run(
        [python, "-m", "pip", "install", "--no-index", "--no-deps", "--no-build-isolation", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    run = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        # What this run of pytest was told is no business of the plugin's own.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout


def test_a_title_that_cannot_become_a_name_is_refused(tmp_path):
    with pytest.raises(InvalidRecord, match="Bias Audit"):
        new_plugin("../../etc", tmp_path)

    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(tmp_path):
    new_plugin("Bias Audit", tmp_path)

    with pytest.raises(WorkspaceError, match="exists already"):
        new_plugin("Bias Audit", tmp_path)
