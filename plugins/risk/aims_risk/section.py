"""Risk in the reports of a system and of the portfolio."""

from collections.abc import Sequence

from aims_core import (
    DataTable,
    Figure,
    Paragraph,
    RecordNotFound,
    Result,
    Section,
    Workspace,
    heatmap_svg,
)
from aims_risk.criteria import RiskCriteria

_GRAVEST_SHOWN = 20


def system_section(workspace: Workspace, system_id: str) -> Section:
    """Return a system's risk: level, factors, rationale, acceptance, treatments."""
    try:
        found = workspace.risk.get(system_id)
    except RecordNotFound:
        said = Paragraph(text="Risk was not assessed yet.")
        return Section(section_id="risk", title="Risk", blocks=(said,))
    accepted = workspace.results.of(system_id, "risk_acceptance")
    facts = (
        ("Level", found.level.replace("_", " ")),
        ("Points", found.value),
        ("Tier", str(found.tier)),
        ("Assessed by", f"{found.assessed_by}, {found.assessed_at:%Y-%m-%d}"),
        ("Criteria", found.criteria_version),
        ("Accepted", _acceptance(accepted, found.assessment_id)),
        ("Rationale", found.rationale),
    )
    factors = tuple((f.name.replace("_", " "), f.contribution, f.reason) for f in found.factors)
    treatments = workspace.risk.treatments(system_id)
    blocks: list[Paragraph | DataTable | Figure] = [
        DataTable(columns=("What", "Value"), rows=facts, caption="Assessment in force"),
        DataTable(columns=("Factor", "Points", "Why"), rows=factors, caption="What it rests on"),
    ]
    if len(treatments):
        names = ("measure", "responsible", "status")
        rows = tuple(tuple(r) for r in treatments[list(names)].itertuples(index=False))
        titles = ("Measure", "Responsible", "Status")
        blocks.append(DataTable(columns=titles, rows=rows, caption="Treatment"))
    return Section(section_id="risk", title="Risk", blocks=tuple(blocks))


def portfolio_section(workspace: Workspace, _system_id: str) -> Section:
    """Return the risk matrix of all assessed systems and the gravest of them."""
    counts, criteria = workspace.risk.heatmap(), workspace.risk.criteria
    assessed = sum(counts.values())
    total = sum(workspace.inventory.counts("stage").values())
    said = Paragraph(text=f"Risk was assessed for {assessed} of {total} systems.")
    if not assessed:
        return Section(section_id="risk", title="Risk", blocks=(said,))
    gravest = workspace.risk.frame().sort_values("value", ascending=False).head(_GRAVEST_SHOWN)
    names = ["system_id", "level", "tier", "value", "assessed_by"]
    rows = tuple(tuple(r) for r in gravest[names].itertuples(index=False))
    titles = ("System", "Level", "Tier", "Points", "Assessed by")
    return Section(
        section_id="risk",
        title="Risk",
        blocks=(
            said,
            Figure(svg=matrix_svg(counts, criteria), description=matrix_words(counts, criteria)),
            DataTable(columns=titles, rows=rows, caption="The gravest first"),
        ),
    )


def matrix_svg(counts: dict[tuple[int, int], int], criteria: RiskCriteria) -> str:
    """Return the matrix of likelihood (rows) and consequence (columns) with the number in each cell."""
    ratings = range(1, criteria.scale + 1)
    words = [str(n) for n in ratings]
    levels = {
        (row, column): criteria.level(row * column).name.replace("_", " ")
        for row in ratings
        for column in ratings
    }
    return heatmap_svg(
        counts,
        rows=words,
        columns=words,
        row_title="Likelihood",
        column_title="Consequence",
        levels=levels,
    )


def matrix_words(counts: dict[tuple[int, int], int], criteria: RiskCriteria) -> str:
    """Return the matrix in words: how many systems lie at which level, before modifiers."""
    by_level: dict[str, int] = {}
    for (row, column), number in counts.items():
        name = criteria.level(row * column).name.replace("_", " ")
        by_level[name] = by_level.get(name, 0) + number
    return "Systems by likelihood and consequence: " + ", ".join(
        f"{number} {name}" for name, number in by_level.items()
    )


def _acceptance(accepted: Sequence[Result], assessment_id: str) -> str:
    for result in accepted:
        if result.payload["assessment_id"] == assessment_id:
            day = result.recorded_at.date()
            return f"{result.recorded_by}, {day}: {result.payload['reason']}"
    return "not yet"
