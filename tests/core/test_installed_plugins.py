"""The installed plugins are looked for once, and again when a distribution comes, goes or is replaced."""

import shutil
import sys

import pytest

from aims_core.plugin_host import installed


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Give a folder in which distributions are installed."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    return tmp_path


@pytest.fixture
def install(site):
    """Give the way to install a distribution with a plugin, and return its folder."""

    def put(version):
        folder = site / f"aims_test_late-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Name: aims-test-late\nVersion: {version}\n")
        (folder / "RECORD").write_text(f"late.py,sha256={version},1\n")
        (folder / "entry_points.txt").write_text("[aims]\nlate = aims_test_late\n")
        return folder

    return put


def late():
    found = [i for i in installed.installed_plugins() if i.point.name == "late"]
    return [(i.distribution, i.version) for i in found]


def test_a_plugin_that_comes_while_the_process_runs_is_found_and_one_that_goes_is_not(
    install, site
):
    assert late() == []

    first = install("1")
    assert late() == [("aims-test-late", "1")]
    before = installed.installed_plugins()

    shutil.rmtree(first)
    install("2")
    assert late() == [("aims-test-late", "2")]
    fingerprints = {i.fingerprint for i in (*before, *installed.installed_plugins())}
    assert len(fingerprints - {"editable"}) == 2

    shutil.rmtree(site / "aims_test_late-2.dist-info")
    assert late() == []


def test_while_nothing_changes_no_metadata_is_read_again(install, monkeypatch):
    install("1")
    first = installed.installed_plugins()
    monkeypatch.setattr(installed, "entry_points", lambda **_: pytest.fail("looked again"))

    assert installed.installed_plugins() is first


def test_a_place_that_is_not_there_is_passed_over(monkeypatch, tmp_path):
    before = installed.installed_plugins()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "nowhere")])

    assert installed.installed_plugins() == before
