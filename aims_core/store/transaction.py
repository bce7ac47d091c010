"""A transaction as services and plugins see it: a connection, who acts, and the events to record."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.contributions import Offer
from aims_core.errors import InvalidRecord, NotPermitted, RecordNotFound
from aims_core.events import Event
from aims_core.records import Actor, AISystem, Grant, Problem, Result
from aims_core.roles import allows, allows_anywhere, roles_for, roles_with
from aims_core.store.keeping_results import (
    envelope_of,
    keep_results,
    keep_schema,
    recorded,
    result_row,
    results_as_stored,
    select_results,
)
from aims_core.store.rows import (
    actor_from_row,
    grant_from_row,
    result_from_row,
    select_systems,
    systems_from_rows,
)
from aims_core.terms import RiskCategory

# Made once: building a statement costs as much as carrying it out.
_ONE_SYSTEM = select_systems().where(tables.system.c.system_id == sa.bindparam("of_system"))
_ONE_SYSTEM_LOCKED = _ONE_SYSTEM.with_for_update()
_ONE_ACTOR = sa.select(tables.actor).where(tables.actor.c.actor_id == sa.bindparam("of_actor"))
_SUGGESTED = 1_000
_GRANTS_IN_FORCE = (
    sa.select(tables.grant)
    .where(tables.grant.c.actor == sa.bindparam("of_actor"), tables.grant.c.revoked_at.is_(None))
    .order_by(tables.grant.c.granted_at, tables.grant.c.grant_id)
)


class Transaction:
    """One unit of work. Every write records at least one event, or it does not leave a trace to follow.

    Made by :meth:`Store.begin` and :meth:`Store.read`, never by hand.

    Attributes
    ----------
    connection : sqlalchemy.Connection
        For SQLAlchemy Core statements on the caller's own tables.
    actor : Actor
        Who acts.
    now : datetime
        The transaction's time, aware, in UTC; the same for everything written in it.
    result : Any
        What the act will return, for one whose interrupt has to wait for the commit.
    """

    def __init__(
        self, connection: sa.Connection, actor: Actor, now: datetime, new_id: Callable[[str], str]
    ) -> None:
        self.connection = connection
        self.actor = actor
        self.now = now
        self.new_id = new_id
        self.act = ""
        self.act_system = ""
        self.result: Any = None
        self.events: list[Event] = []
        self._grants: tuple[Grant, ...] | None = None

    def record(self, *events: Event) -> None:
        """Add events to the audit trail and the outbox when the transaction commits."""
        self.events.extend(events)

    def attempt(self, act: str, system_id: str = "") -> None:
        """Say what is being tried, so that a refusal can name it."""
        self.act, self.act_system = act, system_id

    def require(
        self, permission: str, act: str, *, system_id: str = "", unit: str | None = None
    ) -> None:
        """Go on only when the actor holds a role with this permission here.

        Raises
        ------
        NotPermitted
            No grant of the actor allows it; the message names the roles that would.
        """
        self.attempt(act, system_id)
        if unit is None:
            unit = self._unit(system_id) if system_id else ""
        if not allows(self.grants(), permission, system_id=system_id, unit=unit):
            wanted = " or ".join(roles_with(permission))
            raise NotPermitted(
                f"{act}: {self.actor.actor_id} holds no role that allows this here; "
                f"it takes {wanted}, granted by an administrator"
            )

    def may(self, permission: str, system: AISystem | None = None) -> bool:
        """Say whether the actor may do this to a system, or without one, to any at all."""
        if system is None:
            return allows_anywhere(self.grants(), permission)
        return allows(self.grants(), permission, system_id=system.system_id, unit=system.unit)

    def grants(self, actor_id: str | None = None) -> tuple[Grant, ...]:
        """Return the grants in force of the actor, or of another one."""
        if actor_id is None or actor_id == self.actor.actor_id:
            if self._grants is None:
                self._grants = self._read_grants(self.actor.actor_id)
            return self._grants
        return self._read_grants(actor_id)

    def roles(self, system: AISystem) -> frozenset[str]:
        """Return the roles that the actor holds for a system."""
        return roles_for(self.grants(), system)

    def get_system(self, system_id: str, *, for_update: bool = False) -> AISystem:
        """Return a system; `for_update` keeps others from changing it until the transaction ends.

        Raises
        ------
        RecordNotFound
            No system has this id; near ones are suggested.
        InvalidRecord
            The id is no text.
        """
        _require_text(system_id, "AI system", "system_id")
        query = _ONE_SYSTEM_LOCKED if for_update else _ONE_SYSTEM
        rows = self.connection.execute(query, {"of_system": system_id})
        for system in systems_from_rows(rows):
            return system
        raise RecordNotFound("AI system", system_id, self._near(system_id))

    def get_actor(self, actor_id: str) -> Actor:
        """Return a known actor.

        Raises
        ------
        RecordNotFound
            Nobody is known by this id; near ones are suggested.
        InvalidRecord
            The id is no text.
        """
        _require_text(actor_id, "actor", "actor_id")
        column = tables.actor.c.actor_id
        for row in self.connection.execute(_ONE_ACTOR, {"of_actor": actor_id}):
            return actor_from_row(row)
        known = self.connection.execute(sa.select(column).limit(_SUGGESTED)).scalars()
        raise RecordNotFound("actor", actor_id, list(known))

    def get_systems(self, system_ids: Iterable[str]) -> dict[str, AISystem]:
        """Return systems by id, read with one statement for each thousand.

        Raises
        ------
        RecordNotFound
            One of them does not exist; near ids are suggested.
        """
        listed = list(system_ids)
        for one in listed:
            _require_text(one, "AI system", "system_id")
        wanted = sorted(set(listed))
        found: dict[str, AISystem] = {}
        for start in range(0, len(wanted), 1_000):
            part = tables.system.c.system_id.in_(wanted[start : start + 1_000])
            rows = self.connection.execute(select_systems().where(part))
            found |= {system.system_id: system for system in systems_from_rows(rows)}
        for system_id in wanted:
            if system_id not in found:
                raise RecordNotFound("AI system", system_id, self._near(system_id))
        return found

    def add_result(  # noqa: PLR0913 - the envelope's fields, all by name
        self,
        *,
        kind: str,
        system_id: str,
        offer: Offer,
        input_digest: str,
        payload: Mapping[str, Any],
        schema: Mapping[str, Any] | None = None,
        subject: str = "",
        tier: RiskCategory | None = None,
        valid_until: datetime | None = None,
    ) -> Result:
        """Store what a provider computed for one system and return it; see :meth:`add_results`."""
        return self.add_results(
            [
                {
                    "kind": kind,
                    "system_id": system_id,
                    "input_digest": input_digest,
                    "payload": payload,
                    "subject": subject,
                    "tier": tier,
                    "valid_until": valid_until,
                }
            ],
            offer=offer,
            schema=schema,
        )[0]

    def add_results(
        self,
        answers: Sequence[Mapping[str, Any]],
        *,
        offer: Offer,
        schema: Mapping[str, Any] | None = None,
    ) -> list[Result]:
        """Store many answers of one provider; each replaces the one in force of its kind and subject.

        Parameters
        ----------
        answers : sequence of mappings
            ``kind, system_id, input_digest, payload`` and optionally ``subject, tier, valid_until``.
            A `tier` becomes the system's assessed tier.
        offer : Offer
            Which contribution of which plugin answered.
        schema : mapping, optional
            JSON Schema of the payload, kept so that it stays readable.

        Raises
        ------
        InvalidRecord
            A payload has no JSON form (NaN, a time without zone, …), or a tier is none.
        RecordNotFound
            A system does not exist.
        """
        if not answers:
            return []
        revisions = self._revisions({str(a["system_id"]) for a in answers})
        envelope = {
            **envelope_of(offer, keep_schema(self.connection, dict(schema or {}))),
            "recorded_by": self.actor.actor_id,
            "recorded_at": self.now,
        }
        rows = [
            {"result_id": self.new_id("res"), **result_row(answer, offer, revisions), **envelope}
            for answer in answers
        ]
        keep_results(self.connection, rows)
        self.record(*(recorded(row) for row in rows))
        return results_as_stored(self.connection, rows)

    def newest_results(self, kind: str, system_ids: Sequence[str] | None = None) -> list[Result]:
        """Return the results in force of a kind, of all systems or of some, oldest first."""
        query = (
            select_results()
            .where(tables.result.c.kind == kind, tables.result.c.in_force)
            .order_by(tables.result.c.recorded_at, tables.result.c.result_id)
        )
        if system_ids is not None:
            query = query.where(tables.result.c.system_id.in_(list(system_ids)))
        return [result_from_row(row) for row in self.connection.execute(query)]

    def _unit(self, system_id: str) -> str:
        query = sa.select(tables.system.c.unit).where(tables.system.c.system_id == system_id)
        found = self.connection.execute(query).scalar_one_or_none()
        if found is None:
            raise RecordNotFound("AI system", system_id, self._near(system_id))
        return str(found)

    def _near(self, system_id: str) -> list[str]:
        column = tables.system.c.system_id
        query = (
            sa.select(column).where(column.startswith(system_id[:3], autoescape=True)).limit(500)
        )
        return list(self.connection.execute(query).scalars())

    def _read_grants(self, actor_id: str) -> tuple[Grant, ...]:
        rows = self.connection.execute(_GRANTS_IN_FORCE, {"of_actor": actor_id})
        return tuple([grant_from_row(row) for row in rows])

    def _revisions(self, system_ids: Iterable[str]) -> dict[str, int]:
        wanted, found = sorted(system_ids), {}
        table = tables.system
        for start in range(0, len(wanted), 1_000):
            part = wanted[start : start + 1_000]
            # Locked, or two answers at once would both stand as the one in force.
            query = (
                sa.select(table.c.system_id, table.c.revision)
                .where(table.c.system_id.in_(part))
                .order_by(table.c.system_id)
                .with_for_update()
            )
            found.update({row.system_id: row.revision for row in self.connection.execute(query)})
        for system_id in wanted:
            if system_id not in found:
                raise RecordNotFound("AI system", system_id, self._near(system_id))
        return found


def _require_text(given: object, kind: str, field: str) -> None:
    if not isinstance(given, str):
        remedy = "give the id as it is listed, in quotation marks"
        problem = Problem(field=field, reason=f"{given!r} is no text", remedy=remedy)
        raise InvalidRecord(f"find an {kind}", [problem])
