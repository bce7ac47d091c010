"""The database judges as the product does: the same questions, asked in SQL and in Python, over one arena."""

import sys

import sqlalchemy as sa

from aims_core import spellings, tables
from aims_core.approvals import closing, delegations, requests
from aims_core.approvals.case import examine_request, with_votes
from aims_core.canonical import utc_text
from aims_core.gate.facts import Wanted, gather
from aims_core.lifecycle import Claim, relaxed
from aims_core.lifecycle.evaluate import conflicting_duty, void_votes
from aims_core.lifecycle.seats import match_seats
from aims_core.lifecycle.standing import standing_approval
from aims_core.roles import ROLES, roles_for
from aims_core.store.rows import system_from_row
from aims_core.terms import RiskCategory, graver
from aims_core.time_of_fact import in_fact


def test_sql_and_python_judge_alike(arena):
    with arena.team.owner() as connection:
        asked = arena.judged(connection)

    expected = _answers(arena.team.at("ada"), asked)

    assert set(asked) == set(expected)
    for question, answers in expected.items():
        assert asked[question] == answers, question
        assert len({repr(a[-1]) for a in answers}) > 1, f"{question} always has one answer"


def _answers(workspace, asked):
    desk, machine = workspace._desk, workspace.machine
    found = {question: [] for question in asked}
    found["governing"] = [
        (str(a), str(b), str(graver(a, b))) for a in RiskCategory for b in RiskCategory
    ]
    with workspace.reading() as tx:
        actors = list(tx.connection.execute(sa.select(tables.actor)))
        ids = [a.actor_id for a in actors]
        asked_for = [*map(str.upper, ids), *map(str.lower, ids), "nobody"]
        found["spelt_alike"] = list(spellings.unknown_ids(tx.connection, asked_for).items())
        persons = {a.person for a in actors if a.kind == "person"}
        systems = [system_from_row(row) for row in tx.connection.execute(sa.select(tables.system))]
        for system in systems:
            key = system.system_id
            state = closing._state(closing._gates(tx, machine, [key]).get(key, []))
            found["approval_state"].append((key, str(state)))
            for step in machine.transitions:
                facts = gather(tx, [system], Wanted(step=step.name))[0]
                _of_step(found, machine, step, facts, persons)
            for actor in actors:
                held = roles_for(tx.grants(actor.actor_id), system)
                found["holds"] += [(key, actor.actor_id, role, role in held) for role in ROLES]
            pairs = [(a.actor_id, b.actor_id) for a in actors for b in actors]
            seats = delegations.lent(tx, system, pairs)
            found["lent"] += [
                (key, *pair, role, role in seats.get(pair, ()))
                for pair in pairs
                for role in ("risk_reviewer", "committee_member")
            ]
        for approval in requests.open_ones(tx, None):
            _of_request(found, machine, desk, tx, approval)
        late = tx.connection.execute(
            sa.select(tables.approval).where(tables.approval.c.status == "open")
        ).all()
        for approval in with_votes(tx, list(late)):
            if approval.status == "expired":
                _of_request(found, machine, desk, tx, approval)
    return {question: sorted(answers) for question, answers in found.items()}


def _of_step(found, machine, step, facts, persons):
    key, relaxed_step = facts.system.system_id, relaxed(step, facts)
    found["duties"] += [(key, step.name, d, p) for d, held in facts.duties.items() for p in held]
    stands = standing_approval(machine, (step.name,), facts, remedy="")
    found["stands"].append((key, step.name, stands.met))
    for requester in ("olga", "dora"):
        claim = Claim(transition=step.name, person=requester, roles=frozenset(), digest="")
        apart = all(
            c.met
            for c in sys.modules["aims_core.lifecycle.evaluate"]._apart(relaxed_step, claim, facts)
        )
        found["joined"].append((key, step.name, requester, apart))
        found["conflict"] += [
            (
                key,
                step.name,
                requester,
                person,
                role,
                not conflicting_duty(relaxed_step, claim, facts, person, role),
            )
            for person in persons
            for role in ("risk_reviewer", "committee_member")
        ]


def _of_request(found, machine, desk, tx, approval):
    system = tx.get_system(approval.system_id)
    case = examine_request(tx, desk, system, approval)
    void = void_votes(case.step, case.claim, case.facts)
    votes = [v for v in approval.votes if v.vote_id not in void]
    found["counted"] += [
        (
            approval.approval_id,
            str(v.decision),
            v.role,
            [p for p in (v.person, v.on_behalf_person) if p],
            utc_text(in_fact(v.fact_at, v.at)),
        )
        for v in votes
    ]
    given = [v for v in votes if v.decision == "approve"]
    for tier in RiskCategory:
        seats = [slot for slot in case.step.approvals for _ in range(slot.needed(str(tier)))]
        full = len(match_seats(seats, given)) == len(seats)
        found["seated"].append((approval.approval_id, str(tier), full))
