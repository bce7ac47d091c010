import csv
import io
import json
import sqlite3

import pytest
from click.testing import CliRunner

from aims_core import open_workspace
from aims_core.cli import main
from aims_core.cli.commands import CORE


@pytest.mark.parametrize("name", sorted(CORE))
def test_every_command_loads_and_explains_itself(name):
    result = CliRunner().invoke(main, [name, "--help"])

    assert result.exit_code == 0
    assert CORE[name].command.load().help


def test_init_creates_a_workspace_once(tmp_path):
    given = ["init", str(tmp_path / "new"), "--organisation", "Acme", "--administrator", "ada"]

    first, second = CliRunner().invoke(main, given), CliRunner().invoke(main, given)

    assert (first.exit_code, second.exit_code) == (0, 2)
    assert "already holds a workspace" in second.stderr
    assert (tmp_path / "new" / "aims.toml").is_file()


def test_without_a_workspace_the_message_says_how_to_make_one():
    result = CliRunner().invoke(main, ["systems", "list"])

    assert result.exit_code == 2
    assert "aims init" in result.stderr
    assert result.stdout == ""


def test_the_workspace_is_found_from_a_folder_below_it(folder, monkeypatch):
    below = folder / "notes" / "2026"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)

    assert CliRunner().invoke(main, ["--as", "ada", "people", "list"]).exit_code == 0


def test_workspace_and_actor_may_come_from_the_environment(folder, monkeypatch):
    monkeypatch.setenv("AIMS_WORKSPACE", str(folder))
    monkeypatch.setenv("AIMS_ACTOR", "ada")

    assert CliRunner().invoke(main, ["people", "add", "nina", "Nina"]).exit_code == 0


def test_people_are_added_granted_and_listed(aims):
    assert "nina is Nina (person)." in aims("people", "add", "nina", "Nina").stdout
    aims("people", "grant", "nina", "auditor", "--unit", "tax")

    listed = aims("people", "list", "--format", "csv").stdout

    assert any(
        row["actor_id"] == "nina" and row["role"] == "auditor"
        for row in csv.DictReader(io.StringIO(listed))
    )


def test_a_role_that_does_not_exist_is_refused_with_those_that_do(aims):
    assert "risk_reviewer" in aims("people", "grant", "olga", "king", code=2).stderr


def test_only_an_administrator_grants_roles(aims):
    message = aims("people", "grant", "olga", "administrator", by="olga", code=2).stderr

    assert "administrator" in message


def test_registering_the_same_system_again_finds_it(aims, triage):
    again = aims(
        *("systems", "register", triage, "--name", "Ticket triage"),
        *("--use-case", "Sorts tickets by urgency", "--owner", "olga"),
        *("--origin", "in_house", "--risk-category", "minimal"),
        by="ines",
    )

    assert "in inception" in again.stdout
    assert len(json.loads(aims("systems", "list", "--format", "json").stdout)) == 1


def test_a_role_is_taken_back_with_a_reason(aims):
    aims("people", "add", "nina", "Nina")
    aims("people", "grant", "nina", "auditor")
    rows = csv.DictReader(io.StringIO(aims("people", "list", "--format", "csv").stdout))
    held = next(row for row in rows if row["actor_id"] == "nina")

    said = aims("people", "revoke", held["grant_id"], "--reason", "She left.").stdout

    assert "nina no longer holds auditor." in said


def test_roles_say_on_the_command_line_when_they_were_given_in_fact(aims):
    aims("people", "add", "bert", "Bert")
    aims("people", "grant", "bert", "administrator", "--fact-at", "2026-01-05")
    aims("people", "add", "nina", "Nina")
    asked = aims("people", "propose", "nina", "auditor", "--fact-at", "2026-02-01").stdout
    change = asked.partition(":")[0]
    early = ("people", "confirm", change, "--fact-at", "2026-01-31")
    assert "is earlier than the proposal" in aims(*early, by="bert", code=2).stderr
    aims("people", "confirm", change, "--fact-at", "2026-02-03T14:00+01:00", by="bert")

    listed = json.loads(aims("people", "list", "--format", "json").stdout)
    held = next(row for row in listed if row["actor_id"] == "nina")
    assert held["fact_at"] == "2026-02-03T13:00:00.000000Z"
    aims("people", "revoke", held["grant_id"], "--reason", "left", "--fact-at", "2026-03-01")
    other = aims("people", "propose", "nina", "auditor").stdout.partition(":")[0]
    aims("people", "decline", other, "--reason", "no", "--fact-at", "2026-02-01", code=2)

    closed = json.loads(aims("people", "changes", "--all", "--format", "json").stdout)
    stated = {c["change_id"]: (c["fact_at"], c["closed_fact_at"]) for c in closed}
    assert stated[change] == ("2026-02-01T00:00:00.000000Z", "2026-02-03T13:00:00.000000Z")
    assert stated[other] == (None, None)


