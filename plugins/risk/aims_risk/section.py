"""Risk in the reports of a system and of the portfolio."""

from collections.abc import Sequence
from typing import Any

from aims_core import (
    DataTable,
    Figure,
    Paragraph,
    RecordNotFound,
    Result,
    Section,
    Workspace,
)
from aims_risk.matrix import matrix_svg, matrix_words
from aims_risk.records import Assessment

_GRAVEST_SHOWN = 20
_RISKS = {
    "risk_id": "Risk",
    "title": "What",
    "risk_source": "Source",
    "consequence": "Consequence",
    "level": "Level",
    "risk_owner": "Owner",
    "status": "Status",
}
_TREATMENTS = {
    "risk_id": "Risk",
    "measure": "Measure",
    "option": "Option",
    "controls": "Controls",
    "responsible": "Responsible",
    "status": "Status",
}
_GRAVEST = {
    "system_id": "System",
    "level": "Level",
    "tier": "Tier",
    "value": "Points",
    "likelihood": "Likelihood",
    "consequence": "Consequence",
    "assessed_by": "Assessed by",
}


def system_section(workspace: Workspace, system_id: str, as_of: int | None = None) -> Section:
    """Return a system's risk, now or at a checkpoint: assessment, acceptance, risks and treatments."""
    blocks: list[Paragraph | DataTable | Figure] = []
    try:
        found = workspace.risk.get(system_id, as_of=as_of)
    except RecordNotFound:
        blocks.append(Paragraph(text="Risk was not assessed yet."))
    else:
        accepted = workspace.results.of(system_id, "risk_acceptance", as_of=as_of)
        factors = tuple((_words(f.name), f.contribution, f.reason) for f in found.factors)
        blocks += [
            DataTable(
                columns=("What", "Value"),
                rows=_facts(found, accepted),
                caption="Assessment in force",
            ),
            DataTable(
                columns=("Factor", "Points", "Why"), rows=factors, caption="What it rests on"
            ),
        ]
    blocks += _listed(workspace.risk.risks(system_id, as_of=as_of), _RISKS, "Identified risks")
    treated = workspace.risk.treatments(system_id, as_of=as_of)
    blocks += _listed(treated, _TREATMENTS, "Treatment")
    return Section(section_id="risk", title="Risk", blocks=tuple(blocks))


def portfolio_section(workspace: Workspace, _system_id: str, as_of: int | None = None) -> Section:
    """Return the risk matrix of all assessed systems and the gravest of them, now or at a checkpoint."""
    counts, criteria = workspace.risk.heatmap(as_of=as_of), workspace.risk.criteria
    assessed = sum(counts.values())
    total = sum(workspace.inventory.counts("stage", as_of=as_of).values())
    said = Paragraph(text=f"Risk was assessed for {assessed:,} of {total:,} systems.")
    if not assessed:
        return Section(section_id="risk", title="Risk", blocks=(said,))
    frame = workspace.risk.frame(as_of=as_of)
    gravest = frame.sort_values("value", ascending=False, kind="stable")
    return Section(
        section_id="risk",
        title="Risk",
        blocks=(
            said,
            Figure(svg=matrix_svg(counts, criteria), description=matrix_words(counts, criteria)),
            *_listed(gravest.head(_GRAVEST_SHOWN), _GRAVEST, "The gravest first"),
        ),
    )


def _facts(found: Assessment, accepted: Sequence[Result]) -> tuple[tuple[str, Any], ...]:
    return (
        ("Level", _words(found.level)),
        ("Points", found.value),
        ("Tier", str(found.tier)),
        ("Revision assessed", found.revision),
        ("Assessed by", f"{found.assessed_by}, {found.assessed_at:%Y-%m-%d}"),
        ("Criteria", found.criteria_version),
        ("Residual risk accepted", _acceptance(accepted, found.assessment_id)),
        ("Rationale", found.rationale),
    )


def _acceptance(accepted: Sequence[Result], assessment_id: str) -> str:
    for result in accepted:
        if result.payload.get("assessment_id") == assessment_id:
            until = f" until {result.valid_until:%Y-%m-%d}" if result.valid_until else ""
            day = f"{result.recorded_at:%Y-%m-%d}"
            return f"{result.recorded_by}, {day}{until}: {result.payload.get('reason', '')}"
    return "not yet"


def _listed(frame: Any, titles: dict[str, str], caption: str) -> list[DataTable]:
    if frame.empty:
        return []
    rows = tuple(
        tuple(_words(v) if k == "level" else v for k, v in zip(titles, row, strict=True))
        for row in frame[list(titles)].itertuples(index=False)
    )
    return [DataTable(columns=tuple(titles.values()), rows=rows, caption=caption)]


def _words(name: str) -> str:
    return name.replace("_", " ")
