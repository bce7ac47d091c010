"""Checkpoints over the trail, and contents erased from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aims_core.events.occurrences import Event


@dataclass(frozen=True, kw_only=True)
class CheckpointKeyAdded(Event):
    """A key signs checkpoints from here on; `signature` is that of the key it replaces, if there was one."""

    origin: str
    key: str
    replaces: str
    signature: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CheckpointMade(Event):
    """The first `size` events were signed as they stood."""

    number: int
    size: int
    root: str
    key: str


@dataclass(frozen=True, kw_only=True)
class CheckpointAnchored(Event):
    """A checkpoint was handed to the anchors: `kept` by some, and what each of the others said."""

    number: int
    kept: Mapping[str, str]
    failed: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ErasureRequested(Event):
    """An administrator or an auditor wants an event's content erased; it takes both."""

    event_id: str
    role: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class EventErased(Event):
    """An event's content is gone by decision of two people; `left` is what still stands of it."""

    left: Mapping[str, Any]
    requested_by: str
    role: str
    reason: str
