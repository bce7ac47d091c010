"""A report is pinned to the checkpoint that covers it, or says that it is not; it can be built again."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aims_reporting import html
from aims_reporting import json as json_format
from click.testing import CliRunner

from aims_core import RecordNotFound, Report, Section, Workspace
from aims_core.cli import main
from aims_core.testing import tampering

SYSTEM = "ticket-triage"


@pytest.fixture
def signed(registered: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Give the workspace with a checkpoint key, some evidence and a decided request."""
    monkeypatch.setenv("AIMS_AUDIT_KEY", str(tmp_path / "elsewhere" / "checkpoint.key"))
    monkeypatch.delenv("AIMS_AUDIT_PASSPHRASE", raising=False)
    registered.audit.keys.make()
    registered.act_as("ines").evidence.add(SYSTEM, "documentation", "Manual", text="a")
    registered.act_as("carl").approvals.request(SYSTEM, "reject", reason="No case for it.")
    return registered


def looking_back(report: Report, workspace: Workspace) -> list[Section]:
    offers = workspace.host.contributions("aims_report_sections")
    ids = {o.spec.id for o in offers if o.spec.looks_back}
    return [s for s in report.sections if s.section_id in ids]


def change_everything(workspace: Workspace) -> None:
    workspace.act_as("olga").inventory.register(
        "another",
        name="Another",
        use_case="x",
        owner="olga",
        origin="in_house",
        declared_risk_category="high",
        intended_use="x",
        human_oversight="x",
        incident_contact="x",
    )
    workspace.act_as("ines").evidence.add(SYSTEM, "validation", "Later", text="b")
    govern_anew(workspace)
    act_anew(workspace)


def govern_anew(workspace: Workspace) -> None:
    """Change what the rules, the reviews and the requests say."""
    olga, day = workspace.act_as("olga"), workspace.now().date() + timedelta(days=30)
    made = olga.waivers.propose(
        SYSTEM,
        "monitoring_plan",
        reason="Not yet.",
        compensating_measure="By hand.",
        expires_on=day,
    )
    workspace.act_as("carl").waivers.decide(made.waiver_id, "refuse", reason="No.")
    exception = olga.separation.record_exception(
        "R1", reason="We are three.", compensating_control="An outsider.", expires_on=day
    )
    workspace.separation.approve_exception(exception.exception_id)
    rated = {"likelihood": 1, "consequences": {"individuals": 1}, "rationale": "Mild."}
    workspace.act_as("rita").risk.assess("another", **rated)
    olga.approvals.request("another", "start_development", reason="Let us begin.")
    with tampering(workspace) as connection:
        connection.execute(
            sa.text(
                "UPDATE aims_system SET stage = 'operation_and_monitoring' WHERE system_id = :s"
            ),
            {"s": SYSTEM},
        )


def act_anew(workspace: Workspace) -> None:
    """Change what every plugin has on record, and raise a concern."""
    workspace.staffing.add("hanna", "Hanna")
    workspace.staffing.grant("hanna", "concern_handler")
    workspace.act_as("devi").concerns.raise_concern("It ranks by name.", system_id=SYSTEM)
    rated = {"likelihood": 4, "consequences": {"individuals": 4}, "rationale": "It decides alone."}
    rita = workspace.act_as("rita")
    rita.risk.assess(SYSTEM, **rated)
    rita.risk.treat(SYSTEM, measure="A person checks", responsible="olga")
    workspace.act_as("imre").incidents.open(SYSTEM, title="It fell over", severity="serious")
    workspace.act_as("olga").monitoring.define(
        "quality", SYSTEM, window=1_000, schema={"prediction": "p", "label": "y"}
    )
    workspace.act_as("carl").compliance.decide("A.2.2", applicable=True, reason="Needed.")


def test_building_pins_a_report_to_a_checkpoint_that_covers_it(signed: Workspace) -> None:
    length, _ = signed.audit.head()

    report = signed.reporting.build(SYSTEM)

    (made,) = signed.audit.checkpoints()
    assert (report.pin.checkpoint, report.pin.reason) == (made.number, "")
    assert (report.pin.size, report.pin.root, report.pin.at) == (made.size, made.root, made.made_at)
    assert report.pin.size == length


def test_the_same_records_give_the_same_pin(signed: Workspace) -> None:
    first, second = (signed.reporting.build(s).pin for s in (SYSTEM, ""))

    assert first == second
    assert len(signed.audit.checkpoints()) == 1


@pytest.mark.parametrize("system_id", [SYSTEM, ""])
def test_built_again_as_of_its_checkpoint_it_says_the_same(
    signed: Workspace, system_id: str
) -> None:
    first = signed.reporting.build(system_id)
    change_everything(signed)
    before = signed.audit.head()

    again = signed.reporting.build(system_id, as_of=first.pin.checkpoint)

    assert again.pin == first.pin
    assert again.title == first.title
    assert looking_back(again, signed) == looking_back(first, signed) != []
    assert signed.audit.head() == before
    assert looking_back(signed.reporting.build(system_id), signed) != looking_back(first, signed)


