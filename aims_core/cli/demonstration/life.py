"""The whole life of one AI system, step by step, by the public API only."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aims_core.cli.demonstration import samples
from aims_core.cli.demonstration.narrator import Narrator
from aims_core.errors import ConditionsNotMet, NotPermitted, SegregationOfDuties, WorkspaceError

if TYPE_CHECKING:
    from aims_core.records import AISystem, Approval
    from aims_core.workspace import Workspace

SYSTEM_NAME = "Owned Real Estate (ORE) Property Appraisal"
DRIFT, ERROR = "appraisal-drift", "appraisal-error"


@dataclass(slots=True)
class Scene:
    """Where the life plays: the workspace, the system, and who acts."""

    workspace: "Workspace"
    system_id: str
    narrator: Narrator
    _acting: dict[str, "Workspace"] = field(default_factory=dict)

    def by(self, actor_id: str) -> "Workspace":
        """Return the workspace as somebody."""
        if actor_id not in self._acting:
            self._acting[actor_id] = self.workspace.act_as(actor_id)
        return self._acting[actor_id]

    def did(self, text: str) -> None:
        """Tell what was done."""
        self.narrator.did(text)

    def system(self) -> "AISystem":
        """Return the system as it stands."""
        return self.workspace.inventory.get(self.system_id)

    def stands(self) -> None:
        """Tell where the system stands."""
        system = self.system()
        self.did(f"it is now in {system.stage}, {system.status}")


def choose(workspace: "Workspace") -> str:
    """Return the system of the inventory whose life is lived: a real one, just initiated.

    Raises
    ------
    WorkspaceError
        The inventory does not hold it.
    """
    found, _ = workspace.inventory.find(SYSTEM_NAME, stage="inception", limit=1)
    if not found:
        raise WorkspaceError(f"the inventory holds no system called {SYSTEM_NAME!r} in inception")
    return found[0].system_id


def run(workspace: "Workspace", narrator: Narrator, system_id: str) -> None:
    """Live the life of one system from its description to its return into operation."""
    scene = Scene(workspace, system_id, narrator)
    for title, act in LIFE:
        with narrator.step(title):
            act(scene)


def describe(scene: Scene) -> None:
    """Complete the description: the inventory says nothing about owner, oversight or contact."""
    system = scene.system()
    scene.did(f"{system.system_id}: {system.name} ({system.unit}), in {system.stage}")
    with scene.narrator.refused(
        "olga asks to start development of the record as it was imported", ConditionsNotMet
    ):
        scene.by("olga").approvals.request(scene.system_id, "start_development")
    revised = scene.by("olga").inventory.revise(
        scene.system_id,
        expected_revision=system.revision,
        owner="olga",
        intended_use=(
            "Estimates whether an owned property is above the median value of its market, "
            "as a first reading for the appraiser."
        ),
        human_oversight="A licensed appraiser confirms or overrides every estimate.",
        incident_contact="property-appraisal@example.org",
    )
    scene.did(f"olga completes the record; it is revision {revised.revision}")


def assess(scene: Scene) -> None:
    """Rate the risk; the tier decides how much must be shown later."""
    found = scene.by("vera").risk.assess(
        scene.system_id,
        likelihood=3,
        consequences={"individuals": 4, "organisation": 3},
        large_scale=True,
        rationale="A wrong value misleads buyers and lenders; an appraiser stands between.",
    )
    scene.did(f"vera finds level {found.level}, {found.value:g} points: tier {found.tier}")
    for factor in found.factors:
        scene.did(f"  {factor.reason}")
    scene.by("vera").risk.treat(
        scene.system_id,
        measure="Appraisers see the estimate together with its three nearest sales.",
        responsible="olga",
        status="in_place",
    )
    scene.did("a treatment is put on record: appraisers see the nearest sales beside the estimate")


def start(scene: Scene) -> None:
    """Ask for development; the requester may not decide, whatever other role they hold."""
    asked = scene.by("olga").approvals.request(
        scene.system_id, "start_development", reason="The description is complete."
    )
    scene.did(f"olga asks to start development ({asked.approval_id})")
    with scene.narrator.refused(
        "olga, who sits on the committee too, tries to approve it herself", SegregationOfDuties
    ):
        scene.by("olga").approvals.decide(asked.approval_id, "approve")
    _decide(scene, asked, ("carl", "committee_member"), ("cora", "committee_member"))


def prepare(scene: Scene) -> None:
    """Put on record what deployment will be judged by."""
    scene.by("devi").evidence.add(
        scene.system_id,
        "documentation",
        "Model documentation",
        text="Gradient boosting on eight features of a census block; trained on 1990 sales.",
    )
    scene.did("devi adds the model's documentation")
    scene.by("olga").approvals.request(scene.system_id, "submit_for_validation")
    scene.stands()
    log = samples.predictions()
    scene.by("vera").evidence.add(
        scene.system_id, "validation", "Validation on held-out predictions", path=log.reference
    )
    scene.by("vera").evidence.add(
        scene.system_id,
        "impact_assessment",
        "Impact on people",
        text="Owners and buyers may be misled by a wrong value; an appeal to the appraiser exists.",
    )
    scene.did("vera, who did not develop it, adds the validation and the impact assessment")
    _define_monitors(scene, log)


def deploy(scene: Scene) -> None:
    """Accept the residual risk, approve deployment by three people, run the monitors, go live."""
    with scene.narrator.refused(
        "rita, a risk reviewer, tries to accept a risk of level high", NotPermitted
    ):
        scene.by("rita").risk.accept(scene.system_id, reason="An appraiser decides.")
    accepted = scene.by("carl").risk.accept(
        scene.system_id, reason="An appraiser decides on every value."
    )
    scene.did(
        f"carl of the committee accepts the residual risk until {accepted.valid_until:%Y-%m-%d}"
    )
    asked = scene.by("olga").approvals.request(
        scene.system_id, "approve_deployment", reason="Validated, monitored, overseen."
    )
    scene.did(f"olga asks for deployment ({asked.approval_id})")
    with scene.narrator.refused(
        "vera, who assessed it, tries to approve as risk reviewer", SegregationOfDuties
    ):
        scene.by("vera").approvals.decide(asked.approval_id, "approve")
    _decide(
        scene,
        asked,
        ("rita", "risk_reviewer"),
        ("carl", "committee_member"),
        ("cora", "committee_member"),
    )
    with scene.narrator.refused("olga goes live before any monitor has run", ConditionsNotMet):
        scene.by("olga").approvals.request(scene.system_id, "go_live")
    reference = samples.predictions().reference
    for monitor_id in (DRIFT, ERROR):
        done = scene.by("devi").monitoring.run(monitor_id, reference)
        scene.did(f"{monitor_id} on {done.rows:,} predictions of the validation: {done.status}")
    scene.by("olga").approvals.request(scene.system_id, "go_live")
    scene.stands()


def breach(scene: Scene) -> None:
    """Monitor a year of real predictions; what follows from a breach happens by itself."""
    log = samples.predictions()
    for monitor_id in (DRIFT, ERROR):
        done = scene.by("devi").monitoring.run(monitor_id, log.analysis, log.labels)
        scene.did(f"{monitor_id}: {done.rows:,} predictions in {len(done.windows)} windows")
        for window in done.windows:
            crossed = ", ".join(_figure(j) for j in window.figures if j.side)
            scene.did(f"  {window.window}: {crossed or 'within its limits'}")
        scene.narrator.figures[f"windows in breach, {monitor_id}"] = len(
            {window for window, _ in done.breaches}
        )
    opened = scene.by("imre").incidents.of(scene.system_id, open_only=True)
    if not opened:
        raise WorkspaceError("a breach must open an incident by itself, and did not")
    for incident in opened:
        scene.did(
            f"incident {incident.incident_id} opened by {incident.opened_by}, "
            f"{incident.severity}: {incident.title}"
        )
    suspended = next(
        m
        for m in scene.by("olga").approvals.transitions(scene.system_id)
        if m.transition == "suspend"
    )
    scene.did(f"{suspended.actor} suspended it: {suspended.reason}")
    scene.stands()
    scene.narrator.figures["incidents opened by themselves"] = len(opened)


def treat(scene: Scene) -> None:
    """Analyse, treat and close the incidents, then ask for the way back and get it approved."""
    with scene.narrator.refused(
        "olga asks to resume before the cause is treated", ConditionsNotMet
    ):
        scene.by("olga").approvals.request(scene.system_id, "resume")
    desk = scene.by("imre").incidents
    for incident in desk.of(scene.system_id, open_only=True):
        desk.analyse(
            incident.incident_id,
            cause="From July on the sales lie in other counties than those of the training data.",
        )
        desk.treat(
            incident.incident_id,
            treatment="Counties outside the training data go to an appraiser without an estimate.",
        )
        with scene.narrator.refused(
            "imre, who treated it, tries to say himself that it worked", SegregationOfDuties
        ):
            desk.close(incident.incident_id)
        scene.by("rita").incidents.close(incident.incident_id)
        scene.did(
            f"imre analyses and treats {incident.incident_id}; rita sees it work and closes it"
        )
    asked = scene.by("olga").approvals.request(
        scene.system_id, "resume", reason="The cause is treated."
    )
    scene.did(f"olga asks to resume ({asked.approval_id})")
    _decide(scene, asked, ("rita", "risk_reviewer"))


LIFE: tuple[tuple[str, Callable[[Scene], None]], ...] = (
    ("One real system is taken up and described", describe),
    ("Its risk is assessed", assess),
    ("Development is asked for, and approved by others", start),
    ("It is documented, validated, and gets its monitors", prepare),
    ("Deployment is approved, and it goes live", deploy),
    ("It is monitored on real predictions, and a threshold is breached", breach),
    ("The cause is treated, and it resumes", treat),
)


def _define_monitors(scene: Scene, log: Any) -> None:
    define = scene.by("devi").monitoring.define
    shared = {"schema": samples.predictions_schema(), "reference": log.reference, "window": "month"}
    define(
        DRIFT,
        scene.system_id,
        kind="drift",
        thresholds={"psi:y_pred_proba": {"max": 1.5}},
        severity="moderate",
        owner="devi",
        **shared,
    )
    define(
        ERROR,
        scene.system_id,
        kind="performance",
        thresholds={"brier": {"max": 0.2}},
        severity="major",
        owner="olga",
        **shared,
    )
    scene.did(f"devi defines {DRIFT}: how far the score moves (PSI) at most 1.5, else moderate")
    scene.did(f"devi defines {ERROR}: the error of the score (Brier) at most 0.2, else major")


def _decide(scene: Scene, asked: "Approval", *votes: tuple[str, str]) -> None:
    """Let people approve, until the last one needed carries the step out."""
    for actor_id, role in votes:
        stand = scene.by(actor_id).approvals.decide(asked.approval_id, "approve", role=role)
        scene.did(f"{actor_id} approves as {role}: the request is {stand.status}")
        if stand.status != "open":
            break
    scene.stands()


def _figure(judged: Any) -> str:
    value = judged.measurement.value
    return f"{judged.name} {value:.4g} {judged.side} {judged.limit:g}"