def test_systems_are_listed_for_people_and_for_programs(aims, triage):
    assert triage in aims("systems", "list").stdout
    assert aims("systems", "list", "--text", "nothing like it").stdout == "No system fits.\n"
    assert triage in aims("systems", "list", "--format", "csv").stdout


def test_a_page_says_how_to_go_on(aims, triage):
    for number in range(3):
        aims(
            *("systems", "register", f"s{number}", "--name", f"S {number}", "--use-case", "x"),
            *("--owner", "olga", "--origin", "in_house", "--risk-category", "minimal"),
            by="ines",
        )

    assert "1 to 2 of 4; --offset 2 goes on." in aims("systems", "list", "--limit", "2").stdout


def test_a_system_is_shown_with_what_its_next_steps_need(aims, triage):
    shown = aims("systems", "show", triage).stdout

    assert "start_development: still needs" in shown
    assert "intended_use_stated" in shown


def test_a_misspelt_system_is_answered_with_the_near_one(aims, triage):
    assert "Did you mean ticket-triage?" in aims("systems", "show", "ticket-triag", code=2).stderr


HOSTILE = "=cmd|' /C calc'!A0\u200b<script>alert(1)</script>"


def test_hostile_text_in_a_system_reaches_neither_terminal_nor_spreadsheet(aims):
    described = ("--use-case", HOSTILE, "--owner", "olga", "--origin", "in_house")
    named = ("systems", "register", "evil", *described, "--risk-category", "minimal", "--name")
    refused = aims(*named, "Safe\u202eexe.txt", by="ines", code=2).stderr
    assert "direction of reading" in refused
    assert "\u202e" not in refused

    aims(*named, HOSTILE.replace("\u200b", ""), by="ines")

    for arguments in (("list",), ("show", "evil"), ("list", "--format", "csv")):
        assert "\u200b" not in aims("systems", *arguments).output
    rows = csv.DictReader(io.StringIO(aims("systems", "list", "--format", "csv").stdout))
    assert next(rows)["name"].startswith("'=")


def test_an_import_names_each_row_it_cannot_take(aims, tmp_path):
    table = tmp_path / "systems.csv"
    table.write_text(
        "system_id,name,use_case,owner,origin,declared_risk_category\n"
        "good,Good,Sorts,olga,in_house,minimal\n"
        "bad,Bad,Sorts,olga,in_house,terrible\n",
        encoding="utf-8",
    )

    result = aims("systems", "import", table, by="ines", code=1)

    assert "2 rows read: 1 registered" in result.stdout
    assert "declared_risk_category" in result.stdout
    assert "Importing" not in result.stderr


@pytest.mark.parametrize("name", ["systems", "systems.txt"])
def test_a_file_whose_ending_says_nothing_is_answered_by_the_option_that_does(aims, tmp_path, name):
    table = tmp_path / name
    table.write_text("system_id\na\n", encoding="utf-8")

    refused = aims("systems", "import", table, by="ines", code=2).stderr

    assert "name one with --importer" in refused
    assert "discovery.csv" in refused
    assert "aims.toml" not in refused


def test_a_dry_run_registers_nothing(aims, tmp_path):
    table = tmp_path / "systems.csv"
    table.write_text(
        "system_id,name,use_case,owner,origin,declared_risk_category\n"
        "good,Good,Sorts,olga,in_house,minimal\n",
        encoding="utf-8",
    )

    shown = aims("systems", "import", table, "--dry-run", by="ines").stdout

    assert "1 would be registered" in shown
    assert aims("systems", "list", "--format", "json").stdout == "[]\n"


