"""The real inventory comes in: every row is taken, or named with the reason why not."""

from typing import TYPE_CHECKING

from aims_core.cli.demonstration import samples
from aims_core.cli.output import as_csv, write_file
from aims_core.cli.progress import progress
from aims_core.cli.systems import refused_rows

if TYPE_CHECKING:
    from aims_core.cli.demonstration.narrator import Narrator
    from aims_core.workspace import Workspace


def run(workspace: "Workspace", narrator: "Narrator") -> None:
    """Import the inventory and tell what became of each of its rows."""
    sample = samples.inventory()
    discovery = workspace.act_as("ines").discovery
    narrator.did(f"{sample.data.name} with the mapping {sample.mapping.name}")
    with progress("   Importing") as tick:
        outcome = discovery.import_file(sample.data, sample.mapping, progress=tick)
    narrator.did(
        f"{outcome.read:,} rows read, {outcome.registered:,} systems registered, "
        f"{len(outcome.refused)} rows refused, none lost"
    )
    for problem in refused_rows(outcome):
        narrator.did(f"row {problem['row']}, {problem['field']}: {problem['reason']}")
    kept = [
        {"row": r.row, "problems": [str(p) for p in r.problems], **r.cells} for r in outcome.refused
    ]
    write_file("the refused rows", workspace.settings.folder / "refused.csv", as_csv(kept))
    narrator.did("the refused rows, whole, lie in refused.csv, to be corrected and imported again")
    narrator.did(
        "by stage: "
        + ", ".join(
            f"{count} {name}" for name, count in workspace.inventory.counts("stage").items()
        )
    )
    narrator.figures["rows read"] = outcome.read
    narrator.figures["systems registered"] = outcome.registered
    narrator.figures["rows refused"] = len(outcome.refused)
