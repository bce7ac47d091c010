"""The form that every event has, and the form in which it stands in the trail."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact. `system_id` is the AI system it is about, or empty; `component` names its origin."""

    component: ClassVar[str] = "core"
    system_id: str = ""

    @property
    def type(self) -> str:
        """Name under which the event is stored, e.g. ``core.SystemRegistered``."""
        return f"{self.component}.{type(self).__name__}"

    def payload(self) -> dict[str, Any]:
        """Return the event's own fields, without `system_id`."""
        names = _own_fields.get(type(self))
        if names is None:
            names = tuple(f.name for f in fields(self) if f.name != "system_id")
            _own_fields[type(self)] = names
        return {name: getattr(self, name) for name in names}


_own_fields: dict[type, tuple[str, ...]] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedEvent:
    """An event as it stands in the trail and as listeners receive it.

    `sequence` is its place in the trail, from 1; `payload` holds the fields of the event class.
    Listeners are told at least once, so they act idempotently by `event_id`.
    """

    sequence: int
    event_id: str
    type: str
    at: datetime
    actor: str
    system_id: str
    payload: Mapping[str, Any]
