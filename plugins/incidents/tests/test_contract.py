"""aims-incidents keeps the contract of plugins."""

from aims_core import ThresholdBreached
from aims_core.testing import PluginContract

BREACH = {
    "monitor_id": "accuracy",
    "metric": "accuracy",
    "value": 0.61,
    "threshold": 0.8,
    "direction": "below",
    "window": "2021-10",
    "severity": "moderate",
}


class TestContract(PluginContract):
    plugin = "incidents"

    def write_history(self, workspace):
        imre = workspace.act_as("imre").incidents
        first = imre.open("ticket-triage", title="It fell over", severity="minor")
        yield
        imre.assign(first.incident_id, "devi")
        _breach(workspace)
        yield
        imre.analyse(first.incident_id, "A field was renamed.")
        _breach(workspace, severity="serious")
        yield
        imre.treat(first.incident_id, "Checked on arrival.")
        yield
        workspace.act_as("rita").incidents.close(first.incident_id)
        yield

    def read_history(self, workspace, as_of):
        register = workspace.incidents
        frames = (register.frame(as_of=as_of), register.frame(open_only=True, as_of=as_of))
        listed = register.of("ticket-triage", as_of=as_of)
        # Every incident that there is now, so that none is known before it was opened.
        events = [
            [event.event_id for event in register.timeline(one.incident_id, as_of=as_of)]
            for one in listed
        ]
        return [*(frame.to_dict("records") for frame in frames), listed, events]


def _breach(workspace, **changes):
    with workspace.act_as("olga").writing() as tx:
        tx.record(ThresholdBreached(system_id="ticket-triage", **{**BREACH, **changes}))
