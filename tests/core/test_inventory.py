"""The register: what goes in comes out, nothing half-said goes in, and hostile text finds only itself."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aims_core import (
    AimsError,
    ApprovalState,
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RevisionConflict,
)
from aims_core.inventory import search
from aims_core.inventory.components import COMPONENT_COLUMNS
from aims_core.testing.fixtures import TICKET_TRIAGE

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])
HOSTILE = [
    "%",
    "_",
    "100%",
    "\\",
    "\\%",
    "'; DROP TABLE aims_system; --",
    '"',
    "=SUM(A1)",
    "<script>alert(1)</script>",
    "İstanbul ẞ ﬁ",
    "日本語 🙂",
    "{0} %s $1 :name",
]


@pytest.fixture
def inventory(workspace):
    """The inventory as olga, who owns systems."""
    return workspace.act_as("olga").inventory


def described(**changes):
    return {**TICKET_TRIAGE, **changes}


def test_a_registered_system_stands_at_the_beginning(inventory):
    system = inventory.register("ticket-triage", **TICKET_TRIAGE)

    assert (system.stage, system.status, system.tier) == ("inception", "active", "undetermined")
    assert (system.approval_state, system.entry, system.revision) == ("none", "new", 1)
    assert {name: getattr(system, name) for name in TICKET_TRIAGE} == TICKET_TRIAGE
    assert inventory.get("ticket-triage") == system


def test_every_mistake_in_a_description_is_named_at_once(inventory):
    with pytest.raises(InvalidRecord) as refusal:
        inventory.register(
            "Ticket Triage!",
            name=" ",
            use_case=5,
            owner="olga",
            origin="heaven",
            declared_risk_category="",
            unit="u" * 201,
            colour="red",
            attributes={"ratio": float("nan")},
            components=["No Id"],
        )

    fields = {p.field for p in refusal.value.problems}
    assert fields == {
        "system_id",
        "name",
        "use_case",
        "origin",
        "declared_risk_category",
        "unit",
        "colour",
        "attributes",
        "components",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"attributes": ["a", "list"]},
        {"attributes": {"k": "half\x00"}},
        {"attributes": {1: "one"}},
        {"components": 5},
        {"components": {"a": 1}},
        {"components": [["nested"]]},
        {"use_case": "bell\x07"},
        {"use_case": "half\ud800"},
        {"name": None},
        {"owner": "nobody-knows"},
        {"components": ["not-registered"]},
        {"use_case": "x" * 20_001},
    ],
)
@ONE_DATABASE
def test_a_value_that_cannot_be_kept_is_a_problem_not_a_crash(inventory, changes):
    with pytest.raises(InvalidRecord):
        inventory.register("x", **described(**changes))

    assert inventory.find()[1] == 0


@pytest.mark.parametrize("system_id", ["", "A", "a b", "-a", "a-", "a" * 65, "a/../b", "a\n", "ä"])
@ONE_DATABASE
def test_an_identifier_is_short_and_plain(inventory, system_id):
    with pytest.raises(InvalidRecord, match="identifier"):
        inventory.register(system_id, **TICKET_TRIAGE)


@pytest.mark.parametrize("text", ["half\x00", "half\ud800", "x" * 100_000])
def test_an_identifier_that_no_database_can_hold_is_refused_everywhere(workspace, text):
    olga = workspace.act_as("olga")
    acts = [
        lambda: olga.inventory.register(text, **TICKET_TRIAGE),
        lambda: olga.inventory.revise(text, name="x"),
        lambda: olga.inventory.get(text),
        lambda: olga.inventory.history(text),
        lambda: olga.approvals.request(text, "retire"),
        lambda: olga.approvals.decide(text, "approve"),
        lambda: olga.approvals.get(text),
        lambda: olga.evidence.add(text, "validation", "Test run", text="x"),
        lambda: olga.reviews.conditions(text),
        lambda: olga.results.of(text),
        lambda: workspace.staffing.grant(text, "auditor"),
        lambda: workspace.staffing.revoke(text, reason="gone"),
        lambda: workspace.act_as(text),
    ]

    for act in acts:
        with pytest.raises(AimsError) as error:
            act()
        assert len(str(error.value)) < 1_000

    assert workspace.audit.verify().intact


def test_hostile_text_comes_back_as_it_went_in(inventory):
    for place, text in enumerate(HOSTILE):
        attributes = {text: [text, {"inner": text}]}

        system = inventory.register(
            f"s{place}", **described(name=text, use_case=text, unit=text, attributes=attributes)
        )

        assert (system.name, system.use_case, system.unit) == (text, text, text)
        assert system.attributes == attributes
        assert inventory.frame(unit=text).name.tolist() == [text]
        assert "<script>" not in system._repr_html_()


def test_a_search_takes_every_sign_as_itself(inventory):
    inventory.register("plain", **described(name="Plain", use_case="nothing special"))
    for place, text in enumerate(HOSTILE):
        inventory.register(f"s{place}", **described(name=f"x {text} x", use_case="nothing"))

    for place, text in enumerate(HOSTILE):
        expected = [f"s{i}" for i, other in enumerate(HOSTILE) if text.lower() in other.lower()]
        found, total = inventory.find(text, sort="registered_at")

        assert [s.system_id for s in found] == expected
        assert f"s{place}" in expected
        assert total == len(expected) == len(inventory.frame(text))


def test_a_search_wants_all_words_in_any_field_and_minds_no_case(inventory):
    inventory.register("a", **described(name="Ticket Triage", supplier="ACME"))
    inventory.register("b", **described(name="Ticket Printer"))

    def ids(text):
        return [s.system_id for s in inventory.find(text)[0]]

    assert ids("TICKET") == ["a", "b"]
    assert ids("acme ticket") == ["a"]
    assert ids("ticket nowhere") == []
    assert ids("  ") == ["a", "b"]


def test_a_search_for_a_whole_page_of_text_is_refused_in_plain_words(inventory):
    for text in ("a " * 20_000, "b" * 100_000):
        with pytest.raises(InvalidRecord, match="search"):
            inventory.find(text)


@pytest.mark.parametrize("value", ["' OR 1=1 --", "%", "Support%"])
def test_a_filter_takes_its_value_literally(inventory, value):
    inventory.register("ticket-triage", **TICKET_TRIAGE)

    with pytest.raises(InvalidRecord, match=re.escape(f"{value!r} is not known")):
        inventory.find(unit=value)
    inventory.revise("ticket-triage", unit=value)
    assert inventory.find(unit=value)[1] == 1
    assert inventory.find(unit="Support") == ([], 0)


def test_filters_sorts_and_pages_are_worked_off_by_the_database(inventory):
    for number in range(7):
        unit = "Even" if number % 2 == 0 else "Odd"
        inventory.register(f"s{number}", **described(name=f"System {9 - number}", unit=unit))

    def page(**options):
        found, total = inventory.find(**options)
        return [s.system_id for s in found], total

    assert page(limit=3) == (["s0", "s1", "s2"], 7)
    assert page(limit=3, offset=6) == (["s6"], 7)
    assert page(limit=3, offset=60) == ([], 7)
    assert page(limit=0) == ([], 7)
    assert page(sort="name", limit=2) == (["s6", "s5"], 7)
    assert page(sort="unit", descending=True, limit=2) == (["s1", "s3"], 7)
    assert page(unit="Odd") == (["s1", "s3", "s5"], 3)
    assert page(unit="Odd", owner="carl") == ([], 0)
    assert page(stage="inception", status="active", tier="undetermined", owner="olga")[1] == 7


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    names=st.lists(st.sampled_from(["alpha", "beta", "gamma"]), min_size=1, max_size=9),
    limit=st.integers(1, 4),
    descending=st.booleans(),
)
@ONE_DATABASE
def test_pages_together_are_the_whole_register_once(inventory, names, limit, descending):
    known = inventory.find(limit=1_000)[1]
    for place, name in enumerate(names):
        inventory.register(f"p{known + place}", **described(name=name))

    total = inventory.find()[1]
    pages = [
        inventory.find(sort="name", descending=descending, limit=limit, offset=start)[0]
        for start in range(0, total, limit)
    ]

    seen = [system.system_id for page in pages for system in page]
    assert len(seen) == len(set(seen)) == total


@pytest.mark.parametrize(
    "options",
    [
        {"sort": "digest"},
        {"sort": "name; DROP TABLE aims_system"},
        {"colour": "red"},
        {"limit": -1},
        {"offset": -1},
    ],
)
@ONE_DATABASE
def test_a_page_that_makes_no_sense_is_a_mistake_of_the_caller(inventory, options):
    with pytest.raises(ValueError, match=r"sort by|filter by|limit"):
        inventory.find(**options)


def test_a_frame_has_the_same_columns_and_types_empty_or_full(inventory):
    empty = inventory.frame()
    inventory.register("ticket-triage", **TICKET_TRIAGE)
    full = inventory.frame()

    assert list(empty.columns) == list(full.columns) == list(search.COLUMNS)
    assert empty.dtypes.astype(str).to_dict() == search.COLUMNS
    assert full.dtypes.astype(str).to_dict() == search.COLUMNS
    assert (len(empty), len(full)) == (0, 1)


def test_counts_add_up_to_the_register(inventory):
    for number in range(3):
        inventory.register(f"s{number}", **described(unit="A" if number else "B"))

    assert inventory.counts("unit") == {"A": 2, "B": 1}
    assert sum(inventory.counts().values()) == 3
    with pytest.raises(ValueError, match="count by"):
        inventory.counts("use_case")


def test_revising_makes_the_next_revision_and_keeps_what_was_not_named(inventory):
    first = inventory.register("ticket-triage", **TICKET_TRIAGE)

    second = inventory.revise("ticket-triage", name="Ticket triage 2")

    assert (second.revision, second.name, second.use_case) == (2, "Ticket triage 2", first.use_case)
    assert second.digest != first.digest
    event = inventory.history("ticket-triage")[-1]
    assert event.payload["changed"] == {"name": "Ticket triage 2"}


def test_revising_nothing_writes_nothing(inventory, workspace):
    inventory.register("ticket-triage", **TICKET_TRIAGE)
    before = workspace.audit.head()

    same = inventory.revise("ticket-triage", name=" Ticket triage ")

    assert same.revision == 1
    assert workspace.audit.head() == before


def test_a_revision_made_from_an_old_reading_is_refused_and_changes_nothing(inventory):
    inventory.register("ticket-triage", **TICKET_TRIAGE)
    inventory.revise("ticket-triage", expected_revision=1, name="First")

    with pytest.raises(RevisionConflict, match="you saw revision 1, it is 2"):
        inventory.revise("ticket-triage", expected_revision=1, name="Second")

    assert inventory.get("ticket-triage").name == "First"


def test_a_wrong_revision_is_refused_whole(inventory):
    inventory.register("ticket-triage", **TICKET_TRIAGE)

    for changes in ({"name": ""}, {"colour": "red"}, {"owner": "nobody-knows"}, {"stage": "live"}):
        with pytest.raises(InvalidRecord):
            inventory.revise("ticket-triage", supplier="ACME", **changes)

    assert inventory.get("ticket-triage").supplier == ""


def test_registering_again_after_a_revision_still_finds_the_system(inventory):
    inventory.register("ticket-triage", **TICKET_TRIAGE)
    inventory.revise("ticket-triage", name="Ticket triage 2")

    assert inventory.register("ticket-triage", **TICKET_TRIAGE).revision == 2


def test_a_unit_owner_works_in_the_own_unit_only(workspace):
    workspace.staffing.add("uma", "Uma")
    workspace.staffing.grant("uma", "system_owner", unit="Support")
    uma = workspace.act_as("uma").inventory

    uma.register("ours", **described(owner="uma"))

    with pytest.raises(NotPermitted):
        uma.register("theirs", **described(owner="uma", unit="Sales"))
    workspace.act_as("olga").inventory.register("sales", **described(unit="Sales"))
    with pytest.raises(NotPermitted):
        uma.revise("sales", name="Taken")


def test_nobody_moves_a_system_into_a_unit_where_they_hold_no_role(workspace):
    workspace.staffing.add("uma", "Uma")
    workspace.staffing.grant("uma", "system_owner", unit="Support")
    uma = workspace.act_as("uma").inventory
    uma.register("ours", **described(owner="uma"))

    with pytest.raises(NotPermitted):
        uma.revise("ours", unit="Sales")

    assert uma.get("ours").unit == "Support"


def test_a_system_that_is_not_there_is_named_with_near_ones(inventory):
    inventory.register("ticket-triage", **TICKET_TRIAGE)

    with pytest.raises(RecordNotFound, match="Did you mean ticket-triage"):
        inventory.get("ticket-triag")


def test_the_history_of_a_system_is_told_in_order_and_holds_refusals_too(inventory, workspace):
    inventory.register("ticket-triage", **TICKET_TRIAGE)
    inventory.revise("ticket-triage", name="Ticket triage 2")
    with pytest.raises(NotPermitted):
        workspace.act_as("aude").inventory.revise("ticket-triage", name="Hidden")

    history = inventory.history("ticket-triage")

    assert [(e.type.removeprefix("core."), e.actor) for e in history] == [
        ("SystemRegistered", "olga"),
        ("SystemRevised", "olga"),
        ("ActRefused", "aude"),
    ]
    assert [e.sequence for e in history] == sorted(e.sequence for e in history)


def test_a_component_is_found_again_and_counts_the_systems_built_from_it(inventory):
    first = inventory.register_component("bert", kind="model", name="BERT", version="1")
    again = inventory.register_component("bert", kind="model", name=" BERT ", version="1")
    inventory.register("a", **described(components=["bert"]))
    inventory.register("b", **described(components=["bert", "bert"]))
    inventory.revise("b", components=[])

    frame = inventory.components()

    assert first == again
    assert frame.dtypes.astype(str).to_dict() == COMPONENT_COLUMNS
    assert frame.systems.tolist() == [1]
    assert inventory.get("a").components == ("bert",)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "rocket"},
        {"name": " "},
        {"name": "n" * 501},
        {"version": "v" * 101},
        {"supplier": "s" * 501},
        {"version": 3},
        {"supplier": "half\x00"},
        {"attributes": {"ratio": float("inf")}},
        {"attributes": ["a"]},
    ],
)
@ONE_DATABASE
def test_a_component_that_cannot_be_kept_is_refused(inventory, changes):
    with pytest.raises(InvalidRecord, match="register component bert"):
        inventory.register_component("bert", **{"kind": "model", "name": "BERT", **changes})

    assert inventory.components().empty


def test_a_component_id_is_taken_once(inventory):
    inventory.register_component("bert", kind="model", name="BERT", version="1")

    with pytest.raises(InvalidRecord, match="taken by 'BERT'"):
        inventory.register_component("bert", kind="model", name="BERT", version="2")


def test_a_description_that_changed_back_is_the_revision_that_was_approved_before(inventory):
    first = inventory.register("ticket-triage", **TICKET_TRIAGE)
    inventory.revise("ticket-triage", name="Other")

    back = inventory.revise("ticket-triage", name=TICKET_TRIAGE["name"])

    assert (back.revision, back.digest) == (3, first.digest)
    assert back.approval_state is ApprovalState.NONE
