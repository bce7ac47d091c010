"""A governance person opens the start notebook, asks and decides, and the database knows it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aims_core import open_workspace

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
POISON = "<img src=x onerror='window.xss=1'>"
NAMELESS = """() => [...document.querySelectorAll(
    '.aims-workbench button, .aims-workbench input, .aims-workbench select, .aims-workbench textarea')]
  .filter((part) => part.offsetParent)
  .filter((part) => !(part.getAttribute('aria-label') || part.title || part.textContent.trim()
    || [...(part.labels || [])].some((label) => label.textContent.trim())))
  .map((part) => part.outerHTML)"""
RESTART = """async () => {
  await window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart();
}"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def ready(folder):
    """Put a system on record that is ready for its first step, and one with a hostile name."""
    workspace = open_workspace(folder, actor="olga")
    for system_id, name in (("letter-sorting", "Letter sorting"), ("poisoned", POISON)):
        workspace.inventory.register(
            system_id,
            name=name,
            use_case=f"Sorts incoming letters by department. {POISON}",
            owner="olga",
            origin="in_house",
            declared_risk_category="minimal",
            intended_use="Proposes a department; the mail room decides.",
        )
    workspace.act_as("vera").risk.assess(
        "letter-sorting",
        likelihood=2,
        consequences={"organisation": 2},
        rationale="A person decides.",
    )
    workspace.act_as("imre").incidents.open("poisoned", title=POISON, severity="minor")
    administrator = workspace.act_as("ada").staffing
    for actor_id, name, role in (
        ("hanna", "Hanna Vogt", "concern_handler"),
        ("lea", "Lea Marchetti", "legal_counsel"),
    ):
        administrator.add(actor_id, name)
        administrator.grant(actor_id, role)
    workspace.close()


def workbench(page):
    """Wait for the workbench, which nobody had to click for, and return where it is shown."""
    out = page.locator(".jp-Notebook .aims-workbench")
    out.get_by_text("AI management system").wait_for()
    return out


def act_as(out, name):
    out.get_by_label("Acting as").select_option(label=name)
    out.get_by_text(f"Signed in as {name.partition(' (')[0]}").wait_for()


def open_system(out, system_id):
    out.get_by_label("Search Register of AI systems").fill(system_id)
    out.get_by_role("button", name=f"Open {system_id}", exact=True).click()
    out.get_by_text("What may come next").wait_for()


def one(folder, query):
    with closing(sqlite3.connect(folder / "aims.db")) as database:
        return database.execute(query).fetchall()


def test_a_step_is_asked_for_refused_to_its_requester_and_approved_by_another(folder, page):
    out = workbench(page)
    assert "token=" not in page.url
    act_as(out, "Olga Brandt (olga)")
    open_system(out, "letter-sorting")
    out.get_by_label("Next step").select_option(
        label="Start development (approved by 1 committee member)"
    )
    out.get_by_role("button", name="Request", exact=True).click()
    out.get_by_text("others decide now").wait_for()

    out.get_by_role("button", name="Approve", exact=True).click()
    out.get_by_text("olga acted as requester").wait_for()
    assert one(folder, "SELECT count(*) FROM aims_vote WHERE actor = 'olga'") == [(0,)]

    act_as(out, "Carl Jensen (carl)")
    out.get_by_role("button", name="start development: Letter sorting").click()
    page.screenshot(path=ARTIFACTS / "approval.png")
    out.get_by_role("button", name="Approve", exact=True).click()
    out.get_by_text("recorded as carl").wait_for()

    page.screenshot(path=ARTIFACTS / "approved.png")
    asked = "SELECT approval_id FROM aims_approval WHERE system_id = 'letter-sorting'"
    votes = f"SELECT actor, role, decision FROM aims_vote WHERE approval_id IN ({asked})"
    assert one(folder, votes) == [("carl", "committee_member", "approve")]
    stage = "SELECT stage FROM aims_system WHERE system_id = 'letter-sorting'"
    assert one(folder, stage) == [("design_and_development",)]


def test_every_tab_opens_every_control_has_a_name_and_no_text_of_a_record_runs(page):
    out = workbench(page)
    act_as(out, "Imre Halász (imre)")
    out.get_by_role("button", name="minor incident").wait_for()
    open_system(out, "poisoned")

    titles = out.locator(".lm-TabBar-tabLabel").all_inner_texts()
    for title in titles:
        out.locator(".lm-TabBar-tab", has_text=title).first.click()
        page.wait_for_timeout(1_500)
        page.screenshot(path=ARTIFACTS / f"tab-{title.lower()}.png")
        assert not out.get_by_text("could not be built").count()
        assert page.evaluate(NAMELESS) == []

    assert {"Register", "System", "Risk", "Monitoring", "Incidents", "Report"} <= set(titles)


def test_a_system_is_found_and_opened_by_keyboard_alone(page):
    out = workbench(page)
    out.get_by_label("Search Register of AI systems").focus()
    page.keyboard.type("letter-sorting")
    opener = out.get_by_role("button", name="Open letter-sorting", exact=True)
    opener.wait_for()

    # Past the headings that sort, to the one row.
    for _ in range(12):
        page.keyboard.press("Tab")
        if opener.evaluate("(button) => button === document.activeElement"):
            break
    page.keyboard.press("Enter")

    out.get_by_role("heading", name="Letter sorting").wait_for()


def test_when_the_kernel_is_gone_the_workbench_says_so_and_takes_no_clicks(page):
    out = workbench(page)

    page.evaluate(RESTART)

    out.get_by_text("Not connected").wait_for()
    strip = out.get_by_label("Acting as")
    assert strip.evaluate("(part) => Boolean(part.closest('[inert]'))")


