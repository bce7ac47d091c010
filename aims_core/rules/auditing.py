"""What somebody worked on, and whether they audit it or did so lately (rule R5). Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from aims_core.records import Delegation, Grant
from aims_core.rules.rule import rule_of

AUDITOR = "auditor"


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """Something that who did it may not audit: in words, from when, until when if it is over.

    `system_id` is the system that was owned; empty for a role and for a seat.
    """

    what: str
    record_id: str
    since: datetime
    until: datetime | None
    system_id: str = ""


def in_roles(grants: Iterable[Grant]) -> Iterator[Work]:
    """Yield the work of a person's roles: all but auditing itself."""
    for grant in grants:
        if grant.role != AUDITOR:
            yield Work(
                what=f"held the role {grant.role}",
                record_id=grant.grant_id,
                since=grant.granted_at,
                until=grant.revoked_at,
            )


def in_seats(delegations: Iterable[Delegation]) -> Iterator[Work]:
    """Yield the work of the seats that were lent to a person."""
    for lent in delegations:
        yield Work(
            what=f"had a seat as {lent.role} lent",
            record_id=lent.delegation_id,
            since=lent.made_at,
            until=min(lent.ends_at, lent.ended_at or lent.ends_at),
        )


def in_owning(system_id: str, since: datetime, until: datetime | None) -> Work:
    """Return the work of owning a system for a time."""
    return Work(
        what=f"owned {system_id}",
        record_id=system_id,
        since=since,
        until=until,
        system_id=system_id,
    )


def is_audited(work: Work, *, since: datetime, until: datetime | None = None) -> bool:
    """Say whether who did this work audits it, who is an auditor between two times.

    It is, where it went on then or within the look-back of R5 before.

    Parameters
    ----------
    since, until : datetime
        From when and until when they are an auditor; None where they still are.
    """
    begun_later = until is not None and work.since >= until
    over = work.until is not None and work.until <= since - rule_of("R5").look_back
    return not (begun_later or over)
