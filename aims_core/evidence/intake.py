"""What comes in as evidence: a file or a text, within the size allowed, read once and to its end."""

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from aims_core.canonical import writable
from aims_core.errors import InvalidRecord, RequestRefused
from aims_core.evidence.content import chunks_of, open_regular
from aims_core.evidence.policy import EvidencePolicy
from aims_core.records import Problem
from aims_core.time_of_fact import no_aware_time

_LIMITS = {"kind": 40, "title": 500}


def content_chunks(
    path: Path | str | None, text: str | None, asked: str, policy: EvidencePolicy
) -> Iterator[bytes]:
    """Return the content of a file or a text piece by piece; it ends with an error beyond the limit.

    Raises
    ------
    RequestRefused
        Neither or both are given.
    InvalidRecord
        It cannot be read, is empty, or is larger than the policy allows.
    """
    if (path is None) == (text is None):
        raise RequestRefused(f"{asked}: give a file or a text, one of them")
    if text is not None:
        return within_limit([_encoded(text, asked)], asked, "text", "the text", policy)
    named = os.fspath(str(path))
    return within_limit(_file_chunks(named, asked, policy), asked, "path", Path(named).name, policy)


def within_limit(
    chunks: Iterable[bytes], asked: str, field: str, what: str, policy: EvidencePolicy
) -> Iterator[bytes]:
    """Yield content piece by piece, until it is larger than the policy allows.

    Raises
    ------
    InvalidRecord
        It is larger, or empty.
    """
    given = 0
    for chunk in chunks:
        given += len(chunk)
        # Counted as it comes: a file may grow while it is read, whatever its size was before.
        if given > policy.max_bytes:
            raise too_large(asked, field, what, policy)
        yield chunk
    if not given:
        raise unfit(asked, "content", "is empty", "give a file or text that shows something")


def field_problems(
    kind: str, title: str, collected_at: datetime | None, now: datetime
) -> list[Problem]:
    """Return what is wrong with the fields of evidence, apart from its content."""
    given = {"kind": kind.strip(), "title": title.strip()}
    problems = [
        Problem(
            field=name,
            reason="is empty"
            if not value
            else f"has {len(value)} characters, {_LIMITS[name]} are allowed",
            remedy=f"give a short {name}",
        )
        for name, value in given.items()
        if not 0 < len(value) <= _LIMITS[name]
    ]
    if collected_at is None:
        return problems
    if unclear := no_aware_time(collected_at):
        problems.append(_problem("collected_at", unclear, "give an aware time, e.g. in UTC"))
    elif collected_at > now:
        problems.append(_problem("collected_at", "lies in the future", "give the time it was done"))
    return problems


def unfit(asked: str, field: str, reason: str, remedy: str) -> InvalidRecord:
    """Return the refusal of one field."""
    return InvalidRecord(asked, [_problem(field, reason, remedy)])


def need_reason(asked: str, reason: str) -> None:
    """Refuse a decision without a reason.

    Raises
    ------
    InvalidRecord
        The reason is missing.
    """
    if not reason.strip():
        raise unfit(asked, "reason", "is empty", "say why")


def too_large(asked: str, field: str, what: str, policy: EvidencePolicy) -> InvalidRecord:
    """Return the refusal of content beyond the limit; it names the limit and what would help."""
    why = f"{writable(what)} is larger than the {policy.max_bytes:,} bytes allowed"
    remedy = (
        "keep it where it lies and put a note with its digest on record, "
        "or raise max_megabytes under [evidence] in aims.toml"
    )
    return unfit(asked, field, why, remedy)


def _problem(field: str, reason: str, remedy: str) -> Problem:
    return Problem(field=field, reason=reason, remedy=remedy)


def _encoded(text: str, asked: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise unfit(asked, "text", "holds half a character", "remove it") from None


def _file_chunks(path: str, asked: str, policy: EvidencePolicy) -> Iterator[bytes]:
    try:
        with open_regular(Path(path)) as file:
            if os.fstat(file.fileno()).st_size > policy.max_bytes:
                raise too_large(asked, "path", Path(path).name, policy)
            yield from chunks_of(file)
    except (OSError, ValueError) as error:
        # ValueError: a name with a NUL in it is no name to the operating system.
        said = getattr(error, "strerror", "") or str(error)
        why = f"{writable(path)} cannot be read: {said}"
        raise unfit(asked, "path", why, "check the path") from error
