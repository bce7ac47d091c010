"""The contract suite sees through a plugin that tells of the past what is true now."""

import pytest

from aims_core import PluginHost
from aims_core.testing.intruder import disarmed, tampering
from aims_core.testing.past import Witness, historied

RISK = {
    "title": "Urgent tickets ranked low",
    "risk_source": "C.3.4",
    "consequence": "People wait for help they need at once.",
    "consequences": {"individuals": 4},
    "risk_owner": "olga",
}


@pytest.fixture
def tables():
    """Give the table of risks, of which aims-risk keeps the history."""
    return [table for table in historied(PluginHost(), "risk") if table.name == "risk_entry"]


def steps(workspace):
    risk = workspace.act_as("rita").risk
    for likelihood in (3, 1, 2):
        risk.identify("ticket-triage", "wrong-rank", likelihood=likelihood, **RISK)
        yield


def read(workspace, as_of):
    return workspace.risk.risks(as_of=as_of)


def test_a_plugin_that_tells_the_truth_passes(registered, tables):
    witness = Witness(registered, tables, read)
    witness.watch(steps(registered))

    witness.compare()


def test_a_plugin_that_tells_of_the_past_what_is_true_now_does_not(registered, tables):
    witness = Witness(registered, tables, lambda workspace, _: read(workspace, None))
    witness.watch(steps(registered))

    with pytest.raises(AssertionError, match="it answers"):
        witness.compare()


def test_a_plugin_that_writes_nothing_does_not(registered, tables):
    witness = Witness(registered, tables, read)

    witness.watch(iter(()))

    with pytest.raises(AssertionError, match="has no step"):
        witness.compare()


def test_a_plugin_that_changes_nothing_does_not(registered, tables):
    witness = Witness(registered, tables, read)

    witness.watch(iter([next(steps(registered))]))

    with pytest.raises(AssertionError, match="risk_entry_history is empty"):
        witness.compare()


def test_a_plugin_whose_database_keeps_nothing_does_not(registered, tables):
    witness = Witness(registered, tables, lambda *_: None)

    def unkept():
        for likelihood in (3, 1):
            with tampering(registered) as connection, disarmed(connection, "risk_entry"):
                connection.exec_driver_sql("DELETE FROM risk_entry")
                connection.exec_driver_sql(
                    "INSERT INTO risk_entry (system_id, risk_id, title, risk_source, consequence, "
                    "likelihood, consequences, level, risk_owner, status, recorded_by, recorded_at) "
                    f"VALUES ('ticket-triage', 'r', 't', 's', 'c', {likelihood}, '{{\"x\": 1}}', "
                    "'low', 'olga', 'open', 'rita', '2026-01-01T00:00:00.000000Z')"
                )
            yield

    witness.watch(unkept())
    with pytest.raises(AssertionError, match="risk_entry as of"):
        witness.compare()


def test_the_suite_finds_the_tables_of_which_a_plugin_keeps_the_history():
    host = PluginHost()

    assert [t.name for t in historied(host, "risk")] == ["risk_entry", "risk_treatment"]
    assert historied(host, "no_such_plugin") == []
