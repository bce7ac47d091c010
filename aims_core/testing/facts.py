"""The facts of a system as a check would get them, for tests of checks."""

from collections.abc import Collection

from aims_core.gate import Wanted, gather
from aims_core.records import SystemFacts
from aims_core.workspace import Workspace


def facts_of(
    workspace: Workspace,
    system_id: str,
    *,
    results: Collection[str] = (),
    evidence: Collection[str] = (),
) -> SystemFacts:
    """Return the facts of one system, with these kinds of results and evidence.

    Raises
    ------
    RecordNotFound
        No system has this id.
    """
    with workspace.reading() as tx:
        system = tx.get_system(system_id)
        return gather(tx, [system], Wanted(results=results, evidence=evidence))[0]
