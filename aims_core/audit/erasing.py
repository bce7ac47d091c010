"""Content that two people had erased: the leaf stays, and a later event says what else stood there."""

from collections.abc import Iterator, Mapping
from json import loads
from typing import Any

from aims_core.audit.leaves import FIELDS

ERASED = "core.EventErased"
LEFT = (*(name for name in FIELDS if name not in {"payload", "nonce"}), "leaf")
"""Columns of an erased event that stay, and that the event of its erasure repeats."""


class Erasures:
    """Events found empty, and the events that say why."""

    def __init__(self) -> None:
        self._blank: dict[str, Mapping[str, str]] = {}
        self._told: dict[str, tuple[int, Mapping[str, str]]] = {}

    def blank(self, row: Any) -> bool:
        """Note an event without content and nonce; its place, the fields and the leaf are given."""
        values = dict(zip((*FIELDS, "leaf"), row[1 : len(FIELDS) + 2], strict=True))
        if values["payload"] or values["nonce"]:
            return False
        self._blank[values["event_id"]] = {name: str(values[name]) for name in LEFT}
        return True

    def take(self, sequence: int, payload: str) -> None:
        """Note what an event of an erasure says."""
        try:
            left = {name: str(value) for name, value in loads(payload)["left"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            return  # a changed event, which is said already
        self._told[left.get("event_id", "")] = (sequence, left)

    def faults(self) -> Iterator[str]:
        """Yield emptied events that no decision explains, or that are not what was left of them."""
        for event_id, left in self._blank.items():
            named = f"event {left['sequence']} ({left['type']})"
            if event_id not in self._told:
                yield f"{named} was changed: it was emptied, and no event says that it was erased"
            elif self._told[event_id][1] != left:
                yield f"{named} was changed since it was erased by event {self._told[event_id][0]}"
        for event_id, (sequence, left) in self._told.items():
            if event_id not in self._blank:
                yield f"event {left.get('sequence')} was erased by event {sequence}, yet it is not empty"

    def remarks(self) -> Iterator[str]:
        """Yield what was erased as it should be."""
        for event_id, left in self._blank.items():
            if self._told.get(event_id, (0, {}))[1] == left:
                sequence = self._told[event_id][0]
                yield f"event {left['sequence']} ({left['type']}): erased by event {sequence}"
