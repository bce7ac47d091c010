"""The files of a workspace in its backups: all of them, and errors that say which side failed."""

import errno
import os
from importlib.resources import files
from pathlib import Path

import pytest

from aims_core import WorkspaceError, open_workspace
from aims_core.recovery import back_up, restore
from aims_core.settings import FILE, read_settings

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])


@ONE_DATABASE
@pytest.mark.parametrize(
    "name", ["own.toml", "lifecycle.txt", "rules/own.toml", "rules/../own.toml"]
)
def test_the_file_of_the_lifecycle_comes_back_wherever_it_lies(
    registered, workspace_folder, tmp_path, host, name
):
    shipped = next(p for p in files("aims_core.lifecycle").iterdir() if p.name.endswith(".toml"))
    machine = workspace_folder / name
    (workspace_folder / "rules").mkdir()
    machine.write_bytes(shipped.read_bytes())
    path = workspace_folder / FILE
    said = f'{path.read_text(encoding="utf-8")}\n[lifecycle]\nmachine = "{name}"\n'
    path.write_text(said, encoding="utf-8")
    registered.close()
    workspace = open_workspace(workspace_folder, actor="ada", host=host)

    back_up(workspace, tmp_path / "kept.zip")
    workspace.close()
    restore(tmp_path / "kept.zip", tmp_path / "restored", actor="ada", host=host)

    assert read_settings(tmp_path / "restored").machine == tmp_path / "restored" / name
    normal = os.path.normpath(tmp_path / "restored" / name)
    assert Path(normal).read_bytes() == machine.read_bytes()


@ONE_DATABASE
def test_a_lifecycle_that_lies_outside_the_workspace_is_left_there(
    registered, workspace_folder, tmp_path, host
):
    shipped = next(p for p in files("aims_core.lifecycle").iterdir() if p.name.endswith(".toml"))
    (workspace_folder.parent / "outside.toml").write_bytes(shipped.read_bytes())
    path = workspace_folder / FILE
    said = f'{path.read_text(encoding="utf-8")}\n[lifecycle]\nmachine = "../outside.toml"\n'
    path.write_text(said, encoding="utf-8")
    registered.close()
    workspace = open_workspace(workspace_folder, actor="ada", host=host)

    made = back_up(workspace, tmp_path / "kept" / "one")
    workspace.close()

    assert [p.name for p in (tmp_path / "kept").iterdir()] == ["one"]
    assert not list(made.path.rglob("outside.toml"))


@ONE_DATABASE
@pytest.mark.parametrize("name", ["kept", "kept.zip"])
def test_a_restore_that_finds_no_room_blames_the_place_and_not_the_backup(
    registered, tmp_path, host, name, monkeypatch
):
    back_up(registered, tmp_path / name)

    def full(_source, target):
        target.write_bytes(b"half a database")
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    with monkeypatch.context() as patch:
        patch.setattr("aims_core.recovery.restoring.shutil.copyfile", full)
        with pytest.raises(WorkspaceError, match="restored workspace cannot be written") as refused:
            restore(tmp_path / name, tmp_path / "restored", actor="ada", host=host)

    assert "No space left" in str(refused.value)
    assert [p for p in (tmp_path / "restored").rglob("*") if p.is_file()] == []
    assert restore(tmp_path / name, tmp_path / "restored", actor="ada", host=host).events > 0


@ONE_DATABASE
def test_a_restore_whose_settings_find_no_room_leaves_no_database(
    registered, tmp_path, host, monkeypatch
):
    back_up(registered, tmp_path / "kept")

    def full(*_arguments, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("aims_core.whole_files.os.link", full)
        with pytest.raises(WorkspaceError, match="No space left"):
            restore(tmp_path / "kept", tmp_path / "restored", actor="ada", host=host)

    assert [p for p in (tmp_path / "restored").rglob("*") if p.is_file()] == []
