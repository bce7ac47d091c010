"""What an auditor can check without this product: exports and proofs, by a program that stands alone."""

import json
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from aims_core import RecordNotFound, WorkspaceError
from aims_core.audit import merkle, verify_trail

# RFC 8032, section 7.1: secret key, public key, message, signature.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


def run(*arguments):
    """Run the verifier of an export by itself, isolated from everything installed."""
    result = subprocess.run(
        [sys.executable, "-I", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return result.returncode, result.stdout + result.stderr


@pytest.fixture
def exported(signed, tmp_path):
    """Give an export, its verifier, the public key and a checkpoint kept elsewhere."""
    folder = tmp_path / "export"
    count = signed.audit.export(folder)
    kept = tmp_path / "kept.txt"
    kept.write_text(signed.audit.newest_checkpoint().note)
    assert count == signed.audit.verify().events
    return folder, signed.audit.keys.status().public, kept


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_the_published_signatures_hold_and_nothing_near_them(public, message, signature):
    public, message, signature = (bytes.fromhex(x) for x in (public, message, signature))

    assert verify_trail.signature_holds(public, message, signature)
    assert not verify_trail.signature_holds(public, message + b"x", signature)
    assert not verify_trail.signature_holds(public, message, signature[::-1])
    assert not verify_trail.signature_holds(public, message, signature[:-1])
    assert not verify_trail.signature_holds(public[:-1], message, signature)
    beyond = int.from_bytes(signature[32:], "little") + verify_trail.ORDER
    malleable = signature[:32] + beyond.to_bytes(32, "little")
    assert not verify_trail.signature_holds(public, message, malleable)


@pytest.mark.parametrize("encoded", [b"\xff" * 32, b"\x02" + bytes(31), bytes(31) + b"\x80"])
def test_what_is_no_point_of_the_curve_verifies_nothing(encoded):
    assert not verify_trail.signature_holds(encoded, b"", bytes(64))


@settings(max_examples=25)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511))
def test_it_agrees_with_the_library_on_what_was_signed(seed, message, bit):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    flipped = (int.from_bytes(signature, "big") ^ (1 << bit)).to_bytes(64, "big")

    assert verify_trail.signature_holds(public, message, signature)
    assert not verify_trail.signature_holds(public, message, flipped)


def test_its_proofs_are_those_of_the_tree_up_to_64_leaves():
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(64)]
    hash_of = merkle.levels(leaves)
    peaks = []
    for size in range(1, 65):
        verify_trail.grown(peaks, size - 1, leaves[size - 1])
        root = merkle.root(size, hash_of)
        assert verify_trail.root_of(peaks) == root
        for index in range(size):
            proof = merkle.inclusion(index, size, hash_of)
            assert verify_trail.included(leaves[index], index, size, proof) == root
            assert verify_trail.included(leaves[index], index, size, [*proof, root]) != root
        for old in range(1, size + 1):
            proof = merkle.consistency(old, size, hash_of)
            assert verify_trail.extends(old, size, proof, merkle.root(old, hash_of), root)
            assert not verify_trail.extends(old, size, proof, b"x" * 32, root)


def test_an_export_verifies_itself_without_anything_installed(exported):
    folder, key, kept = exported

    code, said = run(folder / "verify_trail.py", folder, "--key", key, "--checkpoint", kept)

    assert code == 0, said
    assert "It holds" in said
    assert "note:" not in said


def test_without_a_key_or_checkpoint_of_ones_own_it_says_how_little_that_is(exported):
    folder, _, _ = exported

    code, said = run(folder / "verify_trail.py", folder)

    assert code == 0
    assert "a trail rewritten whole would pass" in said


def lines_of(folder):
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def write(folder, events):
    text = "".join(json.dumps(event) + "\n" for event in events)
    (folder / "events.jsonl").write_text(text)


def consistent(events):
    """Have an attacker recompute everything that can be recomputed without the key."""
    from aims_core.audit.leaves import START, chained, leaf

    chain = START
    for place, event in enumerate(events):
        event["place"], event["leaf"] = place, leaf(event)
        if event["chain"]:
            chain = event["chain"] = chained(chain, event["leaf"])
    return events


