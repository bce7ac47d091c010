"""What a review, a waiver or an exception said at a time is told of that time later, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from aims_core import InvalidRecord, RecordNotFound, open_workspace
from aims_core.testing import tampering
from aims_core.testing.fixtures import TICKET_TRIAGE

S = "ticket-triage"
HOUR = timedelta(hours=1)


@pytest.fixture
def clock(workspace_folder):
    """Give a list that holds the time of the workspace."""
    return []


@pytest.fixture
def workspace(workspace_folder, clock):
    """Give a workspace whose time is told by the test."""
    opened = open_workspace(workspace_folder, actor="ada")
    clock.append(opened.now() + HOUR)
    opened._desk.store.clock = lambda: clock[0]
    yield opened
    opened.close()


def told(workspace, at=None):
    """Return what reviews, waivers and exceptions say, now or of a time."""
    now = at or workspace.now()
    systems = [s.system_id for s in workspace.inventory.find(as_of=at)[0]]
    exceptions = workspace.separation.exceptions
    return [
        workspace.reviews.run(as_of=at).findings,
        [workspace.reviews.conditions(s, as_of=at) for s in systems],
        [workspace.reviews.date(s, as_of=at) for s in systems],
        workspace.reviews.due(as_of=now),
        workspace.waivers.frame(as_of=at).to_dict("records"),
        workspace.separation.recorded(as_of=at),
        [exceptions(as_of=at, system_id=s) for s in systems],
    ]


def steps(workspace, clock):
    """Live through what reviews look at, an hour a step."""
    olga, ines, rita = (workspace.act_as(a) for a in ("olga", "ines", "rita"))
    olga.inventory.register(S, **TICKET_TRIAGE)
    olga.inventory.register("other", **{**TICKET_TRIAGE, "unit": "North"})
    yield
    with tampering(workspace) as connection:
        connection.execute(
            sa.text(
                "UPDATE aims_system SET stage = 'operation_and_monitoring', revised_at = :at "
                "WHERE system_id = 'ticket-triage'"
            ),
            {"at": "2020-01-01T00:00:00.000000Z"},
        )
    yield
    rita.risk.assess(S, likelihood=4, consequences={"individuals": 4}, rationale="It decides.")
    yield
    rita.risk.assess(S, likelihood=1, consequences={"individuals": 1}, rationale="It does not.")
    ines.evidence.add(S, "documentation", "Manual", text="a")
    yield
    day = clock[0].date() + timedelta(days=30)
    waiver = olga.waivers.propose(
        S, "monitoring_plan", reason="Not yet.", compensating_measure="By hand.", expires_on=day
    )
    yield
    for who in ("carl", "cora"):
        workspace.act_as(who).waivers.decide(waiver.waiver_id, "approve")
    made = olga.separation.record_exception(
        "R1",
        reason="We are few.",
        compensating_control="An outsider.",
        expires_on=day,
        unit="North",
    )
    yield
    workspace.separation.approve_exception(made.exception_id)
    olga.inventory.revise("other", unit="South")
    yield
    olga.waivers.withdraw(waiver.waiver_id, reason="There is one now.")
    workspace.separation.end_exception(made.exception_id, reason="We are five.")
    yield
    clock[0] += timedelta(days=800)
    yield
    rita.reviews.complete(S, outcome="continue_with_actions", note="Looked at it.")
    yield


def test_what_was_said_then_is_said_of_then(workspace, clock):
    seen = [(clock[0], told(workspace))]
    clock[0] += HOUR
    for _ in steps(workspace, clock):
        seen.append((clock[0], told(workspace)))
        clock[0] += HOUR

    assert len({str(said) for _, said in seen}) == len(seen)
    for at, said in seen:
        for moment in (at, at + HOUR / 2):
            assert told(workspace, moment)[:3] == said[:3], at
            assert told(workspace, moment)[3:] == said[3:], at


def test_a_system_that_was_not_there_yet_cannot_be_reviewed_as_of_then(workspace, clock):
    before = clock[0]
    clock[0] += HOUR
    workspace.act_as("olga").inventory.register(S, **TICKET_TRIAGE)

    assert workspace.reviews.run(as_of=before).reviewed == 0
    for asked in (workspace.reviews.conditions, workspace.reviews.date):
        with pytest.raises(RecordNotFound, match=S):
            asked(S, as_of=before)
    with pytest.raises(RecordNotFound, match=S):
        workspace.reviews.run(system_ids=[S], as_of=before)
    with pytest.raises(InvalidRecord, match="lies ahead"):
        workspace.reviews.run(as_of=clock[0] + HOUR)
    with pytest.raises(InvalidRecord, match="is no checkpoint"):
        workspace.reviews.run(as_of=7)
