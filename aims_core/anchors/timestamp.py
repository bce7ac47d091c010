"""Anchor ``core.timestamp``: a time stamping authority (RFC 3161) states when it saw the checkpoint.

The request holds only a hash, so the authority learns nothing. Its token is taken when it is about this
hash and this request, and signed by an authority whose certificates the organisation named (this product
trusts none by itself); it is kept whole, as the receipt in base64.
"""

import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aims_core.anchors.options import seconds_option, text_option
from aims_core.errors import WorkspaceError
from aims_core.records import AnchorReceipt, Checkpoint

_LARGEST = 200_000


def keep(checkpoint: Checkpoint, options: Mapping[str, Any]) -> AnchorReceipt:
    """Have the authority at ``url`` state the time of the note, and return its token.

    ``certificates`` is a file of PEM certificates: the authority's root, those between if there are any,
    and its own if no other shall do.

    Raises
    ------
    WorkspaceError
        The authority cannot be reached, refuses, or answers something else than was asked; its signature
        does not lead to the certificates; or the library that reads tokens is not installed.
    """
    url = text_option(options, "url")
    if not url.startswith(("https://", "http://")):
        raise WorkspaceError(f"{url!r} is no address of a time stamping authority")
    trusted = _certificates(Path(text_option(options, "certificates")))
    query, nonce = _query(checkpoint.note.encode())
    _verifier(trusted, nonce)  # nobody is asked whose answer could not be judged
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at above
        url, data=query, headers={"Content-Type": "application/timestamp-query"}
    )
    try:
        with urllib.request.urlopen(request, timeout=seconds_option(options)) as answer:  # noqa: S310 - same
            token = answer.read(_LARGEST)
    except (OSError, urllib.error.URLError) as error:
        raise WorkspaceError(f"the time stamping authority cannot be reached: {error}") from error
    stated = verified_time(token, checkpoint.note.encode(), trusted, nonce=nonce)
    return AnchorReceipt(
        location=f"{url} at {stated.isoformat()}", receipt=b64encode(token).decode()
    )


def verified_time(
    answer: bytes, message: bytes, certificates: bytes, *, nonce: int | None = None
) -> datetime:
    """Return the time that an authority states for a message, aware and in UTC.

    Parameters
    ----------
    answer : bytes
        A ``TimeStampResp`` in DER, as an authority answers.
    message : bytes
        What it shall be about.
    certificates : bytes
        PEM certificates. One that signed itself is a root; one for time stamping is the only authority
        that will do; others stand between.
    nonce : int, optional
        Number of the request that it shall answer.

    Raises
    ------
    WorkspaceError
        It was not granted, is about something else, or is not signed by a trusted authority; or the
        certificates cannot be used.
    """
    _require_library()
    from rfc3161_client import VerificationError, decode_timestamp_response

    verifier = _verifier(certificates, nonce)
    try:
        response = decode_timestamp_response(answer)
        _demand_granted(response)
        verifier.verify_message(response, message)
    except (ValueError, VerificationError) as error:
        said = str(error).partition(": ErrorStack")[0]
        raise WorkspaceError(
            f"the time stamping authority's answer does not fit: {said}"
        ) from error
    return response.tst_info.gen_time.astimezone(UTC)


def _demand_granted(response: Any) -> None:
    from rfc3161_client import PKIStatus

    if response.status != PKIStatus.GRANTED:
        said = [PKIStatus(response.status).name.lower(), *response.status_string]
        raise ValueError(f"it was not granted: {': '.join(said)}")


def _query(message: bytes) -> tuple[bytes, int]:
    """Return a request over the SHA-256 of a message, and its number."""
    _require_library()
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    builder = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256)
    request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    return request.as_bytes(), int(request.nonce or 0)


def _verifier(certificates: bytes, nonce: int | None) -> Any:
    from cryptography.x509 import Certificate, load_pem_x509_certificates
    from rfc3161_client import VerifierBuilder

    roots: list[Certificate] = []
    between: list[Certificate] = []
    own: list[Certificate] = []
    try:
        given = load_pem_x509_certificates(certificates)
    except ValueError as error:
        raise WorkspaceError(f"the authority's certificates cannot be read: {error}") from error
    for certificate in given:
        if _stamps_time(certificate):
            own.append(certificate)
        else:
            (roots if certificate.issuer == certificate.subject else between).append(certificate)
    if not roots or len(own) > 1:
        raise WorkspaceError(
            "the authority's certificates must hold a root, and at most one for time stamping"
        )
    return VerifierBuilder(
        roots=roots, intermediates=between, tsa_certificate=own[0] if own else None, nonce=nonce
    ).build()


def _stamps_time(certificate: Any) -> bool:
    from cryptography.x509 import ExtendedKeyUsage, ExtensionNotFound
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        usage = certificate.extensions.get_extension_for_class(ExtendedKeyUsage).value
    except ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in usage


def _certificates(file: Path) -> bytes:
    if not file.is_absolute():
        raise WorkspaceError(f"certificates = {str(file)!r} must be an absolute path")
    try:
        return file.read_bytes()
    except OSError as error:
        raise WorkspaceError(f"the authority's certificates cannot be read: {error}") from error


def _require_library() -> None:
    try:
        import rfc3161_client  # noqa: F401 - only whether it is there
    except ModuleNotFoundError as error:
        raise WorkspaceError(
            "time stamps need the library rfc3161-client; install aims-core[timestamp]"
        ) from error
