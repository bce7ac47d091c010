"""Bundles: the same bytes for the same records; a stranger's bundle is taken in whole or not at all."""

import hashlib
import io
import json
import shutil
import stat
import struct
import subprocess
import sys
import zipfile
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aims_core import (
    InvalidRecord,
    NotPermitted,
    PluginHost,
    RecordNotFound,
    WorkspaceError,
    create_workspace,
    open_workspace,
)
from aims_core.evidence.archive import name_fault
from aims_core.evidence.manifest import content_name
from aims_core.testing import PEOPLE
from aims_core.testing.fixtures import TICKET_TRIAGE

SYSTEM = "ticket-triage"


def fill(workspace, folder):
    """Put two records into a workspace, the first one of an older revision."""
    when = datetime(2026, 3, 1, tzinfo=UTC)
    table = folder / "cases.csv"
    table.write_text("case,passed\n1,yes\n")
    ines = workspace.act_as("ines").evidence
    ines.add(SYSTEM, "validation", "Cases", path=table, note="by hand", collected_at=when)
    workspace.act_as("olga").inventory.revise(SYSTEM, name="Other name")
    ines.add(SYSTEM, "documentation", "Manual", text="how it works")


@pytest.fixture(scope="session")
def bundle_of_another(tmp_path_factory):
    """Give a bundle made in another workspace, which knows the system by the same id."""
    folder = tmp_path_factory.mktemp("another")
    workspace = create_workspace(
        folder / "ws",
        organisation="Another one",
        administrator="ada",
        host=PluginHost(discover=False),
    )
    for actor, role in PEOPLE.items():
        workspace.staffing.add(actor, actor.title())
        workspace.staffing.grant(actor, role)
    workspace.act_as("olga").inventory.register(SYSTEM, **TICKET_TRIAGE)
    fill(workspace, folder)
    path = folder / "out.zip"
    workspace.act_as("aude").evidence.export_bundle(path, system_ids=[SYSTEM])
    workspace.close()
    return path


@pytest.fixture
def bundle(bundle_of_another, tmp_path):
    return shutil.copy(bundle_of_another, tmp_path / "out.zip")


@pytest.fixture
def other(registered):
    """Give the workspace that takes it in: it holds the system as it was first described."""
    return registered.act_as("ines")


@pytest.fixture
def full(registered, tmp_path):
    """Give a workspace with evidence to hand out."""
    fill(registered, tmp_path)
    return registered


def manifest_of(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("manifest.json"))


def entries_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(path, entries, compress=zipfile.ZIP_STORED, change=None):
    """Write a zip of (name, content) pairs; `change` may alter each ZipInfo before it is written."""
    with zipfile.ZipFile(path, "w", compress) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = compress
            if change is not None:
                change(info)
            archive.writestr(info, content)
    return path


def refused(workspace, path, match):
    """Expect that a bundle is refused with one event, and that nothing of it is left."""
    evidence = workspace.act_as("ines").evidence
    before = evidence.frame()
    events = workspace.audit.verify().events

    with pytest.raises(InvalidRecord, match=match) as refusal:
        evidence.import_bundle(path)

    assert refusal.value.problems
    assert workspace.audit.verify().events == events + 1
    assert workspace.audit.events(limit=1)[0].type == "core.ActRefused"
    assert evidence.frame().equals(before)
    assert evidence.verify().empty
    assert not list((workspace.settings.folder / "evidence").glob(".staging/*"))


def test_the_same_records_give_the_same_bytes(full, tmp_path):
    first, again = tmp_path / "first.zip", tmp_path / "again.zip"

    digest = full.act_as("rita").evidence.export_bundle(first)
    full.act_as("aude").evidence.export_bundle(again, system_ids=[SYSTEM])

    assert again.read_bytes() == first.read_bytes()
    assert digest == hashlib.sha256(again.read_bytes()).hexdigest()
    event = full.audit.events(event_type="core.EvidenceExported")[0]
    assert event.payload["digest"] == digest
    assert [p.name for p in tmp_path.glob(".*")] == []


