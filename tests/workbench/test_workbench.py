"""The workbench without a browser: set a value, click, read what is shown and what is stored."""

import logging
import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest

from aims_core import (
    PanelContext,
    PanelSpec,
    PluginHost,
    Ref,
    WaitingItem,
    Workbench,
    hookimpl,
    open_workspace,
)
from aims_core.inventory.search import Total
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.workbench.state import WorkbenchState

POISON = "<img src=x onerror=window.xss=1>"


@pytest.fixture
def aims_database():
    """One database will do: every widget calls a service that is tested on both."""
    return "sqlite"


@pytest.fixture
def bench(registered, caplog):
    """Give a workbench over one system; an unexpected problem in a handler fails the test."""
    made = Workbench(registered)
    yield made
    assert not [
        r for r in caplog.records if r.name == "aims.workbench" and r.levelno >= logging.ERROR
    ]


def texts(widget):
    """Return every text that a widget and its children show."""
    found = []
    for name in ("value", "description", "empty", "text"):
        shown = getattr(widget, name, None)
        if isinstance(shown, str):
            found.append(shown)
    if isinstance(getattr(widget, "rows", None), list):
        found += [str(v) for row in widget.rows for v in row]
    for child in getattr(widget, "children", ()):
        found += texts(child)
    return found


def shown(widget):
    return "\n".join(texts(widget))


def test_the_register_shows_the_system_and_selecting_opens_its_page(bench):
    bench.register.table.selected = "ticket-triage"

    assert bench.state.system_id == "ticket-triage"
    assert bench.tabs.titles[bench.tabs.selected_index] == "System"
    assert "Ticket triage" in shown(bench.system.widget)
    assert "<svg" in shown(bench.system.widget)


def test_selecting_the_same_system_again_opens_its_page_again(bench):
    bench.register.table.selected = "ticket-triage"
    bench.open("Register")

    bench.register.table.selected = ""
    bench.register.table.selected = "ticket-triage"

    assert bench.tabs.titles[bench.tabs.selected_index] == "System"


def test_without_a_selection_the_page_says_what_to_do(bench):
    assert "Select a system in the register" in shown(bench.system.widget)


def test_a_system_is_registered_by_the_form(bench):
    bench.state.act_as("olga")
    for name, value in {**TICKET_TRIAGE, "system_id": "second", "name": "Second"}.items():
        bench.register.form.fields[name].value = value

    bench.register.form.button.click()

    assert bench.state.level == "ok"
    assert bench.state.workspace.inventory.get("second").name == "Second"
    assert bench.register.table.total == 2
    assert bench.register.form.fields["name"].value == ""
    assert "Second" in shown(bench.system.widget)


def test_each_problem_stands_under_its_field_and_nothing_is_saved(bench):
    bench.state.act_as("olga")
    bench.register.form.fields["system_id"].value = "No Good"

    bench.register.form.button.click()

    problems = bench.register.form.problems
    assert "no identifier" in problems["system_id"].value
    assert "empty" in problems["name"].value
    assert bench.state.level == "error"
    assert bench.register.table.total == 1


def test_no_risk_category_is_declared_by_not_looking(bench):
    assert bench.register.form.fields["declared_risk_category"].value == ""


def test_a_description_is_corrected_and_its_approval_lapses_with_a_word(bench):
    bench.state.act_as("olga")
    bench.state.show_system("ticket-triage")
    bench.system.correction.fields["intended_use"].value = "Ranks tickets only."

    bench.system.correction.button.click()

    assert (
        bench.state.workspace.inventory.get("ticket-triage").intended_use == "Ranks tickets only."
    )
    assert "revision 2" in bench.state.message


def test_a_correction_of_what_somebody_else_changed_meanwhile_is_refused(bench):
    bench.state.act_as("olga")
    bench.state.show_system("ticket-triage")
    bench.state.workspace.inventory.revise("ticket-triage", unit="Service desk")
    bench.system.correction.fields["intended_use"].value = "Ranks tickets only."

    bench.system.correction.button.click()

    assert "you saw revision 1, it is 2 now" in bench.state.message


def test_evidence_is_put_on_record_by_the_form(bench):
    bench.state.act_as("olga")
    bench.state.show_system("ticket-triage")
    form = bench.system.evidence
    form.kind.value, form.title.value, form.text.value = "impact assessment", "People", "Few."

    next(b for b in form.form.children if b.description == "Put on record").click()

    kept = bench.state.workspace.evidence.of("ticket-triage")
    assert [(e.kind, e.title) for e in kept] == [("impact_assessment", "People")]
    assert "People" in shown(form.widget)


def test_a_refused_request_shows_every_condition_as_its_message(bench):
    bench.state.act_as("olga")
    bench.state.show_system("ticket-triage")
    bench.system.step.transition.value = "start_development"

    bench.system.step.request.click()

    assert bench.state.level == "error"
    assert "initial_risk_assessment" in bench.state.message
    assert "1 condition(s) not met" in bench.header.status.text


