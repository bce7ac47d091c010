"""Sections of one system's report that need nothing but the core."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from aims_core import (
    AISystem,
    Approval,
    DataTable,
    Figure,
    Paragraph,
    Section,
    Transitioned,
    Vote,
    Workspace,
    lifecycle_svg,
)
from aims_reporting.pinning import time_of
from aims_reporting.words import Names, counted, details, fact, plain, plugins

_EVENTS = 1_000


def identity(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:
    """Return what the system is, who answers for it and how it is rated, now or at a checkpoint."""
    system, names = workspace.inventory.get(system_id, as_of=as_of), Names(workspace, as_of)
    return Section(
        section_id="identity",
        title="The system",
        blocks=(
            Paragraph(text=_in_a_sentence(system, names)),
            DataTable(
                columns=("What", "As registered"),
                rows=tuple(_description(system, names)),
                caption="Description",
            ),
            *_attributes(system),
        ),
    )


def lifecycle(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:
    """Return the lifecycle with the system's place in it, now or at a checkpoint, and the steps to it."""
    system, names = workspace.inventory.get(system_id, as_of=as_of), Names(workspace, as_of)
    at = time_of(workspace, as_of)
    steps = [s for s in workspace.approvals.transitions(system_id) if s.at <= at]
    where = names.stage(system.stage)
    halted = ", suspended" if system.status == "suspended" else ""
    # A step that stays in its stage (suspend, resume) leaves nothing behind.
    visited = {stage for s in steps for stage in (s.from_stage, s.to_stage)} - {system.stage}
    picture = lifecycle_svg(
        workspace.machine, stage=system.stage, status=system.status, visited=visited
    )
    return Section(
        section_id="lifecycle",
        title="Where it stands in its life",
        blocks=(
            Figure(
                svg=picture,
                description=f"The lifecycle drawn from left to right. The system is in {where}{halted}.",
            ),
            _dated(
                DataTable(
                    columns=("When", "Step", "From", "To", "Who", "Reason"),
                    rows=tuple(_step(step, names) for step in steps),
                    caption="Steps so far",
                ),
                [step.fact_at for step in steps],
            ),
        ),
    )