def test_a_bundle_can_be_read_without_this_product(bundle):
    manifest, entries = manifest_of(bundle), entries_of(bundle)

    assert manifest["format"] == "aims-evidence-bundle/1"
    assert len(manifest["records"]) == 2
    for one in manifest["contents"]:
        content = entries[f"content/{one['digest'][:2]}/{one['digest']}"]
        assert hashlib.sha256(content).hexdigest() == one["digest"]
        assert len(content) == one["size"]


def test_another_workspace_takes_it_in_once(bundle, other):
    first = other.evidence.import_bundle(bundle)
    second = other.evidence.import_bundle(bundle)

    assert (first.records, first.added, first.found, first.disposed) == (2, 2, 0, 0)
    assert (second.records, second.added, second.found, second.disposed) == (2, 0, 2, 0)
    kept = {e.kind: e for e in other.evidence.of(SYSTEM)}
    cases, manual = kept["validation"], kept["documentation"]
    assert other.evidence.read(cases) == b"case,passed\n1,yes\n"
    assert (cases.title, cases.note, cases.media_type) == ("Cases", "by hand", "text/csv")
    assert dict(cases.marks) == {}
    assert cases.collected_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert (cases.revision, cases.outdated) == (1, False)
    assert cases.added_by == "ines"
    assert cases.origin["added_by"] == "ines"
    assert cases.origin["organisation"] == "Another one"
    assert cases.origin["evidence_id"] == cases.evidence_id
    # The second was for a description that this inventory never held.
    assert (manual.revision, manual.outdated) == (0, True)
    assert manual.origin["revision"] == 2
    assert other.evidence.verify().empty
    types = [e.type for e in other.audit.events(limit=10)]
    assert types.count("core.EvidenceImported") == 2
    assert types.count("core.EvidenceAdded") == 2


def test_the_workspace_it_came_from_finds_everything(full, tmp_path):
    full.act_as("aude").evidence.export_bundle(tmp_path / "x.zip")

    outcome = full.act_as("ines").evidence.import_bundle(tmp_path / "x.zip")

    assert (outcome.added, outcome.found) == (0, 2)


def test_it_may_be_packed_again_by_somebody(bundle, other, tmp_path):
    packed = written(
        tmp_path / "packed.zip", entries_of(bundle).items(), compress=zipfile.ZIP_DEFLATED
    )

    assert other.evidence.import_bundle(packed).added == 2


def test_the_longer_retention_counts(bundle, other, tmp_path):
    entries = entries_of(bundle)
    manifest = json.loads(entries["manifest.json"])
    for record, year in zip(manifest["records"], ("2027", "2099"), strict=True):
        record["retain_until"] = f"{year}-01-01T00:00:00.000000Z"
    entries["manifest.json"] = json.dumps(manifest)

    other.evidence.import_bundle(written(tmp_path / "x.zip", entries.items()))

    ends = sorted(e.retain_until.year for e in other.evidence.of(SYSTEM))
    assert ends == [other.now().year + 10, 2099]


def test_an_id_that_is_taken_is_given_anew(bundle, other, tmp_path):
    other.evidence.import_bundle(bundle)
    entries = entries_of(bundle)
    manifest = json.loads(entries["manifest.json"])
    for record in manifest["records"]:
        record["kind"] = "minutes"
    entries["manifest.json"] = json.dumps(manifest)

    outcome = other.evidence.import_bundle(written(tmp_path / "x.zip", entries.items()))

    assert outcome.added == 2
    assert len({e.evidence_id for e in other.evidence.of(SYSTEM)}) == 4


