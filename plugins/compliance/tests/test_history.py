"""How the statement stood on a date, also in a database that kept no former states before."""

from datetime import timedelta

from aims_compliance.section import portfolio_section

from aims_core import PluginHost, open_workspace
from aims_core.workspace import migrator

HOUR = timedelta(hours=1)


def test_the_section_looks_back_also_to_before_the_history(workspace):
    clock = [workspace.now() + HOUR]
    workspace._desk.store.clock = lambda: clock[0]
    carl = workspace.act_as("carl").compliance
    first = clock[0]
    carl.decide("A.2.2", applicable=True, reason="Needed.")
    clock[0] += HOUR
    carl.decide("A.2.2", applicable=False, reason="Not any longer.")
    then, now = (portfolio_section(workspace, "", at) for at in (first, None))
    assert then != now
    assert then.blocks[0].text.startswith("1 of 38 controls are decided: 1 included")
    assert portfolio_section(workspace, "", first - HOUR).blocks[0].text.startswith("0 of 38")
    moving = migrator(workspace.settings, PluginHost())
    workspace.close()

    moving.downgrade("compliance", "compliance0001")
    moving.upgrade()

    again = open_workspace(workspace.settings.folder, actor="ada")
    again._desk.store.clock = lambda: clock[0]
    assert portfolio_section(again, "", first) == then
    assert portfolio_section(again, "") == now
    again.close()
