"""Values in plain words, with a sign beside each state so that none is told by colour alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aims_core.events import RecordedEvent
from aims_core.plain_numbers import plain_number
from aims_core.records import Actor

TIERS = {
    "prohibited": "✖ prohibited",
    "high": "▲ high",
    "limited": "◆ limited",
    "minimal": "● minimal",
    "undetermined": "? undetermined",
}
STATUSES = {"active": "▶ active", "suspended": "‖ suspended"}
APPROVALS = {
    "none": "○ none",
    "requested": "… requested",
    "approved": "✔ approved",
    "lapsed": "! lapsed",
}
_ABSENT = {"<NA>", "NaT", "nan"}
_LONGEST = 240
_FIRST = {name: n for n, name in enumerate(("transition", "decision", "kind", "title", "reason"))}
_UNTOLD = {"act", "definition", "distribution", "provider", "version", "machine_version", "subject"}


def plain(name: str) -> str:
    """Return a name of the machine as words: ``go_live`` is "go live"."""
    return name.replace("_", " ")


def signed(signs: Mapping[str, str], value: Any) -> str:
    """Return a value with its sign; an unknown one as it stands."""
    return signs.get(str(value), plain(str(value)))


def person(actor: Actor) -> str:
    """Return a name with the id, once where both are the same."""
    if actor.name == actor.actor_id:
        return actor.name
    return f"{actor.name} ({actor.actor_id})"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun in the right form."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ago(then: datetime, now: datetime) -> str:
    """Return how long ago a time is, in its largest whole unit."""
    minutes = max(0, int((now - then).total_seconds() // 60))
    for size, name in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return f"{counted(minutes // size, name)} ago"
    return "just now"


def cell(value: Any) -> str:
    """Return a value as people read it; what is absent is a dash."""
    if value is None or str(value) in _ABSENT:
        return "-"
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d %H:%M}"
    return plain_number(value) if isinstance(value, float) else str(value)


def when(entered: datetime, fact_at: datetime | None) -> str:
    """Return when something was entered, and when it was in fact where that is stated and differs."""
    said = cell(entered)
    return said if fact_at in {None, entered} else f"{said} (in fact {cell(fact_at)})"


def happened(event: RecordedEvent) -> str:
    """Return what happened: ``core.TransitionDecided`` is "transition decided"."""
    name = event.type.rpartition(".")[2]
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def told(event: RecordedEvent) -> str:
    """Return an event's own words; digests and nested values are left to the trail itself."""
    told_first = sorted(event.payload.items(), key=lambda item: _FIRST.get(item[0], len(_FIRST)))
    said = [
        f"{plain(name)}: {' '.join(str(value).split())}"
        for name, value in told_first
        if isinstance(value, str | int | float) and value != "" and not _technical(name)
    ]
    words = "; ".join(said)
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _technical(name: str) -> bool:
    return name.endswith(("digest", "_id", "fingerprint", "head")) or name in _UNTOLD