def test_a_waiver_and_a_hold_are_proposed_by_one_and_decided_by_another(folder, page):
    out = workbench(page)
    act_as(out, "Olga Brandt (olga)")
    open_system(out, "poisoned")
    out.get_by_text("Waive a condition").click()
    out.get_by_label("Meanwhile").wait_for()
    out.get_by_role("button", name="Propose waiver").click()
    out.get_by_text("until: is empty").first.wait_for()
    page.screenshot(path=ARTIFACTS / "waiver-refused.png", full_page=True)
    out.get_by_placeholder("why it cannot be met now").fill("The assessor is ill.")
    out.get_by_label("Meanwhile").fill("A person looks at every letter.")
    form = out.locator(".widget-accordion").filter(has=page.get_by_label("Meanwhile"))
    form.get_by_label("Until").fill("2027-03-31")
    form.get_by_label("Until").press("Tab")
    out.get_by_role("button", name="Propose waiver").click()
    out.get_by_text("is proposed;").first.wait_for()
    out.get_by_text("Hold evidence").click()
    out.get_by_label("Hold", exact=True).wait_for()
    act_as(out, "Vera Lindqvist (vera)")
    out.get_by_placeholder("such as the name of a proceeding").fill("Proceeding 7/2026")
    out.get_by_role("button", name="Put on hold").click()
    out.get_by_text("is held").first.wait_for()
    page.screenshot(path=ARTIFACTS / "hold.png", full_page=True)
    out.get_by_role("button", name="Propose release").click()
    out.get_by_text("reason: is empty").first.wait_for()
    out.get_by_label("Your reason").first.fill("It is settled.")
    out.get_by_role("button", name="Propose release").click()
    out.get_by_text("somebody else decides in Decisions").first.wait_for()

    act_as(out, "Carl Jensen (carl)")
    out.get_by_role("button", name="2 proposals").click()
    out.get_by_text("Waiting for a second person").wait_for()
    page.screenshot(path=ARTIFACTS / "decisions.png", full_page=True)
    out.get_by_role("button", name="Approve", exact=True).click()
    out.get_by_text("approve recorded").first.wait_for()
    out.get_by_role("button", name="Release", exact=True).click()
    out.get_by_text("is released").first.wait_for()
    page.screenshot(path=ARTIFACTS / "decided.png", full_page=True)

    assert one(folder, "SELECT released_by FROM aims_evidence_hold") == [("carl",)]
    assert one(folder, "SELECT actor, decision FROM aims_waiver_vote") == [("carl", "approve")]


def open_tab(out, title):
    out.locator(".lm-TabBar-tab", has_text=title).first.click()


def test_a_concern_is_raised_by_one_and_answered_by_who_hears_it(folder, page):
    out = workbench(page)
    act_as(out, "Devi Rao (devi)")
    open_tab(out, "Concerns")
    out.get_by_text("Anybody may raise one below").wait_for()
    out.get_by_text("Raise a concern").click()
    out.get_by_role("button", name="Raise it").click()
    out.get_by_text("text: is empty").first.wait_for()
    page.screenshot(path=ARTIFACTS / "concern-refused.png", full_page=True)
    out.get_by_label("In your words").fill(f"It ranks by name. {POISON}")
    out.get_by_label("Whom it concerns").select_option(label="Carl Jensen (carl)")
    out.get_by_role("button", name="Raise it").press("Enter")
    out.get_by_text("It reaches who hears concerns").first.wait_for()

    act_as(out, "Hanna Vogt (hanna)")
    out.get_by_role("button", name="1 concern to answer").click()
    out.get_by_role("button", name="Read it").click()
    out.get_by_label("Your answer").fill("We take the name out.")
    page.screenshot(path=ARTIFACTS / "concern-read.png", full_page=True)
    out.get_by_role("button", name="Answer", exact=True).click()
    out.get_by_text("is answered;").first.wait_for()
    page.screenshot(path=ARTIFACTS / "concern-answered.png", full_page=True)

    assert one(folder, "SELECT raised_by, answered_by, answer FROM aims_concern") == [
        ("devi", "hanna", "We take the name out.")
    ]
    assert page.evaluate(NAMELESS) == []


def test_whether_an_incident_must_be_reported_is_decided_by_two(folder, page):
    out = workbench(page)
    act_as(out, "Rita Moreau (rita)")
    open_tab(out, "Incidents")
    out.get_by_role("button", name="Open inc-").first.click()
    out.get_by_text("Must it be reported").wait_for()
    out.get_by_role("button", name="Propose", exact=True).click()
    out.get_by_text("reportable: is not chosen").first.wait_for()
    out.get_by_label("Incident", exact=True).select_option(label="need not be reported")
    out.get_by_placeholder("such as the criterion").fill(
        "Nobody was harmed; no criterion of Art. 3(49) is met."
    )
    page.screenshot(path=ARTIFACTS / "reporting-proposed.png", full_page=True)
    out.get_by_role("button", name="Propose", exact=True).click()
    out.get_by_text("rita proposes that it need not").wait_for()

    act_as(out, "Lea Marchetti (lea)")
    out.get_by_role("button", name="reporting to confirm").click()
    out.get_by_role("button", name="Confirm", exact=True).click()
    out.get_by_text("rita proposed it, lea confirmed it").wait_for()
    page.screenshot(path=ARTIFACTS / "reporting-decided.png", full_page=True)

    kept = (
        "SELECT actor FROM aims_event WHERE type LIKE 'incidents.Reportability%' ORDER BY sequence"
    )
    assert one(folder, kept) == [("rita",), ("lea",)]
