"""A workspace goes from one database to another and back, and everything in it is as it was."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from aims_core import (
    Assurance,
    NotPermitted,
    PluginHost,
    WorkspaceError,
    audit,
    copy_database,
    open_workspace,
    tables,
)
from aims_core.audit.merkle import is_included
from aims_core.cli import main
from aims_core.events import ActRefused
from aims_core.recovery import moving
from aims_core.recovery.backing_up import with_url
from aims_core.testing.intruder import disarmed, forcing, tampering

SQLITE = pytest.mark.parametrize("aims_database", ["sqlite"])
POSTGRESQL = pytest.mark.parametrize("aims_database", ["postgresql"])
OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


@pytest.fixture
def host():
    """Give the installed plugins: their tables go across too."""
    return PluginHost()


@pytest.fixture
def lived(signed):
    """Give a workspace with odd text, a history, checkpoints, and what only PostgreSQL does with numbers."""
    olga = signed.act_as("olga")
    olga.inventory.revise("ticket-triage", name="Tabs\tand\\backslashes, ä, 試験\nin two lines")
    olga.evidence.add("ticket-triage", "validation", "What was found", text="All is well.\n")
    said = datetime(2026, 1, 5, tzinfo=UTC)
    held = signed.staffing.grant("devi", "inventory_steward", fact_at=said)
    signed.staffing.revoke(held.grant_id, reason="left", fact_at=said + timedelta(days=1))
    waiver = olga.waivers.propose(
        "ticket-triage",
        "initial_risk_assessment",
        reason="The assessor is ill.",
        compensating_measure="A person looks.",
        expires_on=(signed.now() + timedelta(days=9)).date(),
        fact_at=olga.inventory.get("ticket-triage").registered_at,
    )
    signed.act_as("carl").waivers.decide(waiver.waiver_id, "approve", fact_at=waiver.proposed_at)
    entered = olga.inventory.get("ticket-triage").registered_at
    signed.act_as("rita").evidence.hold("ticket-triage", "Proceeding 7", fact_at=entered)
    signed.separation.record_exception(
        "R1",
        reason="We are three.",
        compensating_control="An outside look.",
        expires_on=(signed.now() + timedelta(days=9)).date(),
        fact_at=said,
    )
    if signed._desk.store.dialect == "postgresql":
        _number_out_of_order(signed)
    for number in range(40):
        olga.inventory.revise("ticket-triage", use_case=f"Use {number}")
    signed.audit.seal()
    return signed


def _number_out_of_order(workspace):
    """Leave a number free, and have an event with a lower number committed after a higher one."""
    who = audit.Attribution(actor="ada", at=workspace.now(), assurance=Assurance.SELF_DECLARED)
    late = ActRefused(system_id="", act="look", reason="late")
    with forcing(workspace._desk.store.engine) as connection:
        connection.exec_driver_sql("SELECT nextval('aims_event_sequence')")
        audit.append(connection, [("evt-late", late)], who)
        workspace.act_as("olga").inventory.revise("ticket-triage", use_case="Meanwhile")
        workspace.audit.seal()


@pytest.fixture
def empty(request, tmp_path):
    """Give the maker of the URL of an empty database of a kind."""
    made = []

    def make(kind):
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / f'copy-{len(made)}.db'}"
        server = request.getfixturevalue("aims_postgresql")
        made.append((server, server.create()))
        return server.url(made[-1][1])

    yield make
    for server, name in made:
        server.drop(name)


@pytest.fixture
def moved_to(workspace_folder, host):
    """Give the way to open the workspace on another database."""
    opened = []

    def open_there(url):
        path = workspace_folder / "aims.toml"
        path.write_text(with_url(path.read_text(encoding="utf-8"), url), encoding="utf-8")
        opened.append(open_workspace(workspace_folder, actor="ada", host=host))
        return opened[-1]

    yield open_there
    for workspace in opened:
        workspace.close()


def events(workspace):
    """Return every event as it is stored, without the chain that SQLite alone has."""
    query = sa.select(*(c for c in tables.event.c if c.name != "chain")).order_by("sequence")
    with workspace.reading() as tx:
        return [tuple(row) for row in tx.connection.execute(query)]


def rows(workspace, *names):
    with workspace.reading() as tx:
        return {
            name: sorted(map(repr, tx.connection.exec_driver_sql(f"SELECT * FROM {name}")))
            for name in names
        }


KEPT = (
    *("aims_system", "aims_system_history", "aims_grant", "aims_grant_history", "aims_evidence"),
    *("aims_revision", "aims_waiver", "aims_waiver_vote", "aims_exception", "aims_evidence_hold"),
)


def test_everything_arrives_as_it_was_and_the_copy_says_where_it_comes_from(
    lived, aims_database, empty, moved_to
):
    before, head = events(lived), rows(lived, "aims_tree", "aims_tree_node")
    kept = rows(
        lived, *(n for n in KEPT if n in sa.inspect(lived._desk.store.engine).get_table_names())
    )
    url = empty(OTHER[aims_database])

    made = copy_database(lived, url)

    assert rows(lived, "aims_tree", "aims_tree_node") == head
    there = moved_to(url)
    assert events(there)[: len(before)] == before
    told = there.audit.events(limit=1)[0]
    assert told.type == "core.DatabaseCopied"
    assert told.payload == {
        "source": aims_database,
        "target": OTHER[aims_database],
        "size": len(before),
        "root": made.root,
        "rows": made.rows,
        "digest": made.digest,
        "logins": [],
    }
    assert there.audit.verify().intact
    assert rows(there, *kept) == kept


def test_there_and_back_again_nothing_is_lost_and_people_go_on_everywhere(
    lived, aims_database, empty, moved_to, workspace_folder
):
    checkpoint = lived.audit.checkpoint()
    first = events(lived)
    stops = [empty(OTHER[aims_database]), empty(aims_database), empty(OTHER[aims_database])]
    here = lived
    for number, url in enumerate(stops):
        copy_database(here, url)
        here = moved_to(url)
        here.act_as("olga").inventory.revise("ticket-triage", use_case=f"Stop {number}")
        here.audit.seal()
        assert [s.system_id for s in here.inventory.find(f"top {number}")[0]] == ["ticket-triage"]
        assert here.inventory.find("riage")[1] == 1
        assert here.audit.verify(checkpoints=[checkpoint.note]).faults == ()
        assert here.audit.head()[0] == len(events(here))

    assert events(here)[: len(first)] == first
    assert [e.type for e in here.audit.events()].count("core.DatabaseCopied") == len(stops)


def test_proofs_and_exports_of_what_was_copied_and_of_what_came_later_hold(
    lived, aims_database, empty, moved_to, tmp_path
):
    old = lived.audit.checkpoint()
    url = empty(OTHER[aims_database])
    copy_database(lived, url)
    there = moved_to(url)
    there.act_as("olga").inventory.revise("ticket-triage", use_case="Later")
    new = there.audit.checkpoint()

    with there.reading() as tx:
        query = sa.select(tables.event.c.sequence, tables.event.c.leaf)
        for sequence, leaf in tx.connection.execute(query).all():
            place = audit.place_of(tx.connection, sequence)
            if place is None or place >= new.size:
                continue
            proof = audit.prove_inclusion(tx.connection, place, new.size)
            root = bytes.fromhex(new.root)
            assert is_included(bytes.fromhex(leaf), place, new.size, proof, root)
        assert audit.root_at(tx.connection, old.size).hex() == old.root
    there.audit.export(tmp_path / "export")
    assert there.audit.verify(export=tmp_path / "export").intact


def test_tampering_with_what_was_copied_is_found(lived, aims_database, empty, moved_to):
    checkpoint = lived.audit.checkpoint()
    url = empty(OTHER[aims_database])
    copy_database(lived, url)
    there = moved_to(url)

    with tampering(there) as connection, disarmed(connection, "aims_event"):
        event = tables.event
        connection.execute(sa.update(event).where(event.c.sequence == 5).values(actor="mallory"))

    assert there.audit.verify(checkpoints=[checkpoint.note]).faults != ()


def test_a_database_with_records_is_left_alone(lived, aims_database, empty):
    url = empty(OTHER[aims_database])
    copy_database(lived, url)

    with pytest.raises(WorkspaceError, match="holds records already"):
        copy_database(lived, url)
    with pytest.raises(WorkspaceError, match="is the database that the workspace uses"):
        copy_database(lived, lived.settings.database_url)


def test_a_database_of_somebody_else_is_left_alone(lived, aims_database, empty):
    url = empty(OTHER[aims_database])
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (a integer)")
    engine.dispose()

    with pytest.raises(WorkspaceError, match="other table"):
        copy_database(lived, url)


def test_broken_off_it_leaves_nothing_to_work_with_and_can_be_made_again(
    lived, aims_database, empty, moved_to, monkeypatch
):
    url = empty(OTHER[aims_database])

    def fail(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(moving, "_check", fail)
        with pytest.raises(KeyboardInterrupt):
            copy_database(lived, url)

    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert (
            connection.execute(sa.select(sa.func.count()).select_from(tables.event)).scalar() == 0
        )
    engine.dispose()
    copy_database(lived, url)
    assert moved_to(url).audit.verify().intact


def test_a_row_that_would_arrive_otherwise_stops_it(lived, aims_database, empty, monkeypatch):
    url = empty(OTHER[aims_database])
    course = moving.Course(change=lambda rows: [tuple(row) for row in rows][:-1])
    monkeypatch.setattr(moving, "_courses", lambda *_: {"aims_evidence": course})

    with pytest.raises(WorkspaceError, match="aims_evidence: 1 rows left and 0 arrived"):
        copy_database(lived, url)


def test_only_an_administrator_copies(lived, empty, aims_database):
    with pytest.raises(NotPermitted, match="copy the database"):
        copy_database(lived.act_as("olga"), empty(OTHER[aims_database]))


@SQLITE
def test_the_command_switches_the_workspace_over(lived, workspace_folder, empty, host):
    lived.close()
    url = empty("postgresql")
    run = CliRunner().invoke
    opening = ["--workspace", str(workspace_folder), "--as", "ada"]

    result = run(main, [*opening, "db", "copy", url, "--switch"])

    assert result.exit_code == 0, result.output
    assert "Copied and verified" in result.output
    opened = open_workspace(workspace_folder, actor="ada", host=host)
    assert opened._desk.store.dialect == "postgresql"
    assert opened.inventory.get("ticket-triage").name.startswith("Tabs\tand")
    opened.close()
    again = run(main, [*opening, "db", "copy", url])
    assert again.exit_code != 0
    assert "Traceback" not in again.output
