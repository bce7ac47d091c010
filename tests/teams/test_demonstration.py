"""The whole demonstration, plugins and a real inventory included, with every person at an own login."""

import pytest
import sqlalchemy as sa

from aims_core import NotPermitted, PluginHost, SegregationOfDuties, create_workspace
from aims_core.cli.demonstration import cast, command
from aims_core.cli.demonstration.narrator import Narrator
from aims_core.db.teams import doctor

DECIDING = {"rita", "carl", "cora"}


class Desks:
    """Passes for a workspace: who acts gets a desk of their own, and a service works in the background."""

    def __init__(self, team):
        self._team, self._desks = team, {}
        self._desk = team.at("ada")

    def act_as(self, actor):
        self._team.at("keeper").deliveries.work()
        login = f"{actor}_decide" if actor in DECIDING else actor
        if login not in self._desks:
            self._desks[login] = self._team.at(login)
        return self._desks[login]

    def __getattr__(self, name):
        return getattr(self._desk, name)


def test_the_demonstration_runs_on_a_secured_database(
    aims_postgresql, make_team, tmp_path, monkeypatch
):
    monkeypatch.setenv("AIMS_AUDIT_KEY", str(tmp_path / "elsewhere" / "checkpoint.key"))
    name, folder, narrator = aims_postgresql.create(), tmp_path / "workspace", Narrator()
    ada = create_workspace(
        folder, organisation="Example", administrator="ada", database=aims_postgresql.url(name)
    )
    cast.enter(ada)
    ada.staffing.add("keeper", "Keeper", kind="service")
    ada.staffing.add("lena", "Lena")
    ada.staffing.grant("lena", "legal_counsel")
    assert ada.logins.secure().closed == ()
    for actor_id in ("ada", "lena", *(one[0] for one in cast.PEOPLE)):
        ada.logins.grant(actor_id)
        ada.logins.grant(actor_id, "decide")
    ada.logins.grant("keeper", "service")
    ada.close()
    team = make_team(name, folder, PluginHost())

    command.run(Desks(team), narrator)
    team.at("keeper").deliveries.work()

    assert narrator.figures["incidents opened by themselves"] >= 1
    assert team.at("ada").audit.verify().intact
    _issue_pinned(team)
    _decide_what_is_reportable(team)
    with team.owner() as connection:
        assert (
            doctor.examine(connection, machine_version=team.machine_version, version=team.version)
            == []
        )
        said = sa.text("SELECT DISTINCT assurance FROM aims_event WHERE actor <> 'ada'")
        assert set(connection.execute(said).scalars()) == {"database_login"}
    team.close()
    aims_postgresql.drop(name)


def _issue_pinned(team):
    """An auditor's report is pinned to a checkpoint; who may make none issues one that says so."""
    ada, aude, olga = (team.at(login) for login in ("ada", "aude", "olga"))
    ada.audit.keys.make()
    team.at("keeper").deliveries.work()
    report = aude.reporting.build()
    assert aude.reporting.save(report).exists()
    assert report.pin.checkpoint == 1
    assert aude.reporting.build(as_of=1).pin == report.pin
    assert olga.reporting.issue().exists()
    assert olga.reporting.build().pin.checkpoint == 0
    newest = ada.audit.events(event_type="core.ReportIssued", limit=2)
    assert [e.payload["checkpoint"] for e in newest] == [0, 1]


def _decide_what_is_reportable(team):
    """The second line proposes, legal decides with the login to decide, and the owner does neither."""
    olga, rita, lena = (team.at(login) for login in ("olga", "rita", "lena"))
    incident_id = rita.incidents.frame().incident_id[0]
    with pytest.raises(SegregationOfDuties):
        olga.incidents.reporting.propose(incident_id, reportable=False, reason="Nobody was hurt.")
    rita.incidents.reporting.propose(incident_id, reportable=False, reason="Nobody was hurt.")
    with pytest.raises(NotPermitted, match="no decision credential"):
        lena.incidents.reporting.confirm(incident_id)

    decided = team.at("lena_decide").incidents.reporting.confirm(incident_id)

    assert (decided.status, decided.reportable, decided.decided_by) == ("decided", False, "lena")
