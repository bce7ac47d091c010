"""What was true at a time: every former state is kept by the database, and can be asked for."""

import random
import shutil
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from operator import itemgetter
from pathlib import Path

import pytest
import sqlalchemy as sa

from aims_core import InvalidRecord, PluginHost, RecordNotFound, history, open_workspace, tables
from aims_core.events import ActRefused
from aims_core.inventory import past
from aims_core.inventory.search import COUNTED_BACK
from aims_core.loading import load
from aims_core.testing.fixtures import DATABASES, TICKET_TRIAGE

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """A clock that moves when told to."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def forward(self, **by):
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def workspace(workspace_folder, host, clock):
    """Give a workspace whose time is told by the test; olga owns, devi develops."""
    opened = open_workspace(workspace_folder, actor="ada", host=host)
    clock.now = opened.now() + timedelta(seconds=1)
    opened._desk.store.clock = clock
    yield opened
    opened.close()


def intervals(workspace, table):
    """Return by record the intervals of its states, oldest first; the last has no end."""
    kept = history.HISTORIED.index(table)
    former = (history.actor, history.grant, history.system, history.approval)[kept]
    (key,) = (c.name for c in table.primary_key.columns)
    found = {}
    with workspace.reading() as tx:
        rows = tx.connection.execute(sa.select(former)).mappings()
        for row in rows:
            found.setdefault(row[key], []).append((row["valid_from"], row["valid_to"]))
        for row in tx.connection.execute(sa.select(table)).mappings():
            found.setdefault(row[key], []).append((row["valid_from"], None))
    return {
        key: sorted(spans, key=lambda span: (span[1] is None, span[0]))
        for key, spans in found.items()
    }


def test_a_system_is_shown_as_it_was(workspace, clock):
    olga = workspace.act_as("olga")
    before = clock.now
    clock.forward(days=1)
    olga.inventory.register("s", **TICKET_TRIAGE)
    first = clock.forward(days=1)
    clock.forward(days=1)
    olga.inventory.revise("s", name="Second")
    second = clock.forward(days=1)
    clock.forward(days=1)
    olga.inventory.revise("s", name="Third", unit="North")

    assert olga.inventory.get("s", as_of=first).name == TICKET_TRIAGE["name"]
    assert olga.inventory.get("s", as_of=second).name == "Second"
    assert olga.inventory.get("s").name == "Third"
    assert olga.inventory.get("s", as_of=second).revision == 2
    with pytest.raises(RecordNotFound):
        olga.inventory.get("s", as_of=before)
    found, total = olga.inventory.find("second", as_of=second)
    assert ([s.system_id for s in found], total) == (["s"], 1)
    assert olga.inventory.find("second") == ([], 0)
    assert olga.inventory.frame(as_of=first)["revision"].tolist() == [1]
    assert olga.inventory.frame(as_of=before).empty
    assert olga.inventory.frame(as_of=first).dtypes.equals(olga.inventory.frame().dtypes)
    assert olga.inventory.counts("unit", as_of=second) == {TICKET_TRIAGE.get("unit", ""): 1}


def test_an_interval_contains_its_start_and_not_its_end(workspace, clock):
    olga = workspace.act_as("olga")
    registered = clock.forward(days=1)
    olga.inventory.register("s", **TICKET_TRIAGE)
    revised = clock.forward(days=1)
    olga.inventory.revise("s", name="Second")

    assert olga.inventory.get("s", as_of=registered).revision == 1
    assert olga.inventory.get("s", as_of=revised).revision == 2
    tick = timedelta(microseconds=1)
    assert olga.inventory.get("s", as_of=revised - tick).revision == 1
    assert olga.inventory.find(as_of=registered - tick) == ([], 0)


def test_roles_and_requests_are_shown_as_they_were(workspace, clock):
    olga = workspace.act_as("olga")
    olga.inventory.register("s", **TICKET_TRIAGE)
    request = workspace.act_as("carl").approvals
    opened = clock.forward(days=1)
    asked = olga.approvals.request("s", "start_development", reason="Let us begin.")
    clock.forward(hours=1)
    waiting = clock.now
    clock.forward(hours=1)
    request.decide(asked.approval_id, "approve", reason="Fine.")
    clock.forward(days=1)
    (grant,) = workspace.staffing.roles_of("carl")
    workspace.staffing.revoke(grant.grant_id, reason="He left.")
    clock.forward(days=1)

    assert workspace.staffing.roles_of("carl") == ()
    assert [g.role for g in workspace.staffing.roles_of("carl", as_of=opened)] == [grant.role]
    then = workspace.staffing.frame(as_of=opened)
    assert then[then["actor_id"] == "carl"]["role"].tolist() == [grant.role]
    assert [a.status for a in olga.approvals.open(as_of=waiting)] == ["open"]
    assert [len(a.votes) for a in olga.approvals.open(as_of=waiting)] == [0]
    assert olga.approvals.open() == []
    assert olga.approvals.frame(as_of=waiting)["status"].tolist() == ["open"]
    assert olga.approvals.frame()["status"].tolist() == ["carried_out"]
    assert olga.inventory.get("s", as_of=waiting).stage == "inception"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (datetime(2026, 1, 1), "has no zone"),  # noqa: DTZ001 - just what is refused
        (datetime(2999, 1, 1, tzinfo=UTC), "lies ahead"),
        (date(2999, 1, 1), "lies ahead"),
        (7, "7 is no checkpoint.*There is none yet; `aims audit checkpoint` makes"),
        (10**30, "is no checkpoint"),
        (-1, "is no checkpoint"),
        (True, "neither a day, a time nor a number"),
        ("2026-03-01", "neither a day, a time nor a number"),
        (1.5, "neither a day, a time nor a number"),
    ],
)
def test_a_time_that_is_none_is_refused_in_plain_words(workspace, given, says):
    with pytest.raises(InvalidRecord, match=says):
        workspace.inventory.find(as_of=given)


def test_a_day_is_its_end_in_utc_and_today_is_now(workspace, clock):
    clock.now = datetime(2030, 3, 1, 12, tzinfo=UTC)
    olga = workspace.act_as("olga")
    olga.inventory.register("s", **TICKET_TRIAGE)

    for number, today in ((1, date(2030, 3, 1)), (0, date(2030, 2, 28))):
        assert len(olga.inventory.find(as_of=today)[0]) == number
        assert len(olga.inventory.frame(as_of=today)) == number
    clock.now = datetime(2030, 3, 1, 18, tzinfo=UTC)
    olga.inventory.revise("s", name="Renamed")
    clock.forward(days=1)
    assert olga.inventory.get("s", as_of=date(2030, 3, 1)).name == "Renamed"


def test_a_missing_checkpoint_is_answered_with_those_that_are_there(
    workspace, tmp_path, monkeypatch
):
    monkeypatch.setenv("AIMS_AUDIT_KEY", str(tmp_path / "elsewhere" / "checkpoint.key"))
    workspace.audit.keys.make()
    workspace.audit.checkpoint()

    with pytest.raises(InvalidRecord, match="newest are 1; `aims audit checkpoint --list` lists"):
        workspace.inventory.find(as_of=7)


def test_the_difference_of_two_times_names_systems_and_fields(workspace, clock):
    olga = workspace.act_as("olga")
    olga.inventory.register("changed", **TICKET_TRIAGE)
    olga.inventory.register("still", **TICKET_TRIAGE)
    a = clock.forward(days=1)
    clock.forward(days=1)
    olga.inventory.revise("changed", name="Other")
    olga.inventory.register("new", **TICKET_TRIAGE)
    b = clock.forward(days=1)
    clock.forward(days=1)
    olga.inventory.revise("changed", name=TICKET_TRIAGE["name"])

    found = {c.system_id: c for c in olga.inventory.diff(a, b)}
    assert set(found) == {"changed", "new"}
    assert found["new"].kind == "added"
    assert found["changed"].fields["name"] == (TICKET_TRIAGE["name"], "Other")
    assert found["changed"].fields["revision"] == (1, 2)
    frame = olga.inventory.diff_frame(a, b)
    assert ("changed", "name", "Other") in set(
        zip(frame["system_id"], frame["field"], frame["after"], strict=True)
    )
    assert [c.system_id for c in olga.inventory.diff(a)] == ["changed", "new"]
    assert "name" not in olga.inventory.diff(a)[0].fields
    assert olga.inventory.diff(b, b) == ()
    with pytest.raises(InvalidRecord, match="lies before"):
        olga.inventory.diff(b, a)


@pytest.mark.parametrize("seed", range(3))
def test_intervals_are_disjoint_and_without_gaps_and_the_trail_tells_the_same(
    workspace, clock, seed
):
    chance = random.Random(seed)  # noqa: S311 - chance, no secret
    olga = workspace.act_as("olga")
    told = {}
    for number in range(30):
        clock.forward(seconds=chance.choice([0, 1, 3_600]))
        system = f"s-{chance.randrange(3)}"
        if system in told:
            olga.inventory.revise(system, name=f"Name {number}")
        else:
            olga.inventory.register(system, **{**TICKET_TRIAGE, "name": f"Name {number}"})
        told.setdefault(system, {})[clock.now] = f"Name {number}"

    for spans in intervals(workspace, tables.system).values():
        for (begin, end), (start, _) in pairwise(spans):
            assert begin < end
            assert end == start
    for system, names in told.items():
        for at, name in names.items():
            assert olga.inventory.get(system, as_of=at).name == name


def test_who_writes_past_the_workspace_is_stopped_and_leaves_no_gap(workspace, clock):
    olga = workspace.act_as("olga")
    olga.inventory.register("s", **TICKET_TRIAGE)
    clock.forward(days=1)
    olga.inventory.revise("s", name="Second")
    engine = workspace._desk.store.engine
    for statement in (
        "UPDATE aims_system SET name = 'other'",
        "INSERT INTO aims_actor SELECT 'x', 'x', 'person', 'x', added_at, 'x', '' FROM aims_actor",
        "DELETE FROM aims_grant",
        "UPDATE aims_system_history SET name = 'x'",
        "DELETE FROM aims_system_history",
    ):
        with (
            pytest.raises(Exception, match=r"append-only|read-?only|workspace only"),
            engine.connect() as connection,
            connection.begin(),
        ):
            connection.exec_driver_sql(statement)
    assert olga.inventory.get("s").name == "Second"


def test_the_time_of_a_row_cannot_be_set_by_hand(workspace, clock):
    olga = workspace.act_as("olga")
    olga.inventory.register("s", **TICKET_TRIAGE)
    clock.forward(days=1)
    with workspace.writing() as tx:
        statement = "UPDATE aims_system SET valid_from = '2001-01-01T00:00:00.000000Z'"
        if tx.connection.dialect.name == "sqlite":
            with pytest.raises(Exception, match="kept by the database"):
                tx.connection.exec_driver_sql(statement)
        else:
            tx.connection.exec_driver_sql(statement)
            tx.record(ActRefused(act="set a time by hand", reason="a test"))
    spans = intervals(workspace, tables.system)["s"]
    assert all(begin >= START for begin, _ in spans)


def test_results_of_a_time_are_those_that_stood_then(workspace, clock):
    olga = workspace.act_as("olga")
    olga.inventory.register("s", **TICKET_TRIAGE)
    offer = workspace.host.contributions("aims_checks")[0]
    times = []
    for level in ("low", "high"):
        clock.forward(days=1)
        with workspace.writing() as tx:
            tx.add_result(
                kind="rating",
                system_id="s",
                offer=offer,
                input_digest="",
                payload={"level": level},
            )
        times.append(clock.now)
    clock.forward(days=1)

    def levels(at):
        return [r.payload["level"] for r in workspace.results.of("s", as_of=at)]

    assert [levels(at) for at in times] == [["low"], ["high"]]
    assert levels(times[0] - timedelta(days=1)) == []
    assert len(workspace.results.of("s", history=True, as_of=times[1])) == 2


@pytest.fixture(scope="module", params=DATABASES)
def apart(request, aims_template, tmp_path_factory):
    """Give the folder of a workspace that several tests share, on each database."""
    folder = Path(shutil.copytree(aims_template, tmp_path_factory.mktemp("apart") / "workspace"))
    if request.param == "sqlite":
        yield folder
        return
    server = request.getfixturevalue("aims_postgresql")
    name = server.create(template=request.getfixturevalue("aims_postgresql_template"))
    settings = folder / "aims.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("sqlite:///aims.db", server.url(name)), encoding="utf-8")
    yield folder
    server.drop(name)


@pytest.fixture(scope="module")
def lively(apart):
    """Give a workspace in which systems changed unit, owner and name, and times in between; to be read."""
    workspace = open_workspace(apart, actor="ada", host=PluginHost(discover=False))
    clock = Clock()
    clock.now = workspace.now() + timedelta(seconds=1)
    workspace._desk.store.clock = clock
    olga, draw, times = workspace.act_as("olga"), random.Random(7), []  # noqa: S311 - any changes will do
    for number in range(12):
        unit = draw.choice(["North", "South"])
        olga.inventory.register(f"s{number:02}", **{**TICKET_TRIAGE, "unit": unit})
        clock.forward(hours=1)
    for turn in range(40):
        changed = {"unit": draw.choice(["North", "South", "East"]), "name": f"Name {turn % 7}"}
        if turn % 5 == 0:
            changed["supplier"] = f"Supplier {turn}"
        olga.inventory.revise(f"s{draw.randrange(12):02}", **changed)
        times.append(clock.now)
        clock.forward(hours=1)
    yield olga, [*times[::6], times[-1], clock.now]
    workspace.close()


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"unit": "North"},
        {"unit": "East", "stage": "inception"},
        {"owner": "olga"},
        {"owner": "carl"},
        {"text": "name 3"},
        {"text": "name", "unit": "South"},
        {"unknown": "supplier"},
    ],
)
def test_pages_of_then_are_those_of_all_that_stood_then(lively, asked):
    olga, times = lively
    for at in times:
        whole = olga.inventory.frame(as_of=at, **asked)
        for descending in (False, True):
            ids = sorted(whole["system_id"], reverse=descending)
            for offset in (0, 3, 50):
                options = {"limit": 4, "offset": offset, "descending": descending}
                page, total = olga.inventory.find(as_of=at, **options, **asked)
                assert [s.system_id for s in page] == ids[offset : offset + 4]
                assert total == len(ids)
                for found in page:
                    assert found == olga.inventory.get(found.system_id, as_of=at)


@pytest.mark.parametrize("few", [0, 3, 500])
@pytest.mark.parametrize(
    "asked",
    [{}, {"unit": "North"}, {"stage": "inception"}, {"stage": "inception", "tier": "undetermined"}],
)
def test_pages_of_then_in_any_order_are_those_of_all_that_stood_then(
    lively, monkeypatch, asked, few
):
    monkeypatch.setattr(past, "_FEW", few)
    olga, times = lively
    for at in (times[0] - timedelta(days=9), times[0], times[2], times[-1]):
        whole = olga.inventory.frame(as_of=at, **asked).to_dict("records")
        for sort in ("system_id", "name", "unit", "stage", "revision", "revised_at"):
            for descending in (False, True):
                rows = sorted(whole, key=itemgetter("system_id"))
                rows.sort(key=itemgetter(sort), reverse=descending)
                found, total = olga.inventory.find(
                    as_of=at, sort=sort, descending=descending, limit=5, offset=2, **asked
                )
                assert [s.system_id for s in found] == [r["system_id"] for r in rows[2:7]]
                assert total == len(rows)


def test_a_total_of_then_is_counted_two_hundred_beyond_the_page(workspace, clock):
    olga = workspace.act_as("olga").inventory
    olga.register("one", **TICKET_TRIAGE)
    with olga._desk.store.keeping_books() as connection:
        stored = connection.execute(sa.text("SELECT * FROM aims_system")).mappings().one()
        columns = [name for name in stored if name != "system_id"]
        values = tuple(stored[name] for name in columns)
        rows = [(f"s-{n:05d}", *values) for n in range(COUNTED_BACK + 50)]
        load(connection, tables.system, ("system_id", *columns), rows)

    for options in ({}, {"text": TICKET_TRIAGE["name"]}, {"sort": "name"}, {"sort": "revision"}):
        _, total = olga.find(as_of=clock.now, limit=10, **options)
        assert (int(total), total.more) == (COUNTED_BACK + 10, True)


def test_what_is_looked_up_record_by_record_is_what_intervals_give(lively):
    olga, times = lively
    with olga.reading() as tx:
        for at in [times[0] - timedelta(days=9), *times]:
            found = [
                {tuple(row) for row in tx.connection.execute(sa.select(table))}
                for table in (
                    history.as_of(tables.actor, at),
                    history.each_as_of(tables.actor, at),
                )
            ]
            assert found[0] == found[1]


def test_some_columns_of_then_can_be_asked_for(lively):
    olga, times = lively
    whole = olga.inventory.frame(as_of=times[0])

    some = olga.inventory.frame(as_of=times[0], columns=("stage", "system_id"))

    assert some.equals(whole[["stage", "system_id"]])
    with pytest.raises(ValueError, match="columns are system_id"):
        olga.inventory.frame(columns=("secret",))


@pytest.mark.parametrize("aims_database", ["sqlite"])
def test_what_held_is_found_by_the_index_of_intervals(workspace):
    query = sa.select(history.as_of(tables.system, START).c.stage)
    with workspace.reading() as tx:
        statement = query.compile(tx.connection, compile_kwargs={"literal_binds": True})
        plan = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()

    steps = [step.detail for step in plan if "aims_system_history" in step.detail]
    assert len(steps) == 1
    assert "USING INDEX ix_aims_system_history_valid_to_valid_from" in steps[0]
