"""What people say when they report an incident, checked: every problem is named at once."""

from aims_core import Problem, Severity, Workspace

_LONGEST = 500
"""Characters of a title."""


def report_problems(
    workspace: Workspace, title: str, severity: Severity | str, kind: str
) -> list[Problem]:
    """Return what is wrong with a report; empty when nothing is."""
    types = [o.spec.id for o in workspace.host.contributions("aims_incident_types")]
    problems = []
    if not 0 < len(title.strip()) <= _LONGEST:
        remedy = f"say in up to {_LONGEST} characters what happened"
        problems.append(Problem(field="title", reason="is empty or too long", remedy=remedy))
    for field, given, allowed in (
        ("severity", severity, list(Severity)),
        ("kind", kind, types),
    ):
        if str(given) not in allowed:
            remedy = f"use one of {', '.join(allowed)}"
            problems.append(Problem(field=field, reason=f"is {given!r}", remedy=remedy))
    return problems
