"""A secured database on a real server: `ada` and `otto` administer it, every person has an own login."""

import shutil
from contextlib import contextmanager
from importlib.metadata import version
from itertools import count

import pytest
import sqlalchemy as sa

from aims_core import PluginHost, create_workspace, default_machine, open_workspace
from aims_core.db.teams.groups import groups_of
from aims_core.testing import PEOPLE
from aims_core.testing.loan import Loan

SERVICE = "keeper"


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

    def raw(self, login, *statements):
        """Run statements as a notebook user would, past the product; return the last one's rows."""
        import psycopg

        url = self.url(login)
        with psycopg.connect(
            host=url.query.get("host") or url.host, dbname=url.database, user=login
        ) as connection:
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
    ada.staffing.add("otto", "Otto")
    ada.staffing.add(SERVICE, "Keeper", kind="service")
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
    for actor_id in ("ada", "otto", *PEOPLE):
        ada.logins.grant(actor_id)
        ada.logins.grant(actor_id, "decide")
    ada.logins.grant(SERVICE, "service")


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


@pytest.fixture
def host():
    """Give a host without plugins."""
    return PluginHost(discover=False)


@pytest.fixture
def groups(team_template):
    """Give the names of the groups of the lent database."""
    return groups_of(team_template[0])
