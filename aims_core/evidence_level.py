"""What the records of an instance can prove: four levels, from the facts about how they are kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

FRESH = timedelta(days=7)
"""How old the newest checkpoint kept elsewhere may be; ``[audit] fresh_days`` says otherwise."""

_PLACES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceFacts:
    """What a level is judged by.

    Attributes
    ----------
    database : str
        ``sqlite`` or ``postgresql``.
    secured : bool
        `aims db secure` was run: every person has a login of their own, the database itself decides who may
        do what, and a working login cannot decide.
    matches : bool
        The database still is as it was secured.
    kept_at : datetime or None
        When a checkpoint was last kept outside, aware.
    now : datetime
        Aware.
    fresh : timedelta
        How old that may be.
    """

    database: str
    secured: bool
    matches: bool
    kept_at: datetime | None
    now: datetime
    fresh: timedelta = FRESH

    @property
    def kept(self) -> bool:
        """Whether a checkpoint was kept outside lately."""
        return self.kept_at is not None and self.now - self.kept_at <= self.fresh


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceLevel:
    """What an instance can prove.

    `level` is ``E1`` to ``E4``; `title` says it in a few words, `holds` what can be relied on, `lacks` what
    cannot, each with what would change it. As text it is one line, for pages and reports.
    """

    level: str
    title: str
    holds: tuple[str, ...]
    lacks: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.level}, {self.title}"


def judge(facts: EvidenceFacts) -> EvidenceLevel:
    """Return the evidence level of an instance.

    E1 records; E2 lets rewriting be found, by a checkpoint kept elsewhere lately; E3 has the database
    enforce who may do what, in everybody's own name; E4 is both. ISO/IEC 42001, 7.5.3, asks that
    documented information is protected, and leaves the degree to the organisation.
    """
    enforced = facts.secured and facts.matches
    level = {
        (False, False): "E1",
        (False, True): "E2",
        (True, False): "E3",
        (True, True): "E4",
    }[enforced, facts.kept]
    parts = [
        "enforced by the database" if enforced else "recorded",
        "identity is authenticated" if enforced else "identity is self-declared",
        "rewriting is found" if facts.kept else "no checkpoint is kept elsewhere",
    ]
    where = _PLACES.get(facts.database, facts.database)
    login = "" if facts.database == "sqlite" else _login(facts)
    return EvidenceLevel(
        level=level,
        title=f"{parts[0]}: {parts[1]}, {parts[2]} ({where}{login})",
        holds=tuple(_holds(enforced=enforced, kept=facts.kept)),
        lacks=tuple(_lacks(facts)),
    )


def _login(facts: EvidenceFacts) -> str:
    if not facts.secured:
        return ", shared login"
    return ", own logins" if facts.matches else ", own logins, altered since it was secured"


def _holds(*, enforced: bool, kept: bool) -> Iterator[str]:
    yield "every change is recorded in the transaction that makes it, and survives a crash"
    yield "tools that write past the product by accident are refused"
    if enforced:
        yield "nobody acts in another one's name, approves their own work, or edits what was recorded"
        yield "a notebook cannot decide: decisions take a credential of their own"
    if kept:
        yield "whoever rewrites what was recorded before the newest checkpoint kept elsewhere is found out"


def _lacks(facts: EvidenceFacts) -> Iterator[str]:
    if not facts.secured:
        yield (
            "who acted is what they said; on PostgreSQL `aims db secure` gives everybody a login"
            if facts.database == "postgresql"
            else "who acted is what they said, and whoever can write the file can change it; "
            "`aims db copy` moves to PostgreSQL, which can tell and refuse"
        )
    elif not facts.matches:
        yield "the database is not as it was secured; `aims db doctor` says what was altered"
    if facts.kept_at is None:
        yield (
            "whoever can write the database can rewrite it unseen, as no checkpoint is kept elsewhere; "
            "name an anchor under [audit] and run `aims audit checkpoint`"
        )
    elif not facts.kept:
        age = (facts.now - facts.kept_at).days
        yield (
            f"the newest checkpoint kept elsewhere is {age} days old, more than {facts.fresh.days}; "
            "run `aims audit checkpoint`"
        )
    if facts.secured:
        yield "whoever administers the database server can still read and stop it"
