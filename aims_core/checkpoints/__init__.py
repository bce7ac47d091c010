"""Checkpoints of the trail: keys, signing, anchors, proofs, export, and erasure that leaves proofs whole."""

from aims_core.checkpoints.erasure import erase
from aims_core.checkpoints.exporting import export_trail, exported_leaves
from aims_core.checkpoints.keyring import Keyring, KeyStatus
from aims_core.checkpoints.making import Checkpoints
from aims_core.checkpoints.proving import prove_event, prove_extension

__all__ = [
    "Checkpoints",
    "KeyStatus",
    "Keyring",
    "erase",
    "export_trail",
    "exported_leaves",
    "prove_event",
    "prove_extension",
]
