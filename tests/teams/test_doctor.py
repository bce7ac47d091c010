"""`aims db doctor` finds what was changed about how the database protects itself."""

import pytest

from aims_core.db.teams import doctor, standing
from aims_core.db.teams.groups import groups_of

SABOTAGES = {
    "a trigger is disabled": "ALTER TABLE aims_event DISABLE TRIGGER _event_kept",
    "a trigger is dropped": "DROP TRIGGER _signed ON aims_vote",
    "foreign keys are off": "ALTER TABLE aims_vote DISABLE TRIGGER ALL",
    "a column is granted": "GRANT UPDATE (stage) ON aims_system TO {groups.work}",
    "a table is granted": "GRANT DELETE ON aims_event TO {groups.work}",
    "a right is given to everybody": "GRANT SELECT ON aims_event TO PUBLIC",
    "temporary tables are allowed": "GRANT TEMP ON DATABASE {name} TO PUBLIC",
    "anybody may make tables": "GRANT CREATE ON SCHEMA public TO PUBLIC",
    "a function is replaced": "CREATE OR REPLACE FUNCTION aims_teams.acts_as(who text) RETURNS boolean "
    "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT true'",
    "a search path is reset": "ALTER FUNCTION aims_teams.me() RESET search_path",
    "a function runs as its caller": "ALTER FUNCTION aims_teams.signed() SECURITY INVOKER",
    "a function is given to everybody": "GRANT EXECUTE ON FUNCTION aims_teams.signed() TO PUBLIC",
    "a function is somebody else's": "ALTER FUNCTION aims_teams.me() OWNER TO CURRENT_USER",
    "a table is somebody else's": "ALTER TABLE aims_grant OWNER TO CURRENT_USER",
    "a rule swallows events": "CREATE RULE r AS ON INSERT TO aims_event DO INSTEAD NOTHING",
    "a constraint is gone": "ALTER TABLE aims_vote DROP CONSTRAINT fk_aims_vote_approval_id",
    "one may be two": "DROP INDEX aims_teams.login_in_force",
    "a login owns": "GRANT {groups.owner} TO olga",
    "a group may log in": "ALTER ROLE {groups.decide} LOGIN",
    "readers keep books": "GRANT {groups.service} TO {groups.auditor}",
    "a view shows what it should not": "CREATE VIEW aims_teams.v AS SELECT * FROM aims_event",
    "a protection is emptied": "UPDATE aims_teams.protection SET spec = '{{}}' "
    "WHERE table_name = 'aims_vote'",
    "a policy is added": "CREATE POLICY p ON aims_event FOR SELECT USING (true)",
    "rows are shown": "ALTER TABLE aims_event DISABLE ROW LEVEL SECURITY",
    "a trigger is added": "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql "
    "AS 'BEGIN RETURN NULL; END'; "
    "CREATE TRIGGER zz BEFORE INSERT ON aims_event FOR EACH ROW EXECUTE FUNCTION public.f()",
    "duties may meet": "DELETE FROM aims_teams.apart WHERE transition = 'approve_deployment'",
    "one approval is enough": "UPDATE aims_teams.seat SET needed = 1",
    "concerns are shown": "ALTER POLICY of_unit ON aims_concern USING (true)",
    "anybody hears concerns": "CREATE OR REPLACE FUNCTION aims_teams.hears() RETURNS boolean "
    "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT true'",
    "auditors write evidence": "DROP TRIGGER _audited ON aims_evidence",
    "auditors work": "DROP TRIGGER _looked_back ON aims_grant",
    "one person releases holds": "DROP TRIGGER _hold_kept ON aims_evidence_hold",
    "evidence goes at any time": "ALTER TABLE aims_evidence DISABLE TRIGGER _retained",
    "one person edits many": "DROP TRIGGER _changes_kept ON aims_change_set",
    "anybody records any result": "DROP TRIGGER _result_kept ON aims_result",
    "the owner decides what is reportable": "UPDATE aims_teams.result_rule SET not_owner = false",
    "administrators confirm themselves": "CREATE OR REPLACE FUNCTION aims_teams.unconfirmed(of_login text) "
    "RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp "
    "AS 'SELECT false'",
    "anybody asks for an erasure": "DROP TRIGGER _consented ON aims_erasure",
    "erasing is open": "GRANT EXECUTE ON FUNCTION aims_teams.erase(text) TO PUBLIC",
    "functions are open by default": "ALTER DEFAULT PRIVILEGES FOR ROLE {groups.owner} "
    "GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
}
ON_ROLES = {
    "a login is a superuser": ("ALTER ROLE olga SUPERUSER", "ALTER ROLE olga NOSUPERUSER"),
    "a login passes policies": ("ALTER ROLE olga BYPASSRLS", "ALTER ROLE olga NOBYPASSRLS"),
    "a working login decides": (
        "GRANT {groups.decide} TO olga",
        "REVOKE {groups.decide} FROM olga",
    ),
    "a stranger works": ("GRANT {groups.work} TO mallory", "REVOKE {groups.work} FROM mallory"),
}


