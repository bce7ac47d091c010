"""Eight decide on one request at the same moment: one carries it out, the others are told why not."""

import json
from collections import Counter

import pytest
import sqlalchemy as sa

from aims_core.testing.fixtures import TICKET_TRIAGE

WORKERS = 8


@pytest.mark.slow
def test_of_eight_who_decide_at_once_one_carries_it_out_and_the_others_are_told(
    workspace, workspace_folder, victim, rounds, aims_database, figure
):
    wanted = rounds(20, 1_000)
    voters = [f"voter-{number}" for number in range(WORKERS)]
    for voter in voters:
        workspace.staffing.add(voter, voter)
        workspace.staffing.grant(voter, "committee_member")
    olga, requests = workspace.act_as("olga"), []
    for number in range(wanted):
        olga.inventory.register(f"s{number}", **TICKET_TRIAGE)
        requests.append(olga.approvals.request(f"s{number}", "start_development").approval_id)

    said, failed = victim("racers", workspace_folder, *voters).communicate(json.dumps(requests))

    assert said, failed
    outcomes = json.loads(said)
    winners = [Counter(status for status, _ in round_)["carried_out"] for round_ in outcomes]
    with workspace.reading() as tx:
        query = sa.text("SELECT system_id, count(*) FROM aims_transition GROUP BY system_id")
        carried_out = {row[0]: row[1] for row in tx.connection.execute(query)}
    figure(f"{aims_database}: rounds of 8 on one decision", wanted)
    figure(f"{aims_database}: rounds without exactly one winner", sum(w != 1 for w in winners))
    assert set(winners) == {1}
    assert carried_out == {f"s{number}": 1 for number in range(wanted)}
    reasons = {reason for round_ in outcomes for status, reason in round_ if status == "told"}
    assert {status for round_ in outcomes for status, _ in round_} == {"carried_out", "told"}
    assert all("the request is carried_out" in reason for reason in reasons), reasons
    assert workspace.audit.verify().intact
