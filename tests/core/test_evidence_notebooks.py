"""Notebooks as evidence: run in a clean kernel with what the run stood on, or recorded as not run here."""

import hashlib
import json
import sys

import nbformat
import pytest

from aims_core import InvalidRecord, NotPermitted
from aims_core.evidence.kernel import _environment
from aims_core.evidence.notebook_file import INJECTED, prepare

SYSTEM = "ticket-triage"
ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
slow = pytest.mark.slow


@pytest.fixture
def store(registered):
    return registered.act_as("ines").evidence


@pytest.fixture
def write(tmp_path):
    """Give a writer of notebooks: each argument is a cell, (source, tag) or source."""

    def write(*cells, name="check_accuracy.ipynb", **metadata):
        notebook = nbformat.v4.new_notebook(metadata=metadata)
        for cell in cells:
            source, tag = cell if isinstance(cell, tuple) else (cell, "")
            made = nbformat.v4.new_code_cell(source)
            if tag:
                made.metadata["tags"] = [tag]
            notebook.cells.append(made)
        path = tmp_path / name
        nbformat.write(notebook, path)
        return path

    return write


def outputs(store, evidence):
    notebook = nbformat.reads(store.read(evidence).decode(), as_version=4)
    return [o.get("text", "").strip() for c in notebook.cells for o in c.get("outputs", ())]


@slow
def test_a_notebook_is_run_with_its_parameters_and_kept_with_all_the_run_stood_on(
    store, write, tmp_path, registered
):
    (tmp_path / "cases.csv").write_text("passed\n1\n")
    path = write(
        ("threshold = 0.5\nname = 'x'", "parameters"),
        "print(threshold, name, open('cases.csv').read().split())",
        "import os; print(os.environ.get('AIMS_ACTOR'), os.environ.get('AIMS_DATABASE_URL'))",
    )
    before = path.read_bytes()

    made = store.add_notebook(
        *(SYSTEM, path),
        parameters={"threshold": 0.9, "name": 'it\'s "quoted"\n'},
        inputs=[tmp_path / "cases.csv"],
    )

    assert (made.kind, made.title) == ("validation", "check accuracy")
    assert made.media_type == "application/x-ipynb+json"
    assert dict(made.marks) == {}
    run = made.run
    assert (run["here"], run["clean"], run["failure"]) == (True, True, "")
    assert run["parameters"] == {"threshold": 0.9, "name": 'it\'s "quoted"\n'}
    assert run["inputs"] == [
        {
            "name": (tmp_path / "cases.csv").as_posix(),
            "digest": hashlib.sha256(b"passed\n1\n").hexdigest(),
            "size": 9,
        }
    ]
    assert run["environment"]["python"] == sys.version.split()[0]
    assert "nbclient" in run["environment"]["distributions"]
    assert len(run["environment"]["digest"]) == 64
    assert run["source_digest"] == hashlib.sha256(before).hexdigest()
    assert 0 < run["seconds"] < 600
    assert made.collected_at < made.added_at
    assert path.read_bytes() == before
    said = outputs(store, made)
    assert said[0].startswith('0.9 it\'s "quoted"')
    assert said[1] == "None None"

    # The same again is found and not run again; another parameter is another run.
    same = store.add_notebook(
        *(SYSTEM, path),
        parameters={"threshold": 0.9, "name": 'it\'s "quoted"\n'},
        inputs=[tmp_path / "cases.csv"],
    )
    assert same == made
    (tmp_path / "cases.csv").write_text("passed\n0\n")
    other = store.add_notebook(
        *(SYSTEM, path),
        parameters={"threshold": 0.9, "name": 'it\'s "quoted"\n'},
        inputs=[tmp_path / "cases.csv"],
    )
    assert other.evidence_id != made.evidence_id


