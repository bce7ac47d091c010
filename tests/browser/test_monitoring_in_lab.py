"""A run that is followed and stopped by its button, and the five cells from a log to a monitored system."""

import nbformat
import pytest

pytestmark = pytest.mark.slow

SLOW = """from threading import Event

from aims_monitoring import Job

def act(tick):
    for second in range(600):
        Event().wait(0.1)
        tick(second, 600)

job = Job("run monitor slow", act)
job"""
RUN_ALL = """async () => {
  const shown = window.jupyterapp.shell.currentWidget;
  await shown.context.sessionContext.ready;
  await window.jupyterapp.commands.execute('notebook:run-all-cells');
}"""


def run_all(page, lab, name):
    """Open a notebook and run its cells."""
    page.goto(lab.address.replace("00_start.ipynb", name))
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    page.evaluate(RUN_ALL)


def test_the_button_of_a_run_stops_it(page, lab, folder):
    # Without a kernel of its own, JupyterLab would ask for one.
    notebook = nbformat.read(folder / "notebooks" / "00_start.ipynb", as_version=4)
    notebook.cells = [nbformat.v4.new_code_cell(SLOW)]
    nbformat.write(notebook, folder / "notebooks" / "slow.ipynb")
    run_all(page, lab, "slow.ipynb")
    page.get_by_text("of 600").wait_for()

    page.get_by_role("button", name="Cancel").click()

    page.get_by_text("nothing was written").wait_for()
    assert page.get_by_role("button", name="Cancel").is_disabled()


def test_five_cells_lead_from_a_log_to_a_monitored_system(page, lab):
    run_all(page, lab, "09_from_log_to_monitored_system.ipynb")

    # Its words are what somebody hears who cannot see it.
    page.get_by_role("img", name="Calibration, 2021-08 of monitor").wait_for(state="attached")

    for name in ("Accuracy of monitor", "Longitude: reference and 2021-08"):
        assert page.get_by_role("img", name=name).count() == 1
    assert page.get_by_text("accuracy below its limit").count() == 1
    assert page.locator(".jp-RenderedText[data-mime-type*='stderr']").count() == 0