def test_what_was_disposed_of_is_listed_without_content(full, tmp_path):
    store = full._desk.store
    now = store.clock()
    store.clock = lambda: now.replace(year=now.year + 20)
    one = full.evidence.of(SYSTEM)[0]
    proposed = full.act_as("ines").evidence.propose_disposal(one.evidence_id, "ended")
    full.act_as("rita").evidence.confirm_disposal(proposed.disposal_id)
    path = tmp_path / "later.zip"
    full.act_as("aude").evidence.export_bundle(path)

    outcome = full.act_as("ines").evidence.import_bundle(path)

    assert [r["disposed"] for r in manifest_of(path)["records"]].count(True) == 1
    assert len(entries_of(path)) == 2
    assert (outcome.records, outcome.found, outcome.disposed) == (2, 1, 1)


def test_who_may_not_export_or_import_is_refused(full, bundle, tmp_path):
    with pytest.raises(NotPermitted):
        full.act_as("devi").evidence.export_bundle(tmp_path / "x.zip", system_ids=[SYSTEM])
    with pytest.raises(NotPermitted):
        full.act_as("ada").evidence.export_bundle(tmp_path / "x.zip")
    with pytest.raises(RecordNotFound):
        full.act_as("aude").evidence.export_bundle(tmp_path / "x.zip", system_ids=["none"])
    with pytest.raises(NotPermitted):
        full.act_as("aude").evidence.import_bundle(bundle)
    assert not (tmp_path / "x.zip").exists()
    assert len(full.evidence.of(SYSTEM)) == 2


def test_altered_content_is_not_exported(full, tmp_path):
    path = tmp_path / "x.zip"
    full.act_as("aude").evidence.export_bundle(path)
    one = full.evidence.of(SYSTEM)[0]
    (full.settings.folder / one.location).write_text("other")

    with pytest.raises(WorkspaceError, match=one.evidence_id):
        full.act_as("aude").evidence.export_bundle(path)

    assert len(entries_of(path)) == 3
    assert [p.name for p in tmp_path.glob(".*")] == []


# --- hostile archives -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../../aims.toml",
        "content/../../../etc/passwd",
        "/etc/passwd",
        "C:/Windows/x",
        "c:x",
        "..\\..\\aims.toml",
        "content\\ab",
        "\\\\server\\share\\x",
        "CON",
        "content/nul.txt",
        "content/COM1",
        "content/lpt9.log",
        "content/aux .txt",
        "content/./x",
        "content//x",
        "content/",
        "file:stream",
        "trailing.",
        "trailing /x",
        "new\nline",
        "escape\x1b[31m",
        "unlisted",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(bundle, other, tmp_path, name):
    entries = [*entries_of(bundle).items(), (name, b"x")]

    refused(other, written(tmp_path / "x.zip", entries), "entry|listed")
    assert not (tmp_path / "aims.toml").exists()
    assert name == "unlisted" or name_fault(name)


def test_a_name_with_a_nul_is_refused(bundle, other, tmp_path):
    entries = [*entries_of(bundle).items(), ("zzz_unlisted", b"x")]
    path = written(tmp_path / "x.zip", entries)
    path.write_bytes(path.read_bytes().replace(b"zzz_unlisted", b"manifest\x00sts"))

    refused(other, path, "control character")


def test_the_same_entry_twice_is_refused(bundle, other, tmp_path):
    entries = list(entries_of(bundle).items())
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = written(tmp_path / "x.zip", [*entries, entries[0]])

    refused(other, path, "is there twice")


def test_the_same_entry_in_another_case_is_refused(bundle, other, tmp_path):
    entries = [*entries_of(bundle).items(), ("MANIFEST.json", b"{}")]

    refused(other, written(tmp_path / "x.zip", entries), "is there twice")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_other_things_that_are_no_files_are_refused(bundle, other, tmp_path, kind):
    def change(info):
        if info.filename.startswith("content"):
            info.external_attr = (kind | 0o777) << 16

    refused(
        other, written(tmp_path / "x.zip", entries_of(bundle).items(), change=change), "is a link"
    )


