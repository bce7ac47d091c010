"""What is shown and what may be done, without any widget."""

import subprocess
import sys

import pytest

from aims_core.workbench.presenters.description import Registration
from aims_core.workbench.presenters.paging import FrameSource, Query
from aims_core.workbench.presenters.register import RegisterPages
from aims_core.workbench.presenters.system import SystemPage
from aims_core.workbench.presenters.waiting import Waiting
from aims_core.workbench.presenters.words import happened, signed, told
from aims_core.workbench.state import WorkbenchState

PRESENTERS = (
    "cards",
    "checkpoints",
    "decisions",
    "description",
    "keeping",
    "lending",
    "paging",
    "register",
    "rules",
    "system",
    "waiting",
    "words",
)


@pytest.fixture
def aims_database():
    """One database will do: presenters only call services, which are tested on both."""
    return "sqlite"


@pytest.fixture
def state(registered):
    return WorkbenchState(registered)


def test_no_presenter_needs_a_widget():
    names = ", ".join(f"aims_core.workbench.presenters.{name}" for name in PRESENTERS)
    code = (
        f"import sys, aims_core.workbench.state, {names}\n"
        "sys.exit(any(m.partition('.')[0] in {'ipywidgets', 'anywidget', 'IPython'} for m in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_row_says_in_words_and_signs_where_a_system_stands(state):
    rows, total = RegisterPages(state).page(Query())

    assert total == 1
    assert rows[0][:2] == ["ticket-triage", "Ticket triage"]
    assert "? undetermined" in rows[0]
    assert "○ none" in rows[0]


def test_the_register_offers_only_what_there_is(state):
    pages = RegisterPages(state)

    assert pages.choices("stage") == [("all", ""), ("inception (1)", "inception")]


def test_nothing_waits_for_one_who_may_decide_on_nothing(state):
    waiting = Waiting(state)

    assert waiting.items == ()
    assert waiting.title == "Nothing waits for you."
    assert waiting.unrated == 1


def test_an_open_incident_waits_for_its_manager_and_the_owner_until_it_is_closed(state):
    waiting = Waiting(state)
    incidents = state.workspace.act_as("imre").incidents
    made = incidents.open("ticket-triage", title="Late tickets", severity="minor")

    state.act_as("imre")
    assert [(i.words, i.tab) for i in waiting.items] == [
        ("minor incident: Late tickets", "incidents.panel")
    ]
    state.act_as("olga")
    assert len(waiting.items) == 1
    state.act_as("devi")
    assert waiting.items == ()

    incidents.analyse(made.incident_id, "Too few people.")
    incidents.treat(made.incident_id, "More people.")
    state.workspace.act_as("rita").incidents.close(made.incident_id)
    state.act_as("imre")
    assert waiting.items == ()


def test_the_steps_say_who_decides(state):
    state.select("ticket-triage")
    page = SystemPage(state)

    words = {name: title for title, name in page.steps(page.system())}

    assert words["start_development"].endswith("(approved by 1 committee member)")
    assert words["reject"].endswith("(takes effect at once)")


def test_the_history_tells_in_words_and_leaves_digests_out(state):
    state.select("ticket-triage")
    page = SystemPage(state)

    rows = page.history(page.system())

    assert list(rows.columns) == ["when", "who", "what", "details"]
    assert rows["what"].tolist() == ["system registered"]
    assert "digest" not in " ".join(rows["details"])


def test_an_event_is_told_on_one_line(state):
    state.act_as("olga")
    with pytest.raises(Exception, match="not met"):
        state.workspace.approvals.request("ticket-triage", "start_development")

    event = state.workspace.audit.events("ticket-triage", limit=1)[0]

    assert happened(event) == "act refused"
    assert told(event).startswith("reason: start_development")
    assert "\n" not in told(event)


def test_what_is_wrong_with_a_field_is_kept_with_it(state):
    state.act_as("olga")
    form = Registration(state)

    with pytest.raises(Exception, match="problem"):
        form.send({**form.initial(), "system_id": "No Good"})

    assert {"system_id", "name", "use_case", "owner"} <= set(form.problems)


def test_a_tab_that_is_not_shown_hears_of_changes_when_it_is_opened(state):
    heard = []
    state.observe_shown(lambda change: heard.append(change["new"]), "refresh", "risk")

    state.changed()
    state.changed()
    assert heard == []
    state.tab = "risk"

    assert heard == [2]
    state.changed()
    assert heard == [2, 3]


def test_a_failure_to_show_does_not_say_that_nothing_was_saved(state, caplog):
    state.observe_shown(lambda _: 1 / 0, "refresh")

    state.changed()

    assert "what was saved before stays saved" in state.message
    assert "ZeroDivisionError" in caplog.text


def test_a_value_that_has_no_sign_is_shown_as_it_stands():
    assert signed({"high": "▲ high"}, "very_high") == "very high"


def test_a_frame_is_searched_sorted_and_cut_into_pages():
    import pandas as pd

    source = FrameSource(pd.DataFrame({"system_id": ["b", "a", "c"], "value": [2.0, None, 1.0]}))

    assert source.page(Query(sort="value", size=2)) == ([["c", "1"], ["b", "2"]], 3)
    assert source.page(Query(search="A")) == ([["a", "-"]], 1)


def test_evidence_says_of_which_revision_it_is_and_what_to_mind(state, tmp_path):
    system_id = "ticket-triage"
    page = tmp_path / "report.pdf"
    page.write_text("<html>")
    ines = state.workspace.act_as("ines").evidence
    ines.add(system_id, "documentation", "Manual", path=page)
    state.workspace.act_as("olga").inventory.revise(system_id, name="Other")

    ((_, words),) = SystemPage(state).evidence(state.workspace.inventory.get(system_id))

    assert words.endswith("(of revision 1, not the one now; type mismatch)")
