"""A file is there whole or not at all, whatever comes in between."""

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from aims_core.whole_files import hidden_beside, put_in_place, write_whole, written_beside

POSIX = pytest.mark.skipif(os.name != "posix", reason="rights and links of POSIX file systems")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def failing(kind):
    def fail(*_arguments, **_options):
        raise kind

    return fail


def full():
    return OSError(errno.ENOSPC, "No space left on device")


def test_a_new_file_holds_what_was_given_and_nothing_lies_beside_it(tmp_path):
    write_whole(tmp_path / "new", b"\x00\r\n\xff")

    assert (tmp_path / "new").read_bytes() == b"\x00\r\n\xff"
    assert names(tmp_path) == ["new"]


def test_a_file_that_is_there_is_left_as_it_is(tmp_path):
    (tmp_path / "there").write_bytes(b"older")

    with pytest.raises(FileExistsError) as refused:
        write_whole(tmp_path / "there", b"newer")

    assert refused.value.filename == str(tmp_path / "there")
    assert (tmp_path / "there").read_bytes() == b"older"
    assert names(tmp_path) == ["there"]


def test_a_file_that_comes_in_between_is_not_replaced(tmp_path):
    with written_beside(tmp_path / "new", b"mine") as waiting:
        (tmp_path / "new").write_bytes(b"theirs")
        with pytest.raises(FileExistsError):
            put_in_place(waiting, tmp_path / "new")

    assert (tmp_path / "new").read_bytes() == b"theirs"
    assert names(tmp_path) == ["new"]


def test_of_many_who_write_a_new_file_at_once_one_does(tmp_path):
    together, outcomes = threading.Barrier(8), []

    def writer(number):
        together.wait()
        try:
            write_whole(tmp_path / "new", str(number).encode() * 10_000)
            outcomes.append(number)
        except FileExistsError:
            outcomes.append(None)

    writers = [threading.Thread(target=writer, args=(n,)) for n in range(8)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()

    [winner] = [n for n in outcomes if n is not None]
    assert len(outcomes) == 8
    assert (tmp_path / "new").read_bytes() == str(winner).encode() * 10_000
    assert names(tmp_path) == ["new"]


def test_whoever_reads_while_a_file_is_replaced_meets_the_older_or_the_newer_one(tmp_path):
    path, versions = tmp_path / "file", [bytes([65 + n]) * 200_000 for n in range(30)]
    write_whole(path, versions[0])
    seen, done = set(), threading.Event()

    def reader():
        while not done.is_set():
            seen.add(path.read_bytes())

    reading = threading.Thread(target=reader)
    reading.start()
    for version in versions[1:]:
        write_whole(path, version, replace=True)
    done.set()
    reading.join()

    assert seen
    assert seen <= set(versions)
    assert path.read_bytes() == versions[-1]


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("fault", [full(), KeyboardInterrupt()], ids=["full", "stopped"])
@pytest.mark.parametrize("step", ["open", "fsync", "fdopen"])
def test_whatever_fails_leaves_what_was_there(tmp_path, monkeypatch, step, fault, replace):
    path = tmp_path / "file"
    if replace:
        path.write_bytes(b"older")

    with monkeypatch.context() as patch:
        patch.setattr(f"aims_core.whole_files.os.{step}", failing(fault))
        with pytest.raises(type(fault)):
            write_whole(path, b"newer", replace=replace)

    assert names(tmp_path) == (["file"] if replace else [])
    assert not replace or path.read_bytes() == b"older"
    write_whole(path, b"newer", replace=replace)
    assert path.read_bytes() == b"newer"


@pytest.mark.parametrize("fault", [full(), KeyboardInterrupt()], ids=["full", "stopped"])
def test_a_folder_without_room_for_the_name_leaves_nothing(tmp_path, monkeypatch, fault):
    with monkeypatch.context() as patch:
        patch.setattr("aims_core.whole_files.os.link", failing(fault))
        with pytest.raises(type(fault)):
            write_whole(tmp_path / "new", b"x")

    assert names(tmp_path) == []


@POSIX
def test_a_folder_that_cannot_be_synced_does_not_keep_a_new_file(tmp_path, monkeypatch):
    real, calls = os.fsync, []

    def second_fails(handle):
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr("aims_core.whole_files.os.fsync", second_fails)
        with pytest.raises(OSError, match="Input/output"):
            write_whole(tmp_path / "new", b"x")

    assert names(tmp_path) == []


@POSIX
def test_a_file_system_that_cannot_sync_folders_is_none_that_refuses(tmp_path, monkeypatch):
    real = os.fsync

    def files_only(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(handle)

    monkeypatch.setattr("aims_core.whole_files.os.fsync", files_only)
    write_whole(tmp_path / "new", b"x")

    assert (tmp_path / "new").read_bytes() == b"x"


@POSIX
def test_a_folder_that_one_may_not_look_into_takes_files_all_the_same(tmp_path, monkeypatch):
    real = os.open

    def closed(path, flags, *mode):
        if Path(path) == tmp_path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, *mode)

    monkeypatch.setattr("aims_core.whole_files.os.open", closed)
    write_whole(tmp_path / "new", b"x")

    assert names(tmp_path) == ["new"]


def test_a_folder_from_which_nothing_may_be_removed_takes_whole_files(tmp_path, monkeypatch):
    refused = failing(PermissionError(errno.EPERM, "Operation not permitted"))
    monkeypatch.setattr("aims_core.whole_files.Path.unlink", refused)
    write_whole(tmp_path / "new", b"x")
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "new", b"y")

    assert (tmp_path / "new").read_bytes() == b"x"
    assert [name for name in names(tmp_path) if not name.startswith(".")] == ["new"]


