"""Anchor ``core.object_store``: an S3-compatible bucket, written with one signed PUT (SigV4).

An object that is there already is read and compared.

What makes it an anchor is the bucket's own lock: with object lock in compliance mode not even its owner
can change what was put there before its time.
"""

import hashlib
import hmac
import os
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from aims_core.anchors.options import file_name, seconds_option, text_option
from aims_core.errors import WorkspaceError
from aims_core.records import AnchorReceipt, Checkpoint

_SAID = 300


def keep(checkpoint: Checkpoint, options: Mapping[str, Any]) -> AnchorReceipt:
    """Put the note into a bucket: ``url`` is ``https://host/bucket[/prefix]``, ``region`` its region.

    Keys come from ``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``. An object that is there already is
    not replaced (``If-None-Match``), where the store knows that condition; it has to hold the same note.

    Raises
    ------
    WorkspaceError
        The URL is none, keys are missing, the store did not take it, or it holds another note.
    """
    place = _Place(options, file_name(checkpoint))
    body = checkpoint.note.encode()
    # A bucket with a retention period takes only what comes with a checksum of its own.
    checksum = b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    try:
        with place.ask("PUT", body, {"If-None-Match": "*", "Content-MD5": checksum}) as answer:
            return _receipt(place, answer)
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.PRECONDITION_FAILED:
            raise _refused(error) from error
        error.close()
    return _there_already(place, body)


def _there_already(place: "_Place", body: bytes) -> AnchorReceipt:
    try:
        with place.ask("GET", b"", {}) as answer:
            if answer.read(len(body) + 1) == body:
                return _receipt(place, answer)
    except urllib.error.HTTPError as error:
        raise _refused(error) from error
    raise WorkspaceError(
        f"{place.url} holds another checkpoint of this number: one of two histories is false"
    )


class _Place:
    """Where an object of the bucket is, and how to ask for it."""

    def __init__(self, options: Mapping[str, Any], name: str) -> None:
        base = text_option(options, "url").rstrip("/")
        parts = urlsplit(base)
        if parts.scheme not in {"https", "http"} or not parts.netloc or parts.query:
            raise WorkspaceError(f"{base!r} is no address of a bucket, https://host/bucket")
        self.host = parts.netloc
        self.path = quote(f"{parts.path}/{name}", safe="/-_.~")
        self.url = f"{parts.scheme}://{self.host}{self.path}"
        self.region = text_option(options, "region", "us-east-1")
        self.timeout = seconds_option(options)

    def ask(self, method: str, body: bytes, more: Mapping[str, str]) -> Any:
        """Send one signed request and return the answer, to be closed by the caller."""
        signed = signed_headers(
            method, self.host, self.path, body, region=self.region, now=datetime.now(UTC)
        )
        request = urllib.request.Request(  # noqa: S310 - the scheme was looked at above
            self.url, data=body or None, headers={**signed, **more}, method=method
        )
        try:
            return urllib.request.urlopen(request, timeout=self.timeout)  # noqa: S310 - same
        except urllib.error.HTTPError:
            raise
        except OSError as error:
            raise WorkspaceError(f"the object store cannot be reached: {error}") from error


def _receipt(place: _Place, answer: Any) -> AnchorReceipt:
    receipt = answer.headers.get("x-amz-version-id") or answer.headers.get("ETag") or ""
    return AnchorReceipt(location=place.url, receipt=receipt)


def _refused(error: urllib.error.HTTPError) -> WorkspaceError:
    with error:
        said = error.read(_SAID).decode("utf-8", "replace")
    return WorkspaceError(f"the object store answered {error.code}: {said}")


def signed_headers(
    method: str, host: str, path: str, body: bytes, *, region: str, now: datetime
) -> dict[str, str]:
    """Return the headers of a request, signed with AWS Signature Version 4."""
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
    asked = hashlib.sha256(f"{method}\n{path}\n\n{lines}\n{names}\n{digest}".encode()).hexdigest()
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
