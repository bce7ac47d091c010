"""The audit trail: append-only, every column hashed, every event in a Merkle tree, signed checkpoints.

What a trail proves begins where somebody else holds a checkpoint of it: who can rewrite the database can
rewrite every hash in it. See ``docs/explanation/audit-trail.md``.
"""

from aims_core.audit.leaves import FIELDS, START, leaf
from aims_core.audit.moved import MOVED, moved
from aims_core.audit.reading import in_order, read, recorded
from aims_core.audit.sealing import SealerBusy, place_of, seal, sealed
from aims_core.audit.tiles import prove_consistency, prove_inclusion, root_at
from aims_core.audit.verifying import Against, head, verify
from aims_core.audit.writing import Attribution, append

__all__ = [
    "FIELDS",
    "MOVED",
    "START",
    "Against",
    "Attribution",
    "SealerBusy",
    "append",
    "head",
    "in_order",
    "leaf",
    "moved",
    "place_of",
    "prove_consistency",
    "prove_inclusion",
    "read",
    "recorded",
    "root_at",
    "seal",
    "sealed",
    "verify",
]
