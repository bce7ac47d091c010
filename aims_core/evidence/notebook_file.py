"""Reads a notebook as a stranger's file, injects parameters, and tells what its outputs say of its run."""

import json
import keyword
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from aims_core.canonical import canonical_json
from aims_core.errors import InvalidRecord, WorkspaceError
from aims_core.evidence.intake import unfit
from aims_core.records import Problem

PARAMETERS, INJECTED = "parameters", "injected-parameters"
_VERSION = 4
_LONGEST = 300


def read_notebook(content: bytes, name: str, asked: str) -> Any:
    """Return a notebook in the current form of the format.

    Raises
    ------
    InvalidRecord
        The content is no notebook.
    WorkspaceError
        The library for notebooks is not installed.
    """
    nbformat = _nbformat()
    try:
        text = content.decode("utf-8-sig")
        said = "" if isinstance(json.loads(text), dict) else "its JSON is no object with cells"
        if not said:
            notebook = nbformat.reads(text, as_version=_VERSION)
            nbformat.validate(notebook)
            return notebook
    except Exception as error:  # noqa: BLE001 - foreign bytes may fail the reader in any way; it is said
        said = _first_line(error)
    why = f"{name} is no notebook: {said}"
    raise unfit(asked, "path", why, "give a file that Jupyter can open")


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0][:_LONGEST] if lines and lines[0] else type(error).__name__


def notebook_bytes(notebook: Any) -> bytes:
    """Return a notebook as it is stored."""
    text: str = _nbformat().writes(notebook)
    return text.encode()


def checked_parameters(parameters: Mapping[str, Any], asked: str) -> dict[str, Any]:
    """Return parameters as JSON has them.

    Raises
    ------
    InvalidRecord
        A name is no name of Python, or a value has no JSON form.
    """
    problems = []
    for name, value in parameters.items():
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            why, remedy = f"{name!r} is no name of a variable", "use letters, digits and _"
            problems.append(Problem(field="parameters", reason=why, remedy=remedy))
            continue
        try:
            canonical_json(value)
        except ValueError as error:
            remedy = "give numbers, texts, lists and tables of them"
            problems.append(Problem(field=f"parameters.{name}", reason=str(error), remedy=remedy))
    if problems:
        raise InvalidRecord(asked, problems)
    found: dict[str, Any] = json.loads(canonical_json(dict(parameters)))
    return found


def prepare(notebook: Any, parameters: Mapping[str, Any]) -> Any:
    """Return a copy without any former output, with the parameters in a cell of their own, tagged.

    The cell stands behind the one tagged ``parameters``, or first; one injected before is replaced.
    """
    nbformat = _nbformat()
    copy = deepcopy(notebook)
    copy.cells = [cell for cell in copy.cells if INJECTED not in _tags(cell)]
    for cell in copy.cells:
        if cell.cell_type == "code":
            # What an earlier run printed must not stand as if this one had.
            cell.outputs, cell.execution_count = [], None
    if parameters:
        lines = [f"{name} = {value!r}" for name, value in sorted(parameters.items())]
        injected = nbformat.v4.new_code_cell("# Parameters\n" + "\n".join(lines))
        injected.metadata["tags"] = [INJECTED]
        after = [n for n, cell in enumerate(copy.cells) if PARAMETERS in _tags(cell)]
        copy.cells.insert(after[0] + 1 if after else 0, injected)
    return copy


def failure_in(notebook: Any) -> str:
    """Return the first error among the outputs in words, empty when there is none."""
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", ()):
            if output.get("output_type") == "error":
                said = f"{output.get('ename', '')}: {output.get('evalue', '')}"
                return f"cell {number}: {said[:_LONGEST]}"
    return ""


def not_run(notebook: Any) -> int:
    """Return how many cells with code were not run."""
    return sum(
        1
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.strip() and not cell.execution_count
    )


def ran_in_order(notebook: Any) -> bool:
    """Say whether the cells were run from top to bottom, once, in a fresh kernel."""
    counts = [
        cell.execution_count
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.strip()
    ]
    return counts == list(range(1, len(counts) + 1))


def injected_source(notebook: Any) -> str:
    """Return the source of the cell with injected parameters, empty when there is none."""
    return next((str(c.source) for c in notebook.cells if INJECTED in _tags(c)), "")


def language_of(notebook: Any) -> str:
    """Return the language a notebook says it is written in, ``python`` when it says nothing."""
    metadata = notebook.metadata
    named = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get(
        "name"
    )
    return str(named or "python").lower()


def stem_of(path: Path) -> str:
    """Return a notebook's name as a title."""
    return path.stem.replace("_", " ").replace("-", " ").strip() or path.name


def _tags(cell: Any) -> list[str]:
    return list(cell.metadata.get("tags", ()))


def _nbformat() -> Any:
    try:
        import nbformat
    except ModuleNotFoundError as error:
        raise WorkspaceError(
            f"notebooks need {error.name}, which is not installed; install aims-core[lab]"
        ) from error
    return nbformat
