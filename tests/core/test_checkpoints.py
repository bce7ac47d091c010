"""Checkpoints: signed statements of the trail, in a public text form, by a key that lies elsewhere."""

import json
import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from aims_core import InvalidRecord, NotPermitted, RecordNotFound, WorkspaceError, open_workspace
from aims_core.audit import merkle, notes
from aims_core.checkpoints import keys

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])

# The example of the C2SP specification of signed notes: its key and its note.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def types(workspace, limit=100):
    return [event.type for event in workspace.audit.events(limit=limit)]


def test_a_published_key_is_read_and_written_alike():
    key = notes.parse_key(PUBLISHED_KEY)

    assert (key.name, key.key_id.hex()) == ("PeterNeumann", "c74f20a3")
    assert key.text == PUBLISHED_KEY


def test_a_published_note_verifies_by_its_published_key():
    body = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    signed = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    key_id, signature = (raw := notes._decoded(signed))[:4], raw[4:]
    key = notes.parse_key(PUBLISHED_KEY)

    assert key_id == key.key_id
    assert key.verifies(signature, body.encode())
    assert not key.verifies(signature, body.encode() + b"x")


def test_a_checkpoint_is_the_public_text_form_and_signs_root_and_size(signed):
    made = signed.audit.newest_checkpoint()
    key = notes.parse_key(signed.audit.keys.status().public)

    body, _, signatures = made.note.partition("\n\n")
    assert body.split("\n")[:2] == [made.origin, str(made.size)]
    assert signatures.startswith(f"\u2014 {made.origin} ")
    parsed = notes.parse_checkpoint(made.note)
    assert (parsed.size, parsed.root.hex()) == (made.size, made.root)
    assert parsed.is_signed_by(key)
    with signed.reading() as tx:
        from aims_core import audit, tables

        rows = tx.connection.execute(
            audit.in_order(tables.event.select(), tx.connection.dialect.name)
        ).all()
    frontier = merkle.Frontier()
    frontier.extend(bytes.fromhex(row.leaf) for row in rows[: made.size])
    assert frontier.root().hex() == made.root


@pytest.mark.parametrize(
    "damage",
    [
        lambda t: t.replace("\n\n", "\n"),
        lambda t: t.replace("\n", "\nextra\n", 1),
        lambda t: t.replace("\u2014 ", "- "),
        lambda t: t[:-10],
        lambda _: "",
        lambda _: "one\n-2\nAAAA\n\n\u2014 a AAAA\n",
        lambda _: "one\n007\nAAAA\n\n\u2014 a AAAA\n",
    ],
)
def test_what_is_no_checkpoint_is_refused_in_plain_words(signed, damage):
    note = signed.audit.newest_checkpoint().note

    with pytest.raises(InvalidRecord, match="verify against a checkpoint"):
        signed.audit.verify(checkpoints=[damage(note)])


def test_a_checkpoint_that_a_mail_program_gave_other_line_ends_still_holds(signed):
    note = signed.audit.newest_checkpoint().note

    assert signed.audit.verify(checkpoints=[note.replace("\n", "\r\n")]).intact


def test_checkpoints_are_numbered_and_each_continues_the_one_before(signed):
    signed.act_as("olga").inventory.revise("ticket-triage", name="Other")
    second = signed.audit.checkpoint()

    first, again = signed.audit.checkpoints()
    assert (first.number, second.number) == (1, 2)
    assert again == second
    assert second.size > first.size
    verification = signed.audit.verify(checkpoints=[first.note, second.note])
    assert verification.intact, verification.faults


def test_a_checkpoint_of_nothing_new_is_the_newest_one(signed):
    first = signed.audit.newest_checkpoint()

    assert signed.audit.checkpoint() == first
    assert len(signed.audit.checkpoints()) == 1