def swap(entries, *, content=None, drop=False, **record):
    """Return entries whose first content is other bytes, or whose records say something else."""
    manifest = json.loads(entries["manifest.json"])
    name = content_name(manifest["contents"][0]["digest"])
    entries = dict(entries)
    if drop:
        del entries[name]
    if content is not None:
        entries[name] = content
    for one in manifest["records"]:
        one.update(record)
    entries["manifest.json"] = json.dumps(manifest)
    return entries


def bomb(entries, size):
    manifest = json.loads(entries["manifest.json"])
    content = b"\x00" * size
    digest = hashlib.sha256(content).hexdigest()
    manifest["contents"] = [{"digest": digest, "size": size, "media_type": "x"}]
    for one in manifest["records"]:
        one.update(digest=digest, size=size)
    return {"manifest.json": json.dumps(manifest), content_name(digest): content}


def test_a_bomb_is_refused_by_its_ratio_before_it_is_unpacked(bundle, other, tmp_path):
    entries = bomb(entries_of(bundle), 150_000_000)
    path = written(tmp_path / "x.zip", entries.items(), compress=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 200_000

    refused(other, path, "unpacks to more than 200 times its size")


def test_a_bomb_that_claims_to_be_small_is_stopped_while_it_is_unpacked(bundle, other, tmp_path):
    entries = entries_of(bundle)
    manifest = json.loads(entries["manifest.json"])
    name = content_name(manifest["contents"][0]["digest"])
    size = manifest["contents"][0]["size"]
    entries[name] = b"\x00" * 20_000_000
    path = written(tmp_path / "x.zip", entries.items(), compress=zipfile.ZIP_DEFLATED)
    claim(path, name, size)

    refused(other, path, "is damaged|SHA-256")


def claim(path, name, size):
    """Write another unpacked size into the directory of an archive."""
    data = bytearray(path.read_bytes())
    place = data.rindex(name.encode()) - 46
    assert data[place : place + 4] == b"PK\x01\x02"
    data[place + 24 : place + 28] = struct.pack("<L", size)
    path.write_bytes(data)


def test_content_larger_than_evidence_may_be_is_refused(bundle, other, tmp_path):
    toml = other.settings.folder / "aims.toml"
    toml.write_text(f"{toml.read_text()}\n[evidence]\nmax_megabytes = 1\n")
    again = open_workspace(other.settings.folder, actor="ines", host=other.host)
    path = written(tmp_path / "x.zip", bomb(entries_of(bundle), 1_000_001).items())

    refused(again, path, "1,000,000 bytes allowed")
    again.close()


def test_a_bundle_larger_than_allowed_is_refused(bundle, other, tmp_path):
    toml = other.settings.folder / "aims.toml"
    toml.write_text(f"{toml.read_text()}\n[evidence]\nmax_bundle_megabytes = 1\n")
    again = open_workspace(other.settings.folder, actor="ines", host=other.host)
    entries = bomb(entries_of(bundle), 1_000_001)
    refused(again, written(tmp_path / "x.zip", entries.items()), "max_bundle_megabytes")
    packed = written(tmp_path / "y.zip", entries.items(), compress=zipfile.ZIP_DEFLATED)
    refused(again, packed, "unpacks to more than the 1,000,000 bytes|200 times")
    again.close()


def test_too_many_entries_are_refused_by_the_claim_alone(bundle, other, tmp_path):
    data = bytearray(bundle.read_bytes())
    place = data.rindex(b"PK\x05\x06")
    data[place + 12 : place + 16] = struct.pack("<L", 17 << 20)
    (tmp_path / "directory.zip").write_bytes(data)
    refused(other, tmp_path / "directory.zip", "directory has 17,825,792 bytes")

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(70_000):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    data = bytearray(buffer.getvalue())
    end = data.rindex(b"PK\x06\x06")
    data[end + 32 : end + 40] = struct.pack("<Q", 10**12)
    (tmp_path / "count.zip").write_bytes(data)
    refused(other, tmp_path / "count.zip", "1,000,000,000,000 entries")


def test_entries_that_share_their_bytes_are_refused(bundle, other, tmp_path):
    path = written(tmp_path / "x.zip", [*entries_of(bundle).items(), ("twin", b"x" * 64)])
    data = bytearray(path.read_bytes())
    place = data.rindex(b"twin") - 46
    data[place + 42 : place + 46] = struct.pack("<L", 0)
    path.write_bytes(data)

    refused(other, path, "overlaps|is damaged")


def test_encrypted_and_unknown_packing_are_refused(bundle, other, tmp_path):
    data = bytearray(bundle.read_bytes())
    place = data.rindex(b"manifest.json") - 46
    data[place + 8 : place + 10] = struct.pack("<H", 1)
    (tmp_path / "x.zip").write_bytes(data)
    refused(other, tmp_path / "x.zip", "is encrypted")

    packed = written(tmp_path / "y.zip", entries_of(bundle).items(), compress=zipfile.ZIP_LZMA)
    refused(other, packed, "not read here")


@pytest.mark.parametrize(
    "content", [b"", b"x", b"PK\x05\x06", b"not a zip" * 100, b"PK\x05\x06" + b"\xff" * 18]
)
def test_what_is_no_archive_is_refused(other, tmp_path, content):
    path = tmp_path / "x.zip"
    path.write_bytes(content)

    refused(other, path, "no zip archive|damaged|entries")


def test_something_behind_the_end_is_refused(bundle, other, tmp_path):
    (tmp_path / "x.zip").write_bytes(bundle.read_bytes() + b"more")

    refused(other, tmp_path / "x.zip", "stands behind its end")


def test_a_truncated_bundle_is_refused_wherever_it_ends(bundle, other, tmp_path):
    whole = bundle.read_bytes()
    path = tmp_path / "x.zip"
    for end in range(0, len(whole), 97):
        path.write_bytes(whole[:end])

        with pytest.raises(InvalidRecord):
            other.evidence.import_bundle(path)

    assert other.evidence.of(SYSTEM) == []
    assert other.evidence.verify().empty


# --- manifests that lie -----------------------------------------------------------------------------


def test_content_of_another_digest_is_refused_with_all_the_rest(bundle, other, tmp_path):
    entries = entries_of(bundle)
    size = json.loads(entries["manifest.json"])["contents"][0]["size"]

    lies = swap(entries, content=b"x" * size)

    refused(other, written(tmp_path / "x.zip", lies.items()), "has the SHA-256")


@pytest.mark.parametrize(
    ("lie", "match"),
    [
        ({"drop": True}, "listed and not there"),
        ({"content": b"short"}, "bytes,"),
        ({"size": 1}, "is not that of the content"),
        ({"size": -1}, "whole number"),
        ({"size": True}, "whole number"),
        ({"digest": "0" * 64}, "not among the contents"),
        ({"digest": "../../x"}, "is no digest"),
        ({"disposed": "no"}, "neither true nor false"),
        ({"disposed": True}, "no record needs"),
        ({"kind": ""}, "is empty"),
        ({"kind": "k" * 41}, "up to 40"),
        ({"title": ["x"]}, "up to 500"),
        ({"title": "nul\x00"}, "NUL"),
        ({"title": "half\ud800"}, "half a character"),
        ({"evidence_id": "ticket-triage"}, "no id of evidence"),
        ({"evidence_id": "evi-1"}, "is there twice"),
        ({"collected_at": "yesterday"}, "no time"),
        ({"collected_at": "2026-03-01T00:00:00Z"}, "no time"),
        ({"collected_at": "9999-01-01T00:00:00.000000Z"}, "in the future"),
        ({"system_id": "unheard-of"}, "not in this inventory"),
        ({"revision": 1.5}, "whole number"),
        ({"revision_digest": "x"}, "is no digest"),
        ({"run": "yes"}, "neither absent nor a table"),
    ],
    ids=str,
)
def test_a_manifest_that_lies_is_refused(bundle, other, tmp_path, lie, match):
    lies = swap(entries_of(bundle), **lie)

    refused(other, written(tmp_path / "x.zip", lies.items()), match)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"format": "aims-evidence-bundle/1"}',
        b'{"format": "aims-evidence-bundle/2", "contents": [], "records": []}',
        b'{"format": "aims-evidence-bundle/1", "format": "aims-evidence-bundle/1"}',
        b'{"format": "aims-evidence-bundle/1", "contents": NaN}',
        b"[" * 100_000,
        b"9" * 10_000,
        b'{"format": "aims-evidence-bundle/1", "contents": {}, "records": 1, "organisation": 2}',
    ],
    ids=lambda text: text[:40].decode("latin-1"),
)
def test_what_is_no_manifest_is_refused(other, tmp_path, text):
    refused(other, written(tmp_path / "x.zip", [("manifest.json", text)]), "manifest|format|conte")


