"""The Statement of Applicability (ISO/IEC 42001, 6.1.3); reached as ``workspace.compliance``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from aims_compliance import decisions, versions
from aims_compliance.proposals import Proposal, check_text, read_proposal
from aims_compliance.readings import StatementReadings
from aims_compliance.records import ControlDecision, IssuedStatement
from aims_compliance.terms import EXCLUDED, UNDECIDED
from aims_core import (
    InvalidRecord,
    Problem,
    RecordNotFound,
    RequestRefused,
)

_NOTE_LENGTH = 20_000
_SHOWN = 10


class StatementOfApplicability(StatementReadings):
    """Which controls apply, why, and how far they are; nothing is decided by default.

    Annex A is a list to compare with, so that no necessary control is overlooked: the controls that
    are needed follow from the risks first.

    Where `as_of` is taken, it is a time, aware, or the number of a checkpoint: what comes back is what
    stood on record then, for the controls of the catalogue as it is now. One that names no time up to
    now raises InvalidRecord.

    Parameters
    ----------
    workspace : Workspace
        Whose statement it is, decided on by its actor.
    """

    def decide(
        self,
        control_id: str,
        *,
        applicable: bool,
        reason: str,
        grounds: Sequence[str] | None = None,
        implementation: str = "not_started",
        responsible: str = "",
    ) -> ControlDecision:
        """Include or exclude a control and return the decision; the same decision again is found.

        Parameters
        ----------
        control_id : str
            Number of the control, such as ``A.6.2.6``.
        applicable : bool
            True includes the control, false excludes it.
        reason : str
            Why; needed for either.
        grounds : sequence of str, optional
            What an included control rests on: ``risk_treatment: …``, ``impact_assessment: …``,
            ``legal_requirement: …``, ``contractual_requirement: …`` (each with what it is), or
            ``organisational_decision``, which it is when nothing else is named.
        implementation : {"not_started", "planned", "implemented"}
            How far an included control is.
        responsible : str, optional
            Who sees to it.

        Raises
        ------
        InvalidRecord
            The reason or a ground is missing, or a word is unknown; every problem is named.
        RequestRefused
            The control is to be excluded, and the treatment of a risk rests on it.
        NotPermitted, RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``ControlDecided``. Source: ISO/IEC 42001, 6.1.3.
        """
        asked = f"decide on control {control_id}"
        given = {
            "control_id": control_id,
            "applicable": applicable,
            "reason": reason,
            "grounds": grounds,
            "implementation": implementation,
            "responsible": responsible,
        }
        return self._decide(asked, [given])[0]

    def decide_many(
        self, given: pd.DataFrame | Iterable[Mapping[str, Any]]
    ) -> list[ControlDecision]:
        """Decide on many controls in one transaction and return the decisions, in the same order.

        Parameters
        ----------
        given : DataFrame or iterable of mappings
            What :meth:`decide` takes, by name. In a DataFrame, empty cells count as not given and
            grounds are separated by semicolons.

        Raises
        ------
        InvalidRecord, RequestRefused, NotPermitted, RecordNotFound
            As for :meth:`decide`, with the row; then none of them is taken.

        Notes
        -----
        Writes ``ControlDecided`` for each.
        """
        rows = _rows(given)
        return self._decide(f"decide on {len(rows)} controls", rows)

    def issue(self, *, note: str = "") -> IssuedStatement:
        """Issue the statement as its next version and return it; the same content again is found.

        Parameters
        ----------
        note : str, optional
            What this version is for.

        Raises
        ------
        RequestRefused
            A control is not decided, or an excluded one carries the treatment of a risk.
        NotPermitted
            The actor may not decide on controls.

        Notes
        -----
        Writes ``StatementIssued`` with the digest of the rows. Source: ISO/IEC 42001, 6.1.3, 7.5.
        """
        asked = "issue the Statement of Applicability"
        items = self._items()
        with self._workspace.writing() as tx:
            tx.require("comply", asked)
            if problems := check_text("note", note, _NOTE_LENGTH, needed=False):
                raise InvalidRecord(asked, problems)
            rows = versions.rows_of(items, decisions.in_force(tx))
            _refuse_undecided(asked, rows)
            excluded = {row["control_id"] for row in rows if row["state"] == EXCLUDED}
            decisions.refuse_treating(tx, asked, excluded)
            return versions.keep(tx, rows, note.strip())

    def _decide(self, asked: str, given: Sequence[Mapping[str, Any]]) -> list[ControlDecision]:
        known = {item.item_id for item in self._items()}
        with self._workspace.writing() as tx:
            tx.require("comply", asked)
            for one in given:
                if (control_id := str(one.get("control_id", ""))) not in known:
                    raise RecordNotFound("control", control_id, sorted(known))
            proposals = _checked(asked, given)
            excluded = {p.control_id for p in proposals if not p.applicable}
            decisions.refuse_treating(tx, asked, excluded)
            return decisions.keep(tx, proposals)


def _checked(asked: str, given: Sequence[Mapping[str, Any]]) -> list[Proposal]:
    proposals: list[Proposal] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for number, one in enumerate(given, start=1):
        proposal, found = read_proposal(one)
        control_id = str(one["control_id"])
        if control_id in seen:
            remedy = "decide on each control once"
            found = [*found, Problem(field="control_id", reason="is named twice", remedy=remedy)]
        seen.add(control_id)
        problems += [replace(p, row=number) if len(given) > 1 else p for p in found]
        if proposal is not None:
            proposals.append(proposal)
    if problems:
        raise InvalidRecord(asked, problems)
    return proposals


def _refuse_undecided(asked: str, rows: Sequence[Mapping[str, Any]]) -> None:
    missing = [str(row["control_id"]) for row in rows if row["state"] == UNDECIDED]
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        raise RequestRefused(
            f"{asked}: {len(missing)} of {len(rows)} controls are not decided "
            f"({', '.join(missing[:_SHOWN])}{more}); include or exclude each, with a reason"
        )


def _rows(given: pd.DataFrame | Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if not isinstance(given, pd.DataFrame):
        return [dict(row) for row in given]
    return [
        {str(k): v.item() if hasattr(v, "item") else v for k, v in row.items() if not _is_empty(v)}
        for row in given.to_dict("records")
    ]


def _is_empty(value: Any) -> bool:
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))
