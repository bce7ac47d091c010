"""Rare acts on a secured database: possible to whom they should be, refused to others in plain words."""

import shlex

import pytest
from click.testing import CliRunner

from aims_core import (
    NotPermitted,
    WorkspaceError,
    copy_database,
    open_workspace,
)
from aims_core.audit import verify_trail
from aims_core.cli import main
from aims_core.recovery import back_up, drill, restore
from aims_core.testing.fixtures import TICKET_TRIAGE

SYSTEM = "ticket-triage"


@pytest.fixture(autouse=True)
def _key(tmp_path, monkeypatch):
    """Have the key that signs checkpoints lie in a folder of this test."""
    monkeypatch.setenv("AIMS_AUDIT_KEY", str(tmp_path / "elsewhere" / "checkpoint.key"))
    monkeypatch.delenv("AIMS_AUDIT_PASSPHRASE", raising=False)


@pytest.fixture
def shared(team, monkeypatch):
    """Give the way to open one folder for all with a login, so that files are everybody's."""
    opened = []

    def at(login="", actor=None):
        url = team.url(login) if login else team.server.url(team.name)
        text = url if isinstance(url, str) else url.render_as_string(hide_password=False)
        with monkeypatch.context() as patched:
            patched.setenv("AIMS_DATABASE_URL", text)
            opened.append(open_workspace(team.folder, actor=actor, host=team.host))
        return opened[-1]

    yield at
    for workspace in opened:
        workspace.close()


@pytest.fixture
def lived(shared):
    """Have a system, evidence and a sealed trail on record."""
    olga = shared("olga")
    olga.inventory.register(SYSTEM, **TICKET_TRIAGE)
    olga.inventory.register("payroll", **{**TICKET_TRIAGE, "unit": "Finance", "name": "Payroll"})
    shared("ines").evidence.add(SYSTEM, "documentation", "Manual", text="how it works")
    shared("keeper").deliveries.work()
    return shared


def test_evidence_is_disposed_of_by_two_after_its_time(lived, team):
    ines, carl = lived("ines"), lived("carl_decide")
    (evidence,) = ines.evidence.of(SYSTEM)
    with team.owner() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(
            "UPDATE aims_evidence SET retain_until = '2026-01-01T00:00:00.000000Z'"
        )
    proposed = ines.evidence.propose_disposal(evidence.evidence_id, "its time is over")
    with pytest.raises(NotPermitted, match="it takes committee_member or risk_reviewer"):
        lived("olga_decide").evidence.confirm_disposal(proposed.disposal_id)
    with pytest.raises(NotPermitted, match="no decision credential"):
        lived("carl").evidence.confirm_disposal(proposed.disposal_id)

    done = carl.evidence.confirm_disposal(proposed.disposal_id)

    assert done.decided_by == "carl"
    assert not [p for p in (team.folder / "evidence").rglob("*") if p.is_file()]


def test_content_is_erased_by_an_administrator_and_an_auditor_with_decision_credentials(
    lived, team
):
    ada, aude = lived("ada_decide"), lived("aude_decide")
    (event,) = ada.audit.events(event_type="core.SystemRegistered", system_id=SYSTEM)
    with pytest.raises(NotPermitted, match="one of each"):
        lived("olga_decide").audit.erase(event.event_id, reason="a name")
    with pytest.raises(NotPermitted, match="no decision credential"):
        lived("aude").audit.erase(event.event_id, reason="a name")
    assert not aude.audit.erase(event.event_id, reason="a name").done

    assert ada.audit.erase(event.event_id, reason="a name").done

    assert team.raw(
        "ada", f"SELECT payload FROM aims_event WHERE event_id = '{event.event_id}'"
    ) == [("",)]
    lived("keeper").deliveries.work()
    verified = lived("aude").audit.verify()
    assert (verified.intact, len(verified.remarks)) == (True, 1)


