"""Words of the Statement of Applicability (ISO/IEC 42001, 6.1.3)."""

from collections.abc import Mapping

CATALOG = "compliance.iso_42001"
"""The catalogue that the statement goes through, by the id of its offer."""

INCLUDED, EXCLUDED, UNDECIDED = "included", "excluded", "not decided"
STATES = (INCLUDED, EXCLUDED, UNDECIDED)
"""How a control stands. What nobody decided is neither included nor excluded."""

OWN_DECISION = "organisational_decision"
GROUNDS: Mapping[str, str] = {
    "risk_treatment": "treats a risk",
    "impact_assessment": "answers an impact on people or society",
    "legal_requirement": "is asked by law",
    "contractual_requirement": "is asked by a contract",
    OWN_DECISION: "is what the organisation wants",
}
"""Why a control is included. All but the last name what they rest on: ``risk_treatment: wrong-rank``."""

IMPLEMENTATION = ("not_started", "planned", "implemented")
"""How far an included control is."""
