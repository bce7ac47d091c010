"""Monitors that run by themselves: what is due, the batch over a portfolio, and the gap it leaves."""

from datetime import timedelta

import pytest
from aims_monitoring.samples import CALIFORNIA_HOUSING_SCHEMA, california_housing
from aims_monitoring.schedule import PERIODS
from click.testing import CliRunner

from aims_core import InvalidRecord, NotPermitted, SystemFacts, cli_progress
from aims_core.cli import main

LOG = california_housing()


@pytest.fixture
def planned(housing):
    """Give a workspace with a monitor that is to run each month."""
    housing.monitoring.define(
        "housing",
        "ticket-triage",
        thresholds={"accuracy": {"min": 0.01}},
        schema=CALIFORNIA_HOUSING_SCHEMA,
    )
    housing.monitoring.schedule(
        "housing", every="month", data=str(LOG.analysis), labels=str(LOG.labels)
    )
    return housing


def running(workspace, now):
    """Return the condition that every monitor has run, as it would be judged at a time."""
    offer = workspace.host.check("monitors_running")
    results = {k: tuple(workspace.results.of("ticket-triage", k)) for k in offer.spec.results}
    system = workspace.inventory.get("ticket-triage")
    facts = SystemFacts(system=system, owner=None, now=now, results=results)
    return offer.spec.run.load()([facts])["ticket-triage"]


def test_a_scheduled_monitor_is_due_until_it_has_run(planned):
    due = planned.monitoring.due()
    assert due["monitor_id"].tolist() == ["housing"]

    (worked,) = planned.monitoring.run_due()

    assert worked.problem == ""
    assert worked.run.rows == 8_232
    assert planned.monitoring.due().empty
    later = planned.now() + PERIODS["month"] + timedelta(seconds=1)
    assert planned.monitoring.due(later)["monitor_id"].tolist() == ["housing"]


def test_a_run_that_is_missed_is_a_finding(planned):
    planned.monitoring.run_due()
    due = planned.now() + PERIODS["month"]

    assert running(planned, due - timedelta(hours=1)).met
    late = running(planned, due + timedelta(hours=1))
    assert (late.met, late.reason) == (False, "not run when due: housing")


def test_what_fails_is_told_and_stops_no_other(planned, tmp_path):
    planned.monitoring.define(
        "absent",
        "ticket-triage",
        thresholds={"accuracy": {"min": 0.01}},
        schema=CALIFORNIA_HOUSING_SCHEMA,
    )
    planned.monitoring.schedule("absent", every="day", data=str(tmp_path / "gone.parquet"))
    seen = []

    worked = planned.monitoring.run_due(progress=lambda done, total: seen.append((done, total)))

    outcome = {one.monitor_id: (one.run is not None, one.problem) for one in worked}
    assert outcome["housing"] == (True, "")
    assert outcome["absent"][0] is False
    assert "gone.parquet" in outcome["absent"][1]
    assert seen == [(1, 2), (2, 2)]
    assert planned.monitoring.due()["monitor_id"].tolist() == ["absent"]


def test_a_log_that_has_not_changed_is_a_gap_and_the_monitor_stays_due(planned, monkeypatch):
    planned.monitoring.run_due()
    monkeypatch.setitem(PERIODS, "month", timedelta(seconds=-1))

    (worked,) = planned.monitoring.run_due()

    assert "no new log" in worked.problem
    assert worked.run is not None
    assert planned.monitoring.due()["monitor_id"].tolist() == ["housing"]


def test_a_batch_that_is_killed_goes_on_where_it_was(planned):
    for name in ("a", "b"):
        planned.monitoring.define(
            name,
            "ticket-triage",
            thresholds={"accuracy": {"min": 0.01}},
            schema=CALIFORNIA_HOUSING_SCHEMA,
        )
        planned.monitoring.schedule(
            name, every="day", data=str(LOG.analysis), labels=str(LOG.labels)
        )

    def kill(done, _total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        planned.monitoring.run_due(progress=kill)
    assert len(planned.monitoring.due()) == 1

    (last,) = planned.monitoring.run_due()
    assert last.problem == ""
    assert planned.monitoring.due().empty
    runs = [
        e for e in planned.audit.events("ticket-triage", limit=500) if "MonitoringRun" in e.type
    ]
    assert len(runs) == 3


def test_the_same_schedule_again_writes_nothing_and_nonsense_is_refused(planned):
    before = planned.audit.head()
    planned.monitoring.schedule(
        "housing", every="month", data=str(LOG.analysis), labels=str(LOG.labels)
    )
    assert planned.audit.head() == before

    with pytest.raises(InvalidRecord, match="no period"):
        planned.monitoring.schedule("housing", every="fortnight", data="x")
    with pytest.raises(InvalidRecord, match="is empty"):
        planned.monitoring.schedule("housing", every="day", data=" ")


def test_who_may_not_monitor_may_not_schedule(planned):
    with pytest.raises(NotPermitted):
        planned.act_as("carl").monitoring.schedule("housing", every="day", data="x")


def test_the_front_door_has_a_progress_bar_for_plugins(capsys):
    with cli_progress("Counting") as tick:
        tick(1, 3)
        tick(2, 3)

    assert capsys.readouterr().err.splitlines()[-1] == "Counting: 2 of 3"


def test_the_batch_runs_from_the_command_line(planned):
    arguments = ["--workspace", str(planned.settings.folder), "--as", "olga", "monitor"]
    run = CliRunner()

    first = run.invoke(main, [*arguments, "due", "--format", "csv"])
    done = run.invoke(main, [*arguments, "run", "--due", "--format", "json"])
    again = run.invoke(main, [*arguments, "run", "--due"])
    neither = run.invoke(main, [*arguments, "run"])

    assert "housing" in first.stdout
    assert (done.exit_code, again.exit_code, neither.exit_code) == (0, 0, 2)
    assert "1 monitor(s) were due: 1 measured, 0 with a breach" in done.stderr
    assert '"status":"ok"' in done.stdout
    assert "Nothing is due" in again.stdout
    assert "--due" in neither.stderr


def test_a_time_without_zone_is_refused_and_a_day_is_its_end(planned):
    planned.monitoring.run_due()
    later = planned.now() + timedelta(days=40)

    with pytest.raises(InvalidRecord, match="zone"):
        planned.monitoring.due(later.replace(tzinfo=None))

    assert planned.monitoring.due(later.date())["monitor_id"].tolist() == ["housing"]
