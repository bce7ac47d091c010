"""Schema migrations: one Alembic version table per component, one transaction per component.

A plugin's tables stand beside the core's and move on their own; a plugin that is uninstalled leaves
its tables and its version behind, and everything else goes on working.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from aims_core import tables
from aims_core.canonical import utc_text
from aims_core.contributions import MigrationSpec
from aims_core.db.engine import journal_of, make_engine, sqlite_file
from aims_core.db.guards import guard_tables
from aims_core.db.journal import Journal
from aims_core.db.revisions import Revisions, revisions_in
from aims_core.db.standing import standing_of
from aims_core.db.teams.securing import secure_again
from aims_core.db.ticket import write_ticket
from aims_core.errors import WorkspaceError
from aims_core.lifecycle import Machine, default_machine

CORE = MigrationSpec(component="core", location="", tables="aims_core.history")
_LOCK_KEY = 4_201_042_001


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaComponent:
    """A component with tables, and the distribution it came from."""

    spec: MigrationSpec
    distribution: str
    version: str

    @property
    def name(self) -> str:
        """Name of the component, ``core`` or the plugin's."""
        return self.spec.component

    @property
    def prefix(self) -> str:
        """What its table names start with."""
        return "aims_" if self.name == "core" else f"{self.name}_"

    @property
    def version_table(self) -> str:
        """Name of its Alembic version table."""
        return f"aims_alembic_{self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaStatus:
    """How one component stands.

    ``current``, ``behind``, ``missing``, ``ahead``; ``orphan`` when its plugin is not installed,
    ``unmet`` when it needs one that is not, ``failed`` when its migrations cannot be read.
    """

    component: str
    distribution: str
    version: str
    revision: str
    head: str
    state: str
    note: str = ""