@slow
def test_a_failed_run_is_kept_as_evidence_of_failure_and_counts_for_nothing_else(
    store, write, life
):
    life.develop()
    life.submit()
    path = write("print('fine')", "assert False, 'accuracy 0.4'", "print('never')")

    made = store.add_notebook(SYSTEM, path)

    assert made.kind == "failed_run"
    assert made.run["clean"] is False
    assert made.run["failure"] == "cell 2: AssertionError: accuracy 0.4"
    assert "fine" in outputs(store, made)
    assert store.of(SYSTEM, "validation") == []
    asked = life.workspace.approvals.preview(SYSTEM, "approve_deployment", reason="x")
    assert not {c.name: c.met for c in asked}["validation_evidence"]


@slow
@ONE_DATABASE
@pytest.mark.parametrize(
    ("cells", "failure"),
    [
        ([("1/0", "raises-exception")], "ZeroDivisionError"),
        ([("1/0", "skip-execution")], "ZeroDivisionError"),
        (["import time; time.sleep(60)"], "longer than the 2 seconds"),
        (["import time; time.sleep(0.8)"] * 9, "longer than the 2 seconds"),
        (["import os; os._exit(1)"], "kernel died"),
        (["open('data.csv', 'a').write('more')"], "changed during the run"),
    ],
    ids=[
        "expected error",
        "skipped cell",
        "too slow",
        "too slow together",
        "dead kernel",
        "changed input",
    ],
)
def test_no_failure_hides(store, write, tmp_path, cells, failure):
    (tmp_path / "data.csv").write_text("x")

    made = store.add_notebook(SYSTEM, write(*cells), inputs=[tmp_path / "data.csv"], time_limit=2)

    assert made.kind == "failed_run"
    assert failure in made.run["failure"]


@slow
@ONE_DATABASE
def test_evidence_is_of_the_revision_the_run_began_with(store, write, registered, tmp_path):
    folder = registered.settings.folder
    path = write(
        f"from aims_core import open_workspace\n"
        f"ws = open_workspace({str(folder)!r}, actor='olga')\n"
        f"ws.inventory.revise({SYSTEM!r}, name='Other'); None"
    )

    made = store.add_notebook(SYSTEM, path)

    assert made.run["failure"] == ""
    assert (made.revision, made.outdated) == (1, True)


def test_former_outputs_never_stand_as_those_of_this_run():
    cell = nbformat.v4.new_code_cell("1")
    cell.outputs = [nbformat.v4.new_output("stream", text="all passed")]
    cell.execution_count = 7
    notebook = nbformat.v4.new_notebook(cells=[cell])

    prepared = prepare(notebook, {})

    assert prepared.cells[0].outputs == []
    assert prepared.cells[0].execution_count is None
    assert notebook.cells[0].outputs


def test_parameters_come_behind_the_cell_tagged_for_them_and_replace_those_of_before():
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("import x"),
            nbformat.v4.new_code_cell("a = 1", metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell("a = 2", metadata={"tags": [INJECTED]}),
            nbformat.v4.new_code_cell("a"),
        ]
    )

    prepared = prepare(notebook, {"a": 3, "flag": None})

    assert [c.source for c in prepared.cells] == [
        "import x",
        "a = 1",
        "# Parameters\na = 3\nflag = None",
        "a",
    ]
    assert prepare(nbformat.v4.new_notebook(), {"a": 1}).cells[0].metadata["tags"] == [INJECTED]