def test_a_dry_run_shows_fields_before_and_after_and_the_refused_go_to_a_file(aims, tmp_path):
    table = tmp_path / "systems.csv"
    text = (
        "system_id,name,use_case,owner,origin,declared_risk_category\n"
        "good,{name},Sorts,olga,in_house,minimal\n"
        "bad,=Bad(),Sorts,olga,in_house,terrible\n"
    )
    table.write_text(text.format(name="Good"), encoding="utf-8")
    aims("systems", "import", table, by="ines", code=1)
    table.write_text(text.format(name="Better"), encoding="utf-8")
    kept = tmp_path / "refused.csv"

    shown = aims("systems", "import", table, "--dry-run", by="ines", code=1).stdout
    lines = aims("systems", "import", table, "--dry-run", "--format", "csv", by="ines", code=1)
    done = aims("systems", "import", table, "--refused", kept, by="ines", code=1)

    assert "correct and import them" in done.stderr
    assert "Good" in shown
    assert "Better" in shown
    assert "F3" in shown
    assert "read as utf-8" in shown
    assert {row["what"] for row in csv.DictReader(io.StringIO(lines.stdout))} == {
        "changed",
        "refused",
    }
    with kept.open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["name"] == "'=Bad()"
    assert (
        "never overwritten"
        in aims("systems", "import", table, "--refused", kept, by="ines", code=2).stderr
    )


def test_a_step_that_may_not_be_taken_names_every_condition(aims, triage):
    message = aims("request", triage, "start_development", by="olga", code=2).stderr

    assert "intended_use_stated" in message
    assert "initial_risk_assessment" in message


def test_a_step_that_needs_no_approval_is_carried_out_at_once(aims, triage):
    shown = aims("request", triage, "reject", "--reason", "not needed", by="carl").stdout

    assert "carried_out" in shown
    assert "now in rejected" in shown


def test_a_decision_on_an_unknown_request_is_refused(aims):
    assert "there is no" in aims("decide", "apr-none", "approve", by="carl", code=2).stderr


def test_a_retirement_is_asked_for_and_decided(aims, folder, triage):
    workspace = open_workspace(folder, actor="olga")
    workspace.evidence.add(triage, "retirement_plan", "Plan", text="Users told, data deleted.")
    workspace.close()
    asked = json.loads(aims("request", triage, "retire", "--format", "json", by="olga").stdout)

    own = aims("decide", asked["approval_id"], "approve", by="olga", code=2).stderr
    done = aims("decide", asked["approval_id"], "approve", by="carl").stdout

    assert own
    assert "now in retirement" in done


def test_a_review_without_findings_ends_in_zero(aims, triage):
    assert "all may be where they are" in aims("review").stdout
    assert aims("review", "--format", "json").stdout == "[]\n"


def test_a_review_counts_by_condition_first_and_json_holds_every_finding(aims, tmp_path):
    aims("people", "add", "unit-7", "Unit 7", "--kind", "unit")
    table = tmp_path / "systems.csv"
    lines = [f"s{n},S {n},Sorts,unit-7,in_house,minimal" for n in range(30)]
    head = "system_id,name,use_case,owner,origin,declared_risk_category"
    table.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    aims("systems", "import", table, by="ines")

    shown = aims("review", code=1).stdout
    found = json.loads(aims("review", "--format", "json", code=1).stdout)

    assert "30 may not be where they are" in shown
    assert "owner_assigned  30" in shown
    assert "and 10 more" in shown
    assert len(found) == 30
    assert found[0]["remedy"]
    assert len(aims("review", "--all", code=1).stdout.splitlines()) > 30


def test_the_trail_is_verified_and_a_changed_event_is_found(aims, folder, triage):
    assert "intact" in aims("audit", "verify").stdout
    with sqlite3.connect(folder / "aims.db") as connection:
        for (trigger,) in connection.execute(
            "select name from sqlite_master where type='trigger'"
        ).fetchall():
            connection.execute(f'drop trigger "{trigger}"')
        connection.execute("update aims_event set actor = 'nobody' where sequence = 2")
    connection.close()

    broken = aims("audit", "verify", code=1)

    assert "does not hold" in broken.stdout
    assert json.loads(aims("audit", "verify", "--format", "json", code=1).stdout)["faults"]


