"""Times that are none, or none that every database holds, and archives made to do harm.

The bundle of evidence, which comes from strangers, is tried in tests/core/test_evidence_bundle.py; here it is
the backup. Which test shows which row of the table of hostile input stands in docs/reliability.md.
"""

import stat
import zipfile
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from click.testing import CliRunner

from aims_core import AimsError, WorkspaceError
from aims_core.cli import main
from aims_core.recovery import back_up, check_backup
from aims_core.testing.fixtures import TICKET_TRIAGE

SYSTEM = "ticket-triage"
BERLIN = ZoneInfo("Europe/Berlin")
NO_TIMES = {
    "before the year 1 in UTC": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    "behind the year 9999 in UTC": datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    "a day away from UTC": datetime.max.replace(tzinfo=timezone(-timedelta(hours=23, minutes=59))),
    "the year 1 without zone": datetime(1, 1, 1),  # noqa: DTZ001 - naive on purpose
    "now without zone": datetime(2026, 1, 1),  # noqa: DTZ001 - same
}
DAYS = {"the year 1": date.min, "the year 9999": date.max}


@pytest.fixture
def places(registered, ines):
    """Give every way in by which people state a time, by name."""
    olga, cora = registered.act_as("olga"), registered.act_as("cora")
    imre, carl = registered.act_as("imre"), registered.act_as("carl")
    seat = {"delegate": "devi", "role": "committee_member", "reason": "away"}
    soon = registered.now() + timedelta(days=2)
    return {
        "as_of": lambda t: registered.inventory.get(SYSTEM, as_of=t),
        "as_of of evidence": lambda t: registered.evidence.frame(as_of=t),
        "as_of of the trail": lambda t: registered.audit.events(as_of=t),
        "diff": registered.inventory.diff,
        "fact_at": lambda t: olga.approvals.request(SYSTEM, "start_development", fact_at=t),
        "fact_at of a role": lambda t: registered.staffing.grant(
            "devi", "inventory_steward", fact_at=t
        ),
        "fact_at of a waiver": lambda t: olga.waivers.propose(
            SYSTEM,
            "initial_risk_assessment",
            reason="Ill.",
            compensating_measure="A person looks.",
            expires_on=soon.date(),
            fact_at=t,
        ),
        "fact_at of an exception": lambda t: olga.separation.record_exception(
            "R1",
            reason="We are three.",
            compensating_control="An outside look.",
            expires_on=soon.date(),
            system_id=SYSTEM,
            fact_at=t,
        ),
        "fact_at of a hold": lambda t: carl.evidence.hold(SYSTEM, "Case", fact_at=t),
        "collected_at": lambda t: ines.evidence.add(
            SYSTEM, "validation", "Found", text="All is well.", collected_at=t
        ),
        "until": lambda t: cora.approvals.delegate(**seat, until=t),
        "since": lambda t: cora.approvals.delegate(**seat, until=soon, since=t),
        "evidence_due": lambda t: ines.inventory.register(
            "other",
            **{**TICKET_TRIAGE, "entry": "legacy", "stage": "operation_and_monitoring"},
            evidence_due=t,
        ),
        "occurred_at": lambda t: imre.incidents.open(
            SYSTEM, title="A fire", severity="serious", occurred_at=t
        ),
        "valid_until": lambda t: carl.risk.accept(SYSTEM, reason="Small.", valid_until=t),
        "attributes": lambda t: olga.inventory.revise(SYSTEM, attributes={"x": t}),
    }


def answered(state, act, given):
    """Expect a refusal in words that leaves nothing, and return it."""
    before = state()
    with pytest.raises(AimsError) as refusal:
        act(given)
    assert state() == before
    return refusal.value


@pytest.mark.parametrize("given", NO_TIMES.values(), ids=NO_TIMES)
def test_a_time_that_databases_would_not_hold_alike_is_refused_wherever_one_is_stated(
    places, state, given
):
    for name, act in places.items():
        assert "Traceback" not in str(answered(state, act, given)), name


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_a_day_at_either_end_of_time_is_no_expiry(registered, state, day):
    olga = registered.act_as("olga").waivers
    why = {"reason": "later", "compensating_measure": "by hand"}

    answered(state, lambda d: olga.propose(SYSTEM, "monitoring_plan", **why, expires_on=d), day)
    answered(
        state,
        lambda d: registered.separation.record_exception(
            "R1", reason="few people", compensating_control="reviewed", expires_on=d
        ),
        day,
    )


