"""`aims db secure`, `grant`, `confirm`, `revoke`, `logins`, `doctor` and `work` at the command line."""

import json
import shutil

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from aims_core import open_workspace
from aims_core.cli import main
from aims_core.settings import FILE
from aims_core.testing.fixtures import TICKET_TRIAGE


@pytest.fixture
def server(aims_postgresql, aims_postgresql_template):
    """Give a fresh database of the server with the people of the fixtures."""
    name = aims_postgresql.create(template=aims_postgresql_template)
    yield aims_postgresql.url(name)
    aims_postgresql.drop(name)


@pytest.fixture
def folder(aims_template, tmp_path, server):
    folder = tmp_path / "ws"
    folder.mkdir()
    shutil.copy(aims_template / FILE, folder)
    return folder


@pytest.fixture
def db(folder, server):
    """Return a function that runs `aims db …` with a login and expects an exit code."""

    def run(*arguments, login="", by="", code=0):
        url = sa.make_url(server)
        url = url.set(username=login) if login else url
        given = ["--workspace", str(folder), *(["--as", by] if by else []), "db", *arguments]
        env = {"AIMS_DATABASE_URL": url.render_as_string(hide_password=False)}
        result = CliRunner().invoke(main, given, env=env)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result.output

    return run


@pytest.fixture
def opened(folder, server, monkeypatch):
    """Return the way to open the workspace with a login, as `ada` with the owner's."""
    found = []

    def at(login=""):
        url = sa.make_url(server)
        url = url.set(username=login) if login else url
        with monkeypatch.context() as patched:
            patched.setenv("AIMS_DATABASE_URL", url.render_as_string(hide_password=False))
            found.append(open_workspace(folder, actor=None if login else "ada"))
        return found[-1]

    yield at
    for workspace in found:
        workspace.close()


@pytest.fixture
def secured(db):
    """Give the same where the database is secured and olga has both logins."""
    db("secure", by="ada")
    db("grant", "olga", by="ada")
    db("grant", "olga", "--decide", by="ada")
    return db


def test_a_database_is_secured_and_people_get_logins(db):
    assert "run `aims db secure`" in db("doctor", by="ada", code=1)
    assert "not secured" in db("logins", by="ada")

    said = db("secure", by="ada")

    assert "Secured (1), fingerprint" in said
    assert "aims db grant PERSON --decide" in said
    assert "Secured (2), fingerprint" in db("secure", by="ada")
    assert "rita acts as rita (work)." in db("grant", "rita", by="ada")
    assert "rita_decide acts as rita (decide)." in db("grant", "rita", "--decide", by="ada")
    assert "aude acts as aude (read)." in db("grant", "aude", "--read-only", by="ada")
    listed = json.loads(db("logins", "--format", "json", login="rita"))
    assert {(one["login"], one["credential"]) for one in listed} >= {
        ("rita", "work"),
        ("rita_decide", "decide"),
        ("aude", "read"),
    }
    assert "as it was secured" in db("doctor", login="rita")


def test_a_new_login_is_told_its_password_once(secured, server):
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS carl_at_home")
    engine.dispose()

    first = secured("grant", "carl", "--login", "carl_at_home", by="ada")

    assert "carl_at_home acts as carl (work)." in first
    assert "Password, shown once: " in first
    assert "Password" not in secured("grant", "carl", "--login", "carl_at_home", by="ada")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("grant", "nobody"), "no actor"),
        (("grant", "olga", "--decide", "--read-only"), "give one of --decide"),
        (("grant", "olga", "--service"), "olga is a person"),
        (("grant", "rita", "--login", "olga"), "revoke it first, or name another"),
        (("revoke", "carl"), "no login"),
        (("revoke", "olga", "--login", "other"), "no login"),
        (("confirm", "nobody"), "no login"),
        (("confirm", "olga"), "with the one to decide"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_help(secured, arguments, told):
    assert told in secured(*arguments, by="ada", code=2)


def test_logins_are_given_by_the_owners_login_of_an_administrator_alone(secured):
    secured("grant", "ada", by="ada")

    assert "does not own the tables" in secured("grant", "rita", login="ada", code=2)
    assert "does not own the tables" in secured("secure", login="ada", code=2)
    assert "granted by an administrator" in secured("grant", "rita", login="olga", code=2)


def test_a_login_is_taken_back(secured):
    said = secured("revoke", "olga", "--login", "olga_decide", by="ada")
    assert said == "olga_decide (decide) is shut out.\n"
    assert "olga (work) is shut out." in secured("revoke", "olga", by="ada")

    assert "CONNECT privilege" in secured("logins", login="olga", code=2)


def test_another_administrator_confirms_the_decision_login_of_one(secured, opened):
    said = secured("grant", "ada", "--decide", by="ada")
    assert "aims db confirm" not in said  # nobody else administers, so nobody could
    assert "as it was secured" in secured("doctor", login="olga")
    ada = opened("ada_decide")
    ada.staffing.add("otto", "Otto")
    ada.staffing.grant("otto", "administrator")
    secured("grant", "otto", "--decide", by="ada")
    assert "gave it to themselves" in secured("doctor", login="olga", code=1)

    assert "It decides from now on." in secured("confirm", "ada_decide", login="otto_decide")

    assert "as it was secured" in secured("doctor", login="olga")
    assert "waits for another administrator" in secured(
        "confirm", "ada_decide", login="otto_decide", code=2
    )


def test_doctor_ends_with_one_where_something_was_changed(secured, server):
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE aims_event DISABLE TRIGGER _event_kept")
    said = secured("doctor", "--format", "json", login="olga", code=1)
    (gone, new) = json.loads(said)
    assert {gone["subject"], new["subject"]} == {"trigger"}
    assert "aims db secure" in gone["remedy"]

    secured("secure", by="ada")

    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE aims_event ENABLE TRIGGER _event_kept")
    engine.dispose()


def test_a_service_works_and_people_do_not(secured, opened):
    ada = opened()
    ada.staffing.add("keeper", "Keeper", kind="service")
    secured("grant", "keeper", "--service", by="ada")
    opened("olga").inventory.register("ticket-triage", **TICKET_TRIAGE)

    assert "keeps no books" in secured("work", login="olga", code=2)
    first, second = secured("work", login="keeper"), secured("work", login="keeper")

    assert "event(s) sealed" in first
    assert not first.startswith("0 event(s)")
    assert second.startswith("0 event(s) sealed, 0 told")


def test_sqlite_is_not_secured(aims_template, tmp_path):
    arguments = ["--workspace", str(tmp_path / "ws"), "--as", "ada", "db"]
    shutil.copytree(aims_template, tmp_path / "ws")

    refused = CliRunner().invoke(main, [*arguments, "secure"])

    assert refused.exit_code != 0
    assert "only PostgreSQL knows who is connected" in refused.output
    assert CliRunner().invoke(main, [*arguments, "doctor"]).exit_code == 1
