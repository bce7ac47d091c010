import json

from aims_core import open_workspace
from aims_core.testing.intruder import tampering


def running(folder):
    workspace = open_workspace(folder, actor="ada")
    statement = (
        "UPDATE aims_system SET stage = 'operation_and_monitoring', "
        "registered_at = '2020-01-01T00:00:00.000000Z'"
    )
    with tampering(workspace) as connection:
        connection.exec_driver_sql(statement)
    workspace.close()


def test_without_running_systems_nothing_is_due(aims, triage):
    assert "No review is due." in aims("review", "due").stdout
    assert "No system runs" in aims("review", "schedule").stdout
    assert "Nobody is to be reminded" in aims("review", "--remind").stdout


def test_a_due_review_is_listed_reminded_of_once_and_completed(aims, triage, folder):
    running(folder)

    assert "ticket-triage" in aims("review", "due", code=1).stdout
    assert json.loads(aims("review", "--remind", "--format", "json").stdout)[0]["overdue"]
    assert "Nobody" in aims("review", "--remind").stdout
    assert "periodic_review_done" in aims("review", "--format", "json", code=1).stdout
    refused = aims("review", "complete", triage, "continue", "--note", "x", by="rita", code=2)
    assert "continue_with_actions" in refused.stderr
    done = aims(
        *("review", "complete", triage, "continue_with_actions", "--note", "Much is missing."),
        by="rita",
    )
    assert "is on record" in done.stdout
    assert "No review is due." in aims("review", "due").stdout
    assert aims("review", "due", "--as-of", "2199-01-01", code=1).exit_code == 1


def test_review_alone_and_with_names_works_as_before(aims, triage):
    for arguments in (
        ["review"],
        ["review", triage],
        ["review", "--all", triage],
        ["review", "now"],
        ["review", "--", triage],
    ):
        assert "all may be where they are" in aims(*arguments).stdout
    assert "Did you mean ticket-triage" in aims("review", "ticket-triag", code=2).stderr
    shown = aims("review", "--help").stdout
    assert "due" in shown
    assert "--remind" in aims("review", "now", "--help").stdout
