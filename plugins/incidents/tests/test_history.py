"""How incidents stood on a date, in a database that kept no former states before."""

from datetime import timedelta

from aims_incidents.section import portfolio_section, system_section

from aims_core import PluginHost, open_workspace
from aims_core.workspace import migrator

HOUR = timedelta(hours=1)


def told(workspace, clock):
    """Open, treat and close an incident in three hours; return it and the time of the first hour."""
    imre = workspace.act_as("imre").incidents
    made = imre.open("ticket-triage", title="It fell over", severity="serious")
    opened = clock[0]
    clock[0] += HOUR
    imre.analyse(made.incident_id, "A field was renamed.")
    imre.treat(made.incident_id, "Checked on arrival.")
    clock[0] += HOUR
    workspace.act_as("rita").incidents.close(made.incident_id)
    clock[0] += HOUR
    return made, opened


def test_both_reports_look_back(running):
    clock = [running.now() + HOUR]
    running._desk.store.clock = lambda: clock[0]
    made, opened = told(running, clock)

    (row,) = running.incidents.frame(as_of=opened).to_dict("records")
    assert (row["incident_id"], row["status"], row["closed_by"]) == (made.incident_id, "open", "")
    for build, system_id in ((system_section, "ticket-triage"), (portfolio_section, "")):
        assert build(running, system_id, opened).blocks[0].text.endswith("1 not closed.")
        assert build(running, system_id, opened - HOUR).blocks[0].text.startswith("No incident")
        assert build(running, system_id).blocks[0].text.endswith("0 not closed.")


def test_what_nobody_kept_is_said_to_be_unknown_and_not_left_out(running):
    clock = [running.now() + HOUR]
    running._desk.store.clock = lambda: clock[0]
    made, opened = told(running, clock)
    moving = migrator(running.settings, PluginHost())
    running.close()
    moving.downgrade("incidents", "incidents0001")
    moving.upgrade()
    again = open_workspace(running.settings.folder, actor="ada")
    again._desk.store.clock = lambda: clock[0]

    assert again.incidents.unknown(as_of=opened) == 1
    assert again.incidents.unknown(as_of=opened - HOUR) == 0
    assert again.incidents.unknown(as_of=clock[0]) == 0
    for build, system_id in ((system_section, "ticket-triage"), (portfolio_section, "")):
        assert "1 further incident(s)" in build(again, system_id, opened).blocks[1].text
        assert "0 not closed" in build(again, system_id, clock[0]).blocks[0].text
    (row,) = again.incidents.frame(as_of=clock[0]).to_dict("records")
    assert (row["incident_id"], row["status"]) == (made.incident_id, "closed")
    again.close()
