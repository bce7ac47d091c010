"""Rating the risk of systems, one or many at once, by the scorer that is configured."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from aims_core import Actor, AISystem, RecordNotFound, ScoringInput, SystemFacts, Transaction
from aims_risk import assessments, scoring
from aims_risk.ratings import Rating, read_ratings, rows_of
from aims_risk.readings import SECTION, RiskReadings
from aims_risk.records import Assessment


class Assessing(RiskReadings):
    """The part of the risk register that rates."""

    def assess(
        self,
        system_id: str,
        *,
        likelihood: int,
        consequences: Mapping[str, int],
        rationale: str,
        **answers: bool,
    ) -> Assessment:
        """Rate the risk of a system and return the assessment; the same rating again is found.

        Parameters
        ----------
        system_id : str
            The system to rate, as its current revision describes it.
        likelihood : int
            From 1 (lowest) to the scale of the criteria, 5 by default; no unit.
        consequences : mapping of str to int
            Rating by dimension: ``organisation``, ``individuals``, ``society``; at least one.
        rationale : str
            Why, in words a reviewer can follow.
        **answers : bool
            Modifiers of the criteria, such as ``vulnerable_people=True``, and ``prohibited_practice``.

        Raises
        ------
        InvalidRecord
            An answer is missing or out of range; every one is named.
        PluginError
            The configured scorer failed or answered nonsense; nothing is stored.
        NotPermitted, RecordNotFound
            As everywhere.

        Notes
        -----
        Writes ``RiskAssessed`` and ``ResultRecorded``; the assessed tier becomes the system's. The
        tier is never below what the owner declared, whichever scorer answers.
        Source: ISO/IEC 42001, 6.1.2; ISO/IEC 23894, 6.4.
        """
        given = {"likelihood": likelihood, "consequences": dict(consequences), **answers}
        rating = {"system_id": system_id, "rationale": rationale, **given}
        return self._assess(f"assess {system_id}", [rating])[0]

    def assess_many(self, ratings: pd.DataFrame | Iterable[Mapping[str, Any]]) -> list[Assessment]:
        """Rate many systems in one transaction and return their assessments, in the same order.

        Parameters
        ----------
        ratings : DataFrame or iterable of mappings
            Each with ``system_id``, ``rationale`` and the answers that :meth:`assess` takes. A
            DataFrame has the columns ``organisation``, ``individuals`` and ``society`` in place of
            ``consequences``; empty cells count as not answered.

        Raises
        ------
        InvalidRecord, PluginError, NotPermitted, RecordNotFound
            As for :meth:`assess`, with the row; then none of them is stored.

        Notes
        -----
        Writes ``RiskAssessed`` and ``ResultRecorded`` for each.
        """
        rows = rows_of(ratings)
        return self._assess(f"assess {len(rows)} systems", rows)

    def _assess(self, asked: str, rows: Sequence[Mapping[str, Any]]) -> list[Assessment]:
        host, section = self._workspace.host, self._workspace.settings.section(SECTION)
        offer, criteria = host.offer("aims_risk_scorers"), self.criteria
        with self._workspace.writing() as tx:
            tx.attempt(asked)
            given = read_ratings(asked, rows, criteria, foreign=offer.spec.id != scoring.OWN)
            inputs = self._inputs(tx, given)
            scores = scoring.ask(host, offer, inputs, section)
            scored = [
                assessments.Scored(given=one, rationale=rating.rationale, score=score)
                for one, rating, score in zip(inputs, given, scores, strict=True)
            ]
            return assessments.keep(tx, offer, scored)

    def _inputs(self, tx: Transaction, ratings: Sequence[Rating]) -> list[ScoringInput]:
        """Lock the systems in the order of their ids, so that two batches never wait for each other."""
        systems: dict[str, AISystem] = {}
        for system_id in sorted(rating.system_id for rating in ratings):
            systems[system_id] = self._permit(tx, f"assess {system_id}", system_id)
        owners = {s.owner: self._owner(s.owner) for s in systems.values()}
        found = []
        for rating in ratings:
            system = systems[rating.system_id]
            facts = SystemFacts(system=system, owner=owners[system.owner], now=tx.now)
            found.append(ScoringInput(facts=facts, answers=rating.answers))
        return found

    @staticmethod
    def _permit(tx: Transaction, asked: str, system_id: str) -> AISystem:
        tx.attempt(asked, system_id)
        system = tx.get_system(system_id, for_update=True)
        tx.require("assess", asked, system_id=system_id, unit=system.unit)
        return system

    def _owner(self, actor_id: str) -> Actor | None:
        try:
            return self._workspace.staffing.actor(actor_id)
        except RecordNotFound:
            return None  # an inventory may name units or people whom nobody has added
