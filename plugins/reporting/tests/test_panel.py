"""The tab shows a draft, issues exactly that draft, and lets nothing in it run."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import ipywidgets as widgets
import pytest
from aims_reporting import panel

from aims_core import PanelContext, Workspace
from aims_core.workbench.state import WorkbenchState


def below(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from below(child)


class Tab:
    """The panel as a person uses it."""

    def __init__(self, workspace: Workspace) -> None:
        self.state = WorkbenchState(workspace.act_as("aude"))
        self.widget = panel.build(PanelContext(self.state))

    def button(self, label: str) -> Any:
        return next(
            w
            for w in below(self.widget)
            if isinstance(w, widgets.Button) and w.description == label
        )

    def html(self) -> str:
        return " ".join(w.value for w in below(self.widget) if isinstance(w, widgets.HTML))

    def framed(self) -> str:
        found = re.search(r'srcdoc="([^"]*)"', self.html())
        return unescape(found[1]) if found else ""


@pytest.fixture
def tab(registered: Workspace) -> Tab:
    return Tab(registered)


def test_building_shows_the_report_and_records_nothing(tab: Tab) -> None:
    before = tab.state.workspace.audit.head()
    tab.state.select("ticket-triage")

    tab.button("Report on the selected system").click()

    assert "AI system report: Ticket triage" in tab.framed()
    assert tab.state.workspace.audit.head() == before


def test_without_a_selected_system_it_says_what_to_do(tab: Tab) -> None:
    tab.button("Report on the selected system").click()

    assert tab.state.level == "error"
    assert "Select a system" in tab.state.message


def test_nothing_can_be_issued_before_it_was_shown(tab: Tab) -> None:
    assert tab.button("Issue as web page").disabled
    assert tab.button("Issue as JSON").disabled
    assert "No report was issued yet." in [getattr(w, "empty", "") for w in below(tab.widget)]


def test_what_is_issued_is_what_was_shown(tab: Tab) -> None:
    tab.button("Report on the portfolio").click()
    shown = tab.framed()

    tab.button("Issue as web page").click()

    assert tab.state.level == "ok", tab.state.message
    (path,) = (tab.state.workspace.settings.folder / "reports").iterdir()
    assert path.read_text(encoding="utf-8") == shown
    assert str(path) in tab.state.message
    assert f'download="{path.name}"' in tab.html()
    assert len(tab.state.workspace.reporting.frame()) == 1


def test_the_same_draft_can_be_issued_in_both_formats(tab: Tab) -> None:
    tab.button("Report on the portfolio").click()

    tab.button("Issue as web page").click()
    tab.button("Issue as JSON").click()

    assert tab.state.level == "ok", tab.state.message
    assert set(tab.state.workspace.reporting.frame()["format"]) == {
        "reporting.html",
        "reporting.json",
    }


def test_the_shown_page_is_in_a_frame_that_may_do_nothing(hostile: Workspace) -> None:
    tab = Tab(hostile)
    tab.state.select("hostile")

    tab.button("Report on the selected system").click()

    assert '<iframe sandbox=""' in tab.html()
    assert "<script" not in tab.html()
    assert "<img" not in tab.html()


def test_another_selection_takes_the_former_systems_draft_away(tab: Tab) -> None:
    tab.state.select("ticket-triage")
    tab.button("Report on the selected system").click()

    tab.state.select("")

    assert not tab.framed()
    assert tab.button("Issue as web page").disabled


def test_who_may_not_issue_is_told_so_in_the_same_words(registered: Workspace) -> None:
    registered.staffing.add("gast", "Guest")
    tab = Tab(registered)
    tab.state.act_as("gast")
    tab.button("Report on the portfolio").click()

    tab.button("Issue as web page").click()

    assert tab.state.level == "error"
    assert "issue the report on the portfolio: gast holds no role" in tab.state.message