def test_an_hour_that_the_clocks_leave_out_or_repeat_is_kept_as_the_moment_it_names(
    registered, ines, workspace
):
    gap = datetime(2025, 3, 30, 2, 30, tzinfo=BERLIN)
    first, second = (datetime(2025, 10, 26, 2, 30, tzinfo=BERLIN, fold=fold) for fold in (0, 1))

    kept = [
        ines.evidence.add(SYSTEM, "validation", f"Found {n}", text=f"{n}", collected_at=at)
        for n, at in enumerate((gap, first, second))
    ]

    again = {e.evidence_id: e.collected_at for e in workspace.evidence.of(SYSTEM)}
    times = [again[e.evidence_id] for e in kept]
    assert times[0] == datetime(2025, 3, 30, 1, 30, tzinfo=UTC)
    assert times[2] - times[1] == timedelta(hours=1)
    assert {t.utcoffset() for t in times} == {timedelta()}


def test_offsets_to_the_second_are_the_same_moment_afterwards(registered, ines, workspace):
    odd = timezone(timedelta(hours=-23, minutes=-59, seconds=-59))
    at = datetime(2020, 2, 29, 23, 59, 59, 999_999, tzinfo=odd)

    ines.evidence.add(SYSTEM, "validation", "Found", text="All is well.", collected_at=at)

    assert workspace.evidence.of(SYSTEM)[0].collected_at == at


TEXTS = [
    *("2016-12-31T23:59:60", "2016-12-31T23:59:60Z", "2026-02-30", "2026-01-01T24:30"),
    *(
        "2026-01-01T00:00+25:00",
        "-0001-01-01",
        "10000-01-01",
        "0000-01-01",
        "now",
        "\u0662\u0660\u0662\u0666-01-01",
    ),
]


@pytest.mark.parametrize("aims_database", ["sqlite"])
@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_names_no_time_is_none_on_the_command_line(workspace_folder, text):
    asked = ["--workspace", str(workspace_folder), "--as", "ada", "evidence", "list"]

    result = CliRunner().invoke(main, [*asked, f"--as-of={text}"])

    assert result.exit_code == 2, result.output
    assert "is no time" in result.output


