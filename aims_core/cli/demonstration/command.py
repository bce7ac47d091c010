"""``aims demo`` as a command: what comes first, what comes next, and the figures at the end."""

import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aims_core.cli.demonstration.folder import clear, mark
from aims_core.cli.demonstration.narrator import Narrator
from aims_core.cli.output import say
from aims_core.cli.session import told_plainly

if TYPE_CHECKING:
    from aims_core.workspace import Workspace


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default="demo")
def demo(folder: Path) -> None:
    """Run the whole life of an AI system on a real inventory, in FOLDER (demo by default).

    A former demo in FOLDER is replaced; anything else in its place is left alone.
    """
    started = time.perf_counter()
    narrator = Narrator()
    with told_plainly():
        say("AIMS: the whole life of an AI system, on a real inventory.")
        workspace = found(folder, narrator)
        try:
            run(workspace, narrator)
        finally:
            workspace.close()
    _closing(folder, narrator, time.perf_counter() - started)


def found(folder: Path, narrator: Narrator) -> "Workspace":
    """Create the workspace with its people and return it, its administrator acting."""
    from aims_core.cli.demonstration import cast, waiting
    from aims_core.workspace import create_workspace

    with narrator.step("A workspace, its people and their roles"):
        if clear(folder):
            narrator.did(f"the former demo in {folder} was removed")
        clock = waiting.Clock()
        workspace = create_workspace(
            folder, organisation=cast.ORGANISATION, administrator=cast.ADMINISTRATOR, clock=clock
        )
        mark(folder)
        waiting.open_as_first(folder, cast.ADMINISTRATOR)
        cast.enter(workspace)
        narrator.did(f"{folder}/aims.db holds everything (SQLite, nothing to start)")
        narrator.did(f"{cast.ADMINISTRATOR:<5} administers: adds people and grants roles")
        for actor_id, name, roles in cast.PEOPLE:
            narrator.did(f"{actor_id:<5} {name}, {' and '.join(roles)}")
        narrator.did("these people are invented; the inventory and the predictions are real")
        waiting.enter_old(workspace, narrator, clock.forward)
    return workspace


def run(workspace: "Workspace", narrator: Narrator) -> None:
    """Import the inventory, live one life, review everything, verify, report."""
    from aims_core.cli.demonstration import closing, intake, life, waiting

    with narrator.step("The US federal AI use case inventory of 2024 is imported"):
        intake.run(workspace, narrator)
    narrator.subject = life.choose(workspace)
    life.run(workspace, narrator, narrator.subject)
    with narrator.step("Something is left to do"):
        waiting.run(workspace, narrator)
    with narrator.step("The whole inventory is reviewed (aims review)"):
        closing.review(workspace, narrator)
    with narrator.step("Reports are written"):
        closing.report(workspace, narrator)
    with narrator.step("The audit trail is verified (aims audit verify)"):
        closing.verify(workspace, narrator)


def _closing(folder: Path, narrator: Narrator, seconds: float) -> None:
    say()
    say("In figures")
    for name, value in narrator.figures.items():
        say(f"   {name:<34}{value:>10,}" if isinstance(value, int) else f"   {name:<34}{value:>10}")
    say()
    say("Seconds")
    for title, taken in narrator.seconds.items():
        say(f"   {title:<70}{taken:>6.1f}")
    say(f"   {'all':<70}{seconds:>6.1f}")
    say()
    say("Open next")
    say(f"   {folder}/report.html in a browser: the portfolio as its management sees it")
    say("   make lab: the workbench in JupyterLab; an approval and an overdue review wait there")
    say(f"   {_own_name()} --workspace {folder} review --all: every finding of the review")


def _own_name() -> str:
    """Return the command as people must type it: a checkout's is not on the path."""
    own = Path(sys.argv[0])
    if own.name != "aims" or shutil.which("aims"):
        return "aims"
    return str(own.relative_to(Path.cwd()) if own.is_relative_to(Path.cwd()) else own)
