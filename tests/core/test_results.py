"""Results: where they came from, which one is in force, and that they outlive their provider."""

import math
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from aims_core import (
    InvalidRecord,
    PluginHost,
    RecordNotFound,
    RiskCategory,
    ScorerSpec,
    digest,
    hookimpl,
    open_workspace,
)
from aims_core.results import COLUMNS
from aims_core.testing import at_hand

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
SCHEMA = {"type": "object", "properties": {"level": {"type": "string"}}}


class Scorer:
    """A provider of results."""

    def __init__(self, score):
        self.score = score

    @hookimpl
    def aims_risk_scorers(self):
        return [ScorerSpec(id="matrix.scorer", title="Matrix", score=self.score)]


@pytest.fixture
def offer(registered):
    """What the scorer of an installed plugin offers."""
    plugin = Scorer(at_hand(len))
    registered.host.register(plugin, "matrix", distribution="aims-matrix", version="1.2")
    return registered.host.offer("aims_risk_scorers")


@pytest.fixture
def store(registered, offer):
    """Give the way to store one result as rita."""

    def add(kind="risk_assessment", system_id="ticket-triage", **given):
        values = {"payload": {"level": "low"}, "input_digest": digest("in"), **given}
        with registered.act_as("rita").writing() as tx:
            return tx.add_result(kind=kind, system_id=system_id, offer=offer, **values)

    return add


def test_a_result_says_where_it_came_from(registered, store):
    registered.act_as("olga").inventory.revise("ticket-triage", name="Ticket triage 2")

    result = store(schema=SCHEMA, payload={"level": "high"}, tier=RiskCategory.HIGH)

    assert (result.provider, result.distribution, result.version) == (
        "matrix.scorer",
        "aims-matrix",
        "1.2",
    )
    assert (result.revision, result.recorded_by, result.tier) == (2, "rita", "high")
    assert (result.payload, result.schema) == ({"level": "high"}, SCHEMA)
    assert result.input_digest == digest("in")
    event = registered.audit.events(limit=1)[0]
    assert event.type == "core.ResultRecorded"
    assert event.payload["payload_digest"] == digest({"level": "high"})
    assert event.payload["version"] == "1.2"


def test_the_newest_of_a_kind_and_subject_is_in_force_and_the_former_are_kept(registered, store):
    first, second = store(subject="a"), store(subject="a")
    other, kind = store(subject="b"), store(kind="measurement", subject="a")

    in_force = registered.results.of("ticket-triage", "risk_assessment")
    history = registered.results.of("ticket-triage", "risk_assessment", history=True)

    assert {r.result_id for r in in_force} == {second.result_id, other.result_id}
    assert [r.result_id for r in history] == [other.result_id, second.result_id, first.result_id]
    assert [r.result_id for r in registered.results.of("ticket-triage", "measurement")] == [
        kind.result_id
    ]


def test_of_several_answers_at_once_for_the_same_thing_the_last_is_in_force(registered, offer):
    answers = [
        {
            "kind": "measurement",
            "system_id": "ticket-triage",
            "subject": subject,
            "payload": {"n": n},
            "input_digest": digest(n),
        }
        for n, subject in enumerate(["a", "b", "a"])
    ]

    with registered.act_as("rita").writing() as tx:
        stored = tx.add_results(answers, offer=offer)
        assert tx.add_results([], offer=offer) == []

    assert [r.payload["n"] for r in stored] == [0, 1, 2]
    with registered.reading() as tx:
        newest = tx.newest_results("measurement", ["ticket-triage"])
    assert {(r.subject, r.payload["n"]) for r in newest} == {("a", 2), ("b", 1)}


def test_a_tier_becomes_the_systems_and_no_tier_leaves_it(registered, store):
    store(tier=RiskCategory.HIGH)
    assert registered.inventory.get("ticket-triage").tier == "high"

    store()
    assert registered.inventory.get("ticket-triage").tier == "high"
    assert registered.inventory.get("ticket-triage").revision == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"payload": {"level": math.nan}}, "payload"),
        ({"payload": {"level": "half\x00"}}, "payload"),
        ({"payload": {"at": datetime(2026, 1, 1)}}, "payload"),  # noqa: DTZ001 - what the test is about
        ({"payload": {1: "one"}}, "payload"),
        ({"tier": "catastrophic"}, "tier"),
        ({"valid_until": datetime(2026, 1, 1)}, "valid_until"),  # noqa: DTZ001 - same
        ({"kind": "k" * 41}, "kind"),
        ({"subject": "s" * 201}, "subject"),
    ],
)
@ONE_DATABASE
def test_an_answer_that_cannot_be_kept_is_refused_whole(registered, store, given, field):
    with pytest.raises(InvalidRecord, match=r"result of matrix\.scorer") as refusal:
        store(**given)

    assert [p.field for p in refusal.value.problems] == [field]
    assert registered.results.frame().empty
    assert registered.inventory.get("ticket-triage").tier == "undetermined"


def test_a_result_about_a_system_that_is_not_there_is_refused(store):
    with pytest.raises(RecordNotFound, match="Did you mean ticket-triage"):
        store(system_id="ticket-triag")


def test_one_bad_answer_among_many_leaves_none(registered, offer):
    answer = {"kind": "k", "system_id": "ticket-triage", "payload": {}, "input_digest": digest(1)}

    with pytest.raises(InvalidRecord), registered.act_as("rita").writing() as tx:
        tx.add_results([answer, {**answer, "payload": {"x": math.inf}}], offer=offer)

    assert registered.results.frame().empty


def test_results_stay_readable_when_their_provider_is_gone(registered, store, workspace_folder):
    store(schema=SCHEMA, tier=RiskCategory.LIMITED)
    registered.close()

    without = open_workspace(workspace_folder, actor="aude", host=PluginHost(discover=False))

    result = without.results.of("ticket-triage")[0]
    assert (result.payload, result.schema) == ({"level": "low"}, SCHEMA)
    assert (result.distribution, result.version) == ("aims-matrix", "1.2")
    assert without.inventory.get("ticket-triage").tier == "limited"
    without.close()


def test_the_frame_has_the_same_columns_and_types_empty_or_full(registered, store):
    empty = registered.results.frame()
    store(valid_until=datetime(2030, 1, 1, tzinfo=UTC), tier=RiskCategory.MINIMAL)
    store(subject="other")
    full = registered.results.frame()

    for frame in (empty, full):
        assert frame.dtypes.astype(str).to_dict() == COLUMNS
    assert full.in_force.tolist() == [True, True]
    assert len(registered.results.frame("unheard-of")) == 0


def test_the_schema_of_many_results_is_kept_once(registered, store):
    for _ in range(3):
        store(schema=SCHEMA)

    with registered.reading() as tx:
        kept = tx.connection.execute(sa.text("SELECT count(*) FROM aims_result_schema")).scalar()
    assert kept == 1
