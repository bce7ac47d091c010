"""Reads a stranger's bundle without believing it: safe to unpack, and exactly what its manifest lists."""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from aims_core.errors import InvalidRecord
from aims_core.evidence.archive import (
    ArchiveFault,
    ArchiveLimits,
    check_entries,
    entry_chunks,
    open_archive,
)
from aims_core.evidence.intake import unfit
from aims_core.evidence.manifest import MANIFEST, Manifest, content_name, read_manifest
from aims_core.evidence.media import Sniffed, sniff, suffix_of
from aims_core.records import Problem

MANIFEST_BYTES = 64 << 20
"""Largest manifest that is read."""
RESEND = "have the bundle exported again, and sent in a way that does not change it"
"""What helps where a bundle is not what it says."""


def read_bundle(
    file: IO[bytes], asked: str, limits: ArchiveLimits
) -> tuple[zipfile.ZipFile, Manifest]:
    """Return an archive that is safe to unpack, and its manifest, which lists exactly what is in it.

    Raises
    ------
    InvalidRecord
        It is no bundle, would do harm, or its manifest and its entries differ; every place is named.
    """
    try:
        archive = open_archive(file, limits)
        entries = {e.orig_filename: e for e in archive.infolist()}
        check_entries(archive.infolist(), limits)
        listing = entries.pop(MANIFEST, None)
        if listing is None:
            raise unfit(asked, "bundle", f"it has no {MANIFEST}", "give a bundle of evidence")
        if listing.file_size > MANIFEST_BYTES:
            raise unfit(asked, "manifest", "is too large", "export fewer systems")
        content = b"".join(entry_chunks(archive, listing, limits))
    except ArchiveFault as fault:
        raise unfit(asked, "bundle", str(fault), RESEND) from fault
    manifest, problems = read_manifest(content)
    if manifest is not None:
        problems = list(_differences(manifest, entries))
    if manifest is None or problems:
        raise InvalidRecord(asked, problems)
    return archive, manifest


def _differences(manifest: Manifest, entries: Mapping[str, zipfile.ZipInfo]) -> Iterator[Problem]:
    promised = {content_name(d): size for d, size in manifest.contents.items()}
    for name in sorted(promised.keys() - entries.keys()):
        yield Problem(field="bundle", reason=f"{name} is listed and not there", remedy=RESEND)
    for name in sorted(entries.keys() - promised.keys()):
        why = f"{name[:80]!a} is there and not listed"
        yield Problem(field="bundle", reason=why, remedy=RESEND)
    for name in sorted(promised.keys() & entries.keys()):
        if entries[name].file_size != promised[name]:
            why = f"{name} has {entries[name].file_size:,} bytes, {promised[name]:,} are listed"
            yield Problem(field="bundle", reason=why, remedy=RESEND)


def told_by_content(path: Path, claimed: str) -> Sniffed:
    """Return what content is; what the bundle claims is only a hint, as a name would be."""
    told = sniff(path, f"content{suffix_of(claimed)}")
    if told.media_type == claimed or "type_mismatch" in told.marks:
        return told
    said = f"its bundle claims {claimed}, its content is {told.media_type}"
    return Sniffed(told.media_type, {**told.marks, "type_mismatch": said})
