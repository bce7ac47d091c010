"""Rule R12: evidence goes only after its retention, without a hold, and by two people."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from aims_core import (
    ConditionsNotMet,
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    SegregationOfDuties,
    WorkspaceError,
)
from aims_core.evidence.policy import FOR_EVER, end_of
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import forcing, granted_past_the_rules

SYSTEM = "ticket-triage"


@pytest.fixture
def by(registered):
    """Give the evidence store as somebody sees it."""
    return lambda actor: registered.act_as(actor).evidence


@pytest.fixture
def made(by):
    return by("ines").add(SYSTEM, "documentation", "Manual", text="how it works")


@pytest.fixture
def later(registered):
    """Let time pass: eleven years, which ends the retention of everything."""
    store = registered._desk.store
    now = store.clock()

    def pass_(days=4_018):
        store.clock = lambda: now + timedelta(days=days)

    return pass_


def test_retention_is_counted_from_the_entry_and_stands_on_the_record(made, registered):
    assert made.retain_until == made.added_at.replace(year=made.added_at.year + 10)


@pytest.mark.parametrize(
    ("period", "since", "end"),
    [
        ("90 days", (2026, 1, 1), (2026, 4, 1)),
        ("1 month", (2026, 1, 31), (2026, 3, 1)),
        ("6 months", (2026, 8, 31), (2027, 3, 1)),
        ("1 year", (2024, 2, 29), (2025, 3, 1)),
        ("4 years", (2024, 2, 29), (2028, 2, 29)),
        ("10 years", (2026, 12, 31), (2036, 12, 31)),
    ],
)
def test_a_period_ends_on_its_day_or_on_the_next_one_there_is(period, since, end):
    assert end_of(period, datetime(*since, 7, tzinfo=UTC)) == datetime(*end, 7, tzinfo=UTC)


def test_forever_and_periods_beyond_the_calendar_never_end():
    assert end_of("forever", datetime(2026, 1, 1, tzinfo=UTC)) == FOR_EVER
    assert end_of("9999 years", datetime(2026, 1, 1, tzinfo=UTC)) == FOR_EVER


def test_retention_by_kind_is_the_workspace_s_own(registered):
    from aims_core import open_workspace

    toml = registered.settings.folder / "aims.toml"
    toml.write_text(
        f'{toml.read_text()}\n[evidence.retention]\ndefault = "5 years"\nminutes = "90 days"\n'
    )
    again = open_workspace(registered.settings.folder, actor="ines", host=registered.host)

    short = again.evidence.add(SYSTEM, "minutes", "A", text="a")
    other = again.evidence.add(SYSTEM, "note", "A", text="a")

    assert short.retain_until - short.added_at == timedelta(days=90)
    assert other.retain_until.year == other.added_at.year + 5
    again.close()


def test_two_people_dispose_of_evidence_and_the_record_stays(by, made, later, registered):
    later()
    proposed = by("ines").propose_disposal(made.evidence_id, "retention ended")
    assert by("ines").propose_disposal(made.evidence_id, "retention ended") == proposed
    assert by("ines").read(made) == b"how it works"

    done = by("rita").confirm_disposal(proposed.disposal_id)

    assert (done.status, done.decided_by) == ("carried_out", "rita")
    gone = by("aude").get(made.evidence_id)
    assert (gone.digest, gone.disposed_by) == (made.digest, "rita")
    assert not (registered.settings.folder / made.location).exists()
    with pytest.raises(WorkspaceError, match="disposed of"):
        by("ines").read(made)
    assert by("ines").of(SYSTEM) == []
    assert by("ines").of(SYSTEM, disposed=True) == [gone]
    assert by("ines").verify().empty
    assert by("ines").due() == []
    types = [e.type for e in registered.audit.events(SYSTEM)]
    assert types[:2] == ["core.EvidenceDisposed", "core.EvidenceDisposalProposed"]


def test_the_checks_do_not_count_what_was_disposed_of(by, made, later, life):
    life.develop()
    later()
    proposed = by("ines").propose_disposal(made.evidence_id, "retention ended")
    asked = lambda: {  # noqa: E731 - asked twice below
        c.name: c.met
        for c in life.workspace.approvals.preview(SYSTEM, "submit_for_validation", reason="x")
    }
    assert asked()["documentation_present"]

    by("rita").confirm_disposal(proposed.disposal_id)

    assert not asked()["documentation_present"]


def test_nothing_goes_before_its_retention_ended(by, made, later):
    with pytest.raises(ConditionsNotMet, match="it is kept until"):
        by("ines").propose_disposal(made.evidence_id, "room")
    later()
    assert by("ines").due() == [made]


def test_retention_is_judged_again_when_it_is_confirmed(by, made, later):
    later()
    proposed = by("ines").propose_disposal(made.evidence_id, "ended")
    later(days=1)

    with pytest.raises(ConditionsNotMet, match="it is kept until"):
        by("rita").confirm_disposal(proposed.disposal_id)
    assert by("ines").read(made) == b"how it works"


@pytest.mark.parametrize("target", ["evidence", "system"])
def test_a_legal_hold_stops_disposal_until_it_is_released(by, made, later, target):
    later()
    proposed = by("ines").propose_disposal(made.evidence_id, "ended")
    named = made.evidence_id if target == "evidence" else SYSTEM
    held = by("rita").hold(named, "proceeding 7")
    assert by("rita").hold(named, "proceeding 7") == held
    assert by("ines").due() == []

    with pytest.raises(ConditionsNotMet, match="proceeding 7"):
        by("carl").confirm_disposal(proposed.disposal_id)
    assert by("aude").holds(SYSTEM) == [held]

    asked = by("rita").propose_release(held.hold_id, "settled")
    assert by("rita").propose_release(held.hold_id, "settled") == asked
    with pytest.raises(ConditionsNotMet, match="proceeding 7"):
        by("carl").confirm_disposal(proposed.disposal_id)
    ended = by("carl").confirm_release(held.hold_id)
    assert by("carl").confirm_release(held.hold_id) == ended
    assert (ended.release_proposed_by, ended.released_by, ended.release_reason) == (
        "rita",
        "carl",
        "settled",
    )
    assert by("aude").holds() == []
    assert by("aude").holds(released=True) == [ended]
    assert by("carl").confirm_disposal(proposed.disposal_id).status == "carried_out"


def test_nobody_releases_a_hold_alone_under_any_account(by, made, registered):
    registered.staffing.add("rita2", "Rita again", person="rita")
    registered.staffing.grant("rita2", "committee_member")
    registered.staffing.add("bot", "Bot", kind="service")
    granted_past_the_rules(registered, "bot", "risk_reviewer")
    held = by("rita").hold(made.evidence_id, "proceeding 7")

    with pytest.raises(RequestRefused, match="nobody proposed it"):
        by("rita").confirm_release(held.hold_id)
    by("rita").propose_release(held.hold_id, "settled")
    for actor in ("rita", "rita2"):
        with pytest.raises(SegregationOfDuties, match="second person"):
            by(actor).confirm_release(held.hold_id)
    with pytest.raises(NotPermitted, match="no person"):
        by("bot").confirm_release(held.hold_id)

    assert by("aude").holds()[0].released_at is None


def test_a_declined_release_leaves_the_hold_and_can_be_proposed_again(by, made, registered):
    held = by("rita").hold(made.evidence_id, "proceeding 7")
    by("rita").propose_release(held.hold_id, "settled")
    with pytest.raises(InvalidRecord, match="reason: is empty"):
        by("carl").decline_release(held.hold_id, " ")

    assert by("carl").decline_release(held.hold_id, "not yet") == held
    assert by("carl").decline_release(held.hold_id, "not yet") == held
    by("carl").propose_release(held.hold_id, "settled now")
    assert by("rita").confirm_release(held.hold_id).released_by == "rita"

    with pytest.raises(RequestRefused, match="rita released it"):
        by("carl").decline_release(held.hold_id, "too late")
    types = [e.type.removeprefix("core.EvidenceHold") for e in registered.audit.events(SYSTEM)]
    types = [name for name in types if name.startswith("Release")]
    assert types == ["Released", "ReleaseProposed", "ReleaseDeclined", "ReleaseProposed"]


def test_all_that_stands_in_the_way_is_said_at_once(by, made):
    by("rita").hold(SYSTEM, "one")
    by("carl").hold(made.evidence_id, "two")

    with pytest.raises(ConditionsNotMet) as refusal:
        by("ines").propose_disposal(made.evidence_id, "room")

    assert [c.name for c in refusal.value.conditions] == ["retention_ended", "no_legal_hold"]
    assert "one" in str(refusal.value)
    assert "two" in str(refusal.value)


def test_the_hold_of_another_system_stops_nothing(by, made, later, registered):
    registered.act_as("olga").inventory.register("second", **TICKET_TRIAGE)
    by("rita").hold("second", "proceeding 7")
    later()

    assert by("ines").propose_disposal(made.evidence_id, "ended").status == "proposed"


def test_the_same_person_does_not_confirm_under_another_name_either(by, made, later, registered):
    registered.staffing.add("rita2", "Rita again", person="rita")
    registered.staffing.grant("rita2", "committee_member")
    later()
    proposed = by("rita").propose_disposal(made.evidence_id, "ended")

    for actor in ("rita", "rita2"):
        with pytest.raises(SegregationOfDuties, match="second person"):
            by(actor).confirm_disposal(proposed.disposal_id)
    assert by("carl").confirm_disposal(proposed.disposal_id).status == "carried_out"


def test_no_service_confirms(by, made, later, registered):
    registered.staffing.add("bot", "Bot", kind="service")
    granted_past_the_rules(registered, "bot", "risk_reviewer")
    later()
    proposed = by("ines").propose_disposal(made.evidence_id, "ended")

    with pytest.raises(NotPermitted, match="no person"):
        by("bot").confirm_disposal(proposed.disposal_id)


@pytest.mark.parametrize("actor", ["ines", "olga", "devi", "aude", "ada", "imre"])
def test_who_may_not_hold_release_or_confirm_is_refused(by, made, later, actor):
    held = by("rita").hold(made.evidence_id, "proceeding 7")
    by("rita").propose_release(held.hold_id, "settled")
    by("carl").confirm_release(held.hold_id)
    later()
    proposed = by("rita").propose_disposal(made.evidence_id, "ended")

    for act in (
        lambda: by(actor).hold(SYSTEM, "x"),
        lambda: by(actor).propose_release(held.hold_id, "x"),
        lambda: by(actor).confirm_release(held.hold_id),
        lambda: by(actor).decline_release(held.hold_id, "x"),
        lambda: by(actor).confirm_disposal(proposed.disposal_id),
        lambda: by(actor).decline_disposal(proposed.disposal_id, "x"),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_a_declined_proposal_leaves_the_evidence_and_may_be_made_anew(by, made, later):
    later()
    first = by("ines").propose_disposal(made.evidence_id, "ended")
    declined = by("ines").decline_disposal(first.disposal_id, "a mistake")
    assert by("ines").decline_disposal(first.disposal_id, "a mistake") == declined

    with pytest.raises(RequestRefused, match="declined by ines"):
        by("rita").confirm_disposal(first.disposal_id)

    second = by("ines").propose_disposal(made.evidence_id, "ended")
    assert second.disposal_id != first.disposal_id
    by("rita").confirm_disposal(second.disposal_id)
    with pytest.raises(RequestRefused, match="carried out by rita"):
        by("carl").decline_disposal(second.disposal_id, "too late")
    with pytest.raises(ConditionsNotMet, match="disposed of by rita"):
        by("ines").propose_disposal(made.evidence_id, "again")
    assert {d.status for d in by("aude").disposals()} == {"declined", "carried_out"}
    assert [d.disposal_id for d in by("aude").disposals("declined")] == [first.disposal_id]


def test_content_that_another_record_needs_stays_until_the_last_one_goes(by, made, later):
    other = by("ines").add(SYSTEM, "note", "Same words", text="how it works")
    later()

    by("rita").confirm_disposal(by("ines").propose_disposal(made.evidence_id, "x").disposal_id)
    assert by("ines").read(other) == b"how it works"
    assert by("ines").verify().empty

    by("rita").confirm_disposal(by("ines").propose_disposal(other.evidence_id, "x").disposal_id)
    assert by("ines").verify().empty
    assert not (by("ines")._content.path(made.digest)).exists()


def test_content_left_by_a_disposal_cut_short_is_named_and_removed_by_confirming_again(
    by, made, later, monkeypatch
):
    later()
    proposed = by("ines").propose_disposal(made.evidence_id, "ended")
    rita = by("rita")
    monkeypatch.setattr(rita, "_remove_unneeded", lambda _digest: None)
    rita.confirm_disposal(proposed.disposal_id)
    assert list(by("ines").verify()["finding"]) == ["unreferenced"]

    by("carl").confirm_disposal(proposed.disposal_id)

    assert by("ines").verify().empty
    assert by("ines").get(made.evidence_id).disposed_by == "rita"


def test_content_that_is_added_again_while_it_is_disposed_of_is_never_lost(by, later, registered):
    later()
    store = registered._desk.store
    before = store.clock()
    added, failed = [], []

    def attempt(act):
        try:
            act()
        except Exception as error:  # noqa: BLE001 - shown below
            failed.append(error)

    for number in range(12):
        store.clock = lambda: before - timedelta(days=4_018)
        text = f"words {number}"
        made = by("ines").add(SYSTEM, "note", "A", text=text)
        store.clock = lambda: before
        proposed = by("ines").propose_disposal(made.evidence_id, "ended").disposal_id
        acts = (
            lambda p=proposed: by("rita").confirm_disposal(p),
            lambda t=text: added.append(by("devi").add(SYSTEM, "minutes", "A", text=t)),
        )
        threads = [threading.Thread(target=attempt, args=(act,)) for act in acts]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        assert failed == []
        assert by("ines").read(added[-1]) == text.encode()
    assert by("ines").verify().empty


def test_what_was_disposed_of_can_be_put_on_record_again(by, made, later):
    later()
    by("rita").confirm_disposal(by("ines").propose_disposal(made.evidence_id, "x").disposal_id)

    again = by("ines").add(SYSTEM, "documentation", "Manual", text="how it works")

    assert again.evidence_id != made.evidence_id
    assert by("ines").read(again) == b"how it works"


def test_slips_are_named(by, made):
    with pytest.raises(RecordNotFound, match="evidence or AI system"):
        by("rita").hold("nothing", "x")
    with pytest.raises(RecordNotFound, match="legal hold"):
        by("rita").propose_release("hld-nothing", "x")
    with pytest.raises(RecordNotFound, match="proposed disposal"):
        by("rita").confirm_disposal("dsp-nothing")
    with pytest.raises(RecordNotFound, match="evidence"):
        by("rita").propose_disposal("evi-nothing", "x")
    for act in (
        lambda: by("rita").hold(SYSTEM, " "),
        lambda: by("rita").propose_disposal(made.evidence_id, ""),
    ):
        with pytest.raises(InvalidRecord, match="reason: is empty"):
            act()


def test_evidence_of_a_former_release_is_kept_ten_years(database_url):
    import sqlalchemy as sa
    from alembic import command

    from aims_core.db.engine import make_engine
    from aims_core.db.migrate import Migrator

    moving = Migrator(database_url)
    moving.upgrade()
    moving.downgrade("core", "core0001")
    engine = make_engine(database_url)
    with forcing(engine) as connection:
        old = sa.MetaData()
        old.reflect(connection)
        system, evidence = old.tables["aims_system"], old.tables["aims_evidence"]
        connection.execute(sa.insert(system).values(_row(system, system_id="one")))
        for number, day in enumerate(["2024-02-29", "2026-03-01"]):
            at = f"{day}T10:00:00.000000Z"
            times = {"collected_at": "2020-01-01T00:00:00.000000Z", "added_at": at}
            row = _row(evidence, evidence_id=f"e{number}", system_id="one", **times)
            connection.execute(sa.insert(evidence).values(row))
    moving.upgrade()

    with engine.connect() as connection:
        ends = sa.text("SELECT retain_until FROM aims_evidence ORDER BY evidence_id")
        found = [end[:10] for end in connection.execute(ends).scalars()]
        command.check(moving.config(moving.component("core"), connection))
    engine.dispose()
    assert found == ["2034-03-01", "2036-03-01"]


def _row(table, **given):
    """Return a row that fits a table's columns: numbers where there are numbers, text elsewhere."""
    import sqlalchemy as sa

    return {
        c.name: given.get(c.name, 1 if isinstance(c.type, sa.Integer) else "x")
        for c in table.columns
    }