@POSIX
def test_content_and_name_are_on_the_disk_when_it_returns(tmp_path, monkeypatch):
    real, synced = os.fsync, []

    def noting(handle):
        synced.append((stat.S_ISDIR(os.fstat(handle).st_mode), names(tmp_path)))
        real(handle)

    monkeypatch.setattr("aims_core.whole_files.os.fsync", noting)
    write_whole(tmp_path / "new", b"x")

    [(first_is_folder, before), (second_is_folder, after)] = synced
    assert (first_is_folder, second_is_folder) == (False, True)
    assert "new" not in before
    assert after == ["new"]


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOSYS, errno.EMLINK])
def test_where_files_have_one_name_only_it_is_looked_first(tmp_path, monkeypatch, number):
    monkeypatch.setattr("aims_core.whole_files.os.link", failing(OSError(number, "no links here")))

    write_whole(tmp_path / "new", b"x")
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "new", b"y")
    with written_beside(tmp_path / "other", b"mine") as waiting:
        (tmp_path / "other").write_bytes(b"theirs")
        with pytest.raises(FileExistsError):
            put_in_place(waiting, tmp_path / "other")

    assert (tmp_path / "new").read_bytes() == b"x"
    assert (tmp_path / "other").read_bytes() == b"theirs"
    assert names(tmp_path) == ["new", "other"]


@POSIX
@pytest.mark.parametrize("mode", [0o666, 0o600, 0o640])
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_new_file_has_the_rights_that_open_would_give_it(tmp_path, mode, umask):
    before = os.umask(umask)
    try:
        write_whole(tmp_path / "ours", b"x", mode=mode)
        os.close(os.open(tmp_path / "theirs", os.O_CREAT | os.O_WRONLY, mode))
    finally:
        os.umask(before)

    ours, theirs = ((tmp_path / name).stat().st_mode for name in ("ours", "theirs"))
    assert ours == theirs


@POSIX
def test_a_file_that_replaces_another_has_its_rights(tmp_path):
    path = tmp_path / "aims.toml"
    for rights in (0o600, 0o666):
        path.write_bytes(b"older")
        path.chmod(rights)

        write_whole(path, b"newer", replace=True)

        assert stat.S_IMODE(path.stat().st_mode) == rights


@POSIX
def test_a_link_is_followed_by_who_replaces_and_in_the_way_of_who_does_not(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real", tmp_path / "link"
    real.write_bytes(b"older")
    link.symlink_to(real)

    with pytest.raises(FileExistsError):
        write_whole(link, b"newer")
    write_whole(link, b"newer", replace=True)

    assert link.is_symlink()
    assert real.read_bytes() == b"newer"
    assert names(real.parent) == ["real"]


@POSIX
def test_a_pipe_or_a_device_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(OSError, match="no regular file"):
        write_whole(tmp_path / "pipe", b"x", replace=True)

    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert names(tmp_path) == ["pipe"]


@pytest.mark.parametrize("replace", [False, True])
def test_a_folder_is_never_replaced_by_a_file(tmp_path, replace):
    (tmp_path / "folder").mkdir()

    with pytest.raises(OSError, match="exists" if not replace else "directory"):
        write_whole(tmp_path / "folder", b"x", replace=replace)

    assert (tmp_path / "folder").is_dir()
    assert names(tmp_path) == ["folder"]


def test_an_error_names_the_file_that_was_asked_for(tmp_path):
    with pytest.raises(FileNotFoundError) as refused:
        write_whole(tmp_path / "missing" / "file", b"x")

    assert refused.value.filename == str(tmp_path / "missing" / "file")


def test_the_longest_name_that_a_file_may_have_can_be_written(tmp_path):
    for name in ("n" * 255, "ä" * 127):
        write_whole(tmp_path / name, b"x")

    assert {path.name for path in tmp_path.iterdir()} == {"n" * 255, "ä" * 127}


def test_a_relative_path_is_written_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    write_whole(Path("new"), b"x")

    assert names(tmp_path) == ["new"]


def test_a_folder_made_under_a_hidden_name_comes_whole(tmp_path):
    with hidden_beside(tmp_path / "folder") as made:
        made.mkdir()
        (made / "file").write_bytes(b"x")
        assert made.name.startswith(".")
        put_in_place(made, tmp_path / "folder")

    assert names(tmp_path) == ["folder"]
    assert names(tmp_path / "folder") == ["file"]


def test_a_folder_takes_the_place_of_an_empty_one_only(tmp_path):
    for name in ("empty", "full"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "mine").write_bytes(b"x")

    for name in ("empty", "full"):
        with hidden_beside(tmp_path / name) as made:
            made.mkdir()
            (made / "file").write_bytes(b"y")
            if name == "empty":
                put_in_place(made, tmp_path / name)
            else:
                with pytest.raises(OSError, match=r"not empty|exists"):
                    put_in_place(made, tmp_path / name)

    assert names(tmp_path) == ["empty", "full"]
    assert names(tmp_path / "empty") == ["file"]
    assert names(tmp_path / "full") == ["mine"]


def test_a_folder_that_is_not_finished_is_removed(tmp_path):
    with pytest.raises(KeyboardInterrupt), hidden_beside(tmp_path / "folder") as made:  # noqa: PT012 - the block is what is stopped
        made.mkdir()
        (made / "file").write_bytes(b"x")
        raise KeyboardInterrupt

    assert names(tmp_path) == []