@pytest.mark.parametrize("window", ["hour", "day", "week", "quarter", "year"])
@pytest.mark.parametrize("zone", ["", "Europe/Berlin", "Pacific/Kiritimati", "America/New_York"])
def test_rows_of_a_log_with_a_time_that_is_none_are_undated_and_the_others_count(
    registered, window, zone
):
    texts = [
        *(*TEXTS, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01"),
        *("9999-12-31", "292277026596-12-04", "", "2026-03-29T02:30:00"),
    ]
    rows = len(texts) + 20
    log = {
        "p": [1] * rows,
        "y": [1] * rows,
        "x": list(range(rows)),
        "t": [*texts, *["2026-01-01T12:00:00Z"] * 20],
    }
    olga = registered.act_as("olga").monitoring
    schema = {"prediction": "p", "label": "y", "feature": ["x"], "time": "t"}
    olga.define(
        "accuracy",
        SYSTEM,
        thresholds={"accuracy": {"min": 0.1}},
        schema=schema | ({"zone": zone} if zone else {}),
        window=window,
        minimum_rows=2,
    )

    run = olga.run("accuracy", pd.DataFrame(log))

    assert run.rows == rows
    assert registered.audit.verify().intact


# Archives ------------------------------------------------------------------------------------------


@pytest.fixture
def archive(registered, ines, tmp_path):
    """Give the entries of a backup in one file, in their order."""
    ines.evidence.add(SYSTEM, "validation", "Found", text="All is well.")
    made = back_up(registered, tmp_path / "copy.zip")
    with zipfile.ZipFile(made.path) as packed:
        return [(entry, packed.read(entry)) for entry in packed.infolist()]


def packed(path, entries, change=None):
    """Write entries anew; `change` may alter each before."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for entry, content in entries:
            again = zipfile.ZipInfo(entry.filename if hasattr(entry, "filename") else entry)
            again.compress_type = zipfile.ZIP_DEFLATED
            if change is not None:
                change(again)
            made.writestr(again, content)
    return path


def patched(path, old, new, *, last=False):
    """Replace bytes of an archive's own books, in its last place or in all."""
    content = path.read_bytes()
    assert old in content
    if last:
        at = content.rindex(old)
        path.write_bytes(content[:at] + new + content[at + len(old) :])
    else:
        path.write_bytes(content.replace(old, new))
    return path


def lies_about_size(path, entries):
    """Say of an entry that it is smaller than it is, in its header and in the directory."""
    packed(path, [*entries, ("more", b"x" * 4_097)])
    return patched(path, (4_097).to_bytes(4, "little"), (17).to_bytes(4, "little"))


def encrypted(path, entries):
    packed(path, [*entries, ("more", b"x")])
    content = bytearray(path.read_bytes())
    place = content.rindex(b"PK\x01\x02")
    content[place + 8] |= 1
    path.write_bytes(content)
    return path


def damaged(path, entries):
    """Break what is packed, and leave the books as they are."""
    packed(path, [*entries, ("more", bytes(range(256)) * 40)])
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as made:
        start = made.getinfo("more").header_offset + 30 + len("more")
    content[start : start + 8] = b"\xff" * 8
    path.write_bytes(content)
    return path


def named(*names):
    return lambda path, entries: packed(path, [*entries, *((name, b"x") for name in names)])


def a(kind):
    def linked(path, entries):
        def change(entry):
            if entry.filename == "more":
                entry.external_attr = (kind | 0o777) << 16

        return packed(path, [*entries, ("more", b"/etc/passwd")], change)

    return linked


def doubled(path, entries):
    with pytest.warns(UserWarning, match="Duplicate"):
        return packed(path, [*entries, entries[-1]])


HARMFUL = {
    "traversal": (named("../../evil"), "leads elsewhere"),
    "absolute": (named("/evil"), "absolute"),
    "drive": (named("C:/evil"), "drive"),
    "backslash": (named("a\\..\\evil"), "backslash"),
    "device": (named("CON.txt"), "devices"),
    "control": (named("a\x1bb"), "control character"),
    "link": (a(stat.S_IFLNK), "is a link"),
    "pipe": (a(stat.S_IFIFO), "no file"),
    "twice": (doubled, "twice"),
    "twice in another case": (named("more", "MORE"), "twice"),
    "bomb": (lambda p, e: packed(p, [*e, ("more", bytes(300_000_000))]), "times its size"),
    "wrong size": (lies_about_size, "damaged|bytes"),
    "encrypted": (encrypted, "encrypted"),
    "damaged": (damaged, "damaged"),
    "cut": (lambda p, e: cut(packed(p, e)), "no zip archive"),
    "something behind": (lambda p, e: behind(packed(p, e)), "behind its end"),
}


def cut(path):
    path.write_bytes(path.read_bytes()[:-30])
    return path


def behind(path):
    path.write_bytes(path.read_bytes() + b"more")
    return path


@pytest.mark.parametrize(("make", "said"), HARMFUL.values(), ids=HARMFUL)
def test_a_backup_made_to_harm_is_refused_in_words_and_lays_nothing_down(
    archive, tmp_path, monkeypatch, make, said
):
    (room := tmp_path / "room").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(room))
    path = make(tmp_path / "harm.zip", archive)
    before = {p for p in tmp_path.rglob("*") if "workspace" not in p.parts}

    with pytest.raises(WorkspaceError, match=said):
        check_backup(path)

    assert {p for p in tmp_path.rglob("*") if "workspace" not in p.parts} == before
    assert not list(room.iterdir())


def test_what_was_packed_anew_and_left_as_it_was_is_taken(archive, tmp_path):
    assert check_backup(packed(tmp_path / "again.zip", archive)).tables["aims_system"] == 1
