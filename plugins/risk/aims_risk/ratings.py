"""Reads what assessors rated, one system or a whole table, into checked ratings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from aims_core import InvalidRecord, Problem
from aims_risk.answers import check_answers, check_ratings
from aims_risk.criteria import DIMENSIONS, RiskCriteria
from aims_risk.fields import LONG, check_text

_FIRST_ROW = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Rating:
    """An assessor's answers for one system, and why."""

    system_id: str
    rationale: str
    answers: Mapping[str, Any]


def rows_of(given: pd.DataFrame | Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one mapping for each system rated; in a DataFrame empty cells count as not answered."""
    return _from_frame(given) if isinstance(given, pd.DataFrame) else [dict(row) for row in given]


def read_ratings(
    asked: str, rows: Sequence[Mapping[str, Any]], criteria: RiskCriteria, *, foreign: bool
) -> list[Rating]:
    """Return checked ratings.

    Parameters
    ----------
    asked : str
        What is being tried, in words.
    rows : sequence of mappings
        ``system_id``, ``rationale`` and answers.
    foreign : bool
        True leaves the questions beyond likelihood and consequence to the scorer that asks them.

    Raises
    ------
    InvalidRecord
        Every wrong answer of every row is named.
    """
    problems: list[Problem] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=_FIRST_ROW):
        found = _check(row, criteria, foreign=foreign)
        system_id = str(row.get("system_id"))
        if system_id in seen:
            remedy = "rate each system once"
            found.append(Problem(field="system_id", reason="is rated twice", remedy=remedy))
        seen.add(system_id)
        problems += [replace(p, row=number) if len(rows) > 1 else p for p in found]
    if problems:
        raise InvalidRecord(asked, problems)
    return [_rating(row) for row in rows]


def _check(row: Mapping[str, Any], criteria: RiskCriteria, *, foreign: bool) -> list[Problem]:
    answers = _answers(row)
    check = check_ratings if foreign else check_answers
    return [
        *check_text("system_id", row.get("system_id", ""), LONG),
        *check_text("rationale", row.get("rationale", ""), LONG),
        *check(answers, criteria),
    ]


def _rating(row: Mapping[str, Any]) -> Rating:
    return Rating(
        system_id=row["system_id"], rationale=row["rationale"].strip(), answers=_answers(row)
    )


def _answers(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in row.items() if k not in {"system_id", "rationale"}}


def _from_frame(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows with plain values; numbers that pandas had to widen for empty cells are whole again."""
    rows = []
    for record in frame.to_dict("records"):
        row = {str(k): _plain(v) for k, v in record.items() if not _is_empty(v)}
        consequences = {name: row.pop(name) for name in DIMENSIONS if name in row}
        rows.append({**row, "consequences": consequences})
    return rows


def _is_empty(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _plain(value: Any) -> Any:
    found = value.item() if hasattr(value, "item") else value
    return int(found) if isinstance(found, float) and found.is_integer() else found
