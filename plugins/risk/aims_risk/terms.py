"""Words of the risk register and the source of each."""

from collections.abc import Mapping

RISK_SOURCES: Mapping[str, str] = {
    "C.3.1": "Complexity of environment",
    "C.3.2": "Lack of transparency and explainability",
    "C.3.3": "Level of automation",
    "C.3.4": "Machine learning",
    "C.3.5": "System hardware",
    "C.3.6": "System life cycle",
    "C.3.7": "Technology readiness",
}
"""Risk sources by their number in ISO/IEC 42001, Annex C.3 (informative), which others may join."""

TREATMENT_OPTIONS = ("avoid", "reduce", "share", "retain")
"""What can be done about a risk (ISO 31000, 6.5.2)."""

TREATMENT_STATUS = ("planned", "in_place", "ended")
"""How far a treatment is."""

RISK_STATUS = ("open", "closed")
"""Whether an identified risk still exists."""
