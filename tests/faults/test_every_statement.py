"""An act fails before or after each of its statements: nothing is half written, and no lock stays."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from aims_core import RequestRefused
from aims_core.db.engine import sqlite_file
from aims_core.testing.fixtures import TICKET_TRIAGE


class Broken(Exception):
    """The fault that is injected."""


class Fault:
    """Fails at the n-th moment of an act: before a statement, or after it; until it is committed."""

    def __init__(self, engine):
        self.at, self.seen, self.committed = 0, 0, False
        sa.event.listen(engine, "before_cursor_execute", self._moment)
        sa.event.listen(engine, "after_cursor_execute", self._moment)
        sa.event.listen(engine, "commit", self._commit)

    def arm(self, moment):
        self.at, self.seen, self.committed = moment, 0, False

    def _moment(self, *_call):
        if self.at and not self.committed:
            self.seen += 1
            if self.seen == self.at:
                raise Broken

    def _commit(self, _connection):
        self._moment()
        self.committed = True


def everything(engine):
    """Return a digest of all rows of all tables, by table."""
    with engine.connect() as connection:
        names = sorted(sa.inspect(connection).get_table_names())
        return {
            name: sorted(map(repr, connection.exec_driver_sql(f'SELECT * FROM "{name}"')))
            for name in names
        }


def counted(engine, names):
    """Return the number of rows of all tables and how far the trail is: cheap, and telling."""
    query = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names)
    with engine.connect() as connection:
        return tuple(connection.exec_driver_sql(query).all())


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


def acts(ws):
    """Yield the use cases of the core in the order of a life, each as (name, act)."""
    olga, carl, rita, ines = map(ws.act_as, ("olga", "carl", "rita", "ines"))
    aude, devi, cora, bert = map(ws.act_as, ("aude", "devi", "cora", "bert"))
    soon, day = datetime.now(UTC) + timedelta(days=2), date.today() + timedelta(days=20)  # noqa: DTZ011 - any day ahead
    yield "add a person", lambda: ws.staffing.add("nora", "Nora")
    yield "propose a role", lambda: ws.staffing.propose("nora", "developer", reason="joins")
    yield "confirm a role", lambda: bert.staffing.confirm(ws.staffing.changes()[0].change_id)
    yield (
        "revoke a role",
        lambda: ws.staffing.revoke(ws.staffing.roles_of("nora")[0].grant_id, reason="moved on"),
    )
    yield "register", lambda: olga.inventory.register("one", **TICKET_TRIAGE)
    yield "register again", lambda: olga.inventory.register("one", **TICKET_TRIAGE)
    yield (
        "register a component",
        lambda: ines.inventory.register_component("model", kind="model", name="A model"),
    )
    yield "revise", lambda: olga.inventory.revise("one", name="Another", components=["model"])
    yield "propose changes", lambda: ines.inventory.propose(_changed(ines), reason="tidy")
    yield "apply changes", lambda: ws.act_as("ines").inventory.apply(_proposed(ines))
    yield "be refused", lambda: _refused(lambda: devi.staffing.add("mallory", "Mallory"))
    yield (
        "delegate",
        lambda: carl.approvals.delegate("cora", "committee_member", until=soon, reason="away"),
    )
    for kind in ("documentation", "validation"):
        yield f"add {kind}", lambda kind=kind: olga.evidence.add("one", kind, "Found", text=kind)
    yield "request", lambda: olga.approvals.request("one", "start_development")
    yield "withdraw", lambda: olga.approvals.withdraw(_open(olga), reason="too soon")
    yield "request again", lambda: olga.approvals.request("one", "start_development")
    yield "refuse", lambda: carl.approvals.decide(_open(olga), "refuse", reason="not yet")
    yield "request once more", lambda: olga.approvals.request("one", "start_development")
    yield "approve and carry out", lambda: carl.approvals.decide(_open(olga), "approve")
    yield "go on", lambda: olga.approvals.request("one", "submit_for_validation")
    yield "record a result", lambda: _result(rita)
    yield (
        "propose a waiver",
        lambda: olga.waivers.propose(
            "one", "monitoring_plan", reason="later", compensating_measure="by hand", expires_on=day
        ),
    )
    yield "grant a waiver", lambda: carl.waivers.decide(_waiver(carl), "approve", reason="yes")
    yield (
        "record an exception",
        lambda: ws.separation.record_exception(
            "R1",
            reason="few people",
            compensating_control="reviewed monthly",
            expires_on=day,
        ),
    )
    yield "hold evidence", lambda: rita.evidence.hold("one", reason="a claim")
    yield (
        "propose to release it",
        lambda: rita.evidence.propose_release(rita.evidence.holds()[0].hold_id, reason="settled"),
    )
    yield "release it", lambda: carl.evidence.confirm_release(carl.evidence.holds()[0].hold_id)
    yield "seal", ws.audit.seal
    yield "make a key", ws.audit.keys.make
    yield "sign a checkpoint", aude.audit.checkpoint
    yield "ask for an erasure", lambda: ws.audit.erase(_event(ws), reason="a request")
    yield "erase", lambda: aude.audit.erase(_event(ws), reason="a request")
    yield "vote for somebody", cora.approvals.open


def _changed(workspace):
    frame = workspace.inventory.frame()
    frame["name"] = "Renamed"
    return frame[["system_id", "name", "revision"]]


def _proposed(workspace):
    return workspace.inventory.change_sets().change_set_id[0]


def _waiver(workspace):
    return workspace.waivers.of("one")[0].waiver_id


def _event(workspace):
    return workspace.audit.events(event_type="core.SystemRegistered")[0].event_id


def _open(workspace):
    return workspace.approvals.open()[0].approval_id


def _refused(act):
    with pytest.raises(RequestRefused):
        act()


def _result(workspace):
    offer = workspace.host.contributions("aims_checks")[0]
    with workspace.writing() as tx:
        tx.add_result(
            kind="risk_assessment",
            system_id="one",
            offer=offer,
            input_digest="",
            payload={"level": "low"},
        )


@pytest.mark.slow
def test_an_act_that_fails_at_any_statement_writes_nothing_and_holds_nothing(
    workspace, rounds, tmp_path, monkeypatch, aims_database, figure
):
    monkeypatch.setenv("AIMS_AUDIT_KEY", str(tmp_path / "elsewhere" / "checkpoint.key"))
    for person, role in {"bert": "administrator"}.items():
        workspace.staffing.add(person, person)
        workspace.staffing.grant(person, role)
    engine, stride, tried = workspace._desk.store.engine, rounds(3, 1), 0
    names = sorted(sa.inspect(engine).get_table_names())
    fault = Fault(engine)
    for name, act in acts(workspace):
        before, rows = everything(engine), counted(engine, names)
        moment, done = 1 + tried % stride, False
        while not done:
            fault.arm(moment)
            try:
                act()
                done = True
            except Broken:
                tried += 1
            except Exception as error:
                raise AssertionError(f"{name}, moment {moment}: {error!r}") from error
            finally:
                fault.arm(0)
            if not done:
                assert locked(engine) == 0, f"{name}, moment {moment}"
                assert counted(engine, names) == rows, f"{name}, moment {moment}"
            moment += stride
        after = everything(engine)
        verified = workspace.audit.verify()
        assert verified.intact, f"{name}: {verified.faults}"
        assert after.keys() == before.keys()
    figure(f"{aims_database}: moments at which an act failed", tried)
    assert tried > rounds(60, 300)
