"""Words of the incident register: how far an incident is, and what kind of thing caused it."""

from enum import StrEnum


class IncidentStatus(StrEnum):
    """How far an incident is."""

    OPEN = "open"
    ANALYSED = "analysed"
    TREATED = "treated"
    CLOSED = "closed"


class CauseKind(StrEnum):
    """What kind of thing caused an incident, so that causes can be counted.

    Ids of the project's incident taxonomy, version 1. `unknown` says that the kind could not be told.
    """

    DATA_QUALITY = "data_quality"
    DATA_DRIFT = "data_drift"
    CONCEPT_DRIFT = "concept_drift"
    BIAS_IN_DATA = "bias_in_data"
    MODEL_ERROR = "model_error"
    SPECIFICATION = "specification"
    INTEGRATION = "integration"
    CONFIGURATION = "configuration"
    HUMAN_ERROR = "human_error"
    MISUSE = "misuse"
    ATTACK = "attack"
    THIRD_PARTY = "third_party"
    INFRASTRUCTURE = "infrastructure"
    MONITORING_GAP = "monitoring_gap"
    OVERSIGHT_GAP = "oversight_gap"
    DOCUMENTATION_GAP = "documentation_gap"
    UNKNOWN = "unknown"
