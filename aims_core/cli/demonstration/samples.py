"""Real data that plugins ship, reached by name: the core imports no plugin."""

from typing import Any

from aims_core.contributions import Ref

INVENTORY = Ref("aims_discovery.samples:us_federal_2024")
PREDICTIONS = Ref("aims_monitoring.samples:california_housing")
PREDICTIONS_SCHEMA = Ref("aims_monitoring.samples:CALIFORNIA_HOUSING_SCHEMA")


def inventory() -> Any:
    """Return the US federal AI use case inventory of 2024 and its mapping."""
    return INVENTORY.load()()


def predictions() -> Any:
    """Return paths of a reference, of a prediction log, and of the labels that came later."""
    return PREDICTIONS.load()()


def predictions_schema() -> Any:
    """Return the roles of the columns of the prediction logs."""
    return PREDICTIONS_SCHEMA.load()
