"""The tables and the lifecycle that a workspace stands on: brought forward, checked, loaded."""

import sqlalchemy as sa

from aims_core.db.migrate import Migrator, SchemaComponent
from aims_core.errors import WorkspaceError
from aims_core.lifecycle import Machine, default_machine, load_machine
from aims_core.plugin_host import PluginHost
from aims_core.plugin_host.installed import core_version
from aims_core.roles import ROLES
from aims_core.settings import Settings


def migrator(settings: Settings, host: PluginHost) -> Migrator:
    """Return the migrator for a database, with every installed plugin's tables."""
    components = [
        SchemaComponent(spec=o.spec, distribution=o.plugin.distribution, version=o.plugin.version)
        for o in host.contributions("aims_migrations")
    ]
    return Migrator(
        settings.database_url,
        components,
        core_version(),
        alone=settings.alone,
        machine=lambda: machine_of(settings),
    )


def check_schema(settings: Settings, host: PluginHost, engine: sa.Engine) -> None:
    """Refuse a database, on which an engine is open, whose tables are not those of the installed code.

    Raises
    ------
    WorkspaceError
        Tables of a component are missing, behind or ahead; it is named with what would help.
    """
    for status in migrator(settings, host).status(engine):
        if status.state in {"missing", "behind", "ahead"}:
            raise WorkspaceError(f"tables of {status.component}: {status.state}; {status.note}")


def machine_of(settings: Settings) -> Machine:
    """Return the lifecycle in force: the shipped one, or that of the organisation's own file.

    Raises
    ------
    WorkspaceError
        The file cannot be read, or asks for roles that nobody can hold.
    """
    if settings.machine is None:
        return default_machine()
    machine = load_machine(settings.machine)
    asked = {r for t in machine.transitions for r in (*t.asked_by, *(s.role for s in t.approvals))}
    if unknown := sorted(asked - set(ROLES)):
        raise WorkspaceError(
            f"{settings.machine}: nobody can hold {', '.join(unknown)}; use roles of {', '.join(ROLES)}"
        )
    return machine
