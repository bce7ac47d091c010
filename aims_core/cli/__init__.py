"""The command ``aims``; a command's module is imported when the command is run, not before."""

from aims_core.cli.group import AimsGroup, main
from aims_core.cli.output import cli_emit, cli_format
from aims_core.cli.progress import progress as cli_progress
from aims_core.cli.session import cli_workspace

__all__ = ["AimsGroup", "cli_emit", "cli_format", "cli_progress", "cli_workspace", "main"]
