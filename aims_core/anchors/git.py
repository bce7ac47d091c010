"""Anchor ``core.git``: a bare repository that somebody else keeps, pushed to with the command ``git``."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aims_core.anchors import folder
from aims_core.anchors.options import file_name, seconds_option, text_option
from aims_core.errors import WorkspaceError
from aims_core.records import AnchorReceipt, Checkpoint

_SAID = 500


def keep(checkpoint: Checkpoint, options: Mapping[str, Any]) -> AnchorReceipt:
    """Commit the note to ``remote`` on ``branch`` (default ``checkpoints``) and return the commit.

    The remote's own rules (no forced pushes, somebody else's rights) are what makes it an anchor.

    Raises
    ------
    WorkspaceError
        ``git`` is missing or failed, took too long, or the remote holds another note for the number.
    """
    remote = text_option(options, "remote")
    branch = text_option(options, "branch", "checkpoints")
    if remote.startswith("-") or branch.startswith("-") or "::" in remote:
        raise WorkspaceError(f"{remote!r} and {branch!r} cannot be a remote and a branch")
    limit = seconds_option(options, default=60.0)
    with tempfile.TemporaryDirectory(prefix="aims-anchor-") as made:
        work = Path(made)

        def git(*arguments: str) -> str:
            return _run(work, limit, *arguments)

        git("init", "--quiet", "--initial-branch", branch)
        if git("ls-remote", "--heads", "--", remote, f"refs/heads/{branch}"):
            git("fetch", "--quiet", "--depth", "1", "--", remote, f"refs/heads/{branch}")
            git("reset", "--quiet", "--hard", "FETCH_HEAD")
        folder.keep(checkpoint, {**options, "folder": str(work)})
        git("add", "--", file_name(checkpoint))
        if git("status", "--porcelain"):
            git(
                "commit",
                "--quiet",
                "-m",
                f"Checkpoint {checkpoint.number}, {checkpoint.size} events",
            )
            git("push", "--quiet", "--", remote, f"HEAD:refs/heads/{branch}")
        commit = git("rev-parse", "HEAD")
    return AnchorReceipt(location=f"{remote} {branch}", receipt=commit)


def _run(work: Path, limit: float, *arguments: str) -> str:
    """Run git in a folder, never asking anybody anything, under no settings but its own."""
    environment = {
        **{
            k: v
            for k, v in os.environ.items()
            if not k.startswith("GIT_") or k == "GIT_SSH_COMMAND"
        },
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "AIMS",
        "GIT_AUTHOR_EMAIL": "aims@localhost",
        "GIT_COMMITTER_NAME": "AIMS",
        "GIT_COMMITTER_EMAIL": "aims@localhost",
    }
    command = ["git", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - the program is fixed, no shell, and options are ended by --
            command,
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=limit,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise WorkspaceError(
            "the command git is missing; install it, or use another anchor"
        ) from None
    except subprocess.TimeoutExpired:
        raise WorkspaceError(f"git {arguments[0]} took longer than {limit:g} seconds") from None
    if done.returncode:
        raise WorkspaceError(f"git {arguments[0]} failed: {done.stderr.strip()[:_SAID]}")
    return done.stdout.strip()
