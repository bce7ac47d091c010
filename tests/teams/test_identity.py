"""The database knows who is connected, and holds every signature against it."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command

from aims_core import (
    NotPermitted,
    PluginHost,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
    WorkspaceError,
    create_workspace,
    open_workspace,
    utc_text,
)
from aims_core.db.engine import make_engine
from aims_core.testing.fixtures import TICKET_TRIAGE

FORMER = """
DROP FUNCTION aims_teams.counted(text);
CREATE FUNCTION aims_teams.counted(of_approval text)
RETURNS TABLE (decision text, role text, persons text[]) LANGUAGE sql
AS 'SELECT NULL::text, NULL::text, NULL::text[]';
CREATE FUNCTION aims_teams.close(ids text[], how text, why text) RETURNS integer LANGUAGE sql
AS 'SELECT 1';
"""
"""Two functions as they were before times of fact."""
_EVENTS = "SELECT type, actor, assurance FROM aims_event ORDER BY sequence DESC LIMIT 3"


def test_an_event_names_the_person_behind_the_login(team):
    olga = team.at("olga")

    olga.inventory.register("ticket-triage", **TICKET_TRIAGE)

    assert olga.actor.actor_id == "olga"
    assert team.raw("ada", _EVENTS)[0] == ("core.SystemRegistered", "olga", "database_login")


def test_nobody_acts_as_somebody_else(team):
    olga = team.at("olga")

    with pytest.raises(NotPermitted, match="the login olga acts as olga, not as"):
        olga.act_as("ines").inventory.register("ticket-triage", **TICKET_TRIAGE)

    assert team.raw("ada", _EVENTS)[0][:2] == ("core.ActRefused", "olga")


def test_a_forged_event_is_refused_whatever_is_forged_about_it(team):
    import psycopg

    from aims_core.audit.leaves import leaf

    now = team.raw(
        "olga", "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    )
    sound = {
        "sequence": 900,
        "event_id": "evt-forged",
        "type": "core.VoteCast",
        "at": now[0][0],
        "actor": "olga",
        "assurance": "database_login",
        "system_id": "",
        "payload": "{}",
        "nonce": "00",
    }
    forgeries = {
        "actor": "acts as olga, not as ada",
        "assurance": "says database_login",
        "at": "away from the time of the server",
    }
    values = {"actor": "ada", "assurance": "self_declared", "at": "2020-01-01T00:00:00.000000Z"}

    for column, message in forgeries.items():
        forged = {**sound, column: values[column]}
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=message):
            team.raw("olga", _insert({**forged, "leaf": leaf(forged)}))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="its leaf is not the hash"):
        team.raw("olga", _insert({**sound, "leaf": "0" * 64}))
    assert team.raw("olga", _insert({**sound, "leaf": leaf(sound)})) == 1
    queued = "SELECT (SELECT count(*) FROM aims_{} WHERE sequence = 900)"
    assert team.raw("ada", queued.format("unsealed")) == [(1,)]
    assert team.raw("ada", queued.format("outbox")) == [(1,)]


def _insert(row):
    values = ", ".join(f"'{value}'" for value in row.values())
    return f"INSERT INTO aims_event ({', '.join(row)}, chain) VALUES ({values}, '')"


@pytest.mark.parametrize(
    "table", ["event", "vote", "transition", "system_revision", "grant_history"]
)
@pytest.mark.parametrize(
    "act", ["UPDATE aims_{} SET {} = {}", "DELETE FROM aims_{}", "TRUNCATE aims_{} CASCADE"]
)
def test_what_happened_is_not_rewritten(team, table, act):
    import psycopg

    column = {"event": "actor", "vote": "person", "grant_history": "actor"}.get(table, "digest")

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        team.raw("olga", act.format(table, column, column))


def test_a_system_login_seals_and_people_need_not(team):
    olga, keeper = team.at("olga"), team.at("keeper")
    olga.inventory.register("ticket-triage", **TICKET_TRIAGE)
    assert olga.audit.seal() is None

    sealed, _ = keeper.deliveries.work()

    assert sealed
    assert keeper.audit.verify().intact
    with pytest.raises(NotPermitted, match="keeps no books"):
        olga.deliveries.work()


def test_who_only_reads_writes_nothing(own_team):
    own_team.at(actor="ada").logins.grant("aude", "read", login="aude_reads")
    aude = own_team.at("aude_reads")

    assert len(aude.staffing.frame())
    with pytest.raises(NotPermitted):
        aude.staffing.add("mallory", "Mallory")


def test_a_login_is_shut_out_at_once_and_given_again(own_team):
    ada = own_team.at(actor="ada")
    olga = own_team.at("olga")

    ended = ada.logins.revoke("olga")

    assert [one.login for one in ended] == ["olga", "olga_decide"]
    with pytest.raises(WorkspaceError):
        olga.inventory.register("ticket-triage", **TICKET_TRIAGE)
    again = ada.logins.grant("olga")
    assert (again.login, again.password) == ("olga", "")
    assert ada.logins.grant("olga") == again
    assert ada.logins.examine() == []


@pytest.mark.parametrize(
    ("person", "credential", "login", "message"),
    [
        ("nobody", "work", "", "no actor"),
        ("olga", "rule", "", "credential"),
        ("olga", "service", "", "is a person"),
        ("keeper", "decide", "", "is a service"),
        ("olga", "work", "x" * 64, "too long"),
        ("olga", "work", "ines", "is ines's"),
        ("olga", "work", "postgres", "is ada's"),
        ("olga", "work", "chief", "has powers"),
        ("olga", "work", "group_only", "cannot log in"),
    ],
)
def test_a_login_that_should_not_be_is_refused(own_team, person, credential, login, message):
    with own_team.owner() as connection:
        for role in ("chief SUPERUSER LOGIN", "group_only"):
            connection.exec_driver_sql(f"DROP ROLE IF EXISTS {role.split()[0]}")
            connection.exec_driver_sql(f"CREATE ROLE {role}")
    ada = own_team.at(actor="ada")

    with pytest.raises(RequestRefused, match=message):
        ada.logins.grant(person, credential, login=login)


def test_only_the_owners_login_gives_logins(team):
    with pytest.raises(NotPermitted, match="does not own the tables"):
        team.at("ada").logins.grant("olga")
    with pytest.raises(WorkspaceError, match="does not own the tables"):
        team.at("ada").logins.secure()
    with pytest.raises(NotPermitted, match="holds no role"):
        team.at("olga").logins.revoke("ada")


def test_a_decision_login_that_an_administrator_gave_themselves_waits_for_another(own_team):
    ada, otto = own_team.at(actor="ada"), own_team.at("otto_decide")
    ada.logins.revoke("ada", login="ada_decide")
    again = ada.logins.grant("ada", "decide")
    assert again.waits
    assert own_team.at("ada_decide").logins.standing().credential == "work"
    (finding,) = ada.logins.examine()
    assert (finding.subject, "aims db confirm ada_decide" in finding.remedy) == (
        "login ada_decide",
        True,
    )
    with pytest.raises(NotPermitted, match="with the one to decide"):
        own_team.at("ada_decide").logins.confirm("ada_decide")
    with pytest.raises(NotPermitted, match="with the one to decide"):
        own_team.at("otto").logins.confirm("ada_decide")
    with pytest.raises(NotPermitted):
        own_team.at("olga_decide").logins.confirm("ada_decide")
    with pytest.raises(RecordNotFound):
        otto.logins.confirm("nobody")
    with pytest.raises(SegregationOfDuties, match="waits for another administrator"):
        otto.logins.confirm("carl_decide")

    confirmed = otto.logins.confirm("ada_decide")

    assert not confirmed.waits
    assert own_team.at("ada_decide").logins.standing().credential == "decide"
    assert ada.logins.examine() == []
    assert own_team.raw("ada", _EVENTS)[0][:2] == ("core.LoginConfirmed", "otto")


def test_an_only_administrator_waits_for_nobody(own_team):
    ada, otto = own_team.at(actor="ada"), own_team.at("otto_decide")
    [his] = [g for g in ada.staffing.roles_of("otto") if g.role == "administrator"]
    otto.staffing.revoke(his.grant_id, reason="I move.")
    ada.logins.revoke("ada", login="ada_decide")

    assert not ada.logins.grant("ada", "decide").waits
    alone = own_team.at("ada_decide")
    assert alone.logins.standing().credential == "decide"

    # A service that administers backs up and confirms nothing, so it is not waited for.
    alone.staffing.grant("keeper", "administrator")
    assert own_team.at("ada_decide").logins.standing().credential == "decide"


def test_a_new_login_has_a_password_that_the_server_never_saw(own_team):
    with own_team.owner() as connection:
        connection.exec_driver_sql('DROP ROLE IF EXISTS "Q""x"')
    made = own_team.at(actor="ada").logins.grant("olga", login='Q"x')

    assert len(made.password) > 20
    with own_team.owner() as connection:
        kept = connection.exec_driver_sql(
            "SELECT rolpassword FROM pg_authid WHERE rolname = 'Q\"x'"
        ).scalar_one()
    assert kept.startswith("SCRAM-SHA-256$")


def test_a_database_that_is_not_secured_stays_as_it_was(workspace):
    standing = workspace.logins.standing()

    assert not standing.secured
    assert workspace.logins.all() == []
    assert [f.subject for f in workspace.logins.examine()] == ["database"]
    with pytest.raises(RequestRefused, match="aims db secure"):
        workspace.logins.grant("olga")
    if workspace._desk.store.dialect == "sqlite":
        with pytest.raises(WorkspaceError, match="only PostgreSQL"):
            workspace.logins.secure()


def test_a_migration_secures_again(own_team):
    ada = own_team.at(actor="ada")
    with own_team.owner() as connection:
        connection.exec_driver_sql("GRANT DELETE ON aims_event TO PUBLIC")
    assert ada.logins.examine()

    ada.migrator().upgrade()

    assert ada.logins.examine() == []


def go_back(workspace, url, revision):
    """Take the core's tables back as an earlier version left them, with the functions that it had."""
    moving = workspace.migrator()
    engine = make_engine(sa.make_url(url).render_as_string(hide_password=False), migrating=True)
    with engine.begin() as connection:
        command.downgrade(moving.config(moving.component("core"), connection), revision)
    engine.dispose()


