"""``aims audit``: the trail is signed, proved, exported and verified from the command line."""

import json
import subprocess
import sys

import pytest


@pytest.fixture
def key(tmp_path, monkeypatch):
    path = tmp_path / "elsewhere" / "checkpoint.key"
    monkeypatch.setenv("AIMS_AUDIT_KEY", str(path))
    return path


def test_a_key_is_made_once_and_shown_after(aims, key):
    first, second = aims("audit", "key").stdout, aims("audit", "key").stdout

    assert "A new key signs" in first
    assert "Its file is" in second
    assert first.splitlines()[-1] == second.splitlines()[-1]
    assert "Public key: aims-trail/" in second
    assert aims("audit", "key", "--rotate").stdout.splitlines()[-1] != second.splitlines()[-1]


def test_a_passphrase_is_asked_for_and_never_shown(folder, key):
    from click.testing import CliRunner

    from aims_core.cli import main

    given = ["--workspace", str(folder), "--as", "ada", "audit", "key", "--passphrase"]
    result = CliRunner().invoke(main, given, input="correct horse\ncorrect horse\n")

    assert result.exit_code == 0
    assert "correct horse" not in result.output
    assert '"wrapped"' in key.read_text()


def test_a_checkpoint_that_is_kept_nowhere_says_so_and_shows_its_text(aims, key):
    aims("audit", "key")

    said = aims("audit", "checkpoint").stdout

    assert "Checkpoint 1: the first " in said
    assert "kept nowhere else" in said
    assert "\u2014 aims-trail/" in said
    listed = json.loads(aims("audit", "checkpoint", "--list", "--format", "json").stdout)
    assert [one["number"] for one in listed] == [1]


def test_without_a_key_there_is_no_checkpoint_and_the_message_says_how_to_make_one(aims, key):
    assert "aims audit key" in aims("audit", "checkpoint", code=2).stderr


def test_anchors_that_keep_and_that_fail_are_shown_and_the_exit_code_tells(aims, key, folder):
    share = folder.parent / "share"
    share.mkdir()
    with (folder / "aims.toml").open("a") as settings:
        for name, place in (("share", share), ("gone", "/nowhere/at/all")):
            settings.write(
                f'\n[[audit.anchors]]\nname = "{name}"\nkind = "core.folder"\nfolder = "{place}"\n'
            )
    aims("audit", "key")

    said = aims("audit", "checkpoint", code=1).stdout

    assert f"share: kept at {share}" in said
    assert "gone: NOT kept" in said
    assert "intact" in aims("audit", "verify", "--checkpoint", share).stdout
    [file] = share.iterdir()
    file.write_text(file.read_text().replace("\n2", "\n9", 1))
    assert "does not hold" in aims("audit", "verify", "--checkpoint", file, code=1).stdout


def test_a_file_that_is_no_checkpoint_is_refused(aims, folder):
    assert (
        "is its size, not"
        in aims("audit", "verify", "--checkpoint", folder / "aims.toml", code=2).stderr
    )


def test_an_event_is_proved_and_an_export_verifies_offline(aims, key, tmp_path):
    public = aims("audit", "key").stdout.split("Public key: ")[1].strip()
    aims("audit", "checkpoint")
    event = json.loads(aims("audit", "log", "--format", "json").stdout)[-1]

    aims("audit", "prove", event["event_id"], "--out", tmp_path / "proof.json")
    printed = json.loads(aims("audit", "prove", event["sequence"]).stdout)
    aims("audit", "export", tmp_path / "export")

    assert printed == json.loads((tmp_path / "proof.json").read_text())
    verifier = str(tmp_path / "export" / "verify_trail.py")
    for arguments in ([str(tmp_path / "export")], ["--proof", str(tmp_path / "proof.json")]):
        done = subprocess.run(
            [sys.executable, "-I", verifier, *arguments, "--key", public],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "intact" in aims("audit", "verify", "--export", tmp_path / "export").stdout
    assert "is not empty" in aims("audit", "export", tmp_path / "export", code=2).stderr
    aims("audit", "prove", code=2)
    aims("audit", "prove", event["event_id"], "--since", 1, code=2)
    assert json.loads(aims("audit", "prove", "--since", 1).stdout)["proof"] == []


def test_sealing_says_how_many_events_got_their_place(aims):
    assert "event(s) sealed" in aims("audit", "seal").stdout
    assert aims("audit", "seal").stdout == "0 event(s) sealed.\n"


def test_content_is_erased_by_two_people(aims):
    event = json.loads(aims("audit", "log", "--format", "json").stdout)[-1]["event_id"]

    asked = aims("audit", "erase", event, "--reason", "a name").stdout
    done = aims("audit", "erase", event, "--reason", "a name", by="aude").stdout

    assert "an auditor has to erase it too" in asked
    assert "is erased" in done
    assert "erased by event" in aims("audit", "verify").stdout
    assert aims("audit", "log", "--limit", "1000").exit_code == 0