ATTACKS = {
    "changed": lambda e: e[2].update(actor="mallory"),
    "removed": lambda e: e.pop(2),
    "inserted": lambda e: e.insert(2, {**e[3], "event_id": "evt-0"}),
    "moved": lambda e: e.insert(2, e.pop(4)),
    "cut": lambda e: e.__delitem__(slice(5, None)),
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("recomputed", [False, True])
def test_an_export_that_was_tampered_with_does_not_hold(exported, attack, recomputed):
    folder, key, kept = exported
    events = lines_of(folder)
    ATTACKS[attack](events)
    write(folder, consistent(events) if recomputed else events)

    code, said = run(folder / "verify_trail.py", folder, "--key", key, "--checkpoint", kept)

    assert code == 1
    assert "FAULT: " in said


def test_another_key_than_the_one_expected_is_said(exported):
    folder, key, _ = exported
    other = verify_trail.Key(key).text.split("+")[0]
    from aims_core.audit.notes import PublicKey

    stranger = PublicKey(other, Ed25519PrivateKey.generate().public_key().public_bytes_raw())

    code, said = run(folder / "verify_trail.py", folder, "--key", stranger.text)

    assert code == 1
    assert "you expect" in said


def test_what_cannot_be_read_is_said_without_a_traceback(exported, tmp_path):
    folder, _, kept = exported
    for text in ("{", '{"place": 0}\n', "[]\n"):
        (folder / "events.jsonl").write_text(text)
        code, said = run(folder / "verify_trail.py", folder, "--checkpoint", kept)
        assert code == 2
        assert "it cannot be read" in said
        assert "Traceback" not in said
    assert run(folder / "verify_trail.py", tmp_path / "absent")[0] == 2


@pytest.mark.parametrize("rotated", [False, True])
def test_an_export_with_a_changed_key_verifies_from_the_first_key_on(signed, tmp_path, rotated):
    first = signed.audit.keys.status().public
    signed.audit.keys.make(lost="" if rotated else "it burned")
    signed.audit.checkpoint()
    signed.audit.export(tmp_path / "export")

    folder = tmp_path / "export"
    code, said = run(folder / "verify_trail.py", folder, "--key", first)

    assert code == 0, said
    assert ("without the old one's signature" in said) != rotated


def test_an_event_is_proved_with_a_checkpoint_and_the_key_alone(signed, exported, tmp_path):
    folder, key, _ = exported
    event = signed.audit.events(event_type="core.SystemRegistered")[0]
    proof = signed.audit.prove(event.event_id)
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof))

    code, said = run(folder / "verify_trail.py", "--proof", file, "--key", key)

    assert code == 0, said
    assert event.event_id in said
    assert signed.audit.prove(event.sequence) == proof
    for change in (
        {"place": 1},
        {"event": {**proof["event"], "actor": "mallory"}},
        {"leaf": "ab" * 32},
        {"proof": proof["proof"][:-1]},
        {"checkpoint": proof["checkpoint"].replace(f"\n{proof['number']}", "\n9", 1) + "x"},
    ):
        file.write_text(json.dumps({**proof, **change}))
        assert run(folder / "verify_trail.py", "--proof", file, "--key", key)[0] in {1, 2}


def test_every_event_under_a_checkpoint_has_a_proof(signed):
    size = signed.audit.newest_checkpoint().size
    key = verify_trail.Key(signed.audit.keys.status().public)

    events = signed.audit.events(limit=1_000)[::-1]
    for event in events[:size]:
        faults, _ = verify_trail.verify_proof(dict(signed.audit.prove(event.event_id)), key)
        assert faults == []
    with pytest.raises(WorkspaceError, match="came after checkpoint 1"):
        signed.audit.prove(events[size].event_id)
    with pytest.raises(RecordNotFound):
        signed.audit.prove("evt-none")


def test_that_a_trail_was_only_added_to_is_proved_between_checkpoints(signed, exported, tmp_path):
    folder, key, _ = exported
    for name in ("Other", "Another"):
        signed.act_as("olga").inventory.revise("ticket-triage", name=name)
        signed.audit.checkpoint()
    file = tmp_path / "proof.json"
    proof = signed.audit.prove(since=1)
    file.write_text(json.dumps(proof))

    code, said = run(folder / "verify_trail.py", "--proof", file, "--key", key)

    assert code == 0, said
    assert signed.audit.prove(since=1, checkpoint=1)["proof"] == []
    with pytest.raises(WorkspaceError, match="fewer events"):
        signed.audit.prove(since=3, checkpoint=2)
    with pytest.raises(ValueError, match="either"):
        signed.audit.prove()
    file.write_text(json.dumps({**proof, "old": proof["new"], "new": proof["old"]}))
    assert run(folder / "verify_trail.py", "--proof", file, "--key", key)[0] == 1


def test_an_export_is_written_into_a_new_folder_only(signed, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("mine")

    with pytest.raises(WorkspaceError, match="not empty"):
        signed.audit.export(tmp_path / "there")
    with pytest.raises(WorkspaceError, match="cannot be written"):
        signed.audit.export(tmp_path / "there" / "file" / "below")
    with pytest.raises(WorkspaceError, match="holds no export"):
        signed.audit.verify(export=tmp_path / "there")
    assert not list(tmp_path.glob(".export-*"))
