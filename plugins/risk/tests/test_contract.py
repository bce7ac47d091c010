"""aims-risk keeps the contract of plugins."""

from aims_core.testing import PluginContract

WRONG_RANK = {
    "title": "Urgent tickets ranked low",
    "risk_source": "C.3.4",
    "consequence": "People wait for help they need at once.",
    "likelihood": 3,
    "consequences": {"individuals": 4},
    "risk_owner": "olga",
}
RATED = {"consequences": {"individuals": 4}, "rationale": "People wait."}
CHECK = {"measure": "A person checks each rank", "responsible": "olga", "risk_id": "wrong-rank"}


class TestContract(PluginContract):
    plugin = "risk"

    def write_history(self, workspace):
        risk = workspace.act_as("rita").risk
        risk.assess("ticket-triage", **RATED, likelihood=3)
        risk.identify("ticket-triage", "wrong-rank", **WRONG_RANK)
        risk.treat("ticket-triage", **CHECK)
        yield
        risk.identify("ticket-triage", "wrong-rank", **{**WRONG_RANK, "likelihood": 1})
        risk.identify("ticket-triage", "slow", **{**WRONG_RANK, "title": "Too slow"})
        risk.assess("ticket-triage", **RATED, likelihood=1)
        yield
        risk.treat("ticket-triage", **CHECK, status="in_place")
        yield
        risk.close("ticket-triage", "wrong-rank", reason="the ranks are gone")
        yield

    def read_history(self, workspace, as_of):
        risk = workspace.risk
        frames = (
            risk.risks(as_of=as_of),
            risk.treatments(as_of=as_of),
            risk.frame(as_of=as_of),
            risk.frame(history=True, as_of=as_of),
        )
        assessed = [risk.get("ticket-triage", as_of=as_of)] if len(frames[2]) else []
        return [*(f.to_dict("records") for f in frames), risk.heatmap(as_of=as_of), assessed]