def test_a_bundle_without_a_manifest_is_refused(other, tmp_path):
    refused(other, written(tmp_path / "x.zip", [("readme", b"x")]), r"no manifest\.json")


def test_a_media_type_that_is_a_lie_is_noted(bundle, other, tmp_path):
    lies = swap(entries_of(bundle), media_type="image/png")

    other.evidence.import_bundle(written(tmp_path / "x.zip", lies.items()))

    for one in other.evidence.of(SYSTEM):
        assert one.media_type == "text/plain"
        assert "image/png" in one.marks["type_mismatch"]


def test_a_bundle_s_notebook_was_not_run_here_whatever_it_says(bundle, other, tmp_path):
    lies = swap(entries_of(bundle), run={"here": True, "clean": True})

    other.evidence.import_bundle(written(tmp_path / "x.zip", lies.items()))

    assert {e.run["here"] for e in other.evidence.of(SYSTEM)} == {False}


DIES = """
import os, sys
from aims_core import open_workspace
from aims_core.evidence.content import ContentFolder

left = int(sys.argv[3])
place = ContentFolder.place
def placed_and_killed(self, staged):
    global left
    if left == 0:
        os._exit(9)
    left -= 1
    place(self, staged)
ContentFolder.place = placed_and_killed

open_workspace(sys.argv[1], actor="ines").evidence.import_bundle(sys.argv[2])
"""


