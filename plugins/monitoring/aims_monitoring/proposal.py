"""Roles of columns that the data suggest, for a person to confirm or correct.

A guess may be wrong where nobody sees it: a column of codes read as a quantity, a label taken for a feature.
So a proposal is no schema until somebody confirms it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from aims_core import InvalidRecord, Problem
from aims_monitoring.classes import codes
from aims_monitoring.schema import Schema
from aims_monitoring.source import Source
from aims_monitoring.values import flat, is_number, is_text, numbers

_SEEN = 10_000
_FEW = 20
_NAMES = {
    "label": ("label", "target", "y", "y_true", "actual", "outcome", "ground_truth"),
    "prediction": ("prediction", "predicted", "y_pred", "pred", "decision"),
    "score": ("score", "probability", "proba", "y_score", "y_prob", "y_proba"),
    "id": ("id", "row_id", "record_id", "prediction_id", "request_id", "uuid"),
    "time": ("time", "timestamp", "ts", "created_at", "predicted_at", "datetime"),
}
_GROUPS = ("sex", "gender", "age_band", "age_group", "race", "ethnicity", "nationality")
_MOST_GROUPS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A suggested role for each column, and why; `confirm` makes a schema of it."""

    roles: Mapping[str, Any]
    reasons: Mapping[str, str]
    left_out: tuple[str, ...]

    def confirm(self, **corrections: Any) -> Schema:
        """Return the schema: the proposed roles, with those that a person names put in their place.

        A column that is given another role leaves the role it was proposed for.

        Raises
        ------
        InvalidRecord
            A role is unknown, or no feature, prediction or score is left.
        """
        taken = {name for value in corrections.values() for name in _listed(value)}
        kept: dict[str, Any] = {}
        for role, value in self.roles.items():
            names = [name for name in _listed(value) if name not in taken]
            single = isinstance(value, str)
            kept[role] = (names[0] if names else "") if single else names
        return Schema.of({**kept, **corrections})

    def __str__(self) -> str:
        lines = [f"{name}: {reason}" for name, reason in self.reasons.items()]
        return "\n".join([*lines, "Nothing is measured before these roles are confirmed."])


def propose_schema(source: Source, *, asked: str = "propose the roles of columns") -> Proposal:
    """Return the roles that names, types and the first 10,000 rows of a log suggest.

    Raises
    ------
    InvalidRecord
        The log holds no rows.
    """
    table = next(iter(source.batches(source.names))).slice(0, _SEEN)
    if not len(table):
        problem = Problem(field="data", reason=f"{source.name} holds no rows to judge by")
        raise InvalidRecord(asked, [problem])
    roles: dict[str, Any] = {"feature": [], "group": [], "categorical": []}
    reasons: dict[str, str] = {}
    left_out = []
    for name in source.names:
        role, why = _role(name, table[name], roles)
        reasons[name] = f"{role or 'left out'}, {why}"
        if role in ("feature", "group"):
            roles[role].append(name)
        elif role:
            roles[role] = name
        else:
            left_out.append(name)
        if role in ("feature", "group") and _few_codes(table[name]):
            roles["categorical"].append(name)
            reasons[name] += "; few whole numbers, so taken for codes"
    if roles.get("label") and _is_quantity(table[roles["label"]]):
        roles["task"] = "regression"
    return Proposal(roles=roles, reasons=reasons, left_out=tuple(left_out))


def _role(name: str, column: Any, taken: Mapping[str, Any]) -> tuple[str, str]:
    kind = flat(column.slice(0, 1)).type
    timely = pa.types.is_timestamp(kind) or pa.types.is_date(kind)
    for role, names in _NAMES.items():
        if name.lower() in names and role not in taken:
            fits = timely or is_text(kind) if role == "time" else True
            if role == "score":
                fits = _is_share(column)
            if fits:
                return role, "by its name"
    if timely:
        return ("time", "the first column of times") if "time" not in taken else ("", "times")
    if name.lower() in _GROUPS and len(taken["group"]) < _MOST_GROUPS:
        return "group", "by its name; say whether it may be used so"
    if is_text(kind) and _is_identifier(column):
        return "", "nearly every row has a value of its own"
    return "feature", f"values of type {kind}"


def _is_share(column: Any) -> bool:
    if not is_number(flat(column).type):
        return False
    read = numbers(column).values
    known = read[read == read]  # noqa: PLR0124 - NaN is the one value that differs from itself
    return bool(len(known)) and bool(((known >= 0) & (known <= 1)).all())


def _is_identifier(column: Any) -> bool:
    read = codes(column)
    return len(read.texts) > max(_FEW, int((read.places > 0).sum()) // 2)


def _few_codes(column: Any) -> bool:
    return pa.types.is_integer(flat(column).type) and len(codes(column).texts) <= _FEW


def _is_quantity(column: Any) -> bool:
    return is_number(flat(column).type) and len(codes(column).texts) > _FEW


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
