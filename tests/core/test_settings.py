"""What stands in aims.toml and in the environment; what is wrong there is said in plain words."""

import dataclasses
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aims_core import WorkspaceError
from aims_core.settings import find_folder, read_settings, write_settings

CONTROL = "".join(map(chr, [*range(0x20), 0x7F]))
PRINTABLE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=CONTROL),
    max_size=30,
)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("AIMS_WORKSPACE", "AIMS_DATABASE_URL", "AIMS_ACTOR"):
        monkeypatch.delenv(name, raising=False)


def written(folder: Path, text: str) -> Path:
    (folder / "aims.toml").write_text(text, encoding="utf-8")
    return folder


def test_an_empty_file_gives_a_database_in_the_folder_and_nobody_acting(tmp_path):
    found = read_settings(written(tmp_path, ""))

    assert found.database_url == f"sqlite:///{tmp_path.resolve() / 'aims.db'}"
    assert (found.organisation, found.actor, found.blocked) == ("", "", ())
    assert found.section("risk") == {}


def test_everything_in_the_file_is_read(tmp_path):
    found = read_settings(
        written(
            tmp_path,
            """
            [organisation]
            name = "Ministry"
            [database]
            url = "postgresql://db/aims"
            [identity]
            actor = "ada"
            [providers]
            risk_scorer = "risk.matrix"
            [plugins]
            blocked = ["noisy"]
            [lifecycle]
            machine = "own.toml"
            [risk]
            appetite = "low"
            """,
        )
    )

    assert found.organisation == "Ministry"
    assert found.database_url == "postgresql://db/aims"
    assert found.actor == "ada"
    assert found.providers == {"risk_scorer": "risk.matrix"}
    assert found.blocked == ("noisy",)
    assert found.machine == tmp_path / "own.toml"
    assert found.section("risk") == {"appetite": "low"}


def test_a_relative_database_lies_in_the_folder_wherever_one_stands(tmp_path, monkeypatch):
    folder = written(tmp_path, '[database]\nurl = "sqlite:///data/own.db"')
    monkeypatch.chdir("/")

    assert read_settings(folder).database_url == f"sqlite:///{tmp_path.resolve()}/data/own.db"


def test_an_absolute_database_stays_where_it_is(tmp_path):
    folder = written(tmp_path, '[database]\nurl = "sqlite:////srv/own.db"')

    assert read_settings(folder).database_url == "sqlite:////srv/own.db"


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    folder = written(tmp_path, '[identity]\nactor = "ada"\n[database]\nurl = "sqlite:///a.db"')
    monkeypatch.setenv("AIMS_ACTOR", "grace")
    monkeypatch.setenv("AIMS_DATABASE_URL", "postgresql://secret@db/aims")

    found = read_settings(folder)

    assert (found.actor, found.database_url) == ("grace", "postgresql://secret@db/aims")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[organisation", "cannot be read"),
        ("[identity]\nactor = 1\nactor = 2", "cannot be read"),
        ('organisation = "Ministry"', r"organisation is 'Ministry'; it must be a table"),
        ("[organisation]\nname = 7", "organisation.name is 7; it must be text"),
        ("[database]\nurl = []", "database.url"),
        ("[identity]\nactor = true", "identity.actor"),
        ("[lifecycle]\nmachine = 1", "lifecycle.machine"),
        ('providers = "risk"', r"providers is 'risk'; it must be a table"),
        ("[providers]\nrisk_scorer = 5", "providers.risk_scorer is 5; it must be text"),
        ('[plugins]\nblocked = "noisy"', "list of plugin names"),
        ("[plugins]\nblocked = [1]", "list of plugin names"),
        ('risk = "low"', r"risk is 'low'; it must be a table"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(tmp_path, text, says):
    with pytest.raises(WorkspaceError, match=says) as error:
        read_settings(written(tmp_path, text))

    assert "aims.toml" in str(error.value)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "aims.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(WorkspaceError, match="cannot be read"):
        read_settings(tmp_path)


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path):
    (tmp_path / "aims.toml").write_bytes(b'\xef\xbb\xbf[identity]\r\nactor = "ada"\r\n')

    assert read_settings(tmp_path).actor == "ada"


def test_a_folder_without_a_file_says_how_to_make_one(tmp_path):
    with pytest.raises(WorkspaceError, match="aims init"):
        read_settings(tmp_path)


def test_the_nearest_workspace_upward_is_found(tmp_path, monkeypatch):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    written(tmp_path, "")
    monkeypatch.chdir(inner)

    assert find_folder() == tmp_path.resolve()
    assert find_folder(inner) == tmp_path.resolve()


def test_no_workspace_upward_says_where_was_looked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(WorkspaceError, match=tmp_path.name):
        find_folder()


def test_the_environment_names_a_workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("AIMS_WORKSPACE", str(tmp_path))

    assert find_folder() == tmp_path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(organisation=PRINTABLE, actor=PRINTABLE)
def test_what_is_written_is_read_back(tmp_path, organisation, actor):
    (tmp_path / "aims.toml").unlink(missing_ok=True)

    write_settings(
        tmp_path, organisation=organisation, database_url="sqlite:///aims.db", actor=actor
    )

    found = read_settings(tmp_path)
    assert (found.organisation, found.actor) == (organisation, actor)


@pytest.mark.parametrize("name", ["two\nlines", "half\x00", "bell\x07", os.fsdecode(b"\xff")])
def test_a_name_that_toml_cannot_hold_is_refused_and_leaves_no_file(tmp_path, name):
    with pytest.raises(WorkspaceError, match="remove"):
        write_settings(tmp_path, organisation=name, database_url="sqlite:///aims.db", actor="ada")

    assert list(tmp_path.iterdir()) == []


def test_an_existing_workspace_is_left_alone(tmp_path):
    written(tmp_path, '[identity]\nactor = "ada"')

    with pytest.raises(WorkspaceError, match="already holds a workspace"):
        write_settings(tmp_path, organisation="x", database_url="", actor="mallory")

    assert read_settings(tmp_path).actor == "ada"


def test_settings_cannot_be_changed_behind_ones_back(tmp_path):
    found = read_settings(written(tmp_path, "[providers]"))

    with pytest.raises(dataclasses.FrozenInstanceError):
        found.actor = "mallory"
