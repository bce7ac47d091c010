"""Register, revise and find AI systems; import many at once. Everything here acts as one actor."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aims_core import tables
from aims_core.auditors import check_owner
from aims_core.errors import InvalidRecord, RevisionConflict
from aims_core.inventory import (
    components,
    entrance,
    export,
    importing,
)
from aims_core.inventory.content import check_component, check_content, check_id, content_digest
from aims_core.inventory.editing import Editing
from aims_core.inventory.importing import ImportedFile
from aims_core.inventory.planning import ended_problem
from aims_core.inventory.revisions import (
    first_digest,
    first_revision,
    next_revision,
    plain_content,
)
from aims_core.lifecycle import emptied_fields
from aims_core.records import AISystem, Component, Problem
from aims_core.store import Transaction
from aims_core.terms import ComponentKind, Entry, Origin, RiskCategory


class Inventory(Editing):
    """The register of AI systems; reached as ``workspace.inventory``."""

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
            For a system that runs already: ``entry="legacy"`` with its ``stage`` and, if it is stopped,
            its ``status``; ``evidence_due`` is the day or aware time by which the evidence of the gates it
            never passed is made up, as far off as the lifecycle says by default.

        Returns
        -------
        AISystem
            In its initial stage (or that of a legacy entry), approval state `none`, revision 1.

        Raises
        ------
        InvalidRecord
            Fields are missing or wrong, or the id is taken by a different description.
        NotPermitted
            The actor may not register systems in this unit; a legacy entry takes the right to import.

        Notes
        -----
        Writes ``SystemRegistered``. Source: ISO/IEC 42001, A.4.2; NIST AI RMF, GOVERN 1.6.
        """
        asked = f"register {system_id}"
        around = {field: details.pop(field) for field in entrance.FIELDS if field in details}
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
            placed, misplaced = entrance.read_entrance(around, self._desk.machine, tx.now)
            right = "register" if placed.entry == Entry.NEW else "import"
            tx.require(right, asked, unit=content["unit"])
            if problems or misplaced:
                raise InvalidRecord(asked, [*problems, *misplaced])
            known = tx.connection.execute(
                sa.select(tables.system.c.system_id).where(tables.system.c.system_id == system_id)
            ).scalar()
            if known is not None:
                return self._found(tx, system_id, content, asked)
            self._check_links(tx, system_id, content, asked)
            first_revision(tx, system_id, content, placed)
            tx.result = registered = tx.get_system(system_id)
            return registered

    def revise(
        self, system_id: str, *, expected_revision: int | None = None, **changes: Any
    ) -> AISystem:
        """Change a system's description and return it; changing nothing writes nothing.

        Parameters
        ----------
        expected_revision : int, optional
            The revision the change was made from; another one since is refused.
        **changes
            New values of content fields. An approval given for the earlier revision lapses. A field
            that the system's stage needs cannot be emptied.

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
            tx.attempt(asked, system_id)
            system = tx.get_system(system_id, for_update=True)
            tx.require("revise", asked, system_id=system_id, unit=system.unit)
            if expected_revision is not None and expected_revision != system.revision:
                raise RevisionConflict(
                    f"{asked}: you saw revision {expected_revision}, it is {system.revision} now; "
                    "read it again and repeat your change"
                )
            before = plain_content(system)
            content, problems = check_content({**before, **changes})
            machine, tier = self._desk.machine, str(system.tier)
            problems += emptied_fields(machine, system.stage, tier, before, content)
            if problems:
                raise InvalidRecord(asked, problems)
            if content_digest(content) == system.digest:
                return system
            if self._desk.machine.stage(system.stage).terminal:
                raise InvalidRecord(asked, [ended_problem(system_id, system.stage)])
            if content["unit"] != system.unit:
                # Or one would hand a system to a unit, and take its people's rights, from outside.
                tx.require("revise", asked, system_id=system_id, unit=content["unit"])
            before = plain_content(system)
            changed = {n: v for n, v in content.items() if v != before[n]}
            self._check_links(tx, system_id, changed, asked)
            tx.result = revised = next_revision(tx, system, content)
            return revised

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
        given = {"name": name, "version": version, "supplier": supplier, "attributes": attributes}
        content, problems = check_component({**given, "kind": kind})
        problems = check_id("component_id", component_id) + problems
        with self._desk.writing() as tx:
            tx.require("register", asked)
            if problems:
                raise InvalidRecord(asked, problems)
            return components.keep(tx, component_id, content, asked)

    def import_file(
        self,
        path: Path | str,
        *,
        mapping: Any = None,
        importer: str = "",
        dry_run: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> ImportedFile:
        """Import an inventory file and return what became of each row.

        Systems that are there already are revised where the file says something else, and left alone
        where it does not. A thousand rows are one transaction: stopped anywhere and run again, an
        import doubles nothing and loses nothing.

        Parameters
        ----------
        path : path
            The file; which importer reads it follows from `importer`, ``[providers]`` or its ending.
        mapping : path or mapping, optional
            How its columns become fields; its form is the importer's.
        dry_run : bool
            True reports what would happen, writes nothing and fills the outcome's `changes`.
        progress : callable, optional
            Told ``(done, total)`` after each transaction.

        Returns
        -------
        ImportedFile
            The figures, the rows that were refused and why; ``.frame()`` has a line for each field.

        Raises
        ------
        NotPermitted
            The actor may not import.
        InvalidRecord
            The file or the mapping cannot be read; nothing was written.
        ProviderChoice
            No importer, or several, can read the file.
        PluginError
            The importer failed; nothing was written.

        Notes
        -----
        Writes ``SystemRegistered`` and ``SystemRevised`` per system, ``ActorAdded`` per new owner and one
        ``SystemsImported``, preceded by ``ImportStarted`` where it takes several transactions.
        """
        return importing.import_file(
            self._desk,
            importing.Source(path=Path(path), mapping=mapping, importer=importer),
            dry_run=dry_run,
            progress=progress,
        )

    def export(
        self, path: Path | str, text: str = "", *, replace: bool = False, **filters: Any
    ) -> int:
        """Write the systems that fit to a file that :meth:`import_file` reads back without loss.

        Parameters
        ----------
        path : path
            Ends in ``.csv``, ``.xlsx`` or ``.json``. Texts that a spreadsheet would run as formulas get
            an apostrophe in CSV, which the import takes off again, and are plain text in XLSX.
        text, **filters
            As for :meth:`find`, `as_of` among them.
        replace : bool
            True writes over another file; the same content is always left as it is.

        Returns
        -------
        int
            How many systems the file holds.

        Raises
        ------
        InvalidRecord
            The ending is unknown, another file lies there, or a text is too long for a cell of XLSX.
        """
        with self._reading_for(filters) as tx:
            return export.export(tx, Path(path), text, filters, replace=replace)

    @staticmethod
    def _found(tx: Transaction, system_id: str, content: Mapping[str, Any], asked: str) -> AISystem:
        """Find instead of doubling when a registration said exactly this."""
        system = tx.get_system(system_id)
        if content_digest(content) in {system.digest, first_digest(tx, system_id)}:
            return system
        problem = Problem(
            field="system_id",
            reason=f"{system_id!r} is taken by {system.name!r} with another description",
            remedy="choose another id, or revise the system",
        )
        raise InvalidRecord(asked, [problem])

    @staticmethod
    def _check_links(
        tx: Transaction, system_id: str, content: Mapping[str, Any], asked: str
    ) -> None:
        """Check that the owner and the components exist, of those that `content` names."""
        listed, actor = content.get("components", ()), tables.actor
        problems = components.link_problems(listed, components.unregistered(tx, listed))
        owner = sa.select(actor.c.actor_id).where(actor.c.actor_id == content.get("owner"))
        if "owner" in content and tx.connection.execute(owner).scalar() is None:
            problems.append(
                Problem(
                    field="owner",
                    reason=f"nobody is known as {content['owner']!r}",
                    remedy="add the person first, or name a known actor",
                )
            )
        if "owner" in content:
            problems += check_owner(tx, content["owner"], asked, system_id)
        if problems:
            raise InvalidRecord(asked, problems)