def requested(workspace):
    workspace.act_as("rita").risk.assess(
        "ticket-triage",
        likelihood=2,
        consequences={"individuals": 2},
        rationale="A person decides.",
    )
    return workspace.act_as("olga").approvals.request("ticket-triage", "start_development")


def buttons(widget):
    if hasattr(widget, "button_style"):
        yield widget
    for child in getattr(widget, "children", ()):
        yield from buttons(child)


def test_who_asked_cannot_approve_and_somebody_else_can(bench):
    approval = requested(bench.state.workspace)
    bench.state.act_as("olga")
    bench.state.show_system("ticket-triage")
    assert "somebody else decides" in shown(bench.system.widget)
    bench.system.decisions[0].approve.click()
    assert bench.state.level == "error"

    bench.state.act_as("carl")
    bench.system.decisions[0].approve.click()

    assert "recorded as carl" in bench.state.message
    done = bench.state.workspace.approvals.get(approval.approval_id)
    assert [(v.actor, v.role) for v in done.votes] == [("carl", "committee_member")]
    assert bench.state.workspace.inventory.get("ticket-triage").stage == "design_and_development"


def test_a_decision_taken_earlier_is_entered_with_both_times(bench):
    approval = requested(bench.state.workspace)
    bench.state.act_as("carl")
    bench.state.show_system("ticket-triage")
    view = bench.system.decisions[0]
    view.fact_at.value = approval.requested_at - timedelta(days=1)
    view.approve.click()
    assert "is earlier than" in bench.state.message
    view.fact_at.value = approval.requested_at

    view.approve.click()

    (vote,) = bench.state.workspace.approvals.get(approval.approval_id).votes
    assert vote.fact_at == approval.requested_at < vote.at
    step = bench.system.step
    bench.state.act_as("olga")
    step.transition.value, step.fact_at.value = "submit_for_validation", vote.fact_at
    step.request.click()
    assert "documentation" in bench.state.message
    assert f"fact at: {vote.fact_at:%Y-%m-%dT%H:%M}" in shown(bench.system.widget)


def test_what_waits_is_counted_and_opens_where_it_is_decided(bench):
    requested(bench.state.workspace)
    bench.state.act_as("carl")
    assert "1 thing waits for you" in shown(bench.header.widget)

    next(b for b in buttons(bench.header.widget) if "Ticket triage" in b.description).click()

    assert bench.state.tab == "system"
    assert len(bench.system.decisions) == 1


def test_a_refusal_without_reason_is_not_recorded(bench):
    requested(bench.state.workspace)
    bench.state.act_as("carl")
    bench.state.show_system("ticket-triage")

    bench.system.decisions[0].refuse.click()

    assert "needs a reason" in bench.state.message
    assert len(bench.state.workspace.approvals.open()) == 1


def test_who_asked_may_take_it_back(bench):
    requested(bench.state.workspace)
    bench.state.act_as("olga")
    bench.state.show_system("ticket-triage")
    bench.system.decisions[0].reason.value = "Too early."

    bench.system.decisions[0].withdraw.click()

    assert bench.state.workspace.approvals.open() == []
    assert bench.system.decisions == []


def test_choosing_another_actor_changes_who_acts_everywhere(bench):
    bench.header.actor.value = "olga"

    assert bench.state.workspace.actor.actor_id == "olga"
    assert "system owner" in shown(bench.header.widget)
    assert "this database cannot check who you are" in shown(bench.header.widget)


def test_the_evidence_level_is_judged_once_a_minute_and_says_when(bench, monkeypatch):
    workspace, judged = bench.state.workspace, []
    store, judge = workspace._desk.store, type(workspace).judge_evidence
    begun = store.clock()
    monkeypatch.setattr(
        type(workspace), "judge_evidence", lambda self: judged.append(1) or judge(self)
    )
    for seconds, times in ((70, 1), (100, 1), (129, 1), (131, 2), (125, 3)):
        monkeypatch.setattr(store, "clock", lambda: begun + timedelta(seconds=seconds))  # noqa: B023
        bench.header.draw()
        assert len(judged) == times, seconds

    assert f"judged at {begun + timedelta(seconds=125):%H:%M:%S} UTC" in shown(bench.header.widget)


def test_the_refusal_of_one_actor_is_gone_when_another_acts(bench):
    bench.state.say("ada may not", "error")

    bench.header.actor.value = "olga"

    assert bench.header.status.text == ""


def test_the_register_is_searched_sorted_and_filtered_by_the_database(bench):
    table = bench.register.table
    table.search = "triage 100%_"
    assert table.total == 0
    table.search = "support"
    assert [row[0] for row in table.rows] == ["ticket-triage"]
    table.sort, table.descending = "name", True
    bench.register.filters["stage"].value = "inception"
    assert table.total == 1


