"""`aims incidents` from a terminal: the whole handling."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from aims_core import tables
from aims_core.cli import main
from aims_core.testing import tampering


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


def test_reportability_is_proposed_confirmed_listed_and_escalated(aims, running, monkeypatch):
    running.staffing.add("lea", "Lea")
    running.staffing.grant("lea", "legal_counsel")
    assert "No serious incident" in aims("reporting").stdout
    aims("open", "ticket-triage", "--title", "A fire", "--severity", "serious")
    incident = running.incidents.of("ticket-triage")[0].incident_id

    assert "undecided" in aims("reporting").stdout
    assert aims("reportable", incident).exit_code == 2
    monkeypatch.setenv("AIMS_ACTOR", "rita")
    assert "still in time" in aims("escalate").stdout
    proposed = aims("reportable", incident, "--no", "--reason", "Nobody was harmed.")
    monkeypatch.setenv("AIMS_ACTOR", "lea")
    declined = aims("reportable", incident, "--decline", "--reason", "Ask again.")
    monkeypatch.setenv("AIMS_ACTOR", "rita")
    aims("reportable", incident, "--yes", "--reason", "Somebody was.")
    monkeypatch.setenv("AIMS_ACTOR", "lea")
    decided = aims("reportable", incident, "--confirm")

    assert "not reportable: proposed" in proposed.stdout
    assert "declined" in declined.stdout
    assert "reportable: decided" in decided.stdout


def test_who_is_late_is_named_with_an_exit_code(aims, running, monkeypatch):
    aims("open", "ticket-triage", "--title", "A fire", "--severity", "serious")
    incident = running.incidents.of("ticket-triage")[0].incident_id
    with tampering(running) as connection:
        table = tables.result
        long_ago = running.now() - timedelta(days=3)
        connection.execute(sa.update(table).values(recorded_at=long_ago))
    monkeypatch.setenv("AIMS_ACTOR", "rita")

    found = aims("escalate")

    assert (found.exit_code, incident in found.stdout) == (1, True)
