"""Real prediction logs, small enough to ship, to try monitoring with; see README.md beside them."""

from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).resolve().parent

CALIFORNIA_HOUSING_SCHEMA = {
    "feature": [
        "MedInc",
        "HouseAge",
        "AveRooms",
        "AveBedrms",
        "Population",
        "AveOccup",
        "Latitude",
        "Longitude",
    ],
    "prediction": "y_pred",
    "score": "y_pred_proba",
    "label": "clf_target",
    "time": "timestamp",
    "id": "id",
}
"""Roles of the columns of the California housing logs."""


class SampleLog(NamedTuple):
    """Paths of a reference, of a log without labels, and of the labels that came later."""

    reference: Path
    analysis: Path
    labels: Path


def california_housing() -> SampleLog:
    """Return the California housing logs, modified: 5,832 reference rows, 8,232 to be monitored.

    The log is hourly, from June 2021 to May 2022, and shifts strongly against its reference.
    """
    return SampleLog(
        _FOLDER / "california_housing_reference.parquet",
        _FOLDER / "california_housing_analysis.parquet",
        _FOLDER / "california_housing_labels.parquet",
    )


CENSUS_EMPLOYMENT_SCHEMA = {
    "feature": [
        "AGEP",
        "SCHL",
        "MAR",
        "RELP",
        "DIS",
        "ESP",
        "CIT",
        "MIG",
        "MIL",
        "ANC",
        "NATIVITY",
        "DEAR",
        "DEYE",
        "DREM",
    ],
    "prediction": "prediction",
    "score": "predicted_probability",
    "label": "employed",
    "group": ["SEX", "RAC1P"],
}
"""Roles of the columns of the census employment log."""


def census_employment() -> Path:
    """Return a log of 68,785 predictions whether a person is employed, with labels and groups.

    One year of one state: nothing drifts within it. One of the nine groups of RAC1P has a single row.
    """
    return _FOLDER / "census_employment.parquet"
