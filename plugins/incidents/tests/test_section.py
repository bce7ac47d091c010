"""Incidents in the two reports."""

from aims_incidents.section import portfolio_section, system_section


def test_the_report_of_a_system_tells_what_happened_in_each_open_incident(running, breach):
    breach(running)
    incident = running.incidents.of("ticket-triage")[0]

    summary, table, timeline = system_section(running, "ticket-triage").blocks

    assert summary.text == "1 incident(s) on record, 1 not closed."
    assert table.rows[0][:3] == (incident.incident_id, "major", "open")
    assert incident.incident_id in timeline.caption
    assert [row[2] for row in timeline.rows][:2] == [
        "core.ThresholdBreached",
        "core.IncidentOpened",
    ]


def test_the_report_of_the_portfolio_counts_and_lists_the_gravest_first(running, imre):
    for severity in ("minor", "serious", "moderate"):
        imre.open("ticket-triage", title=f"A {severity} one", severity=severity)

    _, counts, waiting = portfolio_section(running, "").blocks

    assert counts.rows == (("serious", "open", 1), ("moderate", "open", 1), ("minor", "open", 1))
    assert [row[2] for row in waiting.rows] == ["serious", "moderate", "minor"]


def test_a_portfolio_whose_incidents_are_all_closed_lists_none(running, imre):
    made = imre.open("ticket-triage", title="It fell over", severity="minor")
    imre.analyse(made.incident_id, "A field was renamed.")
    imre.treat(made.incident_id, "Checked on arrival.")
    running.act_as("rita").incidents.close(made.incident_id)

    assert len(portfolio_section(running, "").blocks) == 2


def test_the_report_of_a_system_tells_whether_incidents_must_be_reported_then_and_now(
    running, imre
):
    made = imre.open("ticket-triage", title="It hurt somebody", severity="serious")
    imre.open("ticket-triage", title="A small one", severity="minor")
    before = running.now()
    running.act_as("rita").incidents.reporting.propose(
        made.incident_id, reportable=True, reason="Art. 3(49)(a)."
    )

    then, now = (
        next(
            b for b in system_section(running, "ticket-triage", at).blocks[1:] if "R9" in b.caption
        )
        for at in (before, None)
    )

    assert then.rows == ((made.incident_id, "undecided", "", "", "", ""),)
    assert now.rows == ((made.incident_id, "proposed", "yes", "Art. 3(49)(a).", "rita", ""),)
