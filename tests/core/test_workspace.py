"""Workspaces: made once, opened by name, honest about what they cannot do."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from aims_core import (
    InvalidRecord,
    NotPermitted,
    PluginHost,
    RecordNotFound,
    Ref,
    ServiceSpec,
    WorkspaceError,
    create_workspace,
    hookimpl,
    lifecycle,
    open_workspace,
)
from aims_core.settings import FILE
from aims_core.testing import tampering

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])


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
    with tampering(workspace) as connection:
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


@pytest.mark.parametrize("administrator", ["", "two words", "a" * 65, "half\x00", "half\ud800"])
def test_a_first_administrator_needs_an_id_and_nothing_is_made_without(tmp_path, administrator):
    with pytest.raises(InvalidRecord, match="first administrator"):
        founded(tmp_path / "w", administrator=administrator)

    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize(
    ("database", "says"),
    [
        ("mysql://db/aims", "use SQLite or PostgreSQL"),
        ("no url", "cannot be read"),
        ("sqlite:////nowhere/at/all/aims.db", "cannot be opened"),
        ("postgresql://nobody@127.0.0.1:1/aims?connect_timeout=2", "cannot be opened"),
    ],
)
def test_a_database_that_cannot_be_used_leaves_the_folder_ready_for_the_next_try(
    tmp_path, database, says
):
    with pytest.raises(WorkspaceError, match=says):
        founded(tmp_path / "w", database=database)

    founded(tmp_path / "w").close()


def test_a_founding_that_was_stopped_halfway_can_be_repeated(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        founded(tmp_path / "w", host=Stopping(discover=False))

    workspace = founded(tmp_path / "w")

    assert [e.type for e in workspace.audit.events()].count("core.WorkspaceFounded") == 1
    workspace.close()


class Stopping(PluginHost):
    """A host during whose first question somebody presses Ctrl-C."""

    def contributions(self, hook):
        if hook == "aims_on_event":
            raise KeyboardInterrupt
        return super().contributions(hook)


@ONE_DATABASE
def test_a_file_that_is_no_database_is_refused_in_plain_words(workspace_folder):
    (workspace_folder / "aims.db").write_bytes(
        b"this is no database, it only looks long enough" * 99
    )

    with pytest.raises(WorkspaceError, match="cannot be opened"):
        open_workspace(workspace_folder, actor="ada")


@ONE_DATABASE
def test_somebody_has_to_act(workspace_folder, monkeypatch):
    monkeypatch.delenv("AIMS_ACTOR", raising=False)
    file = workspace_folder / FILE
    file.write_text(file.read_text().replace('actor = "ada"', 'actor = ""'))

    with pytest.raises(WorkspaceError, match="who is acting"):
        open_workspace(workspace_folder)
    with pytest.raises(RecordNotFound, match="Did you mean olga"):
        open_workspace(workspace_folder, actor="olgaa")


@ONE_DATABASE
def test_an_organisation_may_bring_its_own_lifecycle(workspace_folder, host):
    own = Path(lifecycle.__file__).with_name("default.toml").read_text(encoding="utf-8")
    (workspace_folder / "own.toml").write_text(
        re.sub(r'(?m)^version = ".*"$', 'version = "own-1"', own)
    )
    with (workspace_folder / FILE).open("a") as file:
        file.write('\n[lifecycle]\nmachine = "own.toml"\n')

    workspace = open_workspace(workspace_folder, actor="ada", host=host)
    assert workspace.machine.version == "own-1"
    workspace.close()

    (workspace_folder / "own.toml").write_text(own.replace("risk_reviewer", "risk_oracle"))
    with pytest.raises(WorkspaceError, match=r"own\.toml: nobody can hold risk_oracle"):
        open_workspace(workspace_folder, actor="ada", host=host)


@ONE_DATABASE
def test_a_folder_whose_database_is_gone_says_so(workspace_folder):
    (workspace_folder / "aims.db").unlink()

    with pytest.raises(WorkspaceError, match=r"tables of core: missing; run `aims db upgrade`"):
        open_workspace(workspace_folder, actor="ada")


class Acting:
    """A plugin that offers a service which acts by itself, with a role of its own."""

    @hookimpl
    def aims_services(self):
        service = ServiceSpec(
            id="acting.service",
            title="Acting",
            name="acting",
            factory=Ref("builtins:list"),
            acts_as=("developer",),
        )
        return [service]


def with_acting():
    host = PluginHost(discover=False)
    host.register(Acting(), "acting")
    return host


def test_a_plugin_installed_later_is_admitted_once(workspace_folder):
    workspace = open_workspace(workspace_folder, actor="ada", host=with_acting())
    try:
        assert workspace.admit_plugins() == ["plugin:acting"]
        [grant] = workspace.staffing.roles_of("plugin:acting")
        assert grant.role == "developer"

        workspace.staffing.revoke(grant.grant_id, reason="It may not write.")
        assert workspace.admit_plugins() == []
        assert workspace.staffing.roles_of("plugin:acting") == ()
        assert workspace.audit.verify().intact
    finally:
        workspace.close()


@ONE_DATABASE
def test_only_administrators_admit_plugins(workspace_folder):
    workspace = open_workspace(workspace_folder, actor="olga", host=with_acting())
    try:
        with pytest.raises(NotPermitted, match="admit plugins"):
            workspace.admit_plugins()
    finally:
        workspace.close()


@pytest.mark.parametrize("role", ["committee_member", "emperor"])
def test_a_plugin_that_asks_for_a_role_that_software_may_not_hold_has_failed(role):
    class Deciding:
        @hookimpl
        def aims_services(self):
            return [
                ServiceSpec(
                    id="deciding.service",
                    title="Deciding",
                    name="deciding",
                    factory=Ref("builtins:list"),
                    acts_as=("developer", role),
                )
            ]

    host = PluginHost(discover=False)
    host.register(Deciding(), "deciding")

    assert host.contributions("aims_services") == ()
    [info] = [p for p in host.plugins() if p.name == "deciding"]
    assert info.status == "failed"
    assert f"asks to act as {role}, which is no role that software may hold" in info.reason
