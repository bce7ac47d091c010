"""The first minute of a workspace: its first administrator, and the plugins that act by themselves."""

import sqlalchemy as sa

from aims_core import role_changes, tables
from aims_core.errors import WorkspaceError
from aims_core.events import WorkspaceFounded
from aims_core.plugin_host import PluginHost
from aims_core.records import Actor
from aims_core.staffing import insert_actor, insert_grant
from aims_core.store import Store, Transaction
from aims_core.terms import ActorKind, ScopeKind


def found(store: Store, host: PluginHost, organisation: str, administrator: str) -> None:
    """Put the first administrator and the plugins on record.

    Raises
    ------
    WorkspaceError
        The database has an administrator already.

    Notes
    -----
    Writes ``WorkspaceFounded``, and ``RoleGranted`` for each role an installed plugin asks to act in.
    """
    founder = founder_of(administrator)
    with store.begin(founder) as tx:
        if tx.connection.execute(sa.select(tables.actor.c.actor_id).limit(1)).scalar() is not None:
            raise WorkspaceError(
                "this database already belongs to a workspace; open it instead, or name another database"
            )
        tx.record(WorkspaceFounded(organisation=organisation, administrator=administrator))
        insert_actor(tx, founder)
        insert_grant(tx, administrator, "administrator", ScopeKind.ORGANISATION, "")
        role_changes.found_alone(tx)
        admit_plugins(tx, host)


def founder_of(administrator: str) -> Actor:
    """Return the first administrator as an actor."""
    return Actor(
        actor_id=administrator, name=administrator, kind=ActorKind.PERSON, person=administrator
    )


def admit_plugins(tx: Transaction, host: PluginHost) -> list[str]:
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
        for role in sorted(roles):
            if alone:
                insert_grant(tx, actor_id, role, ScopeKind.ORGANISATION, "")
            else:
                why = f"{name} asks to act in it"
                role_changes.propose(tx, actor_id, role, ScopeKind.ORGANISATION, "", reason=why)
    return list(admitted)
