"""A secured database on a real server: `ada` and `otto` administer it, every person has an own login."""

import json
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from itertools import count
from pathlib import Path

import aims_incidents.tables  # noqa: F401 - a plugin that declares who may record which result
import pytest
import sqlalchemy as sa

from aims_core import (
    CheckSpec,
    Condition,
    PluginHost,
    canonical_json,
    create_workspace,
    default_machine,
    hookimpl,
    open_workspace,
    utc_text,
)
from aims_core.audit.leaves import leaf
from aims_core.db.teams.groups import groups_here, groups_of
from aims_core.testing import PEOPLE, at_hand
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.loan import Loan

SERVICE = "keeper"
_FURTHER = ("ada2_decide", "tessa_decide", "tim_decide")
UNITS = {"uma": "Support", "finn": "Finance"}


class Team:
    """The people of a secured database, each with own logins; `owner` is the one who runs the server."""

    version = version("aims-core")
    machine_version = default_machine().version

    def __init__(self, server, name, folder, host):
        self.server, self.name, self.folder, self.host = server, name, folder, host
        self._open = []
        self._numbers = count(1)

    def url(self, login):
        return sa.make_url(self.server.url(self.name)).set(username=login)

    def at(self, login=None, actor=None):
        """Open the workspace with a login, in a folder that names it."""
        folder = self.folder.parent / f"desk-{next(self._numbers)}"
        shutil.copytree(self.folder, folder)
        if login is not None:
            url = self.url(login).render_as_string(hide_password=False)
            _point_at(folder, self.server.url(self.name), url)
        opened = open_workspace(folder, actor=actor, host=self.host)
        self._open.append(opened)
        return opened

    def engine(self, login):
        return sa.create_engine(self.url(login), isolation_level="AUTOCOMMIT")

    @contextmanager
    def owner(self):
        """Give a connection of who may do everything to the database."""
        engine = sa.create_engine(self.server.url(self.name), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    @contextmanager
    def owner_transaction(self):
        """Give such a connection in a transaction that is rolled back."""
        engine = sa.create_engine(self.server.url(self.name))
        with engine.connect() as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()
        engine.dispose()

    @property
    def groups(self):
        with self.owner() as connection:
            return groups_here(connection)

    def connect(self, login):
        """Open a connection past the product, in a transaction."""
        import psycopg

        url = self.url(login)
        host = url.query.get("host") or url.host
        return psycopg.connect(host=host, dbname=url.database, user=login)

    def raw(self, login, *statements):
        """Run statements as a notebook user would, past the product; return the last one's rows."""
        with self.connect(login) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def close(self):
        for one in self._open:
            one.close()


def _point_at(folder, before, after):
    settings = folder / "aims.toml"
    text = settings.read_text(encoding="utf-8")
    assert before in text
    settings.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture(scope="session")
def team_plain(aims_postgresql, tmp_path_factory):
    """Found a workspace on PostgreSQL that is not secured yet; made once."""
    folder = tmp_path_factory.mktemp("team") / "workspace"
    name = aims_postgresql.create()
    ada = create_workspace(
        folder,
        organisation="Example",
        administrator="ada",
        database=aims_postgresql.url(name),
        host=PluginHost(discover=False),
    )
    for actor_id, role in PEOPLE.items():
        ada.staffing.add(actor_id, actor_id.title())
        ada.staffing.grant(actor_id, role)
    for actor_id, unit in UNITS.items():
        ada.staffing.add(actor_id, actor_id.title())
        ada.staffing.grant(actor_id, "system_owner", unit=unit)
    ada.staffing.add("dora", "Dora")
    for role in ("system_owner", "developer", "committee_member"):
        ada.staffing.grant("dora", role)
    ada.staffing.add("gone", "Gone")
    ada.staffing.revoke(ada.staffing.grant("gone", "developer").grant_id, reason="left")
    ada.staffing.add("otto", "Otto")
    ada.staffing.add(SERVICE, "Keeper", kind="service")
    ada.staffing.grant("otto", "administrator")
    ada.close()
    return name, folder


@pytest.fixture(scope="session")
def team_template(aims_postgresql, team_plain, tmp_path_factory):
    """Secure a copy of it and give everybody a login; made once."""
    name = aims_postgresql.create(template=team_plain[0])
    folder = tmp_path_factory.mktemp("secured") / "workspace"
    shutil.copytree(team_plain[1], folder)
    _point_at(folder, aims_postgresql.url(team_plain[0]), aims_postgresql.url(name))
    ada = open_workspace(folder, actor="ada", host=PluginHost(discover=False))
    _admit_all(ada)
    ada.close()
    return name, folder


def _admit_all(ada):
    ada.logins.secure()
    for actor_id in ("ada", "otto", "dora", *PEOPLE, *UNITS):
        ada.logins.grant(actor_id)
        ada.logins.grant(actor_id, "decide")
    ada.logins.grant(SERVICE, "service")
    url = ada._desk.store.engine.url.set(username="otto_decide")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AIMS_DATABASE_URL", url.render_as_string(hide_password=False))
        otto = open_workspace(ada.settings.folder, host=PluginHost(discover=False))
    otto.logins.confirm("ada_decide")
    otto.close()


@pytest.fixture(scope="session")
def team_loan(aims_postgresql, team_template):
    """Give the lender of that database, to one test after the other; logins stay as they are."""
    loan = Loan(aims_postgresql, team_template[0])
    yield loan
    loan.end()


@pytest.fixture(scope="session")
def secured_names():
    """Give the names of copies that were secured again: rights on a database are not copied with it."""
    return set()


@pytest.fixture
def team(aims_postgresql, team_template, team_loan, secured_names, tmp_path, host):
    """Give the secured database as it was first; a test may change records, not what protects them."""
    name = team_loan.take()
    team = _team_in(aims_postgresql, name, team_template, tmp_path, host)
    if name not in secured_names:
        team.at(actor="ada").logins.secure()
        secured_names.add(name)
    yield team
    team.close()


@pytest.fixture(scope="module")
def module_team(aims_postgresql, team_template, tmp_path_factory):
    """Give a secured copy for all tests of a module."""
    name = aims_postgresql.create(template=team_template[0])
    folder = tmp_path_factory.mktemp("module")
    checked = PluginHost(discover=False)
    checked.register(Checks(), "fake")
    team = _team_in(aims_postgresql, name, team_template, folder, checked)
    team.at(actor="ada").logins.secure()
    yield team
    team.close()
    aims_postgresql.drop(name)


@pytest.fixture
def own_team(aims_postgresql, team_plain, tmp_path, host):
    """Give a secured copy with groups of its own, for a test that changes logins or what protects records."""
    name = aims_postgresql.create(template=team_plain[0])
    team = _team_in(aims_postgresql, name, team_plain, tmp_path, host)
    _admit_all(team.at(actor="ada"))
    yield team
    team.close()
    aims_postgresql.drop(name)


def _team_in(server, name, template, tmp_path, host):
    folder = tmp_path / "workspace"
    shutil.copytree(template[1], folder)
    _point_at(folder, server.url(template[0]), server.url(name))
    return Team(server, name, folder, host)


class Checks:
    """Answers every check of the default lifecycle that is not the core's: met."""

    @hookimpl
    def aims_checks(self):
        own = {o.spec.name for o in PluginHost(discover=False).contributions("aims_checks")}
        return [
            CheckSpec(id=f"fake.{name}", title=name, name=name, run=at_hand(self._run(name)))
            for name in default_machine().check_names()
            if name not in own
        ]

    @staticmethod
    def _run(name):
        return lambda facts: {
            f.system.system_id: Condition(name=name, met=True, reason="as the test says")
            for f in facts
        }


@pytest.fixture
def make_team(aims_postgresql):
    """Give the maker of a team on a database that a test founded and secured itself."""
    return lambda name, folder, host: Team(aims_postgresql, name, folder, host)


@pytest.fixture
def groups(team_template):
    """Give the names of the groups of the lent database."""
    return groups_of(team_template[0])


@pytest.fixture
def host():
    host = PluginHost(discover=False)
    assert host.register(Checks(), "fake").status == "active"
    return host


class Life:
    def __init__(self, team):
        self.team = team
        self._desks = {}

    def __getattr__(self, login):
        if login.startswith("__"):
            raise AttributeError(login)
        return self._desks.setdefault(login, self.team.at(login))

    def ask(self, step, login="olga", reason="it is time"):
        return getattr(self, login).approvals.request("ticket-triage", step, reason=reason)

    def vote(self, request, login, decision="approve", **options):
        return getattr(self, login).approvals.decide(request.approval_id, decision, **options)

    def rate(self, tier, login="rita"):
        workspace = getattr(self, login)
        offer = workspace.host.contributions("aims_checks")[0]
        with workspace.writing() as tx:
            tx.add_result(
                kind="risk_assessment",
                system_id="ticket-triage",
                offer=offer,
                input_digest="",
                payload={},
                tier=tier,
            )

    @property
    def system(self):
        return self.olga.inventory.get("ticket-triage")

    def register(self):
        self.olga.inventory.register("ticket-triage", **TICKET_TRIAGE)


@pytest.fixture
def life(team):
    life = Life(team)
    life.register()
    return life


@pytest.fixture(scope="module")
def arena(module_team):
    """Prepare records to attack; every attack is rolled back, so that one arena serves them all."""
    arena = Arena(module_team)
    yield arena
    arena.close()
    with module_team.owner() as connection:  # groups are shared with the database it is a copy of
        for login in _FURTHER:
            connection.exec_driver_sql(f'REVOKE "{module_team.groups.decide}" FROM {login}')


class Arena:
    sa_error = sa.exc.DBAPIError

    def __init__(self, team):
        import psycopg

        self.psycopg, self.team, self._connections = psycopg, team, {}
        self.places = _prepare(team)

    def try_it(self, login, statement):
        """Run a statement as a login would, and return what became of it."""
        return self.outcome(login, statement)[0]

    def outcome(self, login, statement):
        """Return the state it ends in, and the reason or what the records then look like."""
        connection = self._connections.get(login)
        if connection is None:
            connection = self._connections[login] = self.team.connect(login)
        now = _now()
        try:
            connection.execute("SELECT set_config('aims.now', %s, true)", [now])
            if login.removesuffix("_decide") != "postgres":
                connection.execute(_event(now, actor=login.removesuffix("_decide")))
            cursor = connection.execute(statement.format_map({**self.places, **_forged(now)}))
            while cursor.nextset():
                pass  # of several statements the last one tells
            changed = bool(cursor.fetchall()) if cursor.description else cursor.rowcount != 0
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            shown = connection.execute(_LOOK).fetchone()[0] if changed else ""
        except self.psycopg.Error as error:
            return error.sqlstate, error.diag.message_primary.replace(now, "now")
        else:
            return ("passes" if changed else "nothing"), shown
        finally:
            connection.rollback()

    def judged(self, connection):
        """Ask the database's functions everything over all systems, steps, people and requests."""
        return {
            question: sorted(tuple(row) for row in connection.exec_driver_sql(sql))
            for question, sql in QUESTIONS.items()
        }

    def close(self):
        for connection in self._connections.values():
            connection.close()


_LOOK = """
SELECT md5(concat(
  (SELECT string_agg(concat_ws('|', system_id, stage, status, tier, approval_state, revision, unit, supplier),
    ' ' ORDER BY system_id) FROM aims_system),
  (SELECT string_agg(concat_ws('|', approval_id, status, closed_by, tier, close_reason, valid_until IS NULL,
    lapsed_at IS NULL, closed_at IS NULL, fact_at, closed_fact_at), ' ' ORDER BY approval_id)
    FROM aims_approval),
  (SELECT string_agg(concat_ws('|', vote_id, ordinal, fact_at), ' ' ORDER BY vote_id) FROM aims_vote),
  (SELECT string_agg(concat_ws('|', grant_id, revoked_by, fact_at, revoked_fact_at), ' ' ORDER BY grant_id)
    FROM aims_grant),
  (SELECT string_agg(concat_ws('|', change_id, status, fact_at, closed_fact_at), ' ' ORDER BY change_id)
    FROM aims_role_change),
  (SELECT string_agg(concat_ws('|', waiver_id, status, fact_at, granted_fact_at, closed_fact_at), ' '
    ORDER BY waiver_id) FROM aims_waiver),
  (SELECT string_agg(concat_ws('|', waiver_id, person, fact_at), ' ' ORDER BY waiver_id, person)
    FROM aims_waiver_vote),
  (SELECT string_agg(concat_ws('|', exception_id, approved_by, ended_by, fact_at, approved_fact_at,
    ended_fact_at), ' ' ORDER BY exception_id) FROM aims_exception),
  (SELECT string_agg(concat_ws('|', hold_id, release_proposed_by, released_by, fact_at,
    release_proposed_fact_at, released_fact_at), ' ' ORDER BY hold_id) FROM aims_evidence_hold),
  (SELECT count(*) FROM aims_system_history), (SELECT count(*) FROM aims_grant_history)))
"""


def _event(now, **changes):
    """Return the statement that puts an event on record, with a leaf that fits unless one is given."""
    row = {
        "sequence": 5_000_000,
        "event_id": "evt-raw",
        "type": "core.Tried",
        "at": now,
        "actor": "olga",
        "assurance": "database_login",
        "system_id": "",
        "payload": "{}",
        "nonce": "00",
        **changes,
    }
    row["leaf"] = row.get("leaf") or leaf(row)
    values = ", ".join(f"'{value}'" for value in row.values())
    return f"INSERT INTO aims_event ({', '.join(row)}, chain) VALUES ({values}, '')"


def _forged(now):
    """Return events that are forged in one way each, and a sound one, for attacks to name."""
    free = {"sequence": 6_000_000, "event_id": "evt-forged"}
    return {
        "now": now,
        "event": _event(now, **free),
        "event_of_carl": _event(now, **free, actor="carl"),
        "event_of_plugin": _event(now, **free, actor="plugin:x"),
        "event_declared": _event(now, **free, assurance="self_declared"),
        "event_past": _event("2020-01-01T00:00:00.000000Z", **free),
        "event_leaf": _event(now, **free, leaf="0" * 64),
    }


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
    olga.inventory.register(
        "declared", **{**TICKET_TRIAGE, "declared_risk_category": "high", "name": "declared"}
    )
    _rate(rita, "ticket-triage", "high")
    asked = {
        system_id: (dora if system_id == "own" else olga).approvals.request(
            system_id, "start_development", reason="it is time"
        )
        for system_id in ("ticket-triage", "payroll", "fresh", "chat", "own", "declared")
    }
    for system_id in ("ticket-triage", "fresh", "chat", "declared"):
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
    _without_guards(team)
    content = systems["ticket-triage"].content()
    content = json.loads(canonical_json({**content, "components": list(content["components"])}))
    met = [{"name": name, "met": True} for name in default_machine().check_names()]
    return {
        "req": asked["ticket-triage"].approval_id,
        "closed": asked["chat"].approval_id,
        "expired": asked["payroll"].approval_id,
        "own": asked["own"].approval_id,
        "declared": asked["declared"].approval_id,
        "dep": deployment.approval_id,
        "submit": "apr-submit",
        "exc": "exc-open",
        "wvr": waiver.waiver_id,
        "rch": change.change_id,
        "digest": systems["ticket-triage"].digest,
        "payroll_digest": systems["payroll"].digest,
        "fresh_digest": systems["fresh"].digest,
        "chat_digest": systems["chat"].digest,
        "declared_digest": systems["declared"].digest,
        "own_digest": systems["own"].digest,
        "machine": default_machine().version,
        "met": canonical_json(met),
        "moved": canonical_json({**content, "unit": "Finance"}),
        "wide": canonical_json({**content, "tier": "minimal"}),
        "soon": utc_text(datetime.now(UTC) + timedelta(days=10)),
        "groups": team.groups,
    }


def _without_guards(team):
    """Put down what a long life leaves: exceptions, old approvals, lent seats, people who left."""
    text = Path(__file__).with_name("arena.sql").read_text(encoding="utf-8")
    with team.connect("postgres") as connection:
        connection.execute("SET session_replication_role = replica")
        for line in text.splitlines():
            if not line.startswith("--"):
                connection.execute(line)
        for login in _FURTHER:
            known = connection.execute(f"SELECT 1 FROM pg_roles WHERE rolname = '{login}'")
            if not known.fetchone():
                connection.execute(f"CREATE ROLE {login} LOGIN")
            connection.execute(f'GRANT "{team.groups.decide}" TO {login}')


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


_STEPS = "(SELECT DISTINCT transition FROM aims_teams.step) t"
_DECIDING = "(VALUES ('risk_reviewer'), ('committee_member')) AS d(role)"
_PERSONS = "(SELECT DISTINCT person FROM aims_actor WHERE kind = 'person') p"
QUESTIONS = {
    "governing": "SELECT a.tier, b.tier, aims_teams.governing(a.tier, b.tier) FROM "
    "(SELECT DISTINCT tier FROM aims_teams.seat) a, (SELECT DISTINCT tier FROM aims_teams.seat) b",
    "duties": "SELECT s.system_id, t.transition, d.duty, d.person FROM aims_system s, "
    + _STEPS
    + ", LATERAL aims_teams.duties(s.system_id, t.transition) d",
    "conflict": "SELECT s.system_id, t.transition, r.person, p.person, d.role, "
    "aims_teams.conflict("
    "s.system_id, t.transition, r.person, p.person, d.role) IS NULL FROM aims_system s, "
    f"{_STEPS}, (VALUES ('olga'), ('dora')) AS r(person), {_PERSONS}, {_DECIDING}",
    "joined": "SELECT s.system_id, t.transition, r.person, aims_teams.joined(s.system_id, t.transition, "
    f"r.person) IS NULL FROM aims_system s, {_STEPS}, (VALUES ('olga'), ('dora')) AS r(person)",
    "holds": "SELECT s.system_id, a.actor_id, d.role, aims_teams.holds(a.actor_id, d.role, s.system_id, "
    "s.unit) FROM aims_system s, aims_actor a, (SELECT DISTINCT role FROM aims_teams.permission) d",
    "lent": "SELECT s.system_id, a.actor_id, b.actor_id, d.role, aims_teams.lent(a.actor_id, b.actor_id, "
    f"d.role, s.system_id, s.unit) FROM aims_system s, aims_actor a, aims_actor b, {_DECIDING}",
    "counted": "SELECT a.approval_id, c.decision, c.role, c.persons, c.fact FROM aims_approval a, "
    "LATERAL aims_teams.counted(a.approval_id) c WHERE a.status = 'open'",
    "seated": "SELECT a.approval_id, t.tier, aims_teams.seated(a.approval_id, a.transition, t.tier) "
    "FROM aims_approval a, (SELECT DISTINCT tier FROM aims_teams.seat) t WHERE a.status = 'open'",
    "stands": "SELECT s.system_id, t.transition, aims_teams.stands(s.system_id, t.transition) "
    f"FROM aims_system s, {_STEPS}",
    "spelt_alike": "SELECT v.id, coalesce(aims_teams.spelt_alike(v.id), '') FROM (SELECT upper(actor_id) "
    "FROM aims_actor UNION SELECT lower(actor_id) FROM aims_actor UNION SELECT 'nobody') AS v(id) "
    "WHERE v.id NOT IN (SELECT actor_id FROM aims_actor)",
    "approval_state": "SELECT system_id, aims_teams.approval_state(system_id) FROM aims_system",
}
