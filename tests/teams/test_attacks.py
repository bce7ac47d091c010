"""Raw SQL from a notebook, as it stands in attacks.sql: none gets through, and for the right reason."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aims_core import canonical_json, default_machine, utc_text
from aims_core.testing.fixtures import TICKET_TRIAGE

_HEAD = re.compile(r"-- (\w+) (\w+): (.+)\n(.+)")
_FILE = Path(__file__).with_name("attacks.sql")
ATTACKS = [found.groups() for found in _HEAD.finditer(_FILE.read_text(encoding="utf-8"))]


def test_there_are_enough_attacks_and_none_was_overlooked():
    heads = [line for line in _FILE.read_text(encoding="utf-8").splitlines() if line[:2] == "--"]

    assert len(ATTACKS) == len(heads) - 3
    assert sum(expected != "passes" for _, expected, _, _ in ATTACKS) >= 200


@pytest.fixture(scope="module")
def arena(module_team):
    """Prepare records to attack; every attack is rolled back, so that one arena serves them all."""
    arena = Arena(module_team)
    yield arena
    arena.close()


class Arena:
    def __init__(self, team):
        import psycopg

        self.psycopg, self.team, self._connections = psycopg, team, {}
        self.places = _prepare(team)

    def try_it(self, login, statement):
        """Run a statement as a login would, and return what became of it."""
        connection = self._connections.get(login)
        if connection is None:
            connection = self._connections[login] = self.team.connect(login)
        try:
            now = _now()
            connection.execute("SELECT set_config('aims.now', %s, true)", [now])
            cursor = connection.execute(statement.format_map({**self.places, "now": now}))
            changed = bool(cursor.fetchall()) if cursor.description else cursor.rowcount != 0
        except self.psycopg.Error as error:
            return error.sqlstate
        else:
            return "passes" if changed else "nothing"
        finally:
            connection.rollback()

    def close(self):
        for connection in self._connections.values():
            connection.close()


@pytest.mark.parametrize(
    ("login", "expected", "statement"),
    [(login, expected, sql) for login, expected, _, sql in ATTACKS],
    ids=[f"{login} {title}" for login, _, title, _ in ATTACKS],
)
def test_an_attack_by_raw_sql_is_refused(arena, login, expected, statement):
    assert arena.try_it(login, statement) == expected


def _now():
    return utc_text(datetime.now(UTC))


def _prepare(team):
    """Lead some systems to where attacks on them are worth something; return what attacks name."""
    olga, ines, rita, dora = (team.at(login) for login in ("olga", "ines", "rita", "dora"))
    carl = team.at("carl_decide")
    for system_id, changes in {
        "ticket-triage": {},
        "payroll": {"unit": "Finance"},
        "fresh": {"intended_use": "Answers."},
        "chat": {"intended_use": "Chats."},
    }.items():
        olga.inventory.register(system_id, **{**TICKET_TRIAGE, **changes, "name": system_id})
    dora.inventory.register("own", **{**TICKET_TRIAGE, "owner": "dora", "name": "own"})
    _rate(rita, "ticket-triage", "high")
    asked = {
        system_id: (dora if system_id == "own" else olga).approvals.request(
            system_id, "start_development", reason="it is time"
        )
        for system_id in ("ticket-triage", "payroll", "fresh", "chat", "own")
    }
    for system_id in ("ticket-triage", "fresh", "chat"):
        carl.approvals.decide(asked[system_id].approval_id, "approve")
    for kind in ("documentation", "validation", "impact_assessment"):
        ines.evidence.add("chat", kind, kind.title(), text="…")
    olga.approvals.request("chat", "submit_for_validation")
    deployment = olga.approvals.request("chat", "approve_deployment")
    until = (datetime.now(UTC) + timedelta(days=3)).date()
    carl.approvals.delegate("rita", "committee_member", until=until, reason="leave")
    waiver = dora.waivers.propose(
        "own",
        "supplier_due_diligence",
        reason="late",
        compensating_measure="a call each week",
        expires_on=until,
    )
    change = team.at("ada").staffing.propose("uma", "developer")
    team.at("keeper").deliveries.work()
    systems = {key: olga.inventory.get(key) for key in (*asked,)}
    _by_hand(team, asked["payroll"].approval_id, systems["fresh"])
    content = systems["ticket-triage"].content()
    content = json.loads(canonical_json({**content, "components": list(content["components"])}))
    met = [{"name": name, "met": True} for name in default_machine().check_names()]
    return {
        "req": asked["ticket-triage"].approval_id,
        "closed": asked["chat"].approval_id,
        "expired": asked["payroll"].approval_id,
        "own": asked["own"].approval_id,
        "dep": deployment.approval_id,
        "submit": "apr-submit",
        "exc": "exc-open",
        "wvr": waiver.waiver_id,
        "rch": change.change_id,
        "digest": systems["ticket-triage"].digest,
        "payroll_digest": systems["payroll"].digest,
        "fresh_digest": systems["fresh"].digest,
        "chat_digest": systems["chat"].digest,
        "own_digest": systems["own"].digest,
        "machine": default_machine().version,
        "met": canonical_json(met),
        "moved": canonical_json({**content, "unit": "Finance"}),
        "wide": canonical_json({**content, "tier": "minimal"}),
        "soon": utc_text(datetime.now(UTC) + timedelta(days=10)),
        "groups": team.groups,
    }


def _by_hand(team, expired, fresh):
    """Make what services do not leave lying: an expired request, an open one for a step without seats."""
    request = (
        "INSERT INTO aims_approval (approval_id, system_id, transition, revision, digest, requested_by, "
        "requested_at, reason, status, machine_version) VALUES ('apr-submit', 'fresh', "
        f"'submit_for_validation', 1, '{fresh.digest}', 'olga', '{_now()}', 'it is time', 'open', "
        f"'{default_machine().version}')"
    )
    exception = (
        "INSERT INTO aims_exception VALUES ('exc-open', 'R1', 'r', 'c', 'organisation', '', "
        f"'[[\"requester\", \"approver\"]]', '2999-01-01', 'ada', '{_now()}')"
    )
    past = f"UPDATE aims_approval SET expires_at = '2020-01-01' WHERE approval_id = '{expired}'"
    for login, statement in (("olga", request), ("ada", exception), ("postgres", past)):
        with team.connect(login) as connection:
            connection.execute("SELECT set_config('aims.now', %s, true)", [_now()])
            connection.execute(statement)


def _rate(workspace, system_id, tier):
    offer = workspace.host.contributions("aims_checks")[0]
    with workspace.writing() as tx:
        tx.add_result(
            kind="risk_assessment",
            system_id=system_id,
            offer=offer,
            input_digest="",
            payload={},
            tier=tier,
        )
