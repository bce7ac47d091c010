"""The one object a notebook holds: the services of a workspace, acting as one actor."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aims_core import role_changes, tables
from aims_core.approvals import Approvals
from aims_core.concerns import Concerns
from aims_core.db.migrate import Migrator, SchemaComponent
from aims_core.db.teams import standing
from aims_core.errors import InvalidRecord, ProviderChoice, WorkspaceError
from aims_core.events import WorkspaceFounded
from aims_core.evidence import EvidenceStore
from aims_core.evidence_level import FRESH, EvidenceFacts, EvidenceLevel, judge
from aims_core.inventory import Inventory
from aims_core.lifecycle import Machine, default_machine, load_machine
from aims_core.logins import Logins
from aims_core.plugin_host import Desk, PluginHost, forget_untold
from aims_core.records import Actor
from aims_core.results import Results
from aims_core.reviews import Reviews
from aims_core.roles import ROLES
from aims_core.separation import Separation
from aims_core.settings import Settings, find_folder, read_settings, write_settings
from aims_core.staffing import Staffing, actor_problems, insert_actor, insert_grant
from aims_core.store import Store, Transaction
from aims_core.store.rows import actor_from_row
from aims_core.terms import ActorKind, ScopeKind
from aims_core.trail import Deliveries, Trail
from aims_core.waivers import WaiverRegister


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
        return Workspace(_desk_of(self._desk, self._desk.store.actor(actor_id)))

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
            return _admit_plugins(tx, self.host)

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


def create_workspace(
    folder: Path | str,
    *,
    organisation: str,
    administrator: str,
    database: str | None = None,
    host: PluginHost | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Workspace:
    """Make a workspace, its database and its first administrator, and return it.

    Parameters
    ----------
    folder : path
        Where ``aims.toml``, evidence and (by default) the database lie; made when absent.
    organisation : str
        Name of the organisation.
    administrator : str
        Id of the first administrator, who grants everybody else their roles.
    database : str, optional
        Database URL; a SQLite file in the folder by default.
    host : PluginHost, optional
        Plugins to use; the installed ones by default.
    clock : callable, optional
        Tells the time to the workspace that is returned, aware; the machine does by default. For examples
        and tests: a secured database takes no time but its own.

    Raises
    ------
    WorkspaceError
        The folder already holds a workspace, or the database already has an administrator.
    InvalidRecord
        The administrator's id is no identifier.

    Notes
    -----
    Writes ``WorkspaceFounded``, and ``RoleGranted`` for each role an installed plugin asks to act in.
    """
    if problems := actor_problems(_founder(administrator)):
        raise InvalidRecord(f"make {administrator} the first administrator", problems)
    folder = Path(folder).resolve()
    path = write_settings(
        folder,
        organisation=organisation,
        database_url=database or "sqlite:///aims.db",
        actor=administrator,
    )
    try:
        settings = read_settings(folder)
        host = host or PluginHost(blocked=settings.blocked, providers=settings.providers)
        migrator(settings, host).upgrade()
        with _closed_on_failure(
            Store(settings.database_url, clock=clock, alone=settings.alone)
        ) as store:
            _found(store, host, organisation, administrator)
    except BaseException:  # also when interrupted; it is raised again
        # A half-made workspace would refuse the next try; the database keeps what it has.
        path.unlink()
        raise
    return _open(settings, host, store, administrator)


def open_workspace(
    folder: Path | str | None = None,
    *,
    actor: str | None = None,
    host: PluginHost | None = None,
) -> Workspace:
    """Return the workspace in a folder.

    Parameters
    ----------
    folder : path, optional
        ``AIMS_WORKSPACE``, or the nearest folder upward with an ``aims.toml``, by default.
    actor : str, optional
        Who acts; by default the one behind the login of a secured database, else ``AIMS_ACTOR`` or
        ``[identity] actor``.
    host : PluginHost, optional
        Plugins to use; the installed ones by default.

    Raises
    ------
    WorkspaceError
        There is no workspace, its settings are wrong, or its database is not up to date.
    RecordNotFound
        Nobody is known by the actor's id.
    """
    settings = read_settings(Path(folder).resolve() if folder is not None else find_folder())
    host = host or PluginHost(blocked=settings.blocked, providers=settings.providers)
    _check_schema(settings, host)
    store = Store(settings.database_url, alone=settings.alone)
    with _closed_on_failure(store):
        who = actor or _behind(store) or settings.actor
    if not who:
        store.close()
        raise WorkspaceError(
            "who is acting? Name an actor: actor=…, --as, AIMS_ACTOR, or [identity] actor in aims.toml"
        )
    return _open(settings, host, store, who)


def migrator(settings: Settings, host: PluginHost) -> Migrator:
    """Return the migrator for a database, with every installed plugin's tables."""
    components = [
        SchemaComponent(spec=o.spec, distribution=o.plugin.distribution, version=o.plugin.version)
        for o in host.contributions("aims_migrations")
    ]
    return Migrator(
        settings.database_url,
        components,
        version("aims-core"),
        alone=settings.alone,
        machine=lambda: _machine(settings),
    )


