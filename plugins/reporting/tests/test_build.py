"""A report says where it was read from, who made it, and what is missing from it."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pandas as pd
import pytest
from aims_reporting.assembly import failed

from aims_core import (
    DataTable,
    Figure,
    Paragraph,
    RecordNotFound,
    Report,
    Section,
    Workspace,
)


def titles(report: Report) -> list[str]:
    return [s.section_id for s in report.sections]


def table(report: Report, section_id: str, caption: str = "") -> DataTable:
    section = next(s for s in report.sections if s.section_id == section_id)
    return next(
        b for b in section.blocks if isinstance(b, DataTable) and b.caption.startswith(caption)
    )


def said(report: Report, section_id: str) -> str:
    section = next(s for s in report.sections if s.section_id == section_id)
    return " ".join(b.text for b in section.blocks if isinstance(b, Paragraph))


def in_section(*blocks: Any) -> Callable[..., Section]:
    return lambda _workspace, _system_id: Section(section_id="x", title="Acme", blocks=blocks)


def test_a_report_carries_its_maker_its_time_and_the_head_it_was_read_from(
    registered: Workspace,
) -> None:
    length, head = registered.audit.head()

    report = registered.act_as("aude").reporting.build("ticket-triage")

    assert (report.trail_length, report.trail_head) == (length, head)
    assert report.generated_by == "Aude (aude)"
    assert report.generated_at.tzinfo is not None
    assert report.organisation == "Example organisation"
    assert report.evidence_level == registered.evidence_level
    assert report.title == "AI system report: Ticket triage"


def test_building_a_report_writes_nothing(registered: Workspace) -> None:
    before = registered.audit.head()

    registered.reporting.build()
    registered.reporting.build("ticket-triage")

    assert registered.audit.head() == before


def test_a_report_of_an_unknown_system_is_refused_with_near_names(registered: Workspace) -> None:
    with pytest.raises(RecordNotFound, match="ticket-triage"):
        registered.reporting.build("ticket-triag")


def test_the_core_sections_of_a_system_stand_in_their_order(registered: Workspace) -> None:
    names = [n for n in titles(registered.reporting.build("ticket-triage")) if "reporting" in n]

    assert names == [
        "reporting.system_identity",
        "reporting.system_lifecycle",
        "reporting.system_conditions",
        "reporting.system_approvals",
        "reporting.system_separation",
        "reporting.system_evidence",
        "reporting.system_results",
        "reporting.system_trail",
        "reporting.system_operation",
    ]


def test_the_core_sections_of_the_portfolio_stand_in_their_order(registered: Workspace) -> None:
    names = [n for n in titles(registered.reporting.build()) if "reporting" in n]

    assert names == [
        "reporting.portfolio_overview",
        "reporting.portfolio_findings",
        "reporting.portfolio_requests",
        "reporting.portfolio_distribution",
        "reporting.portfolio_separation",
        "reporting.portfolio_concerns",
        "reporting.portfolio_register",
        "reporting.portfolio_operation",
    ]


def test_a_system_report_tells_who_asked_and_where_the_system_stands(
    registered: Workspace,
) -> None:
    registered.act_as("carl").approvals.request("ticket-triage", "reject", reason="No case for it.")

    report = registered.reporting.build("ticket-triage")

    assert "stands in rejected" in said(report, "reporting.system_identity")
    assert table(report, "reporting.system_approvals", "Requests").rows[0][1:3] == (
        "Reject",
        "Carl (carl)",
    )
    steps = table(report, "reporting.system_lifecycle", "Steps")
    assert steps.rows[0][1:] == (
        "Reject",
        "Inception",
        "Rejected",
        "Carl (carl)",
        "No case for it.",
    )
    assert any("Transition decided" in row for row in table(report, "reporting.system_trail").rows)


def test_details_are_listed_where_stated_and_named_where_left_empty(workspace: Workspace) -> None:
    workspace.act_as("olga").inventory.register(
        "detailed",
        name="Detailed",
        use_case="x",
        owner="olga",
        origin="in_house",
        declared_risk_category="minimal",
        attributes={"vendor_note": "bought in 2021", "appeal_process": ""},
    )

    report = workspace.reporting.build("detailed")

    details = table(report, "reporting.system_identity", "Further details")
    assert details.rows == (("Vendor note", "bought in 2021"),)
    assert "Not looked into: Appeal process." in said(report, "reporting.system_identity")


def test_a_field_says_which_of_the_three_states_it_is_in(workspace: Workspace) -> None:
    workspace.act_as("olga").inventory.register(
        "open",
        name="Open",
        use_case="x",
        owner="olga",
        origin="in_house",
        declared_risk_category="minimal",
        unit="Support",
        unknown_fields={"supplier": "nobody kept the contract"},
    )

    report = workspace.reporting.build("open")

    rows = dict(table(report, "reporting.system_identity", "Description").rows)
    assert rows["Unit"] == "Support"
    assert rows["Supplier"] == "Unknown: nobody kept the contract"
    assert rows["Human oversight"] == "Not looked into"


def test_a_system_report_lists_decisions_with_the_role_they_were_made_in(
    registered: Workspace,
) -> None:
    registered.act_as("rita").evidence.add(
        "ticket-triage", "retirement_plan", "Retirement plan", text="Delete the data."
    )
    request = registered.act_as("olga").approvals.request("ticket-triage", "retire")
    registered.act_as("carl").approvals.decide(request.approval_id, "approve", reason="Agreed.")

    report = registered.reporting.build("ticket-triage")

    decision = table(report, "reporting.system_approvals", "Decisions").rows[0]
    assert decision[1:] == ("approved", "Retire", "Carl (carl)", "Committee member", "Agreed.")
    evidence = table(report, "reporting.system_evidence").rows[0]
    assert evidence[:2] == ("Retirement plan", "Retirement plan")


def test_a_system_report_shows_both_times_where_one_is_stated(registered: Workspace) -> None:
    registered.act_as("rita").evidence.add(
        "ticket-triage", "retirement_plan", "Retirement plan", text="Delete the data."
    )
    request = registered.act_as("olga").approvals.request("ticket-triage", "retire")
    plain = table(
        registered.reporting.build("ticket-triage"), "reporting.system_approvals", "Requests"
    )
    assert plain.columns[:2] == ("Asked", "For")
    decided = request.requested_at
    registered.act_as("carl").approvals.decide(request.approval_id, "approve", fact_at=decided)

    report = registered.reporting.build("ticket-triage")

    decision = table(report, "reporting.system_approvals", "Decisions")
    step = table(report, "reporting.system_lifecycle", "Steps")
    for shown in (decision, step):
        assert shown.columns[:2] == ("When (entered)", "In fact")
        assert shown.rows[-1][1] == decided < shown.rows[-1][0]


def test_an_unmet_condition_stands_first_and_is_counted(registered: Workspace) -> None:
    registered.staffing.add("desk", "Service desk", kind="unit")
    registered.act_as("ines").inventory.revise("ticket-triage", owner="desk")

    report = registered.reporting.build("ticket-triage")

    assert said(report, "reporting.system_conditions").startswith("Not met: 1 of ")
    assert table(report, "reporting.system_conditions").rows[0][1] == "NO"
    portfolio = registered.reporting.build()
    by_condition = table(portfolio, "reporting.portfolio_findings", "What is not met")
    by_system = table(portfolio, "reporting.portfolio_findings", "Systems that may not")
    assert by_condition.rows[0][:2] == ("Owner assigned", 1)
    assert by_system.rows[0][0] == "ticket-triage"
    assert by_system.rows[0][-1] == "1: owner assigned"


def test_the_portfolio_counts_every_system_once_in_each_picture(registered: Workspace) -> None:
    report = registered.reporting.build()
    overview = table(report, "reporting.portfolio_overview")
    figures = [
        b
        for s in report.sections
        if s.section_id == "reporting.portfolio_distribution"
        for b in s.blocks
        if isinstance(b, Figure)
    ]

    assert overview.rows[0][1] == 1
    assert len(figures) == 3
    assert all(f.description.count(": 1") == 1 for f in figures)
    assert "it is whole" in said(report, "reporting.portfolio_overview")


def test_requests_that_wait_are_listed_with_who_decided_so_far(registered: Workspace) -> None:
    registered.act_as("rita").evidence.add(
        "ticket-triage", "retirement_plan", "Retirement plan", text="Delete the data."
    )
    registered.act_as("olga").approvals.request("ticket-triage", "retire")

    waiting = table(registered.reporting.build(), "reporting.portfolio_requests")

    assert waiting.rows[0][1:5] == ("ticket-triage", "Retire", "Olga (olga)", "nobody yet")


def test_a_failing_section_is_shown_with_its_plugin_version_and_error(
    registered: Workspace, offer: Any
) -> None:
    def explode(_workspace: Workspace, _system_id: str) -> Section:
        raise ZeroDivisionError("no data for <b>bias</b>")

    offer(explode, title="Bias")
    for system_id in ("ticket-triage", ""):
        report = registered.reporting.build(system_id)

        found = next(s for s in failed(report) if "acme." in s.section_id)
        text = str(found.blocks)
        assert "acme (acme-bias 2.3.1)" in text
        assert "ZeroDivisionError: no data for <b>bias</b>" in text
        assert found.title == "Bias: could not be built"


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (lambda _w, _s: None, "answered NoneType, expected Section"),
        (in_section("just text"), "a block is str"),
        (in_section(DataTable(columns=("A", "B"), rows=((1,),), caption="T")), "has 1 cells"),
        (in_section(DataTable(columns=("A",), rows=((object(),),))), "a cell is object"),
        (in_section(DataTable(columns=("A",), rows=((datetime(2025, 1, 1),),))), "no zone"),  # noqa: DTZ001 - a time without zone is the point
        (in_section(None), "a block is NoneType"),
    ],
)
def test_a_section_that_answers_nonsense_is_shown_as_failed(
    registered: Workspace, offer: Any, answer: Any, complaint: str
) -> None:
    offer(answer)

    report = registered.reporting.build("ticket-triage")

    assert complaint in str([s for s in failed(report) if "acme" in s.section_id])


def test_cells_of_every_usual_kind_are_taken_and_made_plain(
    registered: Workspace, offer: Any
) -> None:
    class Colour(Enum):
        RED = "red"

    frame = pd.DataFrame({"whole": [1, None], "text": ["a", None]}).astype(
        {"whole": "Int64", "text": "string"}
    )
    cells = (
        frame["whole"][0],
        frame["whole"][1],
        frame["text"][1],
        float("nan"),
        float("inf"),
        pd.NaT,
        pd.Series([True])[0],
        Colour.RED,
        {"b", "a"},
        {"k": [1, 2]},
        "bell\x07 half\ud800 line\r\nend",
        datetime(2025, 1, 2, tzinfo=UTC),
    )
    offer(in_section(DataTable(columns=tuple("abcdefghijkl"), rows=(cells,))))

    row = table(registered.reporting.build("ticket-triage"), "acme.system").rows[0]

    assert row == (
        1,
        None,
        None,
        None,
        "inf",
        None,
        True,
        "red",
        "a, b",
        "k: 1, 2",
        "bell� half? line\nend",
        datetime(2025, 1, 2, tzinfo=UTC),
    )


def test_a_plugin_that_could_not_be_loaded_is_named_in_both_reports(registered: Workspace) -> None:
    class Broken:
        aims_unknown_hook = 1

    registered.host.register(Broken(), "broken")
    registered.host._fail("broken", "it fell over")

    for system_id, section in (
        ("ticket-triage", "reporting.system_operation"),
        ("", "reporting.portfolio_operation"),
    ):
        report = registered.reporting.build(system_id)

        assert ("broken", "Failed", "local", "0", "it fell over") in table(
            report, section, "Plugins"
        ).rows
        assert "Not active: " in said(report, section)


def test_sections_stand_by_their_order_and_not_by_who_offers_them(
    registered: Workspace, offer: Any
) -> None:
    offer(in_section(Paragraph(text="x")), order=15)

    names = titles(registered.reporting.build("ticket-triage"))

    assert names.index("acme.system") == names.index("reporting.system_lifecycle") + 1


def test_the_number_of_statements_does_not_grow_with_the_number_of_systems(
    workspace: Workspace,
) -> None:
    import sqlalchemy as sa
    from aims_reporting import portfolio_sections as own

    sections = (own.overview, own.findings, own.requests, own.distribution, own.register)
    olga = workspace.act_as("olga")
    engine = workspace._desk.store.engine
    counts = []
    for upto in (range(3), range(3, 30)):
        for n in upto:
            olga.inventory.register(
                f"s-{n}",
                name=f"S {n}",
                use_case="x",
                owner="olga",
                origin="in_house",
                declared_risk_category="minimal",
            )
        workspace.audit.seal()  # else the sections would, and a fuller tree takes a statement more
        seen: list[str] = []

        def note(*args: Any, seen: list[str] = seen) -> None:
            seen.append(args[2])

        sa.event.listen(engine, "before_cursor_execute", note)
        for section in sections:
            section(workspace, "")
        sa.event.remove(engine, "before_cursor_execute", note)
        counts.append(len(seen))

    assert counts[0] == counts[1]
