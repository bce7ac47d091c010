"""``aims review``: which systems may not be where they are, and when each is to be reviewed."""

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import click

from aims_core.cli.moments import MOMENT
from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.progress import progress
from aims_core.cli.session import FINDINGS, cli_workspace
from aims_core.terms import ReviewOutcome

if TYPE_CHECKING:
    from aims_core.reviews import Review
    from aims_core.workspace import Workspace

_SHOWN = 20
_DUE = ("system_id", "tier", "due_on", "overdue", "owner", "last_reviewed_at")
_NOW = "now"


class ReviewGroup(click.Group):
    """``aims review``, alone or with names of systems, reviews; other commands have names of their own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take whatever names no command as the arguments of ``now``."""
        named = [] if args[:1] == ["--"] else [arg for arg in args if not arg.startswith("-")]
        asks_help = args[:1] in (["--help"], [])
        if not (named and named[0] in self.commands) and not (asks_help and args):
            args = [_NOW, *args]
        return super().parse_args(ctx, args)


@click.group(cls=ReviewGroup)
def review() -> None:
    """Review all systems, or those named, against the conditions of their stage.

    `aims review`, with names of systems or without, ends with exit code 1 when there are findings; its
    options are those of `aims review now`. The other commands are about periodic reviews.
    """


@review.command()
@click.option(
    "--as-of",
    type=MOMENT,
    help="What will be due by then, or was by the reviews entered by then; now by default.",
)
@cli_format
@cli_workspace
@click.pass_context
def due(
    context: click.Context, workspace: "Workspace", as_of: "date | int | None", format_: str
) -> None:
    """List running systems whose periodic review is due; exit code 1 when there are any."""
    found = workspace.reviews.due(as_of=as_of)
    cli_emit(found, format_, columns=_DUE, empty="No review is due.")
    context.exit(FINDINGS if found else 0)


@review.command()
@cli_format
@cli_workspace
def schedule(workspace: "Workspace", format_: str) -> None:
    """List running systems with their next periodic review, by date."""
    frame = workspace.reviews.schedule_frame()
    cli_emit(frame, format_, columns=_DUE, empty="No system runs that is to be reviewed.")


@review.command()
@click.argument("system_id", metavar="SYSTEM")
@click.argument("outcome", type=click.Choice([w.value for w in ReviewOutcome]))
@click.option("--note", required=True, help="What was looked at, and why it comes out so.")
@cli_workspace
def complete(workspace: "Workspace", system_id: str, outcome: str, note: str) -> None:
    """Put the periodic review of SYSTEM on record."""
    made = workspace.reviews.complete(system_id, outcome=outcome, note=note)
    say(f"{made.review_id}: review of {made.system_id} is on record: {made.outcome}.")


def _remind(workspace: "Workspace", format_: str) -> None:
    found = workspace.reviews.remind()
    cli_emit(found, format_, columns=_DUE, empty="Nobody is to be reminded of a review.")


@review.command(_NOW)
@click.argument("system_ids", metavar="[SYSTEM]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="List every finding, not only the first.")
@click.option(
    "--remind",
    is_flag=True,
    help="Instead, record once that periodic reviews come due, and tell the listeners.",
)
@click.option(
    "--as-of", type=MOMENT, help="What it would have found at a time, or at a checkpoint's number."
)
@cli_format
@cli_workspace
@click.pass_context
def now(
    context: click.Context,
    workspace: "Workspace",
    system_ids: tuple[str, ...],
    everything: bool,  # noqa: FBT001 - same
    remind: bool,  # noqa: FBT001 - same
    as_of: "date | int | None",
    format_: str,
) -> None:
    """Review all systems, or only those named, against the conditions of their stage.

    Ends with exit code 1 when there are findings. JSON and CSV always hold all of them.
    """
    if remind and as_of is not None:
        raise click.UsageError("--remind speaks of now; leave out --as-of, or --remind")
    if remind:
        _remind(workspace, format_)
        return
    with progress("Reviewing") as tick:
        found = workspace.reviews.run(
            system_ids=list(system_ids) or None, progress=tick, as_of=as_of
        )
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
