"""A search finds the same with and without its index, and totals say how far was counted."""

import json

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aims_core import InvalidRecord, tables, trigrams
from aims_core.inventory.search import COUNTED, Total, find, where
from aims_core.loading import load
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import disarmed, forcing

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
LETTERS = 'abAB1ßéÉİΣς"%_\\/*{},&<0 -\n\u0301\u4e2d\U0001f600'
"""Few, so that words meet: what means something to LIKE, FTS5, arrays and patterns, and what is no ASCII."""
WORDS = st.lists(
    st.text(st.sampled_from(LETTERS), min_size=1, max_size=6).filter(str.strip),
    min_size=1,
    max_size=3,
)


def described(**changes):
    return {**TICKET_TRIAGE, **changes}


def names(inventory, text, **options):
    return [system.name for system in inventory.find(text, **options)[0]]


@pytest.fixture
def inventory(workspace):
    return workspace.act_as("olga").inventory


@pytest.fixture
def many(inventory):
    """Give a register with more systems than are counted."""
    row = inventory.register("one", **described(name="One of many"))
    with inventory._desk.store.keeping_books() as connection:
        stored = connection.execute(sa.text("SELECT * FROM aims_system")).mappings().one()
        columns = [name for name in stored if name != "system_id"]
        values = tuple(stored[name] for name in columns)
        rows = [(f"s-{n:05d}", *values) for n in range(COUNTED + 200)]
        load(connection, tables.system, ("system_id", *columns), rows)
    assert row.system_id == "one"
    return inventory


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(texts=st.lists(WORDS.map(" ".join), min_size=1, max_size=6), words=WORDS)
def test_the_index_finds_what_looking_at_every_text_finds(inventory, texts, words):
    known = int(inventory.find()[1])
    for number, text in enumerate(texts):
        inventory.register(f"r-{known + number}", **described(name=text))
    wanted = [w.lower() for w in " ".join(words).split()]
    with inventory._desk.reading() as tx:
        table = tables.system
        rows = tx.connection.execute(sa.select(table.c.system_id, table.c.search)).all()

    found, total = inventory.find(" ".join(words), limit=1_000)

    fitting = sorted(r.system_id for r in rows if all(word in r.search for word in wanted))
    assert [system.system_id for system in found] == fitting
    assert total == len(fitting)


def test_a_search_follows_what_a_system_is_called_now(inventory):
    inventory.register("one", **described(name="Traffic lights"))

    inventory.revise("one", name="Parking permits")

    assert names(inventory, "affic") == []
    assert names(inventory, "arking") == ["Parking permits"]


@ONE_DATABASE
def test_compacting_the_file_leads_no_search_astray(inventory):
    for number in range(30):
        inventory.register(f"s-{number}", **described(name=f"Service {number:04d}"))
    engine = inventory._desk.store.engine
    with forcing(engine) as connection, disarmed(connection, "aims_system_revision"):
        connection.exec_driver_sql("DELETE FROM aims_system_revision WHERE system_id = 's-3'")
        connection.exec_driver_sql("DELETE FROM aims_system WHERE system_id = 's-3'")
    driver = engine.raw_connection()
    driver.execute("PRAGMA query_only=OFF")
    driver.execute("VACUUM")
    driver.close()

    assert names(inventory, "service 0003") == []
    assert names(inventory, "service 0029") == ["Service 0029"]


def test_without_the_index_a_search_finds_the_same(inventory, aims_database, monkeypatch):
    inventory.register("one", **described(name="Traffic lights"))
    monkeypatch.setattr(getattr(trigrams, aims_database), "available", lambda _: False)

    assert names(inventory, "affic ligh") == ["Traffic lights"]
    assert inventory.find("affic") == inventory.find("TRAFFIC")


@pytest.mark.parametrize(
    ("text", "says"),
    [("a" * 501, "501 characters"), ("ab\x00c", "NUL"), ("ab\ud800", "half a character")],
)
def test_words_that_no_text_holds_are_refused(inventory, text, says):
    with pytest.raises(InvalidRecord, match=says):
        inventory.find(text)


@pytest.mark.parametrize("aims_database", ["postgresql"])
def test_the_index_of_postgresql_leads_to_rare_words(many):
    many.register("rare", **described(name="Traffic lights"))
    words = ["traffic", "lights"]
    query = trigrams.postgresql.query(words, where("traffic lights", {}), 10)
    with many._desk.reading() as tx:
        tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        statement = query.compile(tx.connection, compile_kwargs={"literal_binds": True})
        plan = (
            tx.connection.exec_driver_sql(f"EXPLAIN {statement}".replace("%", "%%")).scalars().all()
        )

    assert any(trigrams.INDEX in step for step in plan)


def test_a_text_without_three_letters_is_found_as_well(inventory):
    inventory.register("a", **described(name="\U0001f600\U0001f600\U0001f600 ab", owner="olga"))

    assert inventory.find("\U0001f600\U0001f600\U0001f600")[1] == 1
    assert inventory.find("\U0001f600 ab")[1] == 1


@pytest.mark.parametrize("text", ["", "many", "ma", "one of", "o"])
def test_a_total_is_counted_a_thousand_beyond_the_page(many, text):
    _, total = many.find(text, limit=10)

    assert (int(total), total.more, str(total)) == (COUNTED + 10, True, "1,010+")
    assert many.find(text, limit=10, offset=150)[1].more
    assert str(many.find(text, limit=10, offset=300)[1]) == str(COUNTED + 201)


def test_a_search_within_many_that_fit_few_is_counted_exactly(many):
    many.revise("one", unit="Elsewhere")

    assert many.find("many", unit="Elsewhere") == (many.find(unit="Elsewhere")[0], 1)
    assert many.find("elsewhere many")[1] == 1
    assert many.find("many", sort="name", descending=True, limit=3)[0][0].system_id == "one"


def test_a_total_is_a_plain_number_to_json_and_to_sums():
    assert json.dumps([Total(3), Total.up_to(5, 9)]) == "[3, 5]"
    assert Total.up_to(5, 5) + 1 == 6
    assert not Total.up_to(5, 5).more
    assert (f"{Total.up_to(5_000, 9_000):,}", f"{Total(5_000)}", f"{Total(5_000):,}") == (
        "5,000+",
        "5000",
        "5,000",
    )


def test_systems_of_then_are_searched_too(workspace, inventory):
    inventory.register("one", **described(name="Traffic lights"))
    before = workspace.now()
    inventory.revise("one", name="Parking permits")

    with inventory._desk.reading() as tx:
        found, total = find(tx, "affic", as_of=before)

    assert [s.name for s in found] == ["Traffic lights"]
    assert total == 1


def test_a_revision_returns_what_is_read_afterwards(inventory):
    inventory.register("one", **described())

    revised = inventory.revise("one", name="Other", attributes={"a": [1, {"b": None}]})

    assert revised == inventory.get("one")
    assert type(revised.origin) is type(inventory.get("one").origin)
