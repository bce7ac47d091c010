"""Reports say what is on record, also when nothing is."""

from datetime import timedelta

import pytest
from aims_risk.criteria import DEFAULT
from aims_risk.matrix import matrix_svg, matrix_words
from aims_risk.section import portfolio_section, system_section
from aims_risk.settings import read_criteria

MILD = {"likelihood": 2, "consequences": {"individuals": 2}, "rationale": "A person decides."}
GRAVE = {"likelihood": 4, "consequences": {"individuals": 4}, "rationale": "It decides alone."}


def test_both_report_sections_say_what_is_on_record(registered):
    assert "not assessed" in system_section(registered, "ticket-triage").blocks[0].text
    registered.act_as("rita").risk.assess("ticket-triage", **GRAVE)
    registered.act_as("rita").risk.treat("ticket-triage", measure="Check", responsible="olga")
    registered.act_as("carl").risk.accept("ticket-triage", reason="Watched.")

    rows = dict(system_section(registered, "ticket-triage").blocks[0].rows)
    assert rows["Level"] == "high"
    assert "Watched." in rows["Residual risk accepted"]
    assert "1 of 1" in portfolio_section(registered, "").blocks[0].text


def test_identified_risks_and_treatments_stand_in_the_report_before_any_assessment(registered):
    rita = registered.act_as("rita")
    rita.risk.identify(
        "ticket-triage",
        "wrong-rank",
        title="<b>Urgent tickets ranked low</b>",
        risk_source="C.3.4",
        consequence="People wait for help.",
        likelihood=3,
        consequences={"individuals": 3},
        risk_owner="olga",
    )
    rita.risk.treat("ticket-triage", risk_id="wrong-rank", measure="Check", responsible="olga")

    tables = {b.caption: b for b in system_section(registered, "ticket-triage").blocks[1:]}

    assert tables["Identified risks"].rows[0][:2] == (
        "wrong-rank",
        "<b>Urgent tickets ranked low</b>",
    )
    assert tables["Treatment"].rows[0][1] == "Check"


def test_the_matrix_says_in_words_what_it_shows():
    counts = {(4, 4): 2, (1, 1): 1}

    assert matrix_words(counts, DEFAULT).endswith("2 high, 1 low")
    assert "4 likely" in matrix_svg(counts, DEFAULT)
    assert matrix_words({}, DEFAULT).endswith("none assessed")


def test_ratings_on_an_earlier_larger_scale_are_counted_and_said_to_be_outside():
    small = read_criteria({"scale": 3, "levels": [{"name": "all", "up_to": 9, "tier": "high"}]})

    assert matrix_words({(5, 5): 1}, small).endswith(
        "1 all. 1 of them were rated on a larger scale and are not in the picture"
    )


@pytest.fixture
def aims_database():
    """One database will do: sections read what test_register and test_risks store on both."""
    return "sqlite"


def test_both_sections_look_back(registered):
    clock = [registered.now() + timedelta(hours=1)]
    registered._desk.store.clock = lambda: clock[0]
    before = clock[0]
    risk = registered.act_as("rita").risk
    clock[0] += timedelta(hours=1)
    first = clock[0]
    risk.assess("ticket-triage", **MILD)
    clock[0] += timedelta(hours=1)
    risk.assess("ticket-triage", **GRAVE)
    registered.act_as("carl").risk.accept("ticket-triage", reason="Watched.")

    then, now = (
        dict(system_section(registered, "ticket-triage", at).blocks[0].rows) for at in (first, None)
    )

    assert (then["Points"], now["Points"]) == (4.0, 16.0)
    assert then["Residual risk accepted"] == "not yet"
    assert "not assessed" in system_section(registered, "ticket-triage", before).blocks[0].text
    texts = [portfolio_section(registered, "", at).blocks[0].text for at in (before, first)]
    assert ["0 of 1" in texts[0], "1 of 1" in texts[1]] == [True, True]
    figures = {portfolio_section(registered, "", at).blocks[1].description for at in (first, None)}
    assert len(figures) == 2