@cache
def core_migrations() -> Path:
    """Return the folder of the shared Alembic environment, in a wheel or in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "migrations", package.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise WorkspaceError(
        "the core's migrations are missing from this installation; reinstall aims-core"
    )


class Migrator:
    """Brings the schema of the core and of every plugin forward, each in its own transaction.

    Parameters
    ----------
    url : str
        Database URL.
    components : sequence of SchemaComponent
        The plugins' components; the core is always there.
    version : str
        Version of aims-core.
    alone : bool
        Allow a SQLite file on a network folder; see :func:`aims_core.db.engine.make_engine`.
    machine : callable
        Returns the lifecycle that a secured database enforces.
    """

    def __init__(
        self,
        url: str,
        components: Sequence[SchemaComponent] = (),
        version: str = "0",
        *,
        alone: bool = False,
        machine: Callable[[], Machine] = default_machine,
    ) -> None:
        self._version, self._machine = version, machine
        core = SchemaComponent(spec=CORE, distribution="aims-core", version=version)
        self._components = {c.name: c for c in (core, *components)}
        self._url = url
        self._alone = alone

    def upgrade(self, targets: Mapping[str, str] | None = None) -> dict[str, tuple[str, str]]:
        """Move every component to its newest revision and return (before, after) by component.

        Parameters
        ----------
        targets : mapping, optional
            Revisions to move to instead, by component; those that it does not name stay as they are.

        Raises
        ------
        WorkspaceError
            A component needs another that is absent or too old, or its target is not known here; the
            others before it are kept.
        """
        moved: dict[str, tuple[str, str]] = {}
        with self._engine(migrating=True) as engine, write_ticket(sqlite_file(engine.url)):
            for part in self._moving(targets):
                with engine.begin() as connection:
                    self._lock(connection)
                    self._require(connection, part)
                    before = self._revision(connection, part)
                    target = "head" if targets is None else targets[part.name]
                    command.upgrade(self.config(part, connection), target)
                    after = self._revision(connection, part)
                    if part.name == "core":
                        guard_tables(connection)
                    self._check_references(connection)
                    self._note(connection, part, after)
                    self._secure(connection, part)
                moved[part.name] = (before, after)
        return moved

    def _moving(self, targets: Mapping[str, str] | None) -> Sequence[SchemaComponent]:
        if targets is None:
            return self.order()
        parts = [part for part in self.order() if targets.get(part.name)]
        for name, revision in targets.items():
            part = next((p for p in parts if p.name == name), None)
            if revision and (part is None or revision not in self._revisions(part).known):
                raise WorkspaceError(
                    f"the tables of {name} are wanted at {revision}, which is not installed here; "
                    "install the plugin, or a version of it that knows this revision"
                )
        return parts

    def downgrade(self, component: str, target: str = "base") -> None:
        """Take one component back; refused while another installed component stands on it."""
        if component not in self._components:
            known = ", ".join(self._components)
            raise WorkspaceError(f"no component {component!r} is installed; there are {known}")
        part = self._components[component]
        standing = [
            c.name
            for c in self._components.values()
            if component in c.spec.requires or (component == "core" and c is not part)
        ]
        if standing:
            raise WorkspaceError(f"{component} cannot go back: {', '.join(standing)} stand on it")
        with (
            self._engine(migrating=True) as engine,
            write_ticket(sqlite_file(engine.url)),
            engine.begin() as connection,
        ):
            self._lock(connection)
            command.downgrade(self.config(part, connection), target)
            self._check_references(connection)
            if component != "core":
                self._note(connection, part, self._revision(connection, part))

    def status(self, engine: sa.Engine | None = None) -> tuple[SchemaStatus, ...]:
        """Return how each component stands, orphans of uninstalled plugins included.

        Parameters
        ----------
        engine : Engine, optional
            One that is open on the same database, and stays so; an own one by default.
        """
        opened = self._engine() if engine is None else nullcontext(engine)
        with opened as open_engine, open_engine.connect() as connection:
            standing = standing_of(
                connection, {c.name: c.version_table for c in self._components.values()}
            )
        order = [c.name for c in self.order()]
        found = [
            self._state(c, standing.revisions.get(c.name, ""), met=c.name in order)
            for c in self._components.values()
        ]
        orphans = (row for name, row in standing.noted.items() if name not in self._components)
        found += [
            SchemaStatus(
                component=row.component,
                distribution=row.distribution,
                version=row.version,
                revision=row.revision or "",
                head="",
                state="orphan",
                note="its plugin is not installed; its records are kept",
            )
            for row in orphans
        ]
        return tuple(found)

    def journal(self) -> Journal | None:
        """Return how the database keeps its transactions; None for PostgreSQL."""
        with self._engine() as engine:
            return journal_of(engine)

    def order(self) -> tuple[SchemaComponent, ...]:
        """Return the components in the order of their needs; unmet and failed ones are left out."""
        needs = {
            name: set(part.spec.requires) | ({"core"} if name != "core" else set())
            for name, part in self._components.items()
            if name == "core" or not self._fault(part)
        }
        while unmet := [name for name, wanted in needs.items() if wanted - needs.keys()]:
            for name in unmet:
                del needs[name]
        try:
            return tuple(self._components[name] for name in TopologicalSorter(needs).static_order())
        except CycleError as error:
            raise WorkspaceError(
                f"components need each other in a circle: {error.args[1]}"
            ) from error

    def config(self, part: SchemaComponent, connection: sa.Connection | None = None) -> Config:
        """Return Alembic's configuration for one component."""
        config = Config()
        config.set_main_option("script_location", _quoted(core_migrations()))
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", _quoted(self._versions(part)))
        config.attributes.update(
            connection=connection,
            version_table=part.version_table,
            prefix=part.prefix,
            target_metadata=tables.metadata,
        )
        return config

    def component(self, name: str) -> SchemaComponent:
        """Return the component of this name; its needs' tables are imported, so it can be compared."""
        for part in self.order():
            if part.spec.tables:
                import_module(part.spec.tables)
        return self._components[name]

    @contextmanager
    def _engine(self, *, migrating: bool = False) -> Iterator[sa.Engine]:
        engine = make_engine(self._url, migrating=migrating, alone=self._alone)
        try:
            yield engine
        finally:
            engine.dispose()

    def _revisions(self, part: SchemaComponent) -> Revisions:
        return revisions_in(self._versions(part), _quoted(core_migrations()))

    def _fault(self, part: SchemaComponent) -> str:
        """Say why a plugin's migrations cannot be used; it must not keep the rest from working."""
        try:
            heads = self._revisions(part).heads
        except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code may fail in any way; it is shown
            return f"its migrations cannot be read: {error}"
        return "" if len(heads) == 1 else f"its migrations have {len(heads)} heads, not one"

    @staticmethod
    def _versions(part: SchemaComponent) -> Path:
        if part.name == "core":
            return core_migrations() / "versions"
        package, _, folder = part.spec.location.partition(":")
        return Path(str(files(package) / folder))

    @staticmethod
    def _lock(connection: sa.Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL lock_timeout = '30s'"))
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})

    def _secure(self, connection: sa.Connection, part: SchemaComponent) -> None:
        """Put the protection of a secured database in force again, new tables included."""
        if part.spec.tables:
            import_module(part.spec.tables)
        now = utc_text(datetime.now(UTC))
        secure_again(connection, machine=self._machine, version=self._version, at=now)

    @staticmethod
    def _check_references(connection: sa.Connection) -> None:
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise WorkspaceError(
                    f"migration would leave {len(broken)} row(s) without their parent: {broken[:3]}"
                )

    @staticmethod
    def _revision(connection: sa.Connection, part: SchemaComponent) -> str:
        context = MigrationContext.configure(connection, opts={"version_table": part.version_table})
        return ", ".join(context.get_current_heads())

    def _require(self, connection: sa.Connection, part: SchemaComponent) -> None:
        for name, wanted in part.spec.requires.items():
            have = self._revision(connection, self._components[name])
            script = ScriptDirectory.from_config(self.config(self._components[name]))
            reached = have and any(
                r.revision == wanted for r in script.iterate_revisions(have, "base")
            )
            if not reached:
                raise WorkspaceError(
                    f"{part.name} needs {name} at {wanted}, the database is at {have or 'nothing'}"
                )

    @staticmethod
    def _note(connection: sa.Connection, part: SchemaComponent, revision: str) -> None:
        table = tables.schema_component
        connection.execute(sa.delete(table).where(table.c.component == part.name))
        connection.execute(
            sa.insert(table).values(
                component=part.name,
                distribution=part.distribution,
                version=part.version,
                revision=revision,
                requires=dict(part.spec.requires),
            )
        )

    def _state(self, part: SchemaComponent, revision: str, *, met: bool) -> SchemaStatus:
        if part.name != "core" and (fault := self._fault(part)):
            return SchemaStatus(
                component=part.name,
                distribution=part.distribution,
                version=part.version,
                revision=revision,
                head="",
                state="failed",
                note=fault,
            )
        there = self._revisions(part)
        head = ", ".join(there.heads)
        states: tuple[tuple[Callable[[], bool], str], ...] = (
            (lambda: not met, "unmet"),
            (lambda: not revision, "missing"),
            (lambda: revision == head, "current"),
            (lambda: revision in there.known, "behind"),
        )
        state = next((name for test, name in states if test()), "ahead")
        return SchemaStatus(
            component=part.name,
            distribution=part.distribution,
            version=part.version,
            revision=revision,
            head=head,
            state=state,
            note={
                "missing": "run `aims db upgrade`",
                "behind": "run `aims db upgrade`",
                "ahead": "the database was written by a newer version; upgrade this installation",
                "unmet": f"needs {', '.join(part.spec.requires)}, which is not installed",
            }.get(state, ""),
        )


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%%")