def test_a_checkpoint_is_written_and_the_trail_exported(lived, tmp_path):
    ada, aude = lived("ada"), lived("aude")
    ada.audit.keys.make()
    with pytest.raises(NotPermitted):
        lived("olga").audit.checkpoint()
    lived("keeper").deliveries.work()

    first = ada.audit.checkpoint()
    lived("olga").inventory.revise(SYSTEM, supplier="Example & Sons")
    lived("keeper").deliveries.work()
    second = aude.audit.checkpoint()

    assert (first.number, second.number) == (1, 2)
    aude.audit.export(tmp_path / "export")
    key = verify_trail.Key(ada.audit.keys.status().public)
    kept = verify_trail.Checkpoint(first.note, "first")
    assert verify_trail.verify_export(tmp_path / "export", key, [kept])[0] == []
    with pytest.raises(NotPermitted, match="finn"):
        lived("finn").audit.export(tmp_path / "part")
    assert not (tmp_path / "part").exists()


def test_a_workspace_is_backed_up_restored_and_secured_again(lived, team, tmp_path, empty):
    for login in ("ada", "olga", "aude"):
        with pytest.raises((NotPermitted, WorkspaceError)):
            back_up(lived(login), tmp_path / "refused")
    ada = lived(actor="ada")
    made = back_up(ada, tmp_path / "copy")
    tried = drill(made.path, actor="ada", database=empty(), host=team.host)
    assert tried.passed, tried.faults

    url = empty()
    back = restore(made.path, tmp_path / "back", actor="ada", database=url, host=team.host)

    assert back.logins[0] == "aims db secure"
    wanted = {"aims db grant olga", "aims db grant olga --decide", "aims db grant keeper --service"}
    assert wanted <= set(back.logins)
    _follow(back.logins, back.folder, url)
    restored = open_workspace(back.folder, actor="ada", host=team.host)
    (said,) = restored.audit.events(event_type="core.WorkspaceRestored")
    assert tuple(said.payload["logins"]) == back.logins
    assert _named(restored) == _named(ada)
    assert [f.subject for f in restored.logins.examine()] == ["login ada_decide"]
    restored.close()


def test_a_secured_database_is_copied_out_and_in_and_secured_again(
    lived, team, tmp_path, empty, monkeypatch
):
    sqlite = f"sqlite:///{tmp_path / 'out.db'}"
    for login in ("ada", "olga", "finn"):
        with pytest.raises((NotPermitted, WorkspaceError)):
            copy_database(lived(login), sqlite)
    ada = lived(actor="ada")
    out, straight, round_about = copy_database(ada, sqlite), empty(), empty()
    assert out.logins == ()
    monkeypatch.setenv("AIMS_DATABASE_URL", sqlite)
    copied = open_workspace(team.folder, actor="ada", host=team.host)
    assert copied.audit.verify().intact
    assert copy_database(copied, round_about).logins == ()
    copied.close()

    made = copy_database(ada, straight)

    assert "aims db grant carl --decide" in made.logins
    for url in (straight, round_about):
        _follow(made.logins, team.folder, url)
        monkeypatch.setenv("AIMS_DATABASE_URL", url)
        there = open_workspace(team.folder, actor="ada", host=team.host)
        assert [f.subject for f in there.logins.examine()] == ["login ada_decide"]
        assert _named(there) == _named(ada)
        assert there.audit.verify().intact
        there.close()


@pytest.fixture
def empty(aims_postgresql):
    """Give the way to an empty database."""
    names = []

    def make():
        names.append(aims_postgresql.create())
        return aims_postgresql.url(names[-1])

    yield make
    for name in names:
        aims_postgresql.drop(name)


def _follow(commands, folder, url):
    """Run commands as they were told."""
    for command in commands:
        given = [
            "--no-plugins",
            "--workspace",
            str(folder),
            "--as",
            "ada",
            *shlex.split(command)[1:],
        ]
        result = CliRunner().invoke(main, given, env={"AIMS_DATABASE_URL": url})
        assert result.exit_code == 0, result.output


def _named(workspace):
    return [(one.login, one.actor, one.credential) for one in workspace.logins.all()]