@pytest.mark.parametrize("after", [0, 1])
def test_killed_anywhere_it_leaves_no_record_and_is_complete_when_run_again(bundle, other, after):
    folder = str(other.settings.folder)

    died = subprocess.run([sys.executable, "-c", DIES, folder, bundle, str(after)], check=False)

    assert died.returncode == 9
    assert other.evidence.of(SYSTEM) == []
    assert set(other.evidence.verify()["finding"]) == {"unreferenced"}
    assert other.evidence.import_bundle(bundle).added == 2


def test_a_disk_that_fills_while_it_is_put_in_place_leaves_nothing(bundle, other, monkeypatch):
    from aims_core.evidence.content import ContentFolder

    place, placed = ContentFolder.place, []

    def full(self, staged):
        if placed:
            raise WorkspaceError("no space left")
        placed.append(staged)
        place(self, staged)

    monkeypatch.setattr(ContentFolder, "place", full)

    with pytest.raises(WorkspaceError, match="no space"):
        other.evidence.import_bundle(bundle)

    assert other.evidence.of(SYSTEM) == []
    assert other.evidence.verify().empty


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_bundle_changed_anywhere_is_refused_or_gives_exactly_what_was_in_it(
    bundle, other, tmp_path, data
):
    whole = bytearray(bundle.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "changed.zip"
    path.write_bytes(whole)

    with suppress(InvalidRecord):
        other.evidence.import_bundle(path)
    contents = {hashlib.sha256(c).hexdigest() for c in entries_of(bundle).values()}
    assert {e.digest for e in other.evidence.of(SYSTEM)} <= contents
    assert other.evidence.verify().empty
