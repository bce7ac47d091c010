"""An act fails before or after each of its statements: nothing is half written, and no lock stays."""

from collections import Counter
from pathlib import Path

import core_acts
import plugin_acts
import pytest
import sqlalchemy as sa

from aims_core import RequestRefused, WorkspaceError, open_workspace
from aims_core.db.engine import sqlite_file


class Broken(Exception):
    """The fault that is injected."""


class Fault:
    """Fails at the n-th moment of an act: before a statement, after it, or at a commit.

    `kept` is what the last commit left: the number of rows of every table.
    """

    def __init__(self, engine, names):
        self.at, self.seen, self.fired, self.commits = 0, 0, False, 0
        self._names = names
        self.kept = counted(engine, names)
        sa.event.listen(engine, "before_cursor_execute", self._moment)
        sa.event.listen(engine, "after_cursor_execute", self._moment)
        sa.event.listen(engine, "commit", self._commit)

    def arm(self, moment):
        self.at, self.seen, self.fired = moment, 0, False

    def _moment(self, *_call):
        if self.at:
            self.seen += 1
            if self.seen == self.at:
                self.fired = True
                raise Broken

    def _commit(self, connection):
        self._moment()
        at, self.at = self.at, 0
        self.kept, self.at = rows_on(connection, self._names), at
        self.commits += 1


def counted(engine, names):
    """Return the number of rows of every table: cheap, and telling."""
    with engine.connect() as connection:
        return rows_on(connection, names)


def rows_on(connection, names):
    query = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names)
    return dict(map(tuple, connection.exec_driver_sql(query)))


def locked(engine):
    """Return what still holds on to the database when nobody works on it."""
    file = sqlite_file(engine.url)
    if file is None:
        with engine.connect() as connection:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND starts_with(state, 'idle in transaction')"
            )
            return connection.exec_driver_sql(query).scalar()
    other = engine.dialect.dbapi.connect(str(file), isolation_level=None, timeout=0)
    try:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    finally:
        other.close()
    ticket = f"{file}.ticket"
    return sum(_leads_to(descriptor, ticket) for descriptor in Path("/proc/self/fd").iterdir())


def _leads_to(descriptor, path):
    try:
        return str(descriptor.readlink()) == path
    except OSError:
        return False


class Life:
    """Acts that are tried with a fault at one moment after the other.

    Parameters
    ----------
    workspace : Workspace
        Where they happen.
    stride : int
        Every how many moments one is tried.
    """

    def __init__(self, workspace, stride):
        self._workspace, self._stride = workspace, stride
        self._engine = workspace._desk.store.engine
        names = sorted(sa.inspect(self._engine).get_table_names())
        self._fault = Fault(self._engine, names)
        self._names, self.tried, self.wrong, self.acts = names, 0, [], 0

    def live(self, act):
        """Try an act until it is done without a fault, and note what was wrong on the way."""
        before, moment = self._events(), 1 + self.tried % self._stride
        self._fault.kept, self._fault.commits = counted(self._engine, self._names), 0
        while self._try(act, moment):
            moment += self._stride
        self.acts += 1
        written = Counter(self._events()) - Counter(before)
        if not (verified := self._workspace.audit.verify()).intact:
            self.wrong.append(f"{act.name}: {verified.faults}")
        assert written.keys() >= set(act.writes), f"{act.name}: wrote {dict(written)}"
        for kind, times in Counter(act.writes).items():
            if written[kind] != times and not act.repeats:
                self.wrong.append(f"{act.name}: {written[kind]} {kind}, not {times}")
        if not act.writes and written:
            self.wrong.append(f"{act.name}: wrote {dict(written)}")

    def _try(self, act, moment):
        """Return whether the fault came to pass."""
        done_before = self._fault.commits
        self._fault.arm(moment)
        try:
            act.run()
        except Exception as error:
            # What a fault after the commit hid from its sender is done: the same act may be refused.
            if not self._fault.fired and not (done_before and _refusal(error)):
                raise AssertionError(f"{act.name}, moment {moment}: {error!r}") from error
        finally:
            self._fault.at = 0
        if not self._fault.fired:
            return False
        self.tried += 1
        if locked(self._engine):
            self.wrong.append(f"{act.name}, moment {moment}: a lock stays")
        now = counted(self._engine, self._names)
        if now != self._fault.kept:
            other = {n: (self._fault.kept[n], now[n]) for n in now if now[n] != self._fault.kept[n]}
            self.wrong.append(f"{act.name}, moment {moment}: {other}")
        return True

    def _events(self):
        with self._engine.connect() as connection:
            return connection.exec_driver_sql("SELECT type FROM aims_event").scalars().all()


def _refusal(error):
    return isinstance(error, RequestRefused | WorkspaceError)


@pytest.fixture
def lived(anchored, rounds, tmp_path, aims_database, figure):
    """Give the way to live a life of acts in a fresh workspace; returns it, the life behind it."""
    opened = []

    def live(acts, what, host=None):
        workspace = open_workspace(anchored, actor="ada", host=host)
        opened.append(workspace)
        life = Life(workspace, rounds(9, 1))
        for act in acts(workspace, tmp_path):
            life.live(act)
        figure(f"{aims_database}, {what}: moments at which an act failed", life.tried)
        figure(f"{aims_database}, {what}: acts that failed", life.acts)
        figure(f"{aims_database}, {what}: half written, done twice, or locked", len(life.wrong))
        assert life.wrong == []
        assert life.tried > rounds(50, 500)
        return workspace

    yield live
    for workspace in opened:
        workspace.close()


@pytest.mark.slow(seconds=10)
def test_an_act_of_the_core_that_fails_at_any_statement_writes_nothing_and_holds_nothing(
    lived, host
):
    lived(core_acts.acts, "the core", host)


@pytest.mark.slow(seconds=25)
def test_an_act_of_a_plugin_that_fails_at_any_statement_writes_nothing_and_holds_nothing(lived):
    lived(plugin_acts.acts, "the plugins")
