"""``aims lab``: the workbench in JupyterLab."""

import os
from typing import Any

import click

from aims_core.cli.session import BAD_INPUT, Refusal, session_of, told_plainly
from aims_core.contributions import Ref
from aims_core.errors import WorkspaceError

# A reference, not an import: the command line and the workbench are two doors of the same house,
# and neither may need the other to open.
_LAUNCH = Ref("aims_core.workbench.lab:launch")


@click.command()
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening it.")
@click.option("--port", type=int, default=8888, show_default=True)
@click.pass_context
def lab(context: click.Context, no_browser: bool, port: int) -> None:  # noqa: FBT001 - click passes by keyword
    """Open the workbench in JupyterLab, over the workspace in force."""
    session = session_of(context)
    try:
        launch: Any = _LAUNCH.load()
    except ImportError as error:
        reason = f"the workbench is not installed ({error}); pip install 'aims-core[lab]'"
        raise Refusal(WorkspaceError(reason)) from error
    if session.actor:
        os.environ["AIMS_ACTOR"] = session.actor  # the notebooks' kernels inherit it
    with told_plainly():
        code = launch(session.folder or None, port=port, browser=not no_browser)
    context.exit(BAD_INPUT if code else 0)
