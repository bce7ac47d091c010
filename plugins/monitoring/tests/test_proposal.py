import datetime as dt

import pyarrow as pa
import pytest
from aims_monitoring.proposal import propose_schema
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source

from aims_core import InvalidRecord

LOG = pa.table(
    {
        "request_id": [f"r{i}" for i in range(100)],
        "ts": [dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=i) for i in range(100)],
        "income": [1000.5 + i for i in range(100)],
        "branch": [i % 7 for i in range(100)],
        "note": [f"text {i}" for i in range(100)],
        "sex": ["f", "m"] * 50,
        "score": [i / 100 for i in range(100)],
        "prediction": [0, 1] * 50,
        "label": [0, 1] * 50,
    }
)


def test_roles_are_proposed_with_reasons_and_hold_once_confirmed():
    proposal = propose_schema(open_source(LOG))

    schema = proposal.confirm()

    assert schema == Schema(
        feature=("income", "branch"),
        prediction="prediction",
        score="score",
        label="label",
        time="ts",
        id="request_id",
        group=("sex",),
        categorical=("branch",),
    )
    assert proposal.left_out == ("note",)
    assert "own" in proposal.reasons["note"]
    assert "before these roles are confirmed" in str(proposal)


def test_a_correction_takes_the_column_out_of_its_proposed_role():
    schema = propose_schema(open_source(LOG)).confirm(prediction="branch", categorical=[])

    assert schema.prediction == "branch"
    assert schema.feature == ("income",)


def test_an_unconfirmed_proposal_is_no_schema():
    with pytest.raises(InvalidRecord, match=r"confirm\(\)"):
        Schema.of(propose_schema(open_source(LOG)))


def test_a_score_beyond_one_and_a_continuous_label_are_read_as_what_they_are():
    table = pa.table({"score": [3.0, 700.0] * 20, "y": [i + 0.5 for i in range(40)]})

    schema = propose_schema(open_source(table)).confirm()

    assert schema.feature == ("score",)
    assert (schema.label, schema.task) == ("y", "regression")


def test_nothing_is_proposed_for_no_rows():
    with pytest.raises(InvalidRecord, match="holds no rows"):
        propose_schema(open_source(pa.table({"x": pa.array([], pa.float64())})))
