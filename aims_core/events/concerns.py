"""Concerns raised and answered; what they say stands apart."""

from dataclasses import dataclass

from aims_core.events.occurrences import Event


@dataclass(frozen=True, kw_only=True)
class ConcernRaised(Event):
    """Somebody raised a concern (ISO/IEC 42001, A.3.3); about what and whom is not told here."""

    concern_id: str


@dataclass(frozen=True, kw_only=True)
class ConcernRead(Event):
    """Somebody who hears concerns read one."""

    concern_id: str


@dataclass(frozen=True, kw_only=True)
class ConcernAnswered(Event):
    """A concern was answered."""

    concern_id: str
