"""``aims review``: which systems may not be where they are, and why."""

from collections import Counter
from typing import TYPE_CHECKING

import click

from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.progress import progress
from aims_core.cli.session import FINDINGS, cli_workspace

if TYPE_CHECKING:
    from aims_core.reviews import Review
    from aims_core.workspace import Workspace

_SHOWN = 20


@click.command()
@click.argument("system_ids", metavar="[SYSTEM]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="List every finding, not only the first.")
@cli_format
@cli_workspace
@click.pass_context
def review(
    context: click.Context,
    workspace: "Workspace",
    system_ids: tuple[str, ...],
    everything: bool,  # noqa: FBT001 - click passes by keyword
    format_: str,
) -> None:
    """Review all systems, or only those named, against the conditions of their stage.

    Ends with exit code 1 when there are findings. JSON and CSV always hold all of them.
    """
    with progress("Reviewing") as tick:
        found = workspace.reviews.run(system_ids=list(system_ids) or None, progress=tick)
    if format_ == "table":
        tell(found, limit=None if everything else _SHOWN)
    else:
        cli_emit(found.findings, format_)
    context.exit(FINDINGS if found.findings else 0)


def tell(found: "Review", limit: int | None) -> None:
    """Print a review for people: findings counted by condition, then the findings themselves."""
    systems = len({f.system_id for f in found.findings})
    if not found.findings:
        say(f"Reviewed {found.reviewed} system(s): all may be where they are.")
        return
    say(
        f"Reviewed {found.reviewed} system(s): {systems} may not be where they are "
        f"({len(found.findings)} findings)."
    )
    say()
    counts = Counter(f.condition for f in found.findings)
    cli_emit([{"condition": name, "systems": count} for name, count in counts.most_common()])
    if limit == 0:
        return
    say()
    cli_emit(found.findings[:limit], columns=("system_id", "stage", "condition", "reason"))
    if limit is not None and len(found.findings) > limit:
        say(
            f"… and {len(found.findings) - limit} more; --all lists them, "
            "--format json or csv hold them with what would help."
        )