def test_a_head_that_is_not_in_the_trail_is_a_finding(aims):
    head = json.loads(aims("audit", "verify", "--format", "json").stdout)["head"]

    aims("audit", "verify", "--expect", head)
    aims("audit", "verify", "--expect", "f" * 64, code=1)


def test_the_log_shows_who_did_what(aims, triage):
    shown = aims("audit", "log", "--system", triage, by="aude").stdout

    assert "SystemRegistered" in shown
    assert "ines" in shown


def test_plugins_are_listed_with_how_they_stand(aims, folder):
    plugins = json.loads(aims("plugins", "list", "--format", "json").stdout)

    assert {p["name"]: p["status"] for p in plugins}["risk"] == "active"


def test_a_blocked_plugin_is_listed_as_blocked_and_its_command_is_gone(aims, folder):
    settings = folder / "aims.toml"
    settings.write_text(settings.read_text().replace("blocked = []", 'blocked = ["risk"]'))

    plugins = json.loads(aims("plugins", "list", "--format", "json").stdout)

    assert {p["name"]: p["status"] for p in plugins}["risk"] == "blocked"
    assert "There is no command 'risk'" in aims("risk", code=2).stderr


def test_plugins_can_be_listed_without_a_workspace():
    result = CliRunner().invoke(main, ["plugins", "list"])

    assert result.exit_code == 0
    assert "core" in result.stdout


def test_the_database_says_how_it_stands_and_upgrading_again_changes_nothing(aims):
    states = json.loads(aims("db", "status", "--format", "json").stdout)

    assert {s["state"] for s in states} == {"current"}
    assert "up to date" in aims("db", "upgrade").stdout


def test_a_plugin_is_started_from_the_template(tmp_path):
    result = CliRunner().invoke(main, ["plugins", "new", "Bias Audit", "--into", str(tmp_path)])

    assert result.exit_code == 0
    assert (tmp_path / "aims-bias-audit" / "pyproject.toml").is_file()
    again = CliRunner().invoke(main, ["plugins", "new", "Bias Audit", "--into", str(tmp_path)])
    assert again.exit_code == 2
    assert "exists already" in again.stderr


def test_the_workbench_needs_a_workspace_and_says_so():
    result = CliRunner().invoke(main, ["lab", "--no-browser"])

    assert result.exit_code == 2
    assert "aims" in result.stderr


def test_plugins_that_are_known_need_no_admission(folder):
    result = CliRunner().invoke(main, ["--workspace", str(folder), "plugins", "admit"])

    assert result.exit_code == 0
    assert "known already" in result.output


def test_edits_are_proposed_listed_and_applied(aims, triage, tmp_path):
    edits = tmp_path / "edits.csv"
    edits.write_text("system_id,supplier,unit\nticket-triage,ACME,\n", encoding="utf-8")

    shown = aims("systems", "propose", edits, "--reason", "checked", by="olga").stdout
    listed = json.loads(aims("systems", "changes", "--format", "json").stdout)

    change_set = listed[0]["change_set_id"]
    assert "ACME" in shown
    assert change_set in shown
    assert "ACME" in aims("systems", "changes", change_set).stdout
    assert "1 system(s) were revised" in aims("systems", "apply", change_set, by="ines").stdout
    assert (
        json.loads(aims("systems", "show", triage, "--format", "json").stdout)["supplier"] == "ACME"
    )
    assert (
        "nothing new"
        in aims("systems", "propose", edits, "--reason", "x", by="olga", code=2).stderr
    )


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1\n", b"\xff\xfe", b'system_id\n"' + b"x" * 200_000]
)
def test_a_file_of_edits_that_cannot_be_read_is_refused_in_words(aims, tmp_path, content):
    edits = tmp_path / "edits.csv"
    edits.write_bytes(content)

    assert "edits.csv" in aims("systems", "propose", edits, "--reason", "x", code=2).stderr
