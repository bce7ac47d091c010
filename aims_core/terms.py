"""Closed vocabularies and the source of each word; imports nothing of the house."""

from enum import StrEnum


class LifecycleStage(StrEnum):
    """Stages of an AI system's life (ISO/IEC 22989, 6.1), with `acquisition` for bought systems.

    Running or stopped is an :class:`OperationalStatus`, not a stage.
    """

    INCEPTION = "inception"
    ACQUISITION = "acquisition"
    DESIGN_AND_DEVELOPMENT = "design_and_development"
    VERIFICATION_AND_VALIDATION = "verification_and_validation"
    DEPLOYMENT = "deployment"
    OPERATION_AND_MONITORING = "operation_and_monitoring"
    RE_EVALUATION = "re_evaluation"
    RETIREMENT = "retirement"
    REJECTED = "rejected"


class OperationalStatus(StrEnum):
    """Whether a system may act (ours; compare NIST AI RMF, MANAGE 2.4)."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class Origin(StrEnum):
    """Where a system comes from (ISO/IEC 42001, A.10: third parties and customers)."""

    IN_HOUSE = "in_house"
    THIRD_PARTY = "third_party"
    JOINT = "joint"
    UNKNOWN = "unknown"


class RiskCategory(StrEnum):
    """Tier of a system, named after the classes of Regulation (EU) 2024/1689.

    `undetermined` says that nobody has looked yet; it is never read as minimal.
    """

    PROHIBITED = "prohibited"
    HIGH = "high"
    LIMITED = "limited"
    MINIMAL = "minimal"
    UNDETERMINED = "undetermined"

    @property
    def rank(self) -> int:
        """Position on the scale, 0 (nobody has looked) to 4 (prohibited)."""
        return _TIER_RANKS[self]


GRAVE = (RiskCategory.HIGH, RiskCategory.PROHIBITED)
"""Tiers at which another person applies a bulk edit."""


# Looked up for every system of a review, so it is counted once.
_TIER_RANKS = {tier: rank for rank, tier in enumerate(reversed(RiskCategory))}


def graver(assessed: RiskCategory, declared: RiskCategory) -> RiskCategory:
    """Return the graver of two tiers; that nobody has looked is the mildest, because it says nothing."""
    return declared if _TIER_RANKS[declared] > _TIER_RANKS[assessed] else assessed


class ActorKind(StrEnum):
    """What stands behind an actor; only persons fill approval slots."""

    PERSON = "person"
    SERVICE = "service"
    PLUGIN = "plugin"
    UNIT = "unit"


class ScopeKind(StrEnum):
    """How far a grant reaches."""

    ORGANISATION = "organisation"
    UNIT = "unit"
    SYSTEM = "system"


class ComponentKind(StrEnum):
    """Parts that an AI system is built from (ISO/IEC 42001, A.4: resources)."""

    MODEL = "model"
    DATASET = "dataset"
    SERVICE = "service"


class Decision(StrEnum):
    """What a person decides on a request."""

    APPROVE = "approve"
    REFUSE = "refuse"


class ApprovalStatus(StrEnum):
    """How a request for a transition stands."""

    OPEN = "open"
    CARRIED_OUT = "carried_out"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    EXPIRED = "expired"


class ApprovalState(StrEnum):
    """Whether there is an approval for this very revision, as the register shows it."""

    NONE = "none"
    REQUESTED = "requested"
    APPROVED = "approved"
    LAPSED = "lapsed"


class DisposalStatus(StrEnum):
    """How a proposal to dispose of evidence stands."""

    PROPOSED = "proposed"
    CARRIED_OUT = "carried_out"
    DECLINED = "declined"


class Severity(StrEnum):
    """Severity of an incident, mildest first.

    The word `serious` is that of Regulation (EU) 2024/1689, Art. 3(49).
    """

    MINOR = "minor"
    MODERATE = "moderate"
    MAJOR = "major"
    SERIOUS = "serious"

    @property
    def rank(self) -> int:
        """Position on the scale, 0 (mildest) to 3."""
        return list(Severity).index(self)


class Assurance(StrEnum):
    """How sure the system is of who acted; stored with every event."""

    SELF_DECLARED = "self_declared"
    DATABASE_LOGIN = "database_login"


class Entry(StrEnum):
    """How a system came into the register: from its inception, or already running."""

    NEW = "new"
    LEGACY = "legacy"


class WaiverStatus(StrEnum):
    """How a waiver stands; whether a granted one is still in force is a matter of date and tier."""

    PROPOSED = "proposed"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ReviewOutcome(StrEnum):
    """What a periodic review of a running system decided."""

    CONTINUE = "continue"
    CONTINUE_WITH_ACTIONS = "continue_with_actions"
    SUSPEND = "suspend"
    RE_EVALUATE = "re_evaluate"
    RETIRE = "retire"
