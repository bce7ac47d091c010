import shutil

from aims_core import open_workspace


def test_backup_check_drill_and_restore_from_the_command_line(aims, folder, tmp_path, triage):
    said = aims("backup", tmp_path / "copy.zip").output
    assert "Backed up and verified" in said
    assert "Keep this digest elsewhere" in said

    digest = said.split()[-1]
    assert digest in aims("restore", tmp_path / "copy.zip", "--check").output
    assert "The drill passed" in aims("restore", tmp_path / "copy.zip", "--drill").output
    said = aims("restore", tmp_path / "copy.zip", tmp_path / "back").output
    assert "The audit trail says so." in said
    assert "aims audit verify --checkpoint" in said
    back = open_workspace(tmp_path / "back", actor="ada")
    assert back.audit.events(limit=1)[0].payload["backup"] == digest
    back.close()


def test_a_restore_that_loses_events_ends_with_one(aims, folder, tmp_path, triage):
    aims("backup", tmp_path / "copy")
    aims("people", "add", "zoe", "Zoe")

    said = aims("restore", tmp_path / "copy", folder, "--replace", code=1).output

    assert "2 later event(s) are known of" in said
    assert "gave way lies in" in said


def test_a_backup_of_a_workspace_that_is_not_whole_ends_with_one(aims, folder, tmp_path, triage):
    aims(
        "evidence",
        "add",
        "ticket-triage",
        "validation",
        "Found",
        "--text",
        "All is well.",
        by="olga",
    )
    shutil.rmtree(folder / "evidence")

    assert "was not there to be copied" in aims("backup", tmp_path / "copy", code=1).output


def test_what_cannot_be_restored_is_said_with_two(aims, folder, tmp_path):
    assert "exists already" in aims("backup", folder, code=2).output
    (tmp_path / "empty").mkdir()
    assert "no backup" in aims("restore", tmp_path / "empty", "--check", code=2).output
    assert "name the FOLDER" in aims("restore", tmp_path / "empty", code=2).output
