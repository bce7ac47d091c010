"""Sections of the portfolio's report that need nothing but the core; each reads all systems at once."""

from collections import Counter
from collections.abc import Mapping

from aims_core import DataTable, Figure, Paragraph, RiskCategory, Section, Workspace, bars_svg
from aims_reporting.words import Names, counted, plain

_UNITS = 12
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


def overview(workspace: Workspace, system_id: str) -> Section:  # noqa: ARG001 - the signature of sections
    """Return the figures that a board asks for first."""
    stages = workspace.inventory.counts("stage")
    tiers = workspace.inventory.counts("tier")
    status = workspace.inventory.counts("status")
    alive = sum(stages.get(s.name, 0) for s in workspace.machine.stages if not s.terminal)
    total = sum(stages.values())
    waiting = workspace.approvals.open()
    verified = workspace.audit.verify()
    parked = len(workspace.deliveries.frame())
    rows = (
        ("AI systems on the register", total, f"{alive:,} alive, {total - alive:,} ended"),
        ("In operation", stages.get("operation_and_monitoring", 0), "live and monitored"),
        ("Suspended", status.get("suspended", 0), "stopped until their cause is treated"),
        ("Tier high or prohibited", tiers.get("high", 0) + tiers.get("prohibited", 0), "assessed"),
        ("Tier not assessed", tiers.get("undetermined", 0), "nobody has looked yet"),
        ("Requests that wait", len(waiting), "for a decision"),
        ("Notices that failed", parked, "between plugins; kept until they are tried again"),
    )
    return Section(
        section_id="overview",
        title="At a glance",
        blocks=(
            DataTable(columns=("Figure", "Number", "Which means"), rows=rows),
            Paragraph(
                text=f"The audit trail of {counted(verified.events, 'event')} was verified for this "
                "report: it is whole."
                if verified.intact
                else f"THE AUDIT TRAIL DOES NOT HOLD: {counted(len(verified.faults), 'fault')}. "
                + "; ".join(verified.faults)
            ),
        ),
    )


def findings(workspace: Workspace, system_id: str) -> Section:  # noqa: ARG001 - same
    """Return which systems may not be where they are, and why."""
    review, names = workspace.reviews.run(), Names(workspace)
    summary = review.summary()
    affected = summary["with_findings"]
    said = (
        f"{counted(review.reviewed, 'system')} reviewed; {counted(affected, 'system')} may not be "
        f"where they are, for {counted(len(review.findings), 'reason')}."
        if affected
        else f"{counted(review.reviewed, 'system')} reviewed; every one may be where it is."
    )
    systems = Counter({plain(name): n for name, n in summary["by_condition"].items()})
    ordered = sorted(
        review.findings, key=lambda f: (_RISKIEST.get(f.tier, 0), f.system_id, f.condition)
    )
    return Section(
        section_id="findings",
        title="Findings of the review",
        blocks=(
            Paragraph(text=said[:1].upper() + said[1:]),
            *_bars(dict(systems.most_common()), "Systems by unmet condition"),
            DataTable(
                columns=("System", "Name", "Unit", "Stage", "Tier", "Not met", "Why", "Remedy"),
                rows=tuple(
                    (
                        f.system_id,
                        f.name,
                        f.unit,
                        names.stage(f.stage),
                        plain(f.tier),
                        plain(f.condition),
                        f.reason,
                        f.remedy,
                    )
                    for f in ordered
                ),
                caption="Findings, riskiest systems first",
            ),
        ),
    )


def requests(workspace: Workspace, system_id: str) -> Section:  # noqa: ARG001 - same
    """Return the open requests with who is still missing."""
    names = Names(workspace)
    rows = tuple(
        (
            a.requested_at,
            a.system_id,
            names.step(a.transition),
            names.actor(a.requested_by),
            ", ".join(f"{names.actor(v.actor)}, {plain(v.role)}" for v in a.votes) or "nobody yet",
            (workspace.now() - a.requested_at).days,
        )
        for a in workspace.approvals.open()
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


def distribution(workspace: Workspace, system_id: str) -> Section:  # noqa: ARG001 - same
    """Return how many systems stand in each stage, tier and unit."""
    names, counts = Names(workspace), workspace.inventory.counts
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


def register(workspace: Workspace, system_id: str) -> Section:  # noqa: ARG001 - same
    """Return the register, riskiest systems first."""
    names = Names(workspace)
    frame = workspace.inventory.frame()
    rows = sorted(
        frame[
            ["system_id", "name", "unit", "owner", "stage", "status", "tier", "approval_state"]
        ].itertuples(index=False, name=None),
        key=lambda row: (_RISKIEST.get(row[6], 0), row[0]),
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
    """Return the plugins behind this report, the failed ones with their reason, and notices that failed."""
    plugins = sorted(workspace.host.plugins(), key=lambda p: (p.status == "active", p.name))
    failed = [p for p in plugins if p.status != "active"]
    parked = workspace.deliveries.frame()
    said = f"{counted(len(plugins), 'plugin')} installed, {len(failed)} of them not active."
    return Section(
        section_id="operation",
        title="Plugins and deliveries",
        blocks=(
            Paragraph(text=said[:1].upper() + said[1:]),
            DataTable(
                columns=("Plugin", "Status", "Distribution", "Version", "Reason"),
                rows=tuple(
                    (p.name, plain(p.status), p.distribution, p.version, p.reason) for p in plugins
                ),
                caption="Plugins",
            ),
            DataTable(
                columns=("Event", "About", "Listener", "Attempts", "Error"),
                rows=tuple(
                    parked[["type", "system_id", "listener", "attempts", "error"]].itertuples(
                        index=False, name=None
                    )
                ),
                caption="Notices between plugins that failed and wait to be tried again",
            ),
        ),
    )


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
