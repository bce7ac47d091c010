"""Requests for transitions: asked, voted on, carried out when nothing stands in the way."""

from aims_core.approvals.approvals import Approvals

__all__ = ["Approvals"]