def test_a_checkpoint_is_an_event_and_so_is_its_key(signed):
    newest = types(signed)

    assert newest[:2] == ["core.CheckpointMade", "core.CheckpointKeyAdded"]


def test_before_there_is_a_key_the_message_says_how_to_make_one(registered, signing):
    with pytest.raises(WorkspaceError, match="aims audit key"):
        registered.audit.checkpoint()

    assert registered.audit.newest_checkpoint() is None
    assert registered.audit.checkpoints() == ()
    assert registered.audit.keys.status() is None


def test_only_administrators_make_keys_and_only_they_and_auditors_sign(registered, signing):
    with pytest.raises(NotPermitted, match="administrator"):
        registered.act_as("olga").audit.keys.make()
    assert not signing.exists()
    registered.audit.keys.make()
    with pytest.raises(NotPermitted, match="administrator or auditor"):
        registered.act_as("olga").audit.checkpoint()

    assert registered.act_as("aude").audit.checkpoint().number == 1


@ONE_DATABASE
def test_the_key_is_a_file_of_its_owner_alone_outside_the_workspace(signed, signing, monkeypatch):
    assert stat.S_IMODE(signing.stat().st_mode) == 0o600
    assert signed.audit.keys.status().here
    inside = signed.settings.folder / "key"
    monkeypatch.setenv("AIMS_AUDIT_KEY", str(inside))

    with pytest.raises(WorkspaceError, match="would lie in the workspace"):
        signed.audit.keys.make(lost="gone")


@ONE_DATABASE
def test_a_key_that_others_can_read_is_not_used(signed, signing):
    signing.chmod(0o644)

    with pytest.raises(WorkspaceError, match="chmod 600"):
        signed.audit.checkpoint()


@ONE_DATABASE
def test_a_passphrase_locks_the_key(registered, signing, monkeypatch):
    registered.audit.keys.make(passphrase="correct horse")  # noqa: S106 - a test's own
    content = json.loads(signing.read_text())
    assert "private" not in content
    assert content["scrypt"]["n"] >= 2**15

    with pytest.raises(WorkspaceError, match="is locked"):
        registered.audit.checkpoint()
    with pytest.raises(WorkspaceError, match="does not open"):
        registered.audit.checkpoint("wrong horse")
    monkeypatch.setenv("AIMS_AUDIT_PASSPHRASE", "correct horse")
    assert registered.audit.checkpoint().number == 1


@ONE_DATABASE
def test_a_file_that_is_no_key_or_another_key_is_said_to_be(signed, signing):
    content = json.loads(signing.read_text())
    other = keys.new_key(signing.parent / "other.key", content["public"].split("+")[0])

    signing.write_bytes((signing.parent / "other.key").read_bytes())
    with pytest.raises(WorkspaceError, match="the trail's own is"):
        signed.audit.checkpoint()
    signing.write_text(json.dumps({**content, "public": other.public.text}))
    with pytest.raises(WorkspaceError, match="holds a private key that is not"):
        keys.load_key(signing)
    for damaged in ("", "[]", "{}", json.dumps({**content, "private": "AAAA"})):
        signing.write_text(damaged)
        with pytest.raises(WorkspaceError):
            keys.load_key(signing)
    signing.unlink()
    assert not signed.audit.keys.status().here
    with pytest.raises(WorkspaceError, match="there is no checkpoint key at"):
        signed.audit.checkpoint()


def test_a_new_key_is_signed_by_the_old_one_and_old_checkpoints_still_hold(signed, signing):
    first = signed.audit.newest_checkpoint()
    old = signed.audit.keys.status().public
    new = signed.audit.keys.make()

    second = signed.audit.checkpoint()

    assert new.public != old
    verification = signed.audit.verify(checkpoints=[first.note, second.note])
    assert verification.intact, verification.faults
    assert verification.remarks == ()
    assert not notes.parse_checkpoint(second.note).is_signed_by(notes.parse_key(old))
    retired = list(signing.parent.glob("*.retired-*"))
    assert [keys.key_in_file(path).text for path in retired] == [old]


