"""All that checks may look at of one system."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aims_core.records.decisions import Approval
from aims_core.records.evidence import Evidence
from aims_core.records.people import Actor
from aims_core.records.results import Result
from aims_core.records.systems import AISystem


@dataclass(frozen=True, kw_only=True, slots=True)
class SystemFacts:
    """What checks and scorers may know of a system; they get this and never a database session.

    `results` and `evidence` are grouped by kind, newest first; `duties` maps a duty (``developer``,
    ``assessor``, ``editor``, ``validator``, ``owner``) to the persons who carried it out; `excepted`
    maps pairs of duties that may meet here to the exception that lets them; `approvals` are the
    carried-out approvals of the system, newest first; `evidence_due` is when a system that entered as
    legacy has to have made up the evidence of the gates it never passed.
    """

    system: AISystem
    owner: Actor | None
    now: datetime
    results: Mapping[str, tuple[Result, ...]] = field(default_factory=dict)
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    duties: Mapping[str, frozenset[str]] = field(default_factory=dict)
    excepted: Mapping[tuple[str, str], str] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    evidence_due: datetime | None = None

    def newest(self, kind: str) -> Result | None:
        """Return the newest result of a kind, or None when there is none."""
        found = self.results.get(kind, ())
        return found[0] if found else None
