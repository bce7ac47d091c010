"""Many systems at once: all or none, in a fixed number of statements."""

import pandas as pd
import pytest
import sqlalchemy as sa

from aims_core import InvalidRecord, RecordNotFound, RiskCategory

SYSTEMS = ["alpha", "beta", "gamma"]
RATED = pd.DataFrame(
    {
        "system_id": SYSTEMS,
        "likelihood": [1, 3, 5],
        "organisation": [1, None, 2],
        "individuals": [None, 3, 4],
        "personal_data": [True, None, False],
        "rationale": ["Mild.", "So so.", "Grave."],
    }
)


@pytest.fixture
def rita(workspace):
    olga = workspace.act_as("olga")
    for system_id in SYSTEMS:
        olga.inventory.register(
            system_id,
            name=system_id.title(),
            use_case="Sorts letters.",
            owner="olga",
            origin="in_house",
            declared_risk_category="minimal",
        )
    return workspace.act_as("rita")


def test_a_table_of_ratings_is_assessed_row_by_row(rita):
    made = rita.risk.assess_many(RATED)

    assert [one.system_id for one in made] == SYSTEMS
    assert [one.value for one in made] == [2.0, 9.0, 20.0]
    assert rita.inventory.get("gamma").tier is RiskCategory.HIGH
    assert len(rita.risk.frame()) == 3


def test_the_same_table_again_is_found_and_one_changed_row_is_one_new_assessment(rita):
    first = rita.risk.assess_many(RATED)
    assert rita.risk.assess_many(RATED) == first
    changed = RATED.assign(likelihood=[1, 4, 5])

    second = rita.risk.assess_many(changed)

    assert [a == b for a, b in zip(first, second, strict=True)] == [True, False, True]
    assert len(rita.risk.frame(history=True)) == 4
    assert len(rita.risk.frame("beta", history=True)) == 2


def test_every_wrong_row_is_named_and_none_is_stored(rita):
    wrong = RATED.assign(likelihood=[0, 3, 9], rationale=["x", "", "y"])

    with pytest.raises(InvalidRecord) as refusal:
        rita.risk.assess_many(wrong)

    found = {(p.row, p.field) for p in refusal.value.problems}
    assert found == {(1, "likelihood"), (3, "likelihood"), (2, "rationale")}
    assert rita.risk.frame().empty


def test_a_system_rated_twice_or_unknown_stops_the_batch(rita):
    with pytest.raises(InvalidRecord, match="rated twice"):
        rita.risk.assess_many(RATED.assign(system_id=["alpha", "alpha", "beta"]))
    with pytest.raises(RecordNotFound, match="delta"):
        rita.risk.assess_many(RATED.assign(system_id=["alpha", "delta", "beta"]))

    assert rita.risk.frame().empty


def test_no_rating_is_no_assessment(rita):
    assert rita.risk.assess_many([]) == []


def test_writing_takes_no_more_statements_for_more_systems(rita):
    one = written(rita, RATED.head(1))
    three = written(rita, RATED.assign(likelihood=[2, 4, 4]))

    assert three == one


def written(rita, table):
    statements = []
    sa.event.listen(sa.Engine, "before_cursor_execute", listen := collector(statements))
    try:
        rita.risk.assess_many(table)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", listen)
    return sum(
        s.startswith(("INSERT INTO risk", "UPDATE risk", "UPDATE aims_sys")) for s in statements
    )


def collector(statements):
    def listen(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    return listen
