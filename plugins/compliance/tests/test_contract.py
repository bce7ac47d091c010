"""aims-compliance keeps the contract of plugins."""

from aims_core.testing import PluginContract


class TestContract(PluginContract):
    plugin = "compliance"

    def write_history(self, workspace):
        compliance = workspace.act_as("carl").compliance
        compliance.decide("A.2.2", applicable=True, reason="Needed.")
        yield
        controls = compliance.controls()["control_id"]
        compliance.decide_many(
            {"control_id": c, "applicable": True, "reason": "Needed by all."} for c in controls
        )
        compliance.issue(note="The first.")
        yield
        compliance.decide("A.2.2", applicable=False, reason="Not any longer.")
        yield
        compliance.issue(note="The second.")
        yield

    def read_history(self, workspace, as_of):
        compliance = workspace.compliance
        issued = compliance.versions(as_of=as_of)
        frames = [compliance.statement(as_of=as_of), issued]
        frames += [compliance.compare(int(v), as_of=as_of) for v in issued["version"]]
        told = [one.astype(object).where(one.notna(), None).to_dict("records") for one in frames]
        return [told, compliance.progress(as_of=as_of)]
