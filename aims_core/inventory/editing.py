"""Edits of many systems: proposed as a change set, looked through, and applied as a whole."""

from typing import Any

from aims_core.inventory import changeset_ledger, changesets
from aims_core.inventory.changeset_ledger import ChangeSet
from aims_core.inventory.reading import Reading


class Editing(Reading):
    """The part of the inventory that takes edits of many systems."""

    def propose(self, frame: Any, *, reason: str) -> ChangeSet:
        """Keep the edits in a DataFrame as a change set, for somebody to apply, and return it.

        Parameters
        ----------
        frame : DataFrame
            A column (or index) ``system_id`` and the fields to set, as in :meth:`frame`; one attribute
            is ``attributes.NAME``. A missing value leaves a field as it is, an empty text empties it.
            A column ``revision`` says from which revision the edit was made. Columns that cannot be
            edited may stand there as long as they say what the register says.
        reason : str
            Why; it is recorded.

        Returns
        -------
        ChangeSet
            Its ``frame()`` shows each field before and after. The same edits of the same revisions are
            the same change set, and nothing is written twice.

        Raises
        ------
        InvalidRecord
            Columns are unknown, rows say something wrong or nothing new; every problem is named.
        NotPermitted
            The actor may not revise one of the systems.

        Notes
        -----
        Writes ``ChangesProposed``.
        """
        return changesets.propose(self._desk, frame, reason)

    def apply(self, change_set: ChangeSet | str) -> ChangeSet:
        """Carry out a change set, whole or not at all, and return it; applied before, it is found.

        Raises
        ------
        RevisionConflict
            Systems were revised since it was proposed; `problems` names each.
        SegregationOfDuties
            The proposer may not apply it: a system is of the tier high or prohibited (assessed, or
            declared where nobody assessed it), or ``[inventory] review_changes = "always"``.
        InvalidRecord, NotPermitted, RecordNotFound, TransitionRefused
            It no longer fits, the actor may not revise a system, there is no such set, or it was withdrawn.

        Notes
        -----
        Writes ``SystemRevised`` per system, ``ApprovalClosed`` for what lapses, and ``ChangesApplied``.
        """
        return changesets.apply(self._desk, getattr(change_set, "change_set_id", str(change_set)))

    def withdraw_changes(self, change_set: ChangeSet | str, *, reason: str = "") -> ChangeSet:
        """Close a change set that is not to be carried out, and return it.

        Raises
        ------
        TransitionRefused
            It was applied already.
        NotPermitted, RecordNotFound
            As for :meth:`apply`.

        Notes
        -----
        Writes ``ChangesWithdrawn``.
        """
        named = getattr(change_set, "change_set_id", str(change_set))
        return changesets.withdraw(self._desk, named, reason)

    def change_set(self, change_set_id: str) -> ChangeSet:
        """Return a change set; RecordNotFound where there is none."""
        with self._desk.reading() as tx:
            return changeset_ledger.get(tx, self._desk, change_set_id)

    def change_sets(self, status: str = "") -> Any:
        """Return the change sets, newest first, as a DataFrame; `status` is open, applied or withdrawn.

        Raises
        ------
        InvalidRecord
            `status` is none of these.
        """
        with self._desk.reading() as tx:
            return changeset_ledger.frame(tx, status)
