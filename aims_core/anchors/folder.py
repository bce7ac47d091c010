"""Anchor ``core.folder``: a folder elsewhere, on a share, a removable medium or another machine's mount."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aims_core.anchors.options import file_name, text_option
from aims_core.errors import WorkspaceError
from aims_core.records import AnchorReceipt, Checkpoint
from aims_core.whole_files import write_whole


def keep(checkpoint: Checkpoint, options: Mapping[str, Any]) -> AnchorReceipt:
    """Write the note into ``folder``, one file for each checkpoint; one that is there is never changed.

    Raises
    ------
    WorkspaceError
        The folder does not exist (is it mounted?), has no room, or another note has the place already.
    """
    folder = Path(text_option(options, "folder")).expanduser()
    if not folder.is_absolute():
        raise WorkspaceError(f"the folder {folder} of an anchor must be an absolute path")
    if not folder.is_dir():
        raise WorkspaceError(f"{folder} is no folder; create it, or mount what should be there")
    path, note = folder / file_name(checkpoint), checkpoint.note.encode()
    try:
        write_whole(path, note)
    except FileExistsError:
        if path.read_bytes() != note:
            raise WorkspaceError(
                f"{path} holds another checkpoint of the same log and number: one of two histories is "
                "false; compare both with `aims audit verify --checkpoint`"
            ) from None
    except OSError as error:
        raise WorkspaceError.not_written("the checkpoint", path, error) from error
    return AnchorReceipt(location=str(path))
