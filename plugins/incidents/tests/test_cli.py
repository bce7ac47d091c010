"""`aims incidents` from a terminal: the whole handling."""

import json

import pytest
from click.testing import CliRunner

from aims_core.cli import main


@pytest.fixture
def aims(running, monkeypatch):
    monkeypatch.setenv("AIMS_WORKSPACE", str(running.settings.folder))
    monkeypatch.setenv("AIMS_ACTOR", "imre")
    return lambda *args: CliRunner().invoke(main, ["incidents", *args])


def test_an_incident_is_handled_from_its_opening_to_its_closing(aims, running, monkeypatch):
    assert "No incident" in aims("list").stdout
    assert (
        aims("open", "ticket-triage", "--title", "It fell over", "--severity", "major").exit_code
        == 0
    )
    incident = running.incidents.of("ticket-triage")[0].incident_id

    done = [
        aims("assign", incident, "--to", "devi"),
        aims("analyse", incident, "--cause", "A renamed field", "--kind", "integration"),
        aims("treat", incident, "--treatment", "Checked on arrival"),
    ]
    monkeypatch.setenv("AIMS_ACTOR", "rita")
    done.append(aims("close", incident))

    assert [run.exit_code for run in done] == [0, 0, 0, 0]
    assert "is closed" in done[-1].stdout
    assert "incidents.IncidentTreated" in aims("show", incident).stdout
    listed = json.loads(aims("list", "--system", "ticket-triage", "--format", "json").stdout)
    assert [line["status"] for line in listed] == ["closed"]
    assert "No incident" in aims("list", "--open").stdout


def test_a_refused_closing_says_everything_that_is_missing_and_ends_with_2(aims, running):
    aims("open", "ticket-triage", "--title", "It fell over", "--severity", "major")
    incident = running.incidents.of("ticket-triage")[0].incident_id

    run = aims("close", incident)

    assert run.exit_code == 2
    assert "cause" in run.stderr
    assert "treatment" in run.stderr
    assert aims("close", "inc-nothing").exit_code == 2