def test_a_number_that_was_not_counted_to_its_end_says_so(bench):
    table = bench.register.table
    assert not table.more

    table.source = type(
        "Many", (), {"columns": list, "page": lambda *_: ([], Total.up_to(9, 99))}
    )()
    table.reload()

    assert (table.total, table.more) == (9, True)


def test_a_search_that_is_refused_says_so(bench):
    bench.register.table.search = "x" * 501

    assert "500 are allowed" in bench.state.message


def test_systems_without_a_rating_are_one_click_away(bench):
    next(
        b for b in buttons(bench.header.widget) if "without a risk rating" in b.description
    ).click()

    assert bench.register.filters["tier"].value == "undetermined"
    assert bench.register.table.total == 1


def test_every_panel_of_every_plugin_opens(bench):
    bench.state.select("ticket-triage")
    for title in bench.tabs.titles:
        assert "could not be built" not in shown(bench.open(title))


def test_a_tab_that_is_not_shown_reads_when_it_is_opened(bench):
    bench.open("Incidents")
    bench.open("Register")
    workspace = bench.state.workspace.act_as("imre")
    workspace.incidents.open("ticket-triage", title="Late tickets", severity="minor")
    bench.state.changed()
    assert "Late tickets" not in shown(bench.tabs)

    assert "Late tickets" in shown(bench.open("Incidents"))


def test_hostile_text_stays_text_in_every_tab(registered, caplog):
    hostile = {**TICKET_TRIAGE, "name": POISON, "use_case": POISON, "human_oversight": POISON}
    registered.act_as("olga").inventory.register("poisoned", **hostile)
    registered.act_as("imre").incidents.open("poisoned", title=POISON, severity="minor")
    bench = Workbench(registered.act_as("imre"))
    bench.state.show_system("poisoned")

    for title in bench.tabs.titles:
        bench.open(title)

    for text in html_values(bench.widget):
        # In the frame of a report the page is an attribute, where it stands escaped once more.
        assert POISON not in text
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


def html_values(widget):
    if type(widget).__name__ == "HTML":
        yield widget.value
    for child in getattr(widget, "children", ()):
        yield from html_values(child)


def test_a_panel_that_fails_shows_its_error_and_the_others_work(registered):
    class Broken:
        @hookimpl
        def aims_panels(self):
            return [PanelSpec(id="broken.panel", title="Broken", build=Ref("nowhere:build"))]

    host = PluginHost()
    host.register(Broken(), "broken")
    workspace = open_workspace(registered.settings.folder, actor="ada", host=host)

    bench = Workbench(workspace)

    assert "could not be built" in shown(bench.open("Broken"))
    assert "could not be built" not in shown(bench.open("Incidents"))
    workspace.close()


def test_what_is_drawn_anew_gives_the_former_widgets_back(bench):
    from ipywidgets.widgets.widget import _instances

    bench.state.show_system("ticket-triage")
    before = len(_instances)

    for _ in range(5):
        bench.state.changed()

    assert len(_instances) == before


def test_an_unexpected_problem_becomes_a_reference_and_stands_in_the_log(registered, caplog):
    state = WorkbenchState(registered)
    button = PanelContext(state).button("Fail", lambda: 1 / 0)

    button.click()

    assert "Unexpected problem; nothing was saved" in state.message
    assert "ZeroDivisionError" in caplog.text


def test_a_tab_says_what_waits_on_it_and_one_that_cannot_is_named(registered, monkeypatch):
    def waiting(workspace):
        return [WaitingItem(words=f"{workspace.actor.actor_id} has tea to make")]

    tea = SimpleNamespace(
        waiting=waiting, late=lambda _workspace: 1 / 0, odd=lambda _workspace: [1]
    )
    monkeypatch.setitem(sys.modules, "tea", tea)

    class Tea:
        @hookimpl
        def aims_panels(self):
            build = Ref("tea:build")
            return [
                PanelSpec(id="tea.pot", title="Tea", build=build, waiting=Ref("tea:waiting")),
                PanelSpec(id="tea.late", title="Late", build=build, waiting=Ref("tea:late")),
                PanelSpec(id="tea.odd", title="Odd", build=build, waiting=Ref("tea:odd")),
            ]

    host = PluginHost()
    host.register(Tea(), "tea")
    workspace = open_workspace(registered.settings.folder, actor="ada", host=host)
    bench = Workbench(workspace)
    waits = bench.header.waiting

    tabs = [(i.words, i.tab) for i in waits.items if i.tab.startswith("tea.")]
    assert tabs == [
        ("Late: cannot be read", "tea.late"),
        ("Odd: cannot be read", "tea.odd"),
        ("ada has tea to make", "tea.pot"),
    ]
    waits.open(waits.items[-1])
    assert bench.state.tab == "tea.pot"
    workspace.close()
