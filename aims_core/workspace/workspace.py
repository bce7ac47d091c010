"""The one object a notebook holds: the services of a workspace, acting as one actor."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import cached_property
from html import escape
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.approvals import Approvals
from aims_core.concerns import Concerns
from aims_core.db.migrate import Migrator
from aims_core.db.teams import standing
from aims_core.errors import ProviderChoice, WorkspaceError
from aims_core.evidence import EvidenceStore
from aims_core.evidence_level import FRESH, EvidenceFacts, EvidenceLevel, judge
from aims_core.inventory import Inventory
from aims_core.lifecycle import Machine
from aims_core.logins import Logins
from aims_core.plugin_host import Desk, PluginHost
from aims_core.records import Actor
from aims_core.results import Results
from aims_core.reviews import Reviews
from aims_core.separation import Separation
from aims_core.settings import Settings
from aims_core.staffing import Staffing
from aims_core.store import Transaction
from aims_core.trail import Deliveries, Trail
from aims_core.waivers import WaiverRegister
from aims_core.workspace.founding import admit_plugins
from aims_core.workspace.schema import migrator


class Workspace:
    """Services of one workspace, acting as one actor. Made by `open_workspace` and `create_workspace`.

    Attributes
    ----------
    inventory, approvals, reviews, waivers, separation, evidence, results, staffing, audit, deliveries
        The core's services.
    risk, monitoring, …
        Services of installed plugins, by the name they register.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._services: dict[str, Any] = {}

    @property
    def actor(self) -> Actor:
        """Who acts here."""
        return self._desk.actor

    @property
    def settings(self) -> Settings:
        """What ``aims.toml`` says."""
        return self._desk.settings

    @property
    def machine(self) -> Machine:
        """The lifecycle in force."""
        return self._desk.machine

    @property
    def host(self) -> PluginHost:
        """The plugins."""
        return self._desk.host

    @property
    def evidence_level(self) -> str:
        """What this instance can and cannot prove, in a line; shown wherever people rely on it."""
        return str(self.judge_evidence())

    def judge_evidence(self) -> EvidenceLevel:
        """Return the evidence level of this instance, E1 to E4, with what holds and what is lacking.

        Raises
        ------
        WorkspaceError
            ``[audit] fresh_days`` is no number of days.
        """
        store, kept = self._desk.store, tables.anchoring
        newest = sa.select(sa.func.max(kept.c.at)).where(kept.c.kept)
        with self._desk.reading() as tx:
            protection = standing(tx.connection)
            kept_at = tx.connection.execute(newest).scalar()
        return judge(
            EvidenceFacts(
                database=store.dialect,
                secured=protection.secured,
                matches=protection.matches,
                kept_at=kept_at,
                now=self.now(),
                fresh=_fresh(self.settings.section("audit")),
            )
        )

    @cached_property
    def inventory(self) -> Inventory:
        """The register of AI systems."""
        return Inventory(self._desk)

    @cached_property
    def approvals(self) -> Approvals:
        """Requests for transitions, and decisions on them."""
        return Approvals(self._desk)

    @cached_property
    def reviews(self) -> Reviews:
        """Standing conditions and the batch review."""
        return Reviews(self._desk)

    @cached_property
    def waivers(self) -> WaiverRegister:
        """Conditions that count as met for a time."""
        return WaiverRegister(self._desk)

    @cached_property
    def separation(self) -> Separation:
        """Rules of separation of duties, exceptions to them, breaches."""
        return Separation(self._desk)

    @cached_property
    def concerns(self) -> Concerns:
        """Concerns, heard by whom they do not concern."""
        return Concerns(self._desk)

    @cached_property
    def evidence(self) -> EvidenceStore:
        """Evidence about systems."""
        return EvidenceStore(self._desk)

    @cached_property
    def results(self) -> Results:
        """What providers computed."""
        return Results(self._desk)

    @cached_property
    def staffing(self) -> Staffing:
        """Actors and roles."""
        return Staffing(self._desk)

    @cached_property
    def logins(self) -> Logins:
        """Logins of people, on a PostgreSQL database that enforces who may do what."""
        return Logins(self._desk)

    @cached_property
    def audit(self) -> Trail:
        """The audit trail."""
        return Trail(self._desk)

    @cached_property
    def deliveries(self) -> Deliveries:
        """Tells that failed."""
        return Deliveries(self._desk)

    def act_as(self, actor_id: str) -> "Workspace":
        """Return the same workspace acting as somebody else; see `evidence_level` for what that proves.

        Raises
        ------
        RecordNotFound
            Nobody is known by this id.
        """
        return Workspace(desk_of(self._desk, self._desk.store.actor(actor_id)))

    def writing(self) -> AbstractContextManager[Transaction]:
        """Open a writing transaction; after its commit, listeners are told. For services of plugins."""
        return self._desk.writing()

    def reading(self) -> AbstractContextManager[Transaction]:
        """Open a reading transaction. For services of plugins."""
        return self._desk.reading()

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return self._desk.store.clock()

    def admit_plugins(self) -> list[str]:
        """Let plugins act that were installed after the founding, and return their actors' ids.

        They get the roles they ask for, which an administrator can take back; where there are two
        administrators, the roles are proposed and another one confirms them. Who is known already is
        left alone. They are told of events from the next opening of the workspace on.

        Raises
        ------
        NotPermitted
            Only administrators admit plugins.

        Notes
        -----
        Writes ``ActorAdded``, and ``RoleGranted`` or ``RoleChangeProposed``.
        """
        with self.writing() as tx:
            tx.require("grant", "admit plugins")
            return admit_plugins(tx, self.host)

    def migrator(self) -> Migrator:
        """Return the migrator of this workspace's database, with every installed plugin's tables."""
        return migrator(self.settings, self.host)

    def close(self) -> None:
        """Give the database's connections back."""
        self._desk.store.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._services:
            self._services[name] = self._service(name)
        return self._services[name]

    def __dir__(self) -> list[str]:
        offers = self.host.contributions("aims_services")
        return [*super().__dir__(), *(o.spec.name for o in offers)]

    def __repr__(self) -> str:
        return f"<AIMS workspace of {self.settings.organisation}, acting as {self.actor.actor_id}>"

    def _repr_html_(self) -> str:
        return (
            f"<p><strong>{escape(self.settings.organisation)}</strong>: AI management system, "
            f"acting as {escape(self.actor.name)} ({escape(self.actor.actor_id)}).<br>"
            f"Evidence level: {escape(self.evidence_level)}.</p>"
        )

    def _service(self, name: str) -> Any:
        offers = self.host.contributions("aims_services")
        named = [o for o in offers if o.spec.name == name]
        if not named:
            offered = ", ".join(sorted({o.spec.name for o in offers}))
            raise AttributeError(
                f"this workspace has no {name!r}; installed plugins offer: {offered or 'nothing'}"
            )
        wanted = self.host.providers.get(name, "")
        fitting = [o for o in named if wanted in {"", o.spec.id}]
        if len(fitting) != 1:
            raise ProviderChoice(name, wanted, [o.spec.id for o in named])
        return self.host.ask(fitting[0], fitting[0].spec.factory, self)


def desk_of(desk: Desk, actor: Actor) -> Desk:
    """Return the same desk with somebody else at it."""
    return Desk(
        store=desk.store,
        host=desk.host,
        machine=desk.machine,
        settings=desk.settings,
        actor=actor,
        acting=desk.acting,
    )


def _fresh(section: Mapping[str, Any]) -> timedelta:
    days = section.get("fresh_days", FRESH.days)
    if isinstance(days, bool) or not isinstance(days, int) or days < 1:
        raise WorkspaceError(
            f"aims.toml: [audit] fresh_days is {days!r}; give a whole number of days from 1"
        )
    return timedelta(days=days)
