"""The manifest of a bundle of evidence: what stands in it, and a reader that believes none of it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aims_core.canonical import canonical_json, utc_text
from aims_core.records import Evidence, Problem

FORMAT = "aims-evidence-bundle/1"
MANIFEST = "manifest.json"
MOST_RECORDS = 100_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"evi-[0-9a-z]{1,60}")
_TEXTS: Mapping[str, int] = {
    "evidence_id": 64,
    "system_id": 64,
    "kind": 40,
    "title": 500,
    "media_type": 100,
    "note": 100_000,
    "added_by": 64,
}
_MAY_BE_EMPTY = frozenset({"note"})
_TIMES = ("collected_at", "added_at", "retain_until")
_MOST_INT = 1 << 62
_SHOWN = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One record as a manifest lists it; `revision_digest` is that of the description it was for."""

    evidence_id: str
    system_id: str
    kind: str
    title: str
    digest: str
    media_type: str
    size: int
    note: str
    revision: int
    revision_digest: str
    collected_at: datetime
    added_at: datetime
    retain_until: datetime
    added_by: str
    disposed: bool
    run: Mapping[str, Any] | None
    origin: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What a bundle says of itself: `contents` gives sizes by digest."""

    organisation: str
    contents: Mapping[str, int]
    records: tuple[Listed, ...]


def content_name(digest: str) -> str:
    """Return the name of content in a bundle."""
    return f"content/{digest[:2]}/{digest}"


def manifest_text(
    organisation: str, records: Iterable[Evidence], revisions: Mapping[tuple[str, int], str]
) -> str:
    """Return the manifest of some records: the same text for the same records."""
    listed = sorted(records, key=lambda e: e.evidence_id)
    contents = {e.digest: e for e in listed if e.disposed_at is None}
    return canonical_json(
        {
            "format": FORMAT,
            "organisation": organisation,
            "contents": [
                {"digest": d, "size": e.size, "media_type": e.media_type}
                for d, e in sorted(contents.items())
            ],
            "records": [_spelled(e, revisions.get((e.system_id, e.revision), "")) for e in listed],
        }
    )


def read_manifest(content: bytes) -> tuple[Manifest | None, list[Problem]]:
    """Return a manifest, or everything that is wrong with it."""
    try:
        data = json.loads(
            content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant
        )
        canonical_json(
            data
        )  # refuses what no database can hold: NUL, half characters, deep nesting
    except (ValueError, RecursionError) as error:
        return None, [_problem("manifest", f"is no JSON that is read here: {error}")]
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        return None, [_problem("format", f"is not {FORMAT}")]
    problems: list[Problem] = []
    contents = _contents(data.get("contents"), problems)
    records = _records(data.get("records"), contents, problems)
    organisation = data.get("organisation")
    if not isinstance(organisation, str):
        problems.append(_problem("organisation", "is no text"))
    if problems:
        return None, problems
    _check_uses(contents, records, problems)
    made = Manifest(organisation=str(organisation), contents=contents, records=tuple(records))
    return (None, problems) if problems else (made, [])


def _spelled(evidence: Evidence, revision_digest: str) -> dict[str, Any]:
    names = (*_TEXTS, "digest", "size", "revision", "run", "origin")
    return {
        **{name: getattr(evidence, name) for name in names},
        **{name: getattr(evidence, name) for name in _TIMES},
        "revision_digest": revision_digest,
        "disposed": evidence.disposed_at is not None,
    }


def _contents(given: Any, problems: list[Problem]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, one in enumerate(_listed(given, "contents", problems)):
        digest = one.get("digest") if isinstance(one, dict) else None
        size = one.get("size") if isinstance(one, dict) else None
        if not _is_digest(digest) or not _is_count(size) or digest in found:
            problems.append(_problem(f"contents[{place}]", "is no content, or is listed twice"))
        else:
            found[str(digest)] = int(str(size))
    return found


def _records(given: Any, contents: Mapping[str, int], problems: list[Problem]) -> list[Listed]:
    found, seen = [], set()
    for place, one in enumerate(_listed(given, "records", problems)):
        faults = list(_faults(one, contents))
        if not faults and one["evidence_id"] in seen:
            faults = [("evidence_id", "is there twice")]
        problems += [_problem(f"records[{place}].{name}", reason) for name, reason in faults]
        if not faults:
            seen.add(one["evidence_id"])
            found.append(_listing(one))
    return found


def _faults(one: Any, contents: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    if not isinstance(one, dict):
        yield "", "is no record"
        return
    yield from _text_faults(one)
    for name in _TIMES:
        if _time(one.get(name)) is None:
            yield name, "is no time in UTC as this product writes it"
    for name in ("size", "revision"):
        if not _is_count(one.get(name)):
            yield name, "is no whole number from 0"
    for name in ("run", "origin"):
        if one.get(name) is not None and not isinstance(one[name], dict):
            yield name, "is neither absent nor a table"
    yield from _content_faults(one, contents)


def _text_faults(one: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, most in _TEXTS.items():
        text = one.get(name)
        if not isinstance(text, str) or len(text) > most:
            yield name, f"is no text of up to {most} characters"
        elif name not in _MAY_BE_EMPTY and (not text or text != text.strip()):
            yield name, "is empty, or has blanks around it"
    if not isinstance(one.get("evidence_id"), str) or not _ID.fullmatch(one["evidence_id"]):
        yield "evidence_id", "is no id of evidence"
    if one.get("revision_digest") != "" and not _is_digest(one.get("revision_digest")):
        yield "revision_digest", "is no digest"


def _content_faults(
    one: Mapping[str, Any], contents: Mapping[str, int]
) -> Iterable[tuple[str, str]]:
    disposed, digest = one.get("disposed"), one.get("digest")
    if not isinstance(disposed, bool):
        yield "disposed", "is neither true nor false"
    elif not _is_digest(digest):
        yield "digest", "is no digest"
    elif not disposed and digest not in contents:
        yield "digest", "is not among the contents"
    elif not disposed and contents[str(digest)] != one.get("size"):
        yield "size", "is not that of the content"


def _check_uses(
    contents: Mapping[str, int], records: Sequence[Listed], problems: list[Problem]
) -> None:
    unused = contents.keys() - {r.digest for r in records if not r.disposed}
    problems += [_problem("contents", f"no record needs {digest}") for digest in sorted(unused)]


def _listing(one: Mapping[str, Any]) -> Listed:
    plain = (*_TEXTS, "digest", "size", "revision", "revision_digest", "disposed", "run", "origin")
    values: dict[str, Any] = {name: one.get(name) for name in plain}
    values |= {name: _time(one[name]) for name in _TIMES}
    return Listed(**values)


def _listed(given: Any, name: str, problems: list[Problem]) -> list[Any]:
    if not isinstance(given, list) or len(given) > MOST_RECORDS:
        problems.append(_problem(name, f"is no list of up to {MOST_RECORDS:,}"))
        return []
    return given


def _time(value: Any) -> datetime | None:
    """Return a time that is spelt exactly as this product spells it, else None."""
    try:
        found = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        return found if utc_text(found) == value else None
    except (TypeError, ValueError):
        return None


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_INT


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _problem(field: str, reason: str) -> Problem:
    remedy = "have the bundle exported again"
    return Problem(field=field.rstrip(".")[:_SHOWN], reason=reason, remedy=remedy)
