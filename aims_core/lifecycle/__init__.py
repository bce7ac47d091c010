"""The lifecycle as data and the pure rule that says whether a step may be taken."""

from aims_core.lifecycle.evaluate import Claim, evaluate, void_votes
from aims_core.lifecycle.fields import emptied_fields, required_fields
from aims_core.lifecycle.machine import (
    Machine,
    Slot,
    Stage,
    Transition,
    default_machine,
    load_machine,
)
from aims_core.lifecycle.relaxed import relaxed
from aims_core.lifecycle.standing import legacy_evidence, standing_approval

__all__ = [
    "Claim",
    "Machine",
    "Slot",
    "Stage",
    "Transition",
    "default_machine",
    "emptied_fields",
    "evaluate",
    "legacy_evidence",
    "load_machine",
    "relaxed",
    "required_fields",
    "standing_approval",
    "void_votes",
]
