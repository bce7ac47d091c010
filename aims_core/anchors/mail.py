"""Anchor ``core.mail``: the checkpoint in a message, sent by SMTP or laid into a folder to be sent."""

import os
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from aims_core.anchors.options import file_name, seconds_option, text_option
from aims_core.errors import WorkspaceError
from aims_core.records import AnchorReceipt, Checkpoint
from aims_core.whole_files import write_whole

PASSWORD_VARIABLE = "AIMS_SMTP_PASSWORD"  # noqa: S105 - the name of the variable, not what it holds
_PORT = 587


def keep(checkpoint: Checkpoint, options: Mapping[str, Any]) -> AnchorReceipt:
    """Send the note to ``to`` by the ``server``, or write it as ``.eml`` into ``folder``.

    ``from`` is the sender; with ``user`` it logs in, the password being ``AIMS_SMTP_PASSWORD``. The
    connection is encrypted (STARTTLS) unless ``encrypted = false``.

    Raises
    ------
    WorkspaceError
        Neither server nor folder is configured, or the message was not taken or cannot be written.
    """
    message = _message(checkpoint, options)
    if "folder" in options:
        folder = Path(text_option(options, "folder")).expanduser()
        path = folder / f"{Path(file_name(checkpoint)).stem}.eml"
        if not folder.is_dir():
            raise WorkspaceError(f"{folder} is no folder; create it, or mount what should be there")
        try:
            write_whole(path, message.as_bytes(), replace=True)
        except OSError as error:
            raise WorkspaceError.not_written("the message", path, error) from error
        return AnchorReceipt(location=str(path), receipt=str(message["Message-ID"]))
    try:
        _send(message, options)
    except (OSError, smtplib.SMTPException) as error:
        raise WorkspaceError(f"the mail server did not take the message: {error}") from error
    return AnchorReceipt(location=f"mail to {message['To']}", receipt=str(message["Message-ID"]))


def _message(checkpoint: Checkpoint, options: Mapping[str, Any]) -> EmailMessage:
    message = EmailMessage()
    name = file_name(checkpoint)
    try:
        message["From"] = text_option(options, "from")
        message["To"] = text_option(options, "to")
        message["Subject"] = f"Checkpoint {checkpoint.number} of {checkpoint.origin}"
    except ValueError as error:  # a line break in an address, say
        raise WorkspaceError(f"the message cannot be addressed: {error}") from error
    message["Date"] = format_datetime(checkpoint.made_at)
    message["Message-ID"] = f"<{Path(name).stem}.{checkpoint.root[:16]}@aims>"
    message.set_content(
        f"The first {checkpoint.size} events of the audit trail {checkpoint.origin} were signed.\n"
        "Keep the attached file. `aims audit verify --checkpoint FILE` or verify_trail.py tells whether "
        "the trail is still a continuation of it.\n"
    )
    message.add_attachment(
        checkpoint.note.encode(), maintype="application", subtype="octet-stream", filename=name
    )
    return message


def _send(message: EmailMessage, options: Mapping[str, Any]) -> None:
    server, port = text_option(options, "server"), options.get("port", _PORT)
    if isinstance(port, bool) or not isinstance(port, int):
        raise WorkspaceError(f"anchor {options.get('name')!r}: port must be a number")
    with smtplib.SMTP(server, port, timeout=seconds_option(options)) as smtp:
        if options.get("encrypted", True):
            smtp.starttls(context=ssl.create_default_context())
        if user := text_option(options, "user", ""):
            smtp.login(user, os.environ.get(PASSWORD_VARIABLE, ""))
        smtp.send_message(message)