def test_the_kernel_is_told_nothing_of_who_acts_and_no_start_up_files(tmp_path, monkeypatch):
    monkeypatch.setenv("AIMS_DATABASE_URL", "postgresql://secret")

    passed = _environment(tmp_path)

    assert "AIMS_DATABASE_URL" not in passed
    assert passed["IPYTHONDIR"] == str(tmp_path)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"parameters": {"a b": 1}}, "no name of a variable"),
        ({"parameters": {"class": 1}}, "no name of a variable"),
        ({"parameters": {"x=1; import os; y": 1}}, "no name of a variable"),
        ({"parameters": {"a": float("nan")}}, "not finite|no such number"),
        pytest.param({"parameters": {"a": object()}}, "no JSON form", id="an object"),
        ({"inputs": ["nowhere.csv"]}, "cannot be read"),
        ({"inputs": ["."]}, "no regular file"),
        ({"time_limit": 0}, "time_limit"),
        ({"time_limit": float("nan")}, "time_limit"),
        ({"kind": ""}, "kind"),
    ],
    ids=str,
)
def test_what_cannot_be_run_is_refused_and_nothing_is_run(store, write, given, match):
    with pytest.raises(InvalidRecord, match=match):
        store.add_notebook(SYSTEM, write("open('ran', 'w')"), **given)

    assert store.of(SYSTEM) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"not json", b"\xff\xfe", b"[" * 100_000, b'{"nbformat": 4, "cells": 1}'],
    ids=lambda c: repr(c[:20]),
)
def test_what_is_no_notebook_is_refused(store, tmp_path, content):
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)

    for act in (store.add_notebook, store.add_executed_notebook):
        with pytest.raises(InvalidRecord, match=r"no notebook|is empty"):
            act(SYSTEM, path)


def test_another_language_is_refused_and_who_may_not_runs_nothing(store, write, registered):
    spec = {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}
    with pytest.raises(InvalidRecord, match="only Python"):
        store.add_notebook(SYSTEM, write("1", **spec))
    with pytest.raises(NotPermitted):
        registered.act_as("aude").evidence.add_notebook(SYSTEM, write("1"))


def executed(write, *cells, error=False, counts=None):
    path = write(*cells)
    notebook = nbformat.read(path, as_version=4)
    for number, cell in enumerate(notebook.cells):
        cell.execution_count = counts[number] if counts else number + 1
        cell.outputs = [nbformat.v4.new_output("stream", text="0.9\n")]
    if error:
        cell.outputs = [
            nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
        ]
    nbformat.write(notebook, path)
    return path


def test_a_notebook_that_ran_elsewhere_is_kept_as_it_is_and_said_to_be_so(store, write):
    path = executed(write, ("a = 1", INJECTED), "print(a)")

    made = store.add_executed_notebook(SYSTEM, path)

    assert made.kind == "validation"
    assert store.read(made) == path.read_bytes()
    assert (made.run["here"], made.run["clean"]) == (False, True)
    assert made.run["parameters_cell"] == "a = 1"
    assert "not_run_here" in made.marks
    assert store.add_executed_notebook(SYSTEM, path) == made


def test_an_error_in_it_or_another_order_is_told(store, write):
    failed = store.add_executed_notebook(SYSTEM, executed(write, "1", error=True))
    assert (failed.kind, failed.run["failure"]) == ("failed_run", "cell 1: ValueError: no")

    mixed = store.add_executed_notebook(SYSTEM, executed(write, "1", "2", counts=[7, 3]))
    assert mixed.run["clean"] is False
    assert "out_of_order" in mixed.marks

    with pytest.raises(InvalidRecord, match="1 cell"):
        store.add_executed_notebook(SYSTEM, write("1"))


def test_a_notebook_beyond_the_limit_is_refused(registered, write):
    from aims_core import open_workspace

    toml = registered.settings.folder / "aims.toml"
    toml.write_text(f"{toml.read_text()}\n[evidence]\nmax_megabytes = 1\n")
    again = open_workspace(registered.settings.folder, actor="ines", host=registered.host)

    with pytest.raises(InvalidRecord, match="1,000,000 bytes allowed"):
        again.evidence.add_executed_notebook(SYSTEM, write("x" * 1_000_001))
    again.close()


def test_what_the_run_stood_on_has_a_digest_that_is_the_same_each_time():
    from aims_core.evidence.environment import environment

    one, other = environment(), environment()

    assert one == other
    json.dumps(one)