def test_a_report_that_looks_back_names_what_it_leaves_out(signed: Workspace) -> None:
    number = signed.reporting.build(SYSTEM).pin.checkpoint

    report = signed.reporting.build(SYSTEM, as_of=number)

    last = report.sections[-1]
    assert last.section_id == "reporting.left_out"
    named = {row[1] for row in last.blocks[1].rows}  # type: ignore[union-attr]  # it is a table
    shown = {s.section_id for s in report.sections}
    assert named == {"reporting.system_operation"}
    assert not named & shown


def test_every_shipped_section_looks_back_but_the_one_on_the_report_itself(
    signed: Workspace,
) -> None:
    offers = signed.host.contributions("aims_report_sections")

    now_only = {o.spec.id for o in offers if not o.spec.looks_back}

    assert now_only == {"reporting.system_operation", "reporting.portfolio_operation"}
    scopes = {(o.plugin.name, o.spec.scope) for o in offers}
    assert {(p, "portfolio") for p in ("risk", "monitoring", "incidents", "compliance")} <= scopes


def test_without_a_key_it_says_plainly_that_only_the_head_is_named(registered: Workspace) -> None:
    report = registered.reporting.build(SYSTEM)

    assert report.pin.checkpoint == 0
    assert "no checkpoint key" in report.pin.reason
    page = html.render(report).decode()
    assert "the trail&#39;s head only" in page or "the trail's head only" in page
    assert "no checkpoint key" in page


def test_who_may_not_make_checkpoints_gets_a_report_that_says_so(signed: Workspace) -> None:
    before = signed.audit.head()

    report = signed.act_as("olga").reporting.build(SYSTEM)

    assert report.pin.checkpoint == 0
    assert "olga holds no role" in report.pin.reason
    assert signed.audit.head() == before


def test_a_key_that_is_elsewhere_is_told(signed: Workspace, monkeypatch: Any) -> None:
    monkeypatch.setenv("AIMS_AUDIT_KEY", "/nowhere/checkpoint.key")

    report = signed.reporting.build(SYSTEM)

    assert report.pin.checkpoint == 0
    assert "not on this machine" in report.pin.reason


def test_an_unknown_system_or_checkpoint_is_refused_and_nothing_is_made(signed: Workspace) -> None:
    with pytest.raises(RecordNotFound):
        signed.reporting.build("ticket-triag")
    with pytest.raises(RecordNotFound, match="checkpoint"):
        signed.reporting.build(SYSTEM, as_of=7)

    assert signed.audit.checkpoints() == ()


def test_the_pin_stands_in_the_trail_and_in_every_format(signed: Workspace) -> None:
    reporting = signed.act_as("aude").reporting
    report = reporting.build(SYSTEM)
    reporting.save(report)

    (event,) = signed.audit.events(event_type="core.ReportIssued")
    named = (event.payload["checkpoint"], event.payload["tree_size"], event.payload["tree_root"])
    assert named == (report.pin.checkpoint, report.pin.size, report.pin.root)
    assert event.payload["evidence_level"] == report.evidence_level
    footer = html.render(report).decode().partition("<footer>")[2]
    assert f"Evidence level: {report.evidence_level}" in footer
    assert json.loads(json_format.render(report))["pin"]["root"] == report.pin.root
    assert report.pin.root in html.render(report).decode()


def test_a_section_of_a_plugin_is_told_the_checkpoint_only_if_it_looks_back(
    signed: Workspace, offer: Callable[..., None]
) -> None:
    seen: list[tuple[Any, ...]] = []

    def build(*given: Any) -> Section:
        seen.append(given[1:])
        return Section(section_id="x", title="Acme", blocks=())

    offer(build)
    signed.reporting.build(SYSTEM)
    assert seen == [(SYSTEM,)]


def test_the_command_looks_back_and_says_what_it_is_pinned_to(
    signed: Workspace, tmp_path: Path
) -> None:
    folder = ["--workspace", str(signed.settings.folder), "--as", "aude", "report", SYSTEM]

    first = CliRunner().invoke(main, [*folder, "--output", str(tmp_path / "a.html")])
    again = CliRunner().invoke(
        main, [*folder, "--as-of", "1", "--output", str(tmp_path / "b.html")]
    )
    wrong = CliRunner().invoke(main, [*folder, "--as-of", "9"])

    assert (first.exit_code, again.exit_code, wrong.exit_code) == (0, 0, 2)
    assert "Pinned to checkpoint 1:" in first.output
    assert "Pinned to checkpoint 1:" in again.output
