"""Objective evidence: content kept by its digest, records with revision, retention and legal hold."""

from aims_core.evidence.evidence import EvidenceStore

__all__ = ["EvidenceStore"]
