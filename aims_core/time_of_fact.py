"""Time of fact beside time of entry: when something was so in the world, as somebody says it.

The system tells the time of entry itself; the time of fact is stated, so it is held to what can be true.
"""

from datetime import datetime

from aims_core.records import AISystem, Problem
from aims_core.terms import Entry


def time_of_fact_problems(
    field: str, stated: datetime | None, *, now: datetime, system: AISystem | None = None
) -> list[Problem]:
    """Return what is wrong with a stated time of fact, nothing where none is stated.

    Parameters
    ----------
    field : str
        Name of the field, for the message.
    stated : datetime or None
        Must be aware, and not ahead of `now`.
    now : datetime
        Time of entry, aware.
    system : AISystem, optional
        What the fact is about: it cannot be older than the system's entry in the inventory, except where
        the system ran before (``entry="legacy"``).
    """
    if stated is None:
        return []
    if stated.utcoffset() is None:
        return [
            Problem(field=field, reason="has no zone", remedy="give an aware time, e.g. in UTC")
        ]
    if stated > now:
        remedy = "give the time at which it was so, not one that is planned"
        return [Problem(field=field, reason="lies ahead", remedy=remedy)]
    if system is None or system.entry == Entry.LEGACY or stated >= system.registered_at:
        return []
    entered = f"{system.registered_at:%Y-%m-%d %H:%M:%S} UTC"
    reason = f"is earlier than the entry of {system.system_id} in the inventory, {entered}"
    remedy = "give a later time; only what is registered as legacy ran before its entry"
    return [Problem(field=field, reason=reason, remedy=remedy)]