def test_a_lost_key_is_replaced_and_everybody_who_verifies_is_told(signed, signing):
    signing.unlink()
    with pytest.raises(WorkspaceError, match="there is no checkpoint key"):
        signed.audit.keys.make()

    signed.audit.keys.make(lost="the laptop was stolen")
    signed.audit.checkpoint()

    verification = signed.audit.verify()
    assert verification.intact, verification.faults
    assert "without the old one's signature" in verification.remarks[0]


@ONE_DATABASE
def test_a_crash_between_telling_a_new_key_and_putting_its_file_in_place_is_mended(signed, signing):
    signed.audit.keys.make()
    [retired] = signing.parent.glob("*.retired-*")
    signing.rename(signing.with_name(signing.name + ".next"))
    retired.rename(signing)

    assert signed.audit.checkpoint().number == 2


@ONE_DATABASE
def test_a_key_added_without_its_predecessors_word_is_a_fault(signed, signing):
    from aims_core.events import CheckpointKeyAdded

    origin = signed.audit.newest_checkpoint().origin
    own = notes.Signer(origin, Ed25519PrivateKey.generate())
    with signed.writing() as tx:
        tx.record(
            CheckpointKeyAdded(
                origin=origin, key=own.public.text, replaces="", signature="ab" * 64, reason=""
            )
        )

    assert "does not hold" in signed.audit.verify().faults[0]


def test_a_checkpoint_of_another_log_or_another_key_is_not_this_trails_word(signed):
    made = signed.audit.newest_checkpoint()
    root = bytes.fromhex(made.root)
    stranger = notes.Signer(made.origin, Ed25519PrivateKey.generate())
    forged = notes.signed_checkpoint(made.origin, made.size, root, stranger)
    other = notes.signed_checkpoint("other/log", made.size, root, stranger)

    assert "no valid signature" in signed.audit.verify(checkpoints=[forged]).faults[0]
    assert "another log" in signed.audit.verify(checkpoints=[other]).faults[0]


@ONE_DATABASE
def test_what_would_contradict_the_last_signature_is_not_signed(signed, signing, workspace_folder):
    keys.note_signed(signing, keys.LastSigned(size=3, root="ab" * 32))
    signed.act_as("olga").inventory.revise("ticket-triage", name="Other")

    with pytest.raises(WorkspaceError, match="not a continuation"):
        signed.audit.checkpoint()
    keys.note_signed(signing, keys.LastSigned(size=10_000, root="ab" * 32))
    with pytest.raises(WorkspaceError, match="not a continuation"):
        signed.audit.checkpoint()
    keys.beside(signing, ".last").write_text("{")
    with pytest.raises(WorkspaceError, match="cannot be read"):
        signed.audit.checkpoint()


@ONE_DATABASE
def test_the_origin_may_be_configured_and_a_name_it_must_be(workspace_folder, host, signing):
    toml = workspace_folder / "aims.toml"
    kept = toml.read_text()
    for origin in ('"example.org/aims"', '"two words"', "3"):
        toml.write_text(f"{kept}\n[audit]\norigin = {origin}\n")
        workspace = open_workspace(workspace_folder, actor="ada", host=host)
        if origin == '"example.org/aims"':
            assert workspace.audit.keys.make().origin == "example.org/aims"
            assert workspace.audit.checkpoint().note.startswith("example.org/aims\n")
        else:
            from aims_core.settings import read_settings

            with pytest.raises(WorkspaceError, match=r"audit\.origin"):
                keys.log_origin(read_settings(workspace_folder), "ab" * 32)
        workspace.close()


def test_a_checkpoint_that_does_not_exist_is_said_not_to(signed):
    with pytest.raises(RecordNotFound, match="checkpoint '7'"):
        signed.audit.prove(1, checkpoint=7)
