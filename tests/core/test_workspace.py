"""Workspaces: made once, opened by name, honest about what they cannot do."""

import pytest
import sqlalchemy as sa

from aims_core import PluginHost, RecordNotFound, WorkspaceError, create_workspace, open_workspace
from aims_core.settings import FILE


def founded(folder, **given):
    given = {"organisation": "Acme", "administrator": "ada", **given}
    return create_workspace(folder, **given)


def test_a_new_workspace_has_one_administrator_and_says_so_first(tmp_path, database_url):
    workspace = founded(tmp_path / "w", database=database_url)

    events = [e.type for e in reversed(workspace.audit.events())]
    assert events[:3] == ["core.WorkspaceFounded", "core.ActorAdded", "core.RoleGranted"]
    assert [g.role for g in workspace.staffing.roles_of("ada")] == ["administrator"]
    assert workspace.audit.verify().intact
    workspace.close()


def test_a_folder_holds_one_workspace(tmp_path):
    founded(tmp_path / "w").close()

    with pytest.raises(WorkspaceError, match="already holds a workspace"):
        founded(tmp_path / "w")


def test_a_database_belongs_to_one_workspace_and_nothing_is_left_half_made(tmp_path, database_url):
    founded(tmp_path / "w", database=database_url).close()

    with pytest.raises(WorkspaceError, match="already belongs"):
        founded(tmp_path / "other", database=database_url)

    assert not (tmp_path / "other" / FILE).exists()


def test_a_folder_without_workspace_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.delenv("AIMS_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(WorkspaceError, match="aims init"):
        open_workspace()


def test_an_unknown_actor_is_refused_with_near_names(workspace):
    with pytest.raises(RecordNotFound, match="Did you mean olga"):
        workspace.act_as("olgaa")


def test_acting_as_somebody_else_leaves_the_first_as_it_was(workspace):
    olga = workspace.act_as("olga")

    assert (workspace.actor.actor_id, olga.actor.actor_id) == ("ada", "olga")


def test_a_service_that_is_not_installed_is_named_with_those_that_are(workspace):
    with pytest.raises(AttributeError, match="no 'astrology'; installed plugins offer"):
        _ = workspace.astrology


def test_a_database_behind_the_code_is_refused_with_the_command_that_helps(workspace):
    folder = workspace.settings.folder
    with workspace._desk.store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE aims_alembic_core SET version_num = 'core9999'"))

    with pytest.raises(WorkspaceError, match="newer version"):
        open_workspace(folder, actor="ada")


def test_the_evidence_level_is_said_in_words(workspace):
    assert "self-declared" in workspace.evidence_level
    assert "self-declared" in workspace._repr_html_()


def test_without_plugins_the_core_works_on_the_same_database(registered):
    bare = open_workspace(registered.settings.folder, actor="ada", host=PluginHost(discover=False))

    assert bare.inventory.get("ticket-triage").name == "Ticket triage"
    assert {s.state for s in bare.migrator().status()} == {"current", "orphan"}
    bare.close()