def test_a_secured_database_is_found_sound(team):
    assert team.at("ada").logins.examine() == []
    here = team.at("olga_decide").logins.standing()
    assert (here.secured, here.matches) == (True, True)
    assert (here.login, here.actor, here.credential) == ("olga_decide", "olga", "decide")


@pytest.mark.parametrize("sabotage", SABOTAGES.values(), ids=SABOTAGES.keys())
def test_a_sabotage_is_found(team, groups, sabotage):
    """Every one is undone again by going back: what is found is found within its transaction."""
    with team.owner_transaction() as connection:
        assert standing(connection).matches
        connection.exec_driver_sql(sabotage.format(groups=groups, name=team.name))

        found = doctor.examine(
            connection, machine_version=team.machine_version, version=team.version
        )

        assert found
        assert not standing(connection).matches


@pytest.mark.parametrize("sabotage", ON_ROLES.values(), ids=ON_ROLES.keys())
def test_a_login_with_powers_of_its_own_is_found(team, groups, sabotage):
    with team.owner_transaction() as connection:
        connection.exec_driver_sql("CREATE ROLE mallory LOGIN")
        connection.exec_driver_sql(sabotage[0].format(groups=groups))

        found = doctor.examine(
            connection, machine_version=team.machine_version, version=team.version
        )

        assert [f for f in found if f.subject in {"login olga", "role mallory"}]


def test_another_lifecycle_or_release_is_found(team):
    with team.owner_transaction() as connection:
        found = doctor.examine(connection, machine_version="99", version="0.0")

    assert [f.subject for f in found] == ["lifecycle", "version"]


def test_securing_again_puts_everything_back(own_team):
    groups = groups_of(own_team.name)
    ada = own_team.at(actor="ada")
    with own_team.owner() as connection:
        for sabotage in (
            "a column is granted",
            "a function is replaced",
            "temporary tables are allowed",
        ):
            connection.exec_driver_sql(
                SABOTAGES[sabotage].format(groups=groups, name=own_team.name)
            )
    assert ada.logins.examine()

    ada.logins.secure()

    assert ada.logins.examine() == []


def test_what_securing_again_does_not_take_away_is_named_and_on_record(own_team):
    ada = own_team.at(actor="ada")
    with own_team.owner() as connection:
        connection.exec_driver_sql(
            SABOTAGES["a trigger is added"].replace("aims_event", "aims_vote")
        )

    done = ada.logins.secure()

    assert [line.partition(" | ")[0] for line in done.left] == [
        "function: f()",
        "trigger: aims_vote",
    ]
    (newest,) = ada.audit.events(event_type="core.DatabaseSecured", limit=1)
    assert tuple(newest.payload["left"]) == done.left
    assert ada.logins.secure().left == ()
