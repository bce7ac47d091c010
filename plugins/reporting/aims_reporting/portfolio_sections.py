"""Sections of the portfolio's report that need nothing but the core; each reads all systems at once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from aims_core import (
    DataTable,
    Figure,
    Finding,
    Paragraph,
    RiskCategory,
    Section,
    Workspace,
    bars_svg,
)
from aims_reporting.pinning import pin_of, time_of
from aims_reporting.words import Names, counted, plain, plugins, shortened

_UNITS = 12
_CONDITIONS = 3
_NO_UNIT = "(no unit named)"
_RISKIEST = {
    # Not assessed stands before limited: nobody knows that it is harmless.
    str(tier): rank
    for rank, tier in enumerate(
        (
            RiskCategory.PROHIBITED,
            RiskCategory.HIGH,
            RiskCategory.UNDETERMINED,
            RiskCategory.LIMITED,
            RiskCategory.MINIMAL,
        )
    )
}
"""Order in which systems are listed: a page shows only the first rows of a long table."""


def overview(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:  # noqa: ARG001 - the signature of sections
    """Return the figures that a board asks for first, now or at a checkpoint."""
    counts = partial(workspace.inventory.counts, as_of=as_of)
    stages, tiers, status = counts("stage"), counts("tier"), counts("status")
    alive = sum(stages.get(s.name, 0) for s in workspace.machine.stages if not s.terminal)
    total = sum(stages.values())
    waiting = workspace.approvals.open(as_of=as_of)
    rows = (
        ("AI systems on the register", total, f"{alive:,} alive, {total - alive:,} ended"),
        ("In operation", stages.get("operation_and_monitoring", 0), "live and monitored"),
        ("Suspended", status.get("suspended", 0), "stopped until their cause is treated"),
        ("Tier high or prohibited", tiers.get("high", 0) + tiers.get("prohibited", 0), "assessed"),
        ("Tier not assessed", tiers.get("undetermined", 0), "nobody has looked yet"),
        ("Requests that wait", len(waiting), "for a decision"),
    )
    return Section(
        section_id="overview",
        title="At a glance",
        blocks=(
            DataTable(columns=("Figure", "Number", "Which means"), rows=rows),
            Paragraph(text=_verified(workspace, as_of)),
        ),
    )


def findings(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:  # noqa: ARG001 - same
    """Return which systems may not be where they are, and why; or might not at a checkpoint."""
    review, names = workspace.reviews.run(as_of=as_of), Names(workspace, as_of)
    summary = review.summary()
    reviewed = counted(review.reviewed, "system")
    affected = counted(summary["with_findings"], "system")
    said = f"{reviewed} reviewed; every one may be where it is."
    if review.findings:
        said = (
            f"{reviewed} reviewed; {affected} may not be where they are, for "
            f"{counted(len(review.findings), 'reason')}. The report of a system and `aims review` "
            "give each in full."
        )
    by_condition = {plain(name): number for name, number in summary["by_condition"].items()}
    return Section(
        section_id="findings",
        title="Findings of the review",
        blocks=(
            Paragraph(text=said[:1].upper() + said[1:]),
            *_bars(by_condition, "Systems by unmet condition"),
            DataTable(
                columns=("Not met", "Systems", "Most often because", "What would help"),
                rows=tuple(_by_condition(review.findings)),
                caption="What is not met, most systems first",
            ),
            DataTable(
                columns=("System", "Name", "Unit", "Stage", "Tier", "Not met"),
                rows=tuple(_by_system(review.findings, names)),
                caption="Systems that may not be where they are, riskiest first",
            ),
        ),
    )


def requests(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:  # noqa: ARG001 - same
    """Return the requests that are open, or were at a checkpoint, with who approved so far."""
    names, now = Names(workspace, as_of), time_of(workspace, as_of)
    rows = tuple(
        (
            a.requested_at,
            a.system_id,
            names.step(a.transition),
            names.actor(a.requested_by),
            ", ".join(f"{names.actor(v.actor)}, {plain(v.role)}" for v in a.votes) or "nobody yet",
            (now - a.requested_at).days,
        )
        for a in workspace.approvals.open(as_of=as_of)
    )
    return Section(
        section_id="requests",
        title="Requests that wait for a decision",
        blocks=(
            DataTable(
                columns=("Asked", "System", "For", "By", "Approved so far", "Days waiting"),
                rows=rows,
                caption="Open requests, oldest first",
            ),
        ),
    )


def distribution(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:  # noqa: ARG001 - same
    """Return how many systems stand in each stage, tier and unit, now or at a checkpoint."""
    names, counts = Names(workspace, as_of), partial(workspace.inventory.counts, as_of=as_of)
    stages, tiers = counts("stage"), counts("tier")
    by_stage = {s.title: stages.pop(s.name, 0) for s in workspace.machine.stages}
    by_stage |= {names.stage(name): number for name, number in stages.items()}
    by_tier = {plain(tier): tiers.pop(str(tier), 0) for tier in RiskCategory}
    by_tier |= {plain(name): number for name, number in tiers.items()}
    by_unit = {name or _NO_UNIT: number for name, number in counts("unit").items()}
    return Section(
        section_id="distribution",
        title="Where the systems stand",
        blocks=(
            *_bars(by_stage, "Systems by stage of life"),
            *_bars(by_tier, "Systems by assessed risk tier"),
            *_bars(_longest(by_unit, _UNITS), "Systems by unit"),
            *_all_units(by_unit),
        ),
    )


def register(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:  # noqa: ARG001 - same
    """Return the register, riskiest systems first, now or at a checkpoint."""
    names = Names(workspace, as_of)
    frame = workspace.inventory.frame(as_of=as_of)
    rows = sorted(
        frame[
            ["system_id", "name", "unit", "owner", "stage", "status", "tier", "approval_state"]
        ].itertuples(index=False, name=None),
        key=lambda row: (_risk(row[6]), row[0]),
    )
    return Section(
        section_id="register",
        title="Register of AI systems",
        blocks=(
            DataTable(
                columns=("System", "Name", "Unit", "Owner", "Stage", "Status", "Tier", "Approval"),
                rows=tuple(
                    (key, name, unit, names.actor(owner), names.stage(stage), *map(plain, rest))
                    for key, name, unit, owner, stage, *rest in rows
                ),
                caption="All systems, riskiest first",
            ),
        ),
    )


def operation(workspace: Workspace, system_id: str) -> Section:  # noqa: ARG001 - same
    """Return the plugins behind this report, those not active first, and the notices that failed."""
    parked = workspace.deliveries.frame()[
        ["type", "system_id", "listener", "attempts", "error"]
    ].itertuples(index=False, name=None)
    return Section(
        section_id="operation",
        title="Plugins behind this report",
        blocks=(
            *plugins(workspace),
            DataTable(
                columns=("Event", "About", "Listener", "Attempts", "Error"),
                rows=tuple(parked),
                caption="Notices between plugins that failed and wait to be tried again",
            ),
        ),
    )


def _verified(workspace: Workspace, as_of: int | None) -> str:
    """Return in words whether the whole trail holds; of a checkpoint, how many events it signed."""
    found = workspace.audit.verify()
    if not found.intact:
        faults = counted(len(found.faults), "fault")
        return f"THE AUDIT TRAIL DOES NOT HOLD: {faults}. " + "; ".join(found.faults)
    trail = f"The audit trail of {counted(found.events, 'event')}"
    if as_of is not None:
        signed = pin_of(workspace, as_of)
        trail = f"The audit trail, with the {counted(signed.size, 'event')} that checkpoint {as_of} signed,"
    return f"{trail} was verified for this report: it is whole."


def _by_condition(found: Iterable[Finding]) -> Iterator[tuple[object, ...]]:
    reasons: dict[str, Counter[tuple[str, str]]] = {}
    for f in found:
        reasons.setdefault(f.condition, Counter())[f.reason, f.remedy] += 1
    for condition, seen in sorted(reasons.items(), key=lambda pair: (-pair[1].total(), pair[0])):
        (reason, remedy), _ = seen.most_common(1)[0]
        yield plain(condition), seen.total(), reason, remedy


def _by_system(found: Iterable[Finding], names: Names) -> Iterator[tuple[object, ...]]:
    systems: dict[str, list[Finding]] = {}
    for f in found:
        systems.setdefault(f.system_id, []).append(f)
    for listed in sorted(
        systems.values(), key=lambda fs: (_risk(fs[0].governing_tier), -len(fs), fs[0].system_id)
    ):
        one = listed[0]
        unmet = shortened([plain(f.condition).lower() for f in listed], _CONDITIONS)
        stage = names.stage(one.stage)
        yield (
            one.system_id,
            one.name,
            one.unit,
            stage,
            plain(one.governing_tier),
            f"{len(listed)}: {unmet}",
        )


def _risk(tier: str) -> int:
    return _RISKIEST.get(tier, 0)


def _bars(values: Mapping[str, int], title: str) -> tuple[Figure, ...]:
    if not values:
        return ()
    said = "; ".join(f"{name}: {number:,}" for name, number in values.items())
    return (Figure(svg=bars_svg(values, title=title), description=f"{title}. {said}."),)


def _all_units(values: Mapping[str, int]) -> tuple[DataTable, ...]:
    if len(values) <= _UNITS:
        return ()
    table = DataTable(columns=("Unit", "Systems"), rows=tuple(values.items()), caption="All units")
    return (table,)


def _longest(values: Mapping[str, int], most: int) -> dict[str, int]:
    """Keep the largest and add the rest up, so that the bars still make the whole."""
    ordered = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
    kept, rest = dict(ordered[:most]), ordered[most:]
    if rest:
        kept[f"{len(rest)} other units"] = sum(number for _, number in rest)
    return kept
