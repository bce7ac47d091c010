"""JupyterLab as `aims lab` starts it: local, quiet, and over notebooks that people may write in."""

import json
import re

import pytest

from aims_core import WorkspaceError
from aims_core.workbench import lab


def test_it_runs_on_this_machine_only_and_asks_nobody_for_news(tmp_path):
    command = lab.lab_command(tmp_path, port=8899, browser=False)

    assert "--ip=127.0.0.1" in command
    assert "--port=8899" in command
    assert "--no-browser" in command
    assert "--LabApp.news_url=None" in command
    assert "--LabApp.default_url=/doc/tree/00_start.ipynb" in command


def test_its_pages_run_no_inline_script_but_jupyterlabs_own():
    rule = re.search(r"script-src ([^;]*);", lab.page_policy()).group(1).split()

    assert "'unsafe-inline'" not in rule
    assert all(word in {"'self'", "'unsafe-eval'", "blob:"} or "sha256-" in word for word in rule)
    assert sum("sha256-" in word for word in rule) == 1


def test_everything_it_names_is_there(tmp_path):
    options = dict(
        option.split("=", 1) for option in lab.lab_command(tmp_path) if option.startswith("--Lab")
    )
    settings = lab.Path(options["--LabApp.app_settings_dir"]) / "overrides.json"
    extension = lab.Path(options["--LabApp.extra_labextensions_path"]) / "aims-start"
    package = json.loads((extension / "package.json").read_text())

    assert "@jupyterlab/apputils-extension:notification" in json.loads(settings.read_text())
    assert (extension / package["jupyterlab"]["_build"]["load"]).is_file()


def test_what_runs_by_itself_is_the_cell_that_is_shipped():
    import nbformat

    extension = lab.Path(lab.__file__).parent / "static/lab/extensions/aims-start/static"
    script = next(extension.glob("start-*.js")).read_text()
    notebook = nbformat.read(lab.find_notebooks() / lab.START, as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]

    assert len(code) == 1
    assert f"const CELL = {json.dumps(code[0])};" in script


def test_the_notebooks_are_copied_and_what_people_changed_stays(tmp_path):
    folder = lab.place_notebooks(tmp_path)
    assert folder == tmp_path / "notebooks"
    mine = folder / "01_inventory.ipynb"
    mine.write_text("mine")
    (folder / "03_risk.ipynb").unlink()

    lab.place_notebooks(tmp_path)

    assert mine.read_text() == "mine"
    assert (folder / "03_risk.ipynb").is_file()


def test_without_notebooks_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "_shipped", lambda: None)

    with pytest.raises(WorkspaceError, match=r"Workbench\(\)"):
        lab.place_notebooks(tmp_path)


def test_without_a_workspace_it_names_the_command_that_makes_one(tmp_path):
    with pytest.raises(WorkspaceError, match="run `make demo` first"):
        lab.launch(tmp_path)
