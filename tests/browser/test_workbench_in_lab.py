"""A governance person opens the start notebook, decides on a request, and the database knows it."""

import sqlite3
from pathlib import Path

import pytest

from aims_core import open_workspace

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
POISON = "<img src=x onerror='window.xss=1'>"
READY = """() => window.jupyterapp
  && document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook')"""
RESTORED = """async () => {
  const app = window.jupyterapp; await app.restored;
  const shown = app.shell.currentWidget;
  await shown.context.ready; await shown.context.sessionContext.ready;
}"""
RUN_ALL = "async () => await window.jupyterapp.commands.execute('notebook:run-all-cells')"


@pytest.fixture
def waiting(demo):
    """Give the demo with a request that waits, made by olga, and a system with a hostile name."""
    workspace = open_workspace(demo, actor="olga")
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
    request = workspace.approvals.request("letter-sorting", "start_development")
    workspace.close()
    return request


@pytest.mark.slow
def test_an_approval_is_clicked_and_stands_in_the_database(waiting, demo, lab, page):
    page.goto(lab.address("00_start.ipynb"))
    page.wait_for_function(READY)
    page.evaluate(RESTORED)
    assert page.evaluate(RUN_ALL)
    out = page.locator(".jp-Notebook .jp-OutputArea")
    out.get_by_text("AI management system").first.wait_for()

    out.get_by_label("Acting as").select_option(label="Carl Jensen (carl)")
    out.get_by_role("button", name="start development: Letter sorting").click()
    approve = out.get_by_role("button", name="Approve", exact=True)
    approve.wait_for()
    page.screenshot(path=ARTIFACTS / "approval.png")
    approve.click()
    out.get_by_text("recorded as carl").wait_for()

    page.screenshot(path=ARTIFACTS / "approved.png")
    with sqlite3.connect(demo / "aims.db") as database:
        query = "SELECT actor, role, decision FROM aims_vote WHERE approval_id = ?"
        votes = database.execute(query, (waiting.approval_id,)).fetchall()
        stage = "SELECT stage FROM aims_system WHERE system_id = 'letter-sorting'"
        assert votes == [("carl", "committee_member", "approve")]
        assert database.execute(stage).fetchone() == ("design_and_development",)
    database.close()


@pytest.mark.slow
def test_every_tab_opens_and_no_text_of_a_record_runs(waiting, lab, page):
    page.goto(lab.address("00_start.ipynb"))
    page.wait_for_function(READY)
    page.evaluate(RESTORED)
    assert page.evaluate(RUN_ALL)
    out = page.locator(".jp-Notebook .jp-OutputArea")
    out.get_by_text("AI management system").first.wait_for()
    out.get_by_label("Search Register of AI systems").fill("poisoned")
    out.get_by_role("button", name="Open poisoned").click()
    out.get_by_text("What may come next").wait_for()

    titles = out.locator(".lm-TabBar-tabLabel").all_inner_texts()
    for title in titles:
        out.locator(".lm-TabBar-tab", has_text=title).first.click()
        page.wait_for_timeout(1_500)
        page.screenshot(path=ARTIFACTS / f"tab-{title.lower()}.png")
        assert not out.get_by_text("could not be built").count()

    assert {"Register", "System", "Risk", "Monitoring", "Incidents"} <= set(titles)
    assert page.evaluate("() => window.xss") is None
