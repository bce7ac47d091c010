"""Revisions of a folder of migrations are read once, and anew as soon as a file differs."""

import os
from pathlib import Path

import pytest

from aims_core.db import revisions
from aims_core.db.migrate import core_migrations

MIGRATION = '''"""{revision}."""
from pathlib import Path
revision, down_revision, branch_labels, depends_on = {revision!r}, {before!r}, None, None
with Path({log!r}).open("a") as log:
    log.write("{revision} ")
'''


@pytest.fixture
def folder(tmp_path):
    """Give a folder of migrations that note in `read.txt` whenever one is run."""
    made = tmp_path / "50% of versions"
    made.mkdir()
    return made


@pytest.fixture
def write(folder, tmp_path):
    """Give the way to write a migration."""
    (tmp_path / "read.txt").touch()

    def write(revision, before=None):
        log = str(tmp_path / "read.txt")
        text = MIGRATION.format(revision=revision, before=before, log=log)
        (folder / f"{revision}.py").write_text(text, encoding="utf-8")

    return write


def read(folder: Path):
    return revisions.revisions_in(folder, str(core_migrations()))


def test_files_that_stay_are_run_once(folder, write, tmp_path):
    write("one")
    write("two", "one")
    for _ in range(3):
        assert read(folder).heads == ("two",)
        assert read(folder).known == {"one", "two"}
    assert sorted((tmp_path / "read.txt").read_text().split()) == ["one", "two"]


def test_a_migration_that_is_added_edited_or_taken_away_is_seen(folder, write):
    write("one")
    assert read(folder).heads == ("one",)
    write("two", "one")
    assert read(folder).heads == ("two",)
    write("three")
    assert set(read(folder).heads) == {"two", "three"}
    write("three", "two")
    os.utime(folder / "three.py", ns=(1, 1))
    assert read(folder).heads == ("three",)
    (folder / "three.py").unlink()
    assert read(folder).heads == ("two",)


def test_a_migration_that_cannot_be_read_says_so_each_time(folder, write):
    (folder / "one.py").write_text("raise SystemExit('no')", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(SystemExit, match="no"):
            read(folder)
    write("one")
    assert read(folder).heads == ("one",)
