"""The import tab, driven as a person drives it: fields are filled in and buttons clicked."""

import pytest


@pytest.fixture
def panel(workspace):
    from aims_discovery.panel import ImportPanel

    from aims_core.workbench.context import PanelContext
    from aims_core.workbench.state import WorkbenchState

    return ImportPanel(PanelContext(WorkbenchState(workspace.act_as("ines"))))


def click(panel, label):
    buttons = [w for w in walk(panel.view) if getattr(w, "description", "") == label]
    buttons[-1].click()


def walk(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


def test_the_sample_is_previewed_and_imported(workspace, panel):
    click(panel, "Fill in the sample")
    click(panel, "Preview")
    assert workspace.inventory.find()[1] == 0

    click(panel, "Import")

    assert sum(workspace.inventory.counts().values()) == 1_745
    assert panel.bar.value == 1_745
    assert len(workspace.discovery.runs()) == 1


def test_a_wrong_path_is_told_and_nothing_is_written(workspace, panel):
    panel.file.value = "nowhere.csv"

    click(panel, "Import")

    assert workspace.inventory.find()[1] == 0
    assert panel.bar.layout.display == "none"