def conditions(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:
    """Return what must hold for the system to stay where it is, and whether it does, or did then."""
    found = workspace.reviews.conditions(system_id, as_of=as_of)
    unmet = [c for c in found if not c.met]
    said = f"Met: {counted(len(found), 'condition')}, which is all."
    if unmet:
        said = f"Not met: {len(unmet)} of {counted(len(found), 'condition')}. Act on these."
    elif not found:
        said = "Nothing is asked of a system in this stage."
    return Section(
        section_id="conditions",
        title="What must hold where it stands",
        blocks=(
            Paragraph(text=said),
            DataTable(
                columns=("Condition", "Met", "Why", "What would help", "Says"),
                rows=tuple(
                    (plain(c.name), "yes" if c.met else "NO", c.reason, c.remedy, c.source)
                    for c in sorted(found, key=lambda c: c.met)
                ),
                caption="Standing conditions, unmet first",
            ),
        ),
    )


def approvals(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:
    """Return every request made for the system and every decision on it, now or at a checkpoint."""
    names = Names(workspace, as_of)
    asked = list(workspace.approvals.frame(system_id, as_of=as_of).itertuples(index=False))
    found = [workspace.approvals.get(str(row.approval_id)) for row in asked]
    at = time_of(workspace, as_of)
    cast = [(v, a) for a in found for v in a.votes if v.at <= at]
    return Section(
        section_id="approvals",
        title="Who asked and who decided",
        blocks=(
            _dated(
                DataTable(
                    columns=("Asked", "For", "By", "Revision", "Reason", "Outcome", "Closed"),
                    rows=tuple(_request(row, names) for row in asked),
                    caption="Requests, newest first",
                ),
                [None if pd.isna(row.fact_at) else row.fact_at for row in asked],
            ),
            _dated(
                DataTable(
                    columns=("When", "Decision", "On", "Who", "As", "Reason"),
                    rows=tuple(_vote(vote, approval, names) for vote, approval in cast),
                    caption="Decisions",
                ),
                [vote.fact_at for vote, _ in cast],
            ),
        ),
    )


def evidence(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:
    """Return the evidence on record, with its digests, now or at a checkpoint."""
    names = Names(workspace, as_of)
    rows = tuple(
        (plain(e.kind), e.title, e.collected_at, e.revision, names.actor(e.added_by), e.digest[:16])
        for e in workspace.evidence.of(system_id, as_of=as_of)
    )
    return Section(
        section_id="evidence",
        title="Evidence on record",
        blocks=(
            DataTable(
                columns=("Shows", "Title", "Collected", "Revision", "Put on record by", "SHA-256"),
                rows=rows,
                caption="Evidence, newest first; SHA-256 shows the first 16 characters",
            ),
        ),
    )


def results(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:
    """Return the results in force with what computed each, now or at a checkpoint."""
    names = Names(workspace, as_of)
    rows = tuple(
        (
            plain(r.kind),
            r.subject,
            plain(r.tier) if r.tier else None,
            r.recorded_at,
            names.actor(r.recorded_by),
            f"{r.provider} ({r.distribution} {r.version})",
            "yes" if r.revision == revision else f"no, for revision {r.revision}",
        )
        for revision in (workspace.inventory.get(system_id, as_of=as_of).revision,)
        for r in workspace.results.of(system_id, as_of=as_of)
    )
    return Section(
        section_id="results",
        title="Results in force and who computed them",
        blocks=(
            DataTable(
                columns=("Result", "Of", "Tier", "When", "Who", "Computed by", "This revision"),
                rows=rows,
                caption="Results in force, newest first",
            ),
        ),
    )


def trail(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:
    """Return the system's own events of the audit trail, now or at a checkpoint."""
    names = Names(workspace, as_of)
    found = workspace.audit.events(system_id, limit=_EVENTS, as_of=as_of)
    said = f"{counted(len(found), 'event')} about this system stand in the audit trail."
    if len(found) == _EVENTS:
        said = f"The newest {_EVENTS:,} events about this system; the audit trail holds all."
    return Section(
        section_id="trail",
        title="Audit trail of the system",
        blocks=(
            Paragraph(text=said[:1].upper() + said[1:]),
            DataTable(
                columns=("No.", "When", "Who", "What happened", "Details"),
                rows=tuple(
                    (str(e.sequence), e.at, names.actor(e.actor), fact(e.type), details(e.payload))
                    for e in found
                ),
                caption="Events, newest first",
            ),
        ),
    )


def operation(workspace: Workspace, system_id: str) -> Section:  # noqa: ARG001 - the signature of sections
    """Return the plugins behind this report, those not active first."""
    return Section(
        section_id="operation", title="Plugins behind this report", blocks=plugins(workspace)
    )


def _in_a_sentence(system: AISystem, names: Names) -> str:
    halted = " and is suspended" if system.status == "suspended" else ""
    rated = (
        "Nobody has assessed its risk yet"
        if system.tier == "undetermined"
        else f"Its assessed risk tier is {system.tier}"
    )
    return (
        f"{system.name} stands in {names.stage(system.stage).lower()}{halted}. {rated}; its owner "
        f"declared {system.declared_risk_category}. "
        f"Approval of revision {system.revision}: {system.approval_state}."
    )


def _description(system: AISystem, names: Names) -> Iterable[tuple[str, object]]:
    yield "Identifier", system.system_id
    yield "Use case", system.use_case
    yield "Intended use", _stated(system, "intended_use")
    yield "Owner", names.actor(system.owner)
    yield "Unit", _stated(system, "unit")
    yield "Origin", plain(system.origin)
    yield "Supplier", _stated(system, "supplier")
    yield "Human oversight", _stated(system, "human_oversight")
    yield "Incident contact", _stated(system, "incident_contact")
    yield "Components", ", ".join(system.components)
    yield "Registered", system.registered_at
    yield "Came in as", plain(system.entry)
    yield "Revision", f"{system.revision}, of {system.revised_at:%Y-%m-%d}"
    yield "Content digest", system.digest


def _stated(system: AISystem, field: str) -> str:
    """Return a field's value, or which of the two empty states it is in; a blank is never read as no."""
    unknown = system.unknown_because(field)
    return str(getattr(system, field)) or (f"Unknown: {unknown}" if unknown else "Not looked into")


def _attributes(system: AISystem) -> Iterable[DataTable | Paragraph]:
    """Further details where there are any; empty ones are named together, not row by row."""
    kept = {k: v for k, v in sorted(system.attributes.items()) if k != "unknown_fields"}
    stated = {k: v for k, v in kept.items() if v not in ("", None, [], {})}
    empty = [plain(name) for name in kept if name not in stated]
    if stated:
        yield DataTable(
            columns=("Detail", "As registered"),
            rows=tuple((plain(name), value) for name, value in stated.items()),
            caption="Further details",
        )
    if empty:
        yield Paragraph(text=f"Not looked into: {', '.join(empty)}.")


def _dated(table: DataTable, facts: Sequence[datetime | None]) -> DataTable:
    """Say beside the time of entry, which is first, when it was so in fact, where anybody stated that."""
    if not any(facts):
        return table
    first, *rest = table.columns
    rows = zip(table.rows, facts, strict=True)
    return DataTable(
        columns=(f"{first} (entered)", "In fact", *rest),
        rows=tuple((row[0], fact, *row[1:]) for row, fact in rows),
        caption=table.caption,
    )


def _step(step: Transitioned, names: Names) -> tuple[object, ...]:
    stays = step.from_stage == step.to_stage
    return (
        step.at,
        names.step(step.transition),
        plain(step.from_status) if stays else names.stage(step.from_stage),
        plain(step.to_status) if stays else names.stage(step.to_stage),
        names.actor(step.actor),
        step.reason,
    )


def _request(approval: Any, names: Names) -> tuple[object, ...]:
    """Return a row of the frame of requests as people read it."""
    return (
        approval.requested_at,
        names.step(approval.transition),
        names.actor(approval.requested_by),
        approval.revision,
        approval.reason,
        plain(approval.status),
        None if pd.isna(approval.closed_at) else approval.closed_at.date(),
    )


def _vote(vote: Vote, approval: Approval, names: Names) -> tuple[object, ...]:
    return (
        vote.at,
        "approved" if vote.decision == "approve" else "refused",
        names.step(approval.transition),
        names.actor(vote.actor),
        plain(vote.role),
        vote.reason,
    )
