"""Anchor ``core.object_store``: an S3-compatible bucket, written with one signed PUT (SigV4).

What makes it an anchor is the bucket's own lock: with object lock in compliance mode not even its owner
can change what was put there before its time.
"""

import hashlib
import hmac
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from aims_core.anchors.options import file_name, seconds_option, text_option
from aims_core.errors import WorkspaceError
from aims_core.records import AnchorReceipt, Checkpoint

_SAID = 300


def keep(checkpoint: Checkpoint, options: Mapping[str, Any]) -> AnchorReceipt:
    """Put the note into a bucket: ``url`` is ``https://host/bucket[/prefix]``, ``region`` its region.

    Keys come from ``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``. An object that is there already is
    not replaced (``If-None-Match``), where the store knows that condition.

    Raises
    ------
    WorkspaceError
        The URL is none, keys are missing, or the store did not take it.
    """
    base = text_option(options, "url").rstrip("/")
    parts = urlsplit(base)
    if parts.scheme not in {"https", "http"} or not parts.netloc or parts.query:
        raise WorkspaceError(f"{base!r} is no address of a bucket, https://host/bucket")
    region = text_option(options, "region", "us-east-1")
    path = quote(f"{parts.path}/{file_name(checkpoint)}", safe="/-_.~")
    body = checkpoint.note.encode()
    headers = signed_headers(parts.netloc, path, body, region, datetime.now(UTC))
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at above
        f"{parts.scheme}://{parts.netloc}{path}", data=body, headers=headers, method="PUT"
    )
    request.add_header("If-None-Match", "*")
    try:
        with urllib.request.urlopen(request, timeout=seconds_option(options)) as answer:  # noqa: S310 - same
            receipt = answer.headers.get("x-amz-version-id") or answer.headers.get("ETag") or ""
    except urllib.error.HTTPError as error:
        said = error.read(_SAID).decode("utf-8", "replace")
        raise WorkspaceError(f"the object store answered {error.code}: {said}") from error
    except OSError as error:
        raise WorkspaceError(f"the object store cannot be reached: {error}") from error
    return AnchorReceipt(location=f"{parts.scheme}://{parts.netloc}{path}", receipt=receipt)


def signed_headers(host: str, path: str, body: bytes, region: str, now: datetime) -> dict[str, str]:
    """Return the headers of a PUT, signed with AWS Signature Version 4."""
    key_id = os.environ.get("AWS_ACCESS_KEY_ID", "")
    secret = os.environ.get("AWS_SECRET_ACCESS_KEY", "")
    if not key_id or not secret:
        raise WorkspaceError(
            "the object store's keys are missing; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    stamp, digest = now.strftime("%Y%m%dT%H%M%SZ"), hashlib.sha256(body).hexdigest()
    signed = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    names = ";".join(signed)
    lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
    asked = hashlib.sha256(f"PUT\n{path}\n\n{lines}\n{names}\n{digest}".encode()).hexdigest()
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{asked}"
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return {
        "x-amz-content-sha256": digest,
        "x-amz-date": stamp,
        "Content-Type": "text/plain",
        "Authorization": (
            f"AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
        ),
    }
