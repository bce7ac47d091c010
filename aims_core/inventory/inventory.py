"""Register, revise and find AI systems; import many at once. Everything here acts as one actor."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aims_core import audit, tables
from aims_core.errors import InvalidRecord, RevisionConflict
from aims_core.events import ComponentRegistered, RecordedEvent, SystemRegistered, SystemRevised
from aims_core.inventory import bulk, search
from aims_core.inventory.content import check_content, check_id, content_digest, search_text
from aims_core.inventory.lapse import lapse_approvals
from aims_core.plugin_host import Desk
from aims_core.records import AISystem, Component, ImportOutcome, Problem
from aims_core.store import Transaction
from aims_core.store.rows import component_from_row
from aims_core.terms import (
    ApprovalState,
    ComponentKind,
    Entry,
    OperationalStatus,
    Origin,
    RiskCategory,
)


class Inventory:
    """The register of AI systems; reached as ``workspace.inventory``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(
        self,
        system_id: str,
        *,
        name: str,
        use_case: str,
        owner: str,
        origin: Origin | str,
        declared_risk_category: RiskCategory | str,
        **details: Any,
    ) -> AISystem:
        """Put an AI system on the register and return it; the same call again returns it unchanged.

        Parameters
        ----------
        system_id : str
            Chosen by people: 1 to 64 of a-z, 0-9, dot, dash, underscore.
        name, use_case : str
            What it is called and what it is used for.
        owner : str
            Id of the actor who answers for it.
        origin : Origin
            Where it comes from.
        declared_risk_category : RiskCategory
            What the owner says before anybody assessed it.
        **details
            ``unit, intended_use, supplier, human_oversight, incident_contact, attributes, components``.

        Returns
        -------
        AISystem
            In its initial stage, approval state `none`, revision 1.

        Raises
        ------
        InvalidRecord
            Fields are missing or wrong, or the id is taken by a different description.
        NotPermitted
            The actor may not register systems in this unit.

        Notes
        -----
        Writes ``SystemRegistered``. Source: ISO/IEC 42001, A.4.2; NIST AI RMF, GOVERN 1.6.
        """
        asked = f"register {system_id}"
        given = {
            "name": name,
            "use_case": use_case,
            "owner": owner,
            "origin": origin,
            "declared_risk_category": declared_risk_category,
            **details,
        }
        content, problems = check_content(given)
        problems = check_id("system_id", system_id) + problems
        with self._desk.writing() as tx:
            tx.require("register", asked, unit=content["unit"])
            if problems:
                raise InvalidRecord(asked, problems)
            known = tx.connection.execute(
                sa.select(tables.system.c.system_id).where(tables.system.c.system_id == system_id)
            ).scalar()
            if known is not None:
                return self._found(tx, system_id, content, asked)
            self._check_links(tx, content, asked)
            self._insert(tx, system_id, content)
            return tx.get_system(system_id)

    def revise(
        self, system_id: str, *, expected_revision: int | None = None, **changes: Any
    ) -> AISystem:
        """Change a system's description and return it; changing nothing writes nothing.

        Parameters
        ----------
        expected_revision : int, optional
            The revision the change was made from; another one since is refused.
        **changes
            New values of content fields. An approval given for the earlier revision lapses.

        Raises
        ------
        RevisionConflict
            Somebody revised the system meanwhile.
        InvalidRecord, NotPermitted, RecordNotFound
            As for :meth:`register`.

        Notes
        -----
        Writes ``SystemRevised`` and closes open requests as lapsed.
        """
        asked = f"revise {system_id}"
        with self._desk.writing() as tx:
            tx.require("revise", asked, system_id=system_id)
            system = tx.get_system(system_id, for_update=True)
            if expected_revision is not None and expected_revision != system.revision:
                raise RevisionConflict(
                    f"{asked}: you saw revision {expected_revision}, it is {system.revision} now; "
                    "read it again and repeat your change"
                )
            before = _plain(system)
            content, problems = check_content({**before, **changes})
            if problems:
                raise InvalidRecord(asked, problems)
            if content_digest(content) == system.digest:
                return system
            self._check_links(tx, content, asked)
            write_revision(
                tx, system, content, {k: v for k, v in content.items() if v != before[k]}
            )
            return tx.get_system(system_id)

    def get(self, system_id: str) -> AISystem:
        """Return one system.

        Raises
        ------
        RecordNotFound
            No system has this id; near ones are suggested.
        """
        with self._desk.reading() as tx:
            return tx.get_system(system_id)

    def find(self, text: str = "", **options: Any) -> tuple[list[AISystem], int]:
        """Return one page of systems and the number of all that fit; see :func:`search.find`."""
        with self._desk.reading() as tx:
            return search.find(tx, text, **options)

    def frame(self, text: str = "", **filters: Any) -> Any:
        """Return all systems that fit as a DataFrame with the columns of :data:`search.COLUMNS`."""
        with self._desk.reading() as tx:
            return search.frame(tx, text, **filters)

    def counts(self, by: str = "stage") -> dict[str, int]:
        """Return the number of systems by a column such as ``stage``, ``tier`` or ``unit``."""
        with self._desk.reading() as tx:
            return search.counts(tx, by)

    def history(self, system_id: str) -> list[RecordedEvent]:
        """Return every event about a system, oldest first."""
        table = tables.event
        query = sa.select(table).where(table.c.system_id == system_id).order_by(table.c.sequence)
        with self._desk.reading() as tx:
            tx.get_system(system_id)
            return audit.read(tx.connection, query)

    def register_component(
        self,
        component_id: str,
        *,
        kind: ComponentKind | str,
        name: str,
        version: str = "",
        supplier: str = "",
        attributes: Mapping[str, Any] | None = None,
    ) -> Component:
        """Put a model, dataset or supplier's service on record and return it; found when it is there.

        Raises
        ------
        InvalidRecord
            The kind is unknown, the name is empty, or the id is taken by a different component.

        Notes
        -----
        Writes ``ComponentRegistered``. Source: ISO/IEC 42001, A.4.3 to A.4.5.
        """
        asked = f"register component {component_id}"
        problems = check_id("component_id", component_id)
        if str(kind) not in list(ComponentKind):
            problems.append(
                Problem(
                    field="kind",
                    reason=f"is {kind!r}",
                    remedy=f"use one of {', '.join(ComponentKind)}",
                )
            )
        if not name.strip():
            problems.append(Problem(field="name", reason="is empty", remedy="name the component"))
        wanted = {
            "component_id": component_id,
            "kind": str(kind),
            "name": name.strip(),
            "version": version,
            "supplier": supplier,
            "attributes": dict(attributes or {}),
        }
        with self._desk.writing() as tx:
            tx.require("register", asked)
            if problems:
                raise InvalidRecord(asked, problems)
            table = tables.component
            row = tx.connection.execute(
                sa.select(table).where(table.c.component_id == component_id)
            ).one_or_none()
            if row is None:
                tx.connection.execute(
                    sa.insert(table).values(
                        **wanted, registered_at=tx.now, registered_by=tx.actor.actor_id
                    )
                )
                tx.record(
                    ComponentRegistered(
                        component_id=component_id,
                        kind=str(kind),
                        name=name.strip(),
                        version=version,
                        supplier=supplier,
                    )
                )
                row = tx.connection.execute(
                    sa.select(table).where(table.c.component_id == component_id)
                ).one()
            found = component_from_row(row)
            if any(getattr(found, k) != v for k, v in wanted.items()):
                problem = Problem(
                    field="component_id",
                    reason=f"{component_id!r} is taken by {found.name!r}",
                    remedy="choose another id, such as one with the version in it",
                )
                raise InvalidRecord(asked, [problem])
            return found

    def components(self) -> Any:
        """Return all components as a DataFrame: component_id, kind, name, version, supplier, systems."""
        with self._desk.reading() as tx:
            return search.components(tx)

    def import_file(
        self,
        path: Path | str,
        *,
        mapping: Any = None,
        importer: str = "",
        dry_run: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> ImportOutcome:
        """Import an inventory file and return what became of each row; see :func:`bulk.import_batch`.

        Parameters
        ----------
        path : path
            The file; which importer reads it follows from `importer`, ``[providers]`` or its ending.
        mapping : path or mapping, optional
            How its columns become fields; its form is the importer's.
        dry_run : bool
            True reports what would happen and writes nothing.
        progress : callable, optional
            Told ``(done, total)`` as rows are worked off.

        Raises
        ------
        ProviderChoice
            No importer, or several, can read the file.
        PluginError
            The importer failed; nothing was written.
        """
        batch = bulk.read_file(self._desk.host, Path(path), mapping, importer)
        with self._desk.writing() as tx:
            tx.require("import", f"import {batch.source}")
            return bulk.import_batch(
                tx, batch, dry_run=dry_run, progress=progress, machine=self._desk.machine
            )

    def _found(
        self, tx: Transaction, system_id: str, content: Mapping[str, Any], asked: str
    ) -> AISystem:
        """Find instead of doubling when a registration said exactly this."""
        table = tables.system_revision
        first = sa.select(table.c.digest).where(
            table.c.system_id == system_id, table.c.revision == 1
        )
        system = tx.get_system(system_id)
        if content_digest(content) in {system.digest, tx.connection.execute(first).scalar()}:
            return system
        problem = Problem(
            field="system_id",
            reason=f"{system_id!r} is taken by {system.name!r} with another description",
            remedy="choose another id, or revise the system",
        )
        raise InvalidRecord(asked, [problem])

    @staticmethod
    def _check_links(tx: Transaction, content: Mapping[str, Any], asked: str) -> None:
        known = set(
            tx.connection.execute(
                sa.select(tables.component.c.component_id).where(
                    tables.component.c.component_id.in_(content["components"])
                )
            ).scalars()
        )
        problems = [
            Problem(
                field="components",
                reason=f"{one!r} is not registered",
                remedy="register the component first",
            )
            for one in content["components"]
            if one not in known
        ]
        owner = sa.select(tables.actor.c.actor_id).where(
            tables.actor.c.actor_id == content["owner"]
        )
        if tx.connection.execute(owner).scalar() is None:
            problems.append(
                Problem(
                    field="owner",
                    reason=f"nobody is known as {content['owner']!r}",
                    remedy="add the person first, or name a known actor",
                )
            )
        if problems:
            raise InvalidRecord(asked, problems)

    def _insert(self, tx: Transaction, system_id: str, content: Mapping[str, Any]) -> None:
        key, stage = content_digest(content), self._desk.machine.initial
        tx.connection.execute(
            sa.insert(tables.system).values(
                **content,
                system_id=system_id,
                stage=stage,
                status=OperationalStatus.ACTIVE,
                tier=RiskCategory.UNDETERMINED,
                approval_state=ApprovalState.NONE,
                entry=Entry.NEW,
                revision=1,
                digest=key,
                registered_at=tx.now,
                revised_at=tx.now,
                search=search_text(system_id, content),
            )
        )
        _keep_revision(tx, system_id, 1, content, key)
        _link_components(tx, system_id, content["components"])
        tx.record(
            SystemRegistered(
                system_id=system_id,
                revision=1,
                digest=key,
                stage=stage,
                entry=str(Entry.NEW),
                content=content,
            )
        )


def write_revision(
    tx: Transaction, system: AISystem, content: Mapping[str, Any], changed: Mapping[str, Any]
) -> None:
    """Store a new revision, lapse what was approved or asked for the old one, and record it."""
    key, revision = content_digest(content), system.revision + 1
    table = tables.system
    lapsed = (
        ApprovalState.NONE if system.approval_state is ApprovalState.NONE else ApprovalState.LAPSED
    )
    done = tx.connection.execute(
        sa.update(table)
        .where(table.c.system_id == system.system_id, table.c.revision == system.revision)
        .values(
            **content,
            revision=revision,
            digest=key,
            revised_at=tx.now,
            approval_state=lapsed,
            search=search_text(system.system_id, content),
        )
    )
    if done.rowcount != 1:
        raise RevisionConflict(
            f"revise {system.system_id}: somebody else revised it; read it again and repeat"
        )
    _keep_revision(tx, system.system_id, revision, content, key)
    _link_components(tx, system.system_id, content["components"])
    tx.record(
        SystemRevised(system_id=system.system_id, revision=revision, digest=key, changed=changed)
    )
    lapse_approvals(tx, [system.system_id])


def _plain(system: AISystem) -> dict[str, Any]:
    content = system.content()
    content["components"] = list(content["components"])
    content["attributes"] = dict(content["attributes"])
    return {k: str(v) if isinstance(v, str) else v for k, v in content.items()}


def _keep_revision(
    tx: Transaction, system_id: str, revision: int, content: Mapping[str, Any], key: str
) -> None:
    tx.connection.execute(
        sa.insert(tables.system_revision).values(
            system_id=system_id,
            revision=revision,
            content=content,
            digest=key,
            author=tx.actor.actor_id,
            at=tx.now,
        )
    )


def _link_components(tx: Transaction, system_id: str, components: list[str]) -> None:
    table = tables.system_component
    tx.connection.execute(sa.delete(table).where(table.c.system_id == system_id))
    if components:
        tx.connection.execute(
            sa.insert(table), [{"system_id": system_id, "component_id": c} for c in components]
        )
