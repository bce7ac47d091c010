"""Runs that are followed and stopped: a stopped one has written nothing, and runs again like a first one."""

from threading import Event

import pyarrow.parquet as pq
import pytest
from aims_monitoring import Job, RunCancelled
from aims_monitoring.samples import CALIFORNIA_HOUSING_SCHEMA, california_housing

from aims_core import InvalidRecord

HOUSING = california_housing()
SECONDS = 60


def untouched(workspace):
    return len(workspace.monitoring.series("housing-accuracy")) == 0


def test_a_run_beside_the_notebook_gives_the_same_as_one_in_it(accuracy):
    job = accuracy.monitoring.start("housing-accuracy", HOUSING.analysis, HOUSING.labels)

    run = job.result(SECONDS)

    assert (job.state, job.done, job.total) == ("done", 8_232, 8_232)
    assert run == accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, HOUSING.labels)


def test_a_run_that_is_cancelled_has_written_nothing_and_runs_again(accuracy):
    before, cancel = accuracy.audit.head(), Event()

    with pytest.raises(RunCancelled, match=r"cancelled after 8,232 of 8,232; nothing was written"):
        accuracy.monitoring.run(
            "housing-accuracy",
            HOUSING.analysis,
            HOUSING.labels,
            cancel=_set(cancel),
        )

    assert untouched(accuracy)
    assert accuracy.audit.head() == before
    cancel.clear()
    again = accuracy.monitoring.run(
        "housing-accuracy", HOUSING.analysis, HOUSING.labels, cancel=cancel
    )
    assert len(again.breaches) == 9


def _set(event):
    event.set()
    return event


def test_interrupting_the_kernel_writes_nothing(accuracy):
    def interrupt(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        accuracy.monitoring.run("housing-accuracy", HOUSING.analysis, progress=interrupt)

    assert untouched(accuracy)


def test_interrupting_the_cell_that_waits_cancels_the_job(monkeypatch):
    go_on = Event()

    def act(tick):
        go_on.wait(SECONDS)
        tick(1, 2)

    job = Job("run monitor slow", act)
    join, waits = job._thread.join, []

    def interrupted(seconds=None):
        waits.append(seconds)
        if len(waits) == 1:
            raise KeyboardInterrupt
        go_on.set()
        join(SECONDS)

    monkeypatch.setattr(job._thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        job.result()

    assert job.state == "cancelled"


def test_a_job_is_stopped_by_its_button_and_says_so(accuracy):
    begun, go_on = Event(), Event()

    def act(tick):
        begun.set()
        go_on.wait(SECONDS)
        tick(1, 2)

    job = Job("run monitor slow", act)
    bar = job._repr_mimebundle_()
    begun.wait(SECONDS)
    progress, words, button = job._bar.widget.children
    assert bar
    assert not button.disabled

    button.click()
    go_on.set()
    with pytest.raises(RunCancelled):
        job.result(SECONDS)

    assert job.state == "cancelled"
    assert "nothing was written" in words.value
    assert (progress.bar_style, button.disabled) == ("danger", True)


def test_a_refusal_is_raised_where_the_result_is_asked_for(accuracy):
    job = accuracy.monitoring.start("housing-accuracy", pq.read_table(HOUSING.analysis).slice(0, 0))

    with pytest.raises(InvalidRecord, match="holds no rows"):
        job.result(SECONDS)

    assert job.state == "failed"
    assert "holds no rows" in repr(job)
    job._repr_mimebundle_()
    assert "holds no rows" in job._bar.widget.children[1].value


def test_a_result_that_takes_too_long_can_be_asked_for_again():
    go_on = Event()
    job = Job("wait", lambda _tick: go_on.wait(SECONDS))

    with pytest.raises(TimeoutError, match="still running"):
        job.result(0.01)
    assert job.state == "running"
    go_on.set()

    assert job.result(SECONDS) is True
    job._repr_mimebundle_()
    assert job._bar.widget.children[0].value == job._bar.widget.children[0].max


def test_a_batch_that_is_cancelled_goes_on_where_it_was(accuracy):
    monitoring, cancel = accuracy.monitoring, Event()
    for name in ("a", "b", "c"):
        monitoring.define(
            name,
            "ticket-triage",
            thresholds={"accuracy": {"min": 0.01}},
            schema=CALIFORNIA_HOUSING_SCHEMA,
        )
        monitoring.schedule(
            name, every="day", data=str(HOUSING.analysis), labels=str(HOUSING.labels)
        )

    first = monitoring.run_due(
        progress=lambda done, _total: done == 2 and cancel.set(), cancel=cancel
    )
    assert len(first) == 2
    assert len(monitoring.due()) == 1

    rest = monitoring.run_due()
    assert {w.monitor_id for w in (*first, *rest)} == {"a", "b", "c"}
    assert monitoring.due().empty
