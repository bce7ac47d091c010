"""The guided notebooks run from top to bottom, twice: any cell may run again."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_there_is_a_start_and_one_notebook_per_function():
    names = {path.stem.split("_", 1)[1] for path in NOTEBOOKS}

    assert {"start", "inventory", "risk", "monitoring", "incidents", "compliance"} <= names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_short_and_stored_without_output(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    assert len(notebook.cells) <= 12
    assert not any(cell.outputs or cell.execution_count for cell in code)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_twice_without_error(path, demo, monkeypatch):
    monkeypatch.setenv("AIMS_WORKSPACE", str(demo))
    notebook = nbformat.read(path, as_version=4)
    twice = nbformat.v4.new_notebook(metadata=notebook.metadata)
    twice.cells = [*notebook.cells, *(_again(cell) for cell in notebook.cells)]

    NotebookClient(twice, timeout=120, resources={"metadata": {"path": str(FOLDER)}}).execute()

    said = [out for cell in twice.cells for out in cell.get("outputs", [])]
    assert not [out for out in said if out.output_type == "error"]
    assert not [out for out in said if out.get("name") == "stderr"]


def _again(cell):
    copy = nbformat.from_dict(dict(cell))
    copy["id"] = f"{cell['id']}-again"
    return copy
