"""``aims evidence``: what people type, what they read, and the exit code a script reads."""

import csv
import io
import json
from datetime import UTC, datetime

import nbformat
import pytest


def test_evidence_is_added_found_again_and_listed(aims, triage, tmp_path):
    file = tmp_path / "report.pdf"
    file.write_text("<html>no pdf")
    given = ("evidence", "add", triage, "documentation", "Manual", "--file", file)

    first, second = (aims(*given, by="ines").stdout for _ in range(2))

    assert first == second
    assert "text/html" in first
    assert "to mind: its name claims application/pdf" in first
    (one,) = json.loads(aims("evidence", "list", triage, "--format", "json").stdout)
    assert one["title"] == "Manual"
    assert "type_mismatch" in aims("evidence", "list").stdout
    rows = list(csv.DictReader(io.StringIO(aims("evidence", "list", "--format", "csv").stdout)))
    assert [r["evidence_id"] for r in rows] == [one["evidence_id"]]
    assert "No evidence" in aims("evidence", "list", triage, "--kind", "validation").stdout


def test_a_time_that_is_none_is_refused(aims, triage):
    given = ("evidence", "add", triage, "note", "A", "--text", "x", "--collected-at")

    assert "is no time" in aims(*given, "yesterday", by="ines", code=2).stderr
    assert "zone" in aims(*given, "2026-03-01T09:00", by="ines", code=2).stderr
    aims(*given, "2026-03-01T09:00+01:00", by="ines")


def test_verify_ends_with_one_when_a_file_is_not_what_it_was(aims, triage, folder):
    aims("evidence", "add", triage, "note", "A", "--text", "said", by="ines")
    assert "Every file" in aims("evidence", "verify").stdout
    (kept,) = [p for p in (folder / "evidence").rglob("*") if p.is_file()]
    kept.write_text("other")

    found = aims("evidence", "verify", code=1).stdout

    assert "altered" in found
    machine = aims("evidence", "verify", "--format", "json", code=1).stdout
    assert json.loads(machine)[0]["finding"] == "altered"


def test_evidence_is_held_released_and_disposed_of_by_two(aims, triage):
    added = ("evidence", "add", triage, "note", "A", "--text", "said", "--format", "json")
    one = json.loads(aims(*added, by="ines").stdout)["evidence_id"]

    held = aims("evidence", "hold", triage, "--reason", "proceeding", by="rita").stdout.split(":")[
        0
    ]
    assert held in aims("evidence", "holds").stdout
    refused = aims("evidence", "dispose", one, "--reason", "room", by="ines", code=2).stderr
    assert "kept until" in refused
    assert "proceeding" in refused
    aims("evidence", "release", held, "--reason", "settled", by="rita")
    alone = aims("evidence", "release", held, "--confirm", by="rita", code=2).stderr
    assert "a second person confirms" in alone
    stays = aims("evidence", "release", held, "--decline", "--reason", "wait", by="carl").stdout
    assert f"{held} stays" in stays
    aims("evidence", "release", held, "--reason", "settled", by="rita")
    done = aims("evidence", "release", held, "--confirm", by="carl").stdout
    assert "rita and carl decided it" in done
    assert "Nothing is held" in aims("evidence", "holds", triage).stdout
    assert held in aims("evidence", "holds", "--released").stdout
    assert "No evidence" in aims("evidence", "list", "--due").stdout
    nobody = aims("evidence", "dispose", one, "--confirm", by="rita", code=2).stderr
    assert "nobody proposed" in nobody


@pytest.fixture
def ended(folder):
    """Let the retention of minutes end the day they are taken."""
    toml = folder / "aims.toml"
    toml.write_text(f'{toml.read_text()}\n[evidence.retention]\nminutes = "0 days"\n')


def test_a_second_person_confirms_or_declines(aims, triage, ended):
    added = ("evidence", "add", triage, "minutes", "A", "--text", "said", "--format", "json")
    one = json.loads(aims(*added, by="ines").stdout)["evidence_id"]
    assert one in aims("evidence", "list", "--due").stdout

    aims("evidence", "dispose", one, "--reason", "ended", by="rita")
    assert (
        "second person" in aims("evidence", "dispose", one, "--confirm", by="rita", code=2).stderr
    )
    aims("evidence", "dispose", one, "--confirm", "--decline", by="carl", code=2)
    assert (
        "stays"
        in aims(*("evidence", "dispose", one, "--decline", "--reason", "not yet"), by="carl").stdout
    )
    aims("evidence", "dispose", one, "--reason", "ended", by="rita")
    assert "rita and carl" in aims("evidence", "dispose", one, "--confirm", by="carl").stdout
    assert "declined" in aims("evidence", "disposals").stdout
    assert "No evidence" in aims("evidence", "list", triage).stdout
    assert "disposed of" in aims("evidence", "list", triage, "--disposed").stdout
    aims("evidence", "verify")


def test_a_bundle_goes_out_and_comes_in_once(aims, triage, tmp_path):
    aims("evidence", "add", triage, "note", "A", "--text", "said", by="ines")
    path = tmp_path / "out.zip"

    out = aims("evidence", "export", path, triage, by="aude").stdout
    back = aims("evidence", "import", path, by="ines").stdout

    assert "SHA-256" in out
    assert "0 added, 1 on record already" in back
    assert json.loads(aims("evidence", "import", path, "--format", "json", by="ines").stdout)
    path.write_bytes(b"no zip")
    assert "no zip archive" in aims("evidence", "import", path, by="ines", code=2).stderr


@pytest.mark.slow
def test_a_notebook_is_run_and_a_failed_one_ends_with_one(aims, triage, tmp_path):
    path = tmp_path / "check.ipynb"
    cell = nbformat.v4.new_code_cell("assert threshold < 1, word")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    given = ("evidence", "run", triage, path, "--parameter", "word=too high", "--parameter")

    assert "It ran clean" in aims(*given, "threshold=0.9", by="ines").stdout
    failed = aims(*given, "threshold=2", by="ines", code=1).stdout
    assert "failed_run" in failed
    assert "too high" in failed
    assert "NAME=VALUE" in aims(*given, "threshold", by="ines", code=2).stderr


def test_a_hold_says_when_it_was_placed_and_released_in_fact(aims, triage):
    early = ("evidence", "hold", triage, "--reason", "case", "--fact-at", "2020-01-01")
    assert "the entry of ticket-triage" in aims(*early, by="rita", code=2).stderr
    now = datetime.now(UTC)
    said = ("--fact-at", now.isoformat())
    made = aims("evidence", "hold", triage, "--reason", "case", *said, by="rita").stdout
    held = made.partition(":")[0]
    aims("evidence", "release", held, "--reason", "settled", *said, by="rita")
    decline = ("evidence", "release", held, "--decline", "--reason", "no", *said)
    assert "leave --fact-at out" in aims(*decline, by="carl", code=2).stderr

    aims("evidence", "release", held, "--confirm", *said, by="carl")

    [row] = json.loads(aims("evidence", "holds", "--released", "--format", "json").stdout)
    facts = ("fact_at", "release_proposed_fact_at", "released_fact_at")
    assert {row[name] for name in facts} == {f"{now:%Y-%m-%dT%H:%M:%S.%fZ}"}
