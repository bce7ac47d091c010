"""``aims concerns``: raise one, hear those that concern others, answer them."""

from typing import TYPE_CHECKING

import click

from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.session import cli_workspace

if TYPE_CHECKING:
    from aims_core.workspace import Workspace


@click.group()
def concerns() -> None:
    """Raise, hear and answer concerns; none reaches whom it concerns."""


@concerns.command("raise")
@click.argument("text")
@click.option("--about", multiple=True, metavar="ACTOR", help="Whom it concerns; may be repeated.")
@click.option("--system", "system_id", default="", help="The system it is about.")
@cli_workspace
def raise_concern(
    workspace: "Workspace", text: str, about: tuple[str, ...], system_id: str
) -> None:
    """Raise a concern in your own words, TEXT."""
    made = workspace.concerns.raise_concern(text, about=about, system_id=system_id)
    say(f"{made.concern_id}: it reaches those who hear concerns, and none of whom it concerns.")


@concerns.command("list")
@click.option("--open", "open_only", is_flag=True, help="Only those that wait for an answer.")
@cli_format
@cli_workspace
def list_concerns(
    workspace: "Workspace",
    open_only: bool,  # noqa: FBT001 - click passes by keyword
    format_: str,
) -> None:
    """List your concerns and those that you may hear, without their words."""
    found = workspace.concerns.frame(open_only=open_only)
    cli_emit(found, format_, empty="No concern is there that may reach you.")


@concerns.command()
@click.argument("concern")
@cli_format
@cli_workspace
def read(workspace: "Workspace", concern: str, format_: str) -> None:
    """Read CONCERN; that you did is put on record."""
    cli_emit(workspace.concerns.read(concern), format_)


@concerns.command()
@click.argument("concern")
@click.argument("answer")
@cli_workspace
def answer(workspace: "Workspace", concern: str, answer: str) -> None:
    """Answer CONCERN; who raised it can read ANSWER."""
    say(f"{workspace.concerns.answer(concern, answer).concern_id} is answered.")
