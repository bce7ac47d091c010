"""A database file on a network folder is refused in words, or used by one process at a time."""

import multiprocessing
import os

import pytest

from aims_core import PluginHost, WorkspaceError, create_workspace, open_workspace
from aims_core.db import places
from aims_core.db.engine import journal_of
from aims_core.db.places import place_of

PEOPLE = {"organisation": "x", "administrator": "ada"}
_spawn = multiprocessing.get_context("spawn")


@pytest.fixture
def host():
    return PluginHost(discover=False)


@pytest.fixture
def mounted(tmp_path, monkeypatch):
    """Give the way to have folders below `tmp_path` be of other file systems."""
    (tmp_path / "far").mkdir()

    def mount(*kinds, point=tmp_path / "far"):
        lines = ["1 0 8:1 / / rw - ext4 /dev/sda1 rw"]
        told = str(point).replace(" ", r"\040")
        lines += [
            f"{n} 1 0:{n} / {told} rw,relatime shared:1 - {k} src rw"
            for n, k in enumerate(kinds, 9)
        ]
        table = tmp_path / "mountinfo"
        table.write_text("\n".join(lines), encoding="utf-8")
        monkeypatch.setattr(places, "MOUNTS", table)

    return mount


@pytest.mark.parametrize(
    ("filesystem", "kind"),
    [
        ("nfs4", "network"),
        ("cifs", "network"),
        ("fuse.sshfs", "network"),
        ("lustre", "network"),
        ("fuse.somewhere", "unsure"),
        ("9p", "unsure"),
        ("fuse.fuse-overlayfs", "local"),
        ("xfs", "local"),
        ("tmpfs", "local"),
    ],
)
def test_the_file_system_tells_where_a_file_lies(tmp_path, mounted, filesystem, kind):
    mounted(filesystem)

    assert place_of(tmp_path / "far" / "not" / "yet" / "a.db").kind == kind
    assert place_of(tmp_path / "farther.db").filesystem == "ext4"


def test_the_deepest_mount_counts_and_of_two_on_one_folder_the_later(tmp_path, mounted):
    (tmp_path / "with space").mkdir()
    mounted("nfs", "ext3", point=tmp_path / "with space")

    assert place_of(tmp_path / "with space" / "a.db").filesystem == "ext3"


def test_a_system_that_does_not_say_is_unknown_and_works(tmp_path, monkeypatch, host):
    monkeypatch.setattr(places, "MOUNTS", tmp_path / "absent")

    assert place_of(tmp_path / "a.db").kind == "unknown"
    create_workspace(tmp_path / "w", **PEOPLE, host=host).close()


def test_the_machine_at_hand_says_that_its_own_folders_are_local(tmp_path):
    assert place_of(tmp_path / "a.db").kind in {"local", "unknown"}


def test_a_network_folder_is_refused_with_the_remedy(tmp_path, mounted, host):
    create_workspace(tmp_path / "far" / "w", **PEOPLE, host=host).close()
    mounted("nfs4")

    with pytest.raises(WorkspaceError, match=r"network folder \(nfs4\).*Use PostgreSQL.*alone"):
        open_workspace(tmp_path / "far" / "w", host=host)
    with pytest.raises(WorkspaceError, match="network folder"):
        create_workspace(tmp_path / "far" / "other", **PEOPLE, host=host)

    assert not (tmp_path / "far" / "other" / "aims.toml").exists()


def test_an_unfamiliar_fuse_folder_is_warned_of(tmp_path, mounted, host, caplog):
    mounted("fuse.somewhere")

    create_workspace(tmp_path / "far" / "w", **PEOPLE, host=host).close()

    assert "fuse.somewhere; if that comes over the network, use PostgreSQL" in caplog.text


def test_one_process_at_a_time_may_be_allowed_without_the_log(tmp_path, mounted, host, caplog):
    allow(tmp_path / "far" / "w", host)
    mounted("cifs")

    one = open_workspace(tmp_path / "far" / "w", host=host)
    two = open_workspace(tmp_path / "far" / "w", host=host)
    assert "one process at a time" in caplog.text
    assert journal_of(one._desk.store.engine).mode == "truncate"
    one.staffing.add("olga", "Olga")
    one.close()
    assert f"in use by process {os.getpid()}" in _elsewhere(tmp_path)
    two.close()

    assert _elsewhere(tmp_path) == "opened"
    one.close()


def test_the_setting_has_two_values(tmp_path, host):
    allow(tmp_path / "w", host, "perhaps")

    with pytest.raises(WorkspaceError, match=r"database.network_folder is 'perhaps'"):
        open_workspace(tmp_path / "w", host=host)


def allow(folder, host, value="alone"):
    create_workspace(folder, **PEOPLE, host=host).close()
    settings = folder / "aims.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("[database]", f'[database]\nnetwork_folder = "{value}"'))


def _elsewhere(tmp_path):
    """Open the workspace in another process; return what came of it."""
    said = _spawn.Queue()
    process = _spawn.Process(target=_open, args=(tmp_path, said))
    process.start()
    outcome = said.get(timeout=60)
    process.join()
    return outcome


def _open(tmp_path, said):
    places.MOUNTS = tmp_path / "mountinfo"
    try:
        open_workspace(tmp_path / "far" / "w", host=PluginHost(discover=False)).close()
    except WorkspaceError as error:
        said.put(str(error))
    else:
        said.put("opened")
