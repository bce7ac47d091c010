"""What waits for somebody to do it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingItem:
    """One thing that waits for the one who acts: in words, and the system it is about, if it is one."""

    words: str
    system_id: str = ""