def _behind(store: Store) -> str:
    """Return who the database says is connected, or an empty text where it cannot tell."""
    return "" if store.identity is None else store.identity.actor


def _open(settings: Settings, host: PluginHost, store: Store, actor: str) -> Workspace:
    with _closed_on_failure(store):
        return _at_work(settings, host, store, actor)


@contextmanager
def _closed_on_failure(store: Store) -> Iterator[Store]:
    try:
        yield store
    except BaseException:  # also when interrupted; it is raised again
        store.close()
        raise


def _machine(settings: Settings) -> Machine:
    if settings.machine is None:
        return default_machine()
    machine = load_machine(settings.machine)
    asked = {r for t in machine.transitions for r in (*t.asked_by, *(s.role for s in t.approvals))}
    if unknown := sorted(asked - set(ROLES)):
        raise WorkspaceError(
            f"{settings.machine}: nobody can hold {', '.join(unknown)}; use roles of {', '.join(ROLES)}"
        )
    return machine


def _at_work(settings: Settings, host: PluginHost, store: Store, actor: str) -> Workspace:
    machine = _machine(settings)
    acting: dict[str, Workspace] = {}
    desk = Desk(
        store=store,
        host=host,
        machine=machine,
        settings=settings,
        actor=store.actor(actor),
        acting=acting,
    )
    forget_untold(store, host)
    known = _known_plugins(store)
    for offer in host.contributions("aims_on_event"):
        name = offer.plugin.name
        if name not in acting and f"plugin:{name}" in known:
            acting[name] = Workspace(_desk_of(desk, known[f"plugin:{name}"]))
    return Workspace(desk)


def _desk_of(desk: Desk, actor: Actor) -> Desk:
    return Desk(
        store=desk.store,
        host=desk.host,
        machine=desk.machine,
        settings=desk.settings,
        actor=actor,
        acting=desk.acting,
    )


def _known_plugins(store: Store) -> Mapping[str, Actor]:
    table = tables.actor
    query = sa.select(table).where(table.c.kind == ActorKind.PLUGIN)
    with store.engine.connect() as connection:
        return {row.actor_id: actor_from_row(row) for row in connection.execute(query)}


def _found(store: Store, host: PluginHost, organisation: str, administrator: str) -> None:
    founder = _founder(administrator)
    with store.begin(founder) as tx:
        if tx.connection.execute(sa.select(tables.actor.c.actor_id).limit(1)).scalar() is not None:
            raise WorkspaceError(
                "this database already belongs to a workspace; open it instead, or name another database"
            )
        tx.record(WorkspaceFounded(organisation=organisation, administrator=administrator))
        insert_actor(tx, founder)
        insert_grant(tx, administrator, "administrator", ScopeKind.ORGANISATION, "")
        role_changes.found_alone(tx)
        _admit_plugins(tx, host)


def _founder(administrator: str) -> Actor:
    return Actor(
        actor_id=administrator, name=administrator, kind=ActorKind.PERSON, person=administrator
    )


def _admit_plugins(tx: Transaction, host: PluginHost) -> list[str]:
    """Give plugins that act by themselves an actor of their own, with the roles they ask for.

    Who is known already is left alone, so that a role taken back stays taken back.
    """
    table = tables.actor
    known = set(
        tx.connection.execute(
            sa.select(table.c.actor_id).where(table.c.kind == ActorKind.PLUGIN)
        ).scalars()
    )
    listening = {o.plugin.name for o in host.contributions("aims_on_event")}
    asked: dict[str, set[str]] = {name: set() for name in sorted(listening)}
    for offer in host.contributions("aims_services"):
        if offer.spec.acts_as:
            asked.setdefault(offer.plugin.name, set()).update(offer.spec.acts_as)
    admitted = {f"plugin:{name}": roles for name, roles in asked.items()}
    admitted = {actor_id: roles for actor_id, roles in admitted.items() if actor_id not in known}
    alone = bool(admitted) and not role_changes.other_administrators(tx)
    for actor_id, roles in admitted.items():
        name = actor_id.removeprefix("plugin:")
        insert_actor(
            tx,
            Actor(actor_id=actor_id, name=f"Plugin {name}", kind=ActorKind.PLUGIN, person=actor_id),
        )
        for role in sorted(roles & set(ROLES)):
            if alone:
                insert_grant(tx, actor_id, role, ScopeKind.ORGANISATION, "")
            else:
                why = f"{name} asks to act in it"
                role_changes.propose(tx, actor_id, role, ScopeKind.ORGANISATION, "", reason=why)
    return list(admitted)


def _check_schema(settings: Settings, host: PluginHost) -> None:
    for status in migrator(settings, host).status():
        if status.state in {"missing", "behind", "ahead"}:
            raise WorkspaceError(f"tables of {status.component}: {status.state}; {status.note}")


def _fresh(section: Mapping[str, Any]) -> timedelta:
    days = section.get("fresh_days", FRESH.days)
    if isinstance(days, bool) or not isinstance(days, int) or days < 1:
        raise WorkspaceError(
            f"aims.toml: [audit] fresh_days is {days!r}; give a whole number of days from 1"
        )
    return timedelta(days=days)