def test_a_database_secured_by_an_earlier_version_gets_the_functions_of_now(own_team):
    ada = own_team.at(actor="ada")
    go_back(ada, own_team.server.url(own_team.name), "core0014")
    with own_team.owner() as connection:
        connection.exec_driver_sql(FORMER)

    ada.migrator().upgrade()

    assert ada.logins.examine() == []
    named = (
        "SELECT count(*) FROM pg_proc WHERE proname IN ('close', 'counted') AND pronamespace = {}"
    )
    with own_team.owner() as connection:
        there = connection.exec_driver_sql(named.format("'aims_teams'::regnamespace"))
        assert there.scalar() == 2
    olga = own_team.at("olga")
    registered = olga.inventory.register("ticket-triage", **TICKET_TRIAGE).registered_at
    asked = olga.approvals.request("ticket-triage", "start_development", fact_at=registered)
    assert asked.fact_at == registered


def test_securing_takes_no_superuser(aims_postgresql, tmp_path):
    name = aims_postgresql.create()
    engine = sa.create_engine(aims_postgresql.url(name), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE ROLE founder LOGIN CREATEROLE")
        connection.exec_driver_sql(f"ALTER DATABASE {name} OWNER TO founder")
    engine.dispose()
    url = sa.make_url(aims_postgresql.url(name)).set(username="founder")
    folder = tmp_path / "workspace"
    ada = create_workspace(
        folder,
        organisation="Example",
        administrator="ada",
        database=url.render_as_string(hide_password=False),
        host=PluginHost(discover=False),
    )
    ada.staffing.add("rosa", "Rosa")
    ada.staffing.grant("rosa", "system_owner")

    ada.logins.secure()
    ada.logins.grant("rosa")
    ada.migrator().upgrade()
    go_back(ada, url, "core0014")
    ada.migrator().upgrade()

    assert ada.logins.examine() == []
    login = url.set(username="rosa").render_as_string(hide_password=False)
    settings = (folder / "aims.toml").read_text(encoding="utf-8")
    (folder / "aims.toml").write_text(
        settings.replace(url.render_as_string(hide_password=False), login), encoding="utf-8"
    )
    rosa = open_workspace(folder, host=PluginHost(discover=False))
    rosa.inventory.register("ticket-triage", **{**TICKET_TRIAGE, "owner": "rosa"})
    assert rosa.actor.actor_id == "rosa"
    rosa.close()
    ada.close()
    aims_postgresql.drop(name)


def test_a_change_of_which_no_event_speaks_is_undone(team):
    import psycopg

    team.at("olga").inventory.register("ticket-triage", **TICKET_TRIAGE)
    connection = team.connect("olga")
    now = utc_text(datetime.now(UTC))
    connection.execute("SELECT set_config('aims.now', %s, true)", [now])
    connection.execute("UPDATE aims_system SET search = 'hidden'")

    with pytest.raises(psycopg.DatabaseError, match="no event of this transaction"):
        connection.commit()
    connection.close()

    assert team.raw("olga", "SELECT search = 'hidden' FROM aims_system") == [(False,)]
