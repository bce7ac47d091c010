"""Imports in the report of the portfolio: the newest run and the rows it refused."""

from aims_core import DataTable, Paragraph, Section, Workspace

_SHOWN = 50


def portfolio_section(workspace: Workspace, _system_id: str, as_of: int | None = None) -> Section:
    """Return the newest import, now or at a checkpoint: its figures, and why rows were not taken."""
    runs = workspace.discovery.runs(as_of=as_of)
    if not len(runs):
        said = Paragraph(text="No import is on record.")
        return Section(section_id="discovery", title="Imports", blocks=(said,))
    newest = runs.iloc[0]
    text = (
        f"The newest of {len(runs)} import(s) is {newest['source']}, "
        f"{newest['imported_at']:%Y-%m-%d} by {newest['imported_by']}: {newest['read']} rows read, "
        f"{newest['registered']} registered, {newest['revised']} revised, "
        f"{newest['unchanged']} unchanged, {newest['refused']} refused and kept."
    )
    refused = workspace.discovery.refused(newest["run_id"])
    columns = (refused[name] for name in ("row", "field", "reason"))
    rows = tuple((int(row), field, why) for row, field, why in zip(*columns, strict=True))
    blocks: list[Paragraph | DataTable] = [Paragraph(text=text)]
    if rows:
        caption = "Rows not taken, first of all" if len(rows) > _SHOWN else "Rows not taken"
        blocks.append(
            DataTable(columns=("Row", "Field", "Why"), rows=rows[:_SHOWN], caption=caption)
        )
    return Section(section_id="discovery", title="Imports", blocks=tuple(blocks))
