from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from aims_monitoring.layout import fit_layout
from aims_monitoring.profile import Profile, profile_source
from aims_monitoring.samples import CALIFORNIA_HOUSING_SCHEMA, california_housing
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source

ROLES = {"feature": ["x", "c"], "prediction": "p", "score": "s", "label": "y", "group": ["g"]}


def make_log(n: int, seed: int, *, shift: float = 0.0) -> pa.Table:
    """A made-up prediction log with numbers, categories, scores, groups and missing values."""
    rng = np.random.default_rng(seed)
    x = rng.lognormal(shift, 1.0, n)
    score = rng.beta(2, 3, n)
    label = (rng.random(n) < score).astype(int)
    return pa.table(
        {
            "x": pa.array(x, mask=rng.random(n) < 0.05),
            "c": pa.array(rng.choice(["red", "green", "blue"], n), mask=rng.random(n) < 0.02),
            "p": pa.array((score > 0.5).astype(int)),
            "s": pa.array(score),
            "y": pa.array(label, mask=rng.random(n) < 0.1),
            "g": pa.array(rng.choice(["a", "b"], n)),
        }
    )


def make_profiles(
    reference: Any, window: Any, roles: Any = None, **more: Any
) -> tuple[Profile, Profile]:
    """Profiles of a window and of its reference, in the reference's layout."""
    schema = Schema.of({**(roles or ROLES), **more})
    before, now = open_source(reference), open_source(window)
    layout = fit_layout(before, schema)
    return profile_source(now, layout), profile_source(before, layout)


@pytest.fixture(scope="session")
def roles() -> dict:
    return ROLES


@pytest.fixture(scope="session")
def log() -> Any:
    return make_log


@pytest.fixture(scope="session")
def profiles() -> Any:
    return make_profiles


@pytest.fixture
def housing(registered: Any) -> Any:
    """The monitoring of a workspace in which olga may monitor ticket-triage."""
    return registered.act_as("olga")


@pytest.fixture
def accuracy(housing: Any) -> Any:
    """The same, with the monitor `housing-accuracy` defined."""
    housing.monitoring.define(
        "housing-accuracy",
        "ticket-triage",
        thresholds={"accuracy": {"min": 0.75}},
        schema=CALIFORNIA_HOUSING_SCHEMA,
        reference=california_housing().reference,
    )
    return housing
