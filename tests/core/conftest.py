"""The core is tried without the installed plugins: what a test needs of one, it brings along itself."""

from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import settings

from aims_core import (
    AnchorSpec,
    CheckSpec,
    Condition,
    PluginHost,
    default_machine,
    hookimpl,
    open_workspace,
)
from aims_core.testing import at_hand

# Shared machines stall for seconds at times, and an example that is slow is not wrong.
settings.register_profile("aims", deadline=None)
settings.load_profile("aims")


class Checks:
    """Answers every check of the default lifecycle that is not the core's: met, unless named in `unmet`."""

    def __init__(self):
        self.unmet = set()
        self.answer = None

    @hookimpl
    def aims_checks(self):
        own = {o.spec.name for o in PluginHost(discover=False).contributions("aims_checks")}
        return [
            CheckSpec(id=f"fake.{name}", title=name, name=name, run=at_hand(self._run(name)))
            for name in default_machine().check_names()
            if name not in own
        ]

    def _run(self, name):
        def run(facts):
            if self.answer is not None:
                return self.answer(name, facts)
            met = name not in self.unmet
            reason = "as the test says"
            return {f.system.system_id: Condition(name=name, met=met, reason=reason) for f in facts}

        return run


@pytest.fixture
def checks():
    """Give the plugin that answers the checks of absent plugins."""
    return Checks()


@pytest.fixture
def host(checks):
    """Give a host with that plugin and no other."""
    host = PluginHost(discover=False)
    assert host.register(checks, "fake").status == "active"
    return host


@pytest.fixture
def workspace(workspace_folder, host):
    """Give a fresh workspace on each database, with the test's own plugins; `ada` acts."""
    opened = open_workspace(workspace_folder, actor="ada", host=host)
    yield opened
    opened.close()


class Clock:
    """The workspace's time: it stands until a test moves it on, and each reading is a moment later."""

    def __init__(self, workspace):
        store = workspace._desk.store
        self.now, store.clock = store.clock(), self

    def __call__(self):
        self.now += timedelta(milliseconds=1)
        return self.now

    def on(self, **span):
        self.now += timedelta(**span)


@pytest.fixture
def clock(workspace):
    """Give the workspace's time to move."""
    return Clock(workspace)


class Life:
    """Leads `ticket-triage` from its inception onwards, each step by somebody entitled to it."""

    ORDER = (
        "inception",
        "design_and_development",
        "verification_and_validation",
        "deployment",
        "operation_and_monitoring",
    )

    def __init__(self, workspace, system_id="ticket-triage"):
        self.workspace = workspace
        self.system_id = system_id

    def to(self, stage):
        """Go on until the system stands in `stage` and return the workspace."""
        steps = (self.develop, self.submit, self.deploy, self.go_live)
        for here, step in zip(self.ORDER, steps, strict=False):
            if self.stage == stage:
                break
            if self.stage == here:
                step()
        assert self.stage == stage
        return self.workspace

    @property
    def stage(self):
        return self.workspace.inventory.get(self.system_id).stage

    def ask(self, step, actor="olga", reason="it is time"):
        return self.workspace.act_as(actor).approvals.request(self.system_id, step, reason=reason)

    def vote(self, request, actor, decision="approve", **options):
        approvals = self.workspace.act_as(actor).approvals
        return approvals.decide(request.approval_id, decision, **options)

    def show(self, kind, actor="ines"):
        evidence = self.workspace.act_as(actor).evidence
        return evidence.add(self.system_id, kind, kind.title(), text=f"{kind} of {self.system_id}")

    def rate(self, tier):
        """Assess the system's tier, as a risk function would."""
        offer = self.workspace.host.contributions("aims_checks")[0]
        with self.workspace.act_as("imre").writing() as tx:
            tx.add_result(
                kind="rating",
                system_id=self.system_id,
                offer=offer,
                input_digest="",
                payload={},
                tier=tier,
            )

    def requests(self):
        """Return every request of the system, oldest first."""
        frame = self.workspace.approvals.frame(self.system_id)
        return [self.workspace.approvals.get(key) for key in reversed(frame.approval_id.tolist())]

    def develop(self):
        self.vote(self.ask("start_development"), "carl")
        if self.stage == "inception":
            self.vote(self.workspace.approvals.open(self.system_id)[0], "cora")

    def submit(self):
        self.show("documentation")
        self.ask("submit_for_validation")

    def deploy(self):
        self.show("validation")
        self.show("impact_assessment")
        request = self.ask("approve_deployment")
        self.vote(request, "rita")
        self.vote(request, "carl")
        if self.stage == "verification_and_validation":
            self.vote(request, "cora")

    def go_live(self):
        self.ask("go_live")


@pytest.fixture
def counted():
    """Give the counter of statements that a workspace sends to its database."""

    @contextmanager
    def counting(workspace):
        statements = []
        engine = workspace._desk.store.engine

        def note(_connection, _cursor, statement, *_rest):
            statements.append(statement)

        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)

    return counting


@pytest.fixture
def lead():
    """Give the maker of who leads through a life, and of the time, in a workspace of the test's own."""
    return lambda workspace: (Life(workspace), Clock(workspace))


@pytest.fixture
def life(registered):
    """Give the one who leads `ticket-triage` through its life."""
    return Life(registered)


@pytest.fixture
def signing(tmp_path, monkeypatch):
    """Have the checkpoint key lie in a folder of this test, and give its path."""
    path = tmp_path / "elsewhere" / "checkpoint.key"
    monkeypatch.setenv("AIMS_AUDIT_KEY", str(path))
    monkeypatch.delenv("AIMS_AUDIT_PASSPHRASE", raising=False)
    return path


@pytest.fixture
def signed(registered, signing):
    """Give the workspace with a system, a checkpoint key, and a first checkpoint."""
    registered.audit.keys.make()
    registered.audit.checkpoint()
    return registered


@pytest.fixture
def anchored(workspace_folder, signing):
    """Give the way to open a workspace with these anchors configured and make a checkpoint."""
    opened = []

    def make(toml, *, keep=None):
        host = PluginHost(discover=False)
        if keep is not None:

            class Notary:
                @hookimpl
                def aims_anchors(self):
                    return [AnchorSpec(id="notary.ledger", title="Ledger", keep=at_hand(keep))]

            host.register(Notary(), "notary")
        settings = workspace_folder / "aims.toml"
        text = settings.read_text().partition("\n# anchors\n")[0]
        settings.write_text(f"{text}\n# anchors\n{toml}")
        workspace = open_workspace(workspace_folder, actor="ada", host=host)
        opened.append(workspace)
        if workspace.audit.keys.status() is None:
            workspace.audit.keys.make()
        return workspace, workspace.audit.checkpoint()

    yield make
    for workspace in opened:
        workspace.close()


@pytest.fixture
def entered(clock, registered):
    """Give the time at which the system was entered; ten days have gone by since."""
    at = registered.inventory.get("ticket-triage").registered_at
    clock.on(days=10)
    return at


@pytest.fixture
def stated():
    """Give the way to read the times of fact in the events of a kind, newest first; None where none is."""

    def read(workspace, kind):
        found = [e.payload["fact_at"] for e in workspace.audit.events(event_type=f"core.{kind}")]
        return [None if text is None else datetime.fromisoformat(text) for text in found]

    return read
