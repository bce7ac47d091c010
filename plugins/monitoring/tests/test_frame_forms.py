"""Columns of pandas frames whose form Arrow does not read: they count as the values that they hold."""

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from aims_monitoring.columns import CategoryColumn, NumericColumn
from aims_monitoring.layout import fit_layout
from aims_monitoring.profile import profile_source
from aims_monitoring.schema import Schema
from aims_monitoring.source import open_source

SCHEMA = Schema.of({"feature": ["x"]})
VALUES = [0.0, 0.0, 1.5, math.nan, 0.0, -2.0, math.inf] * 20
WHOLE = [0, 0, 3, 7] * 20


def profiled(values, layout=None):
    source = open_source(pd.DataFrame({"x": values}))
    layout = layout or fit_layout(source, SCHEMA)
    return profile_source(source, layout)


FORMS = {
    "sparse": (pd.arrays.SparseArray(VALUES, fill_value=0.0), VALUES),
    "sparse with gaps": (pd.arrays.SparseArray(VALUES, fill_value=math.nan), VALUES),
    "sparse whole": (pd.arrays.SparseArray(WHOLE, fill_value=0), WHOLE),
    "sparse truth": (
        pd.arrays.SparseArray([True, False] * 50, fill_value=False),
        [True, False] * 50,
    ),
    "sparse words": (
        pd.arrays.SparseArray(["a", "b", None] * 50, fill_value="a"),
        ["a", "b", None] * 50,
    ),
    "long double": (np.array(VALUES, np.longdouble), VALUES),
    "sparse long double": (pd.arrays.SparseArray(np.array(VALUES, np.longdouble)), VALUES),
}


@pytest.mark.parametrize("form", FORMS)
def test_sparse_columns_and_long_doubles_are_what_they_hold(form):
    odd, plain = FORMS[form]

    found, expected = profiled(odd), profiled(plain)

    kind = CategoryColumn if form in {"sparse truth", "sparse words"} else NumericColumn
    assert isinstance(found.columns["x"], kind)
    assert found.layout.digest == expected.layout.digest
    assert found.content() == expected.content()


def test_a_long_double_beyond_every_double_is_infinite():
    values = np.array(["1e4000", "-1e4000", "1.5", "nan"], np.longdouble)
    if np.isinf(values[0]):
        pytest.skip("this platform's long double is a double")
    layout = fit_layout(open_source(pa.table({"x": [1.0, 2.0]})), SCHEMA)

    column = profiled(values, layout).columns["x"]

    assert (column.n, column.missing) == (1, 1)
    assert (column.plus_infinity, column.minus_infinity) == (1, 1)
