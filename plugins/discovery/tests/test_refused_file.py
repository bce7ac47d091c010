"""Refused rows lie in the workspace as a file: corrected, it is imported alone with the same mapping."""

import csv
import io

import pytest

MAPPING = {
    "delimiter": ";",
    "encoding": "cp1252",
    "header_row": 2,
    "id": {"template": "{Tool}"},
    "fields": {
        "name": {"column": "Tool"},
        "use_case": {"column": "Purpose"},
        "owner": {"constant": "olga"},
        "origin": {"constant": "in_house"},
        "declared_risk_category": [
            {"column": "Risk", "values": {"low": "minimal", "high": "high"}},
        ],
        "incident_contact": {"column": "Contact"},
    },
}
TABLE = (
    "Our list;;;\n"
    "Tool;Purpose;Risk;Contact\n"
    "Triage;Sorts tickets.;low;a@example.org\n"
    "Écran;=SUM(A1);gravest;@cmd\n"
    "Reader;;high;'quoted\n"
)


@pytest.fixture
def ines(workspace):
    return workspace.act_as("ines").inventory


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "Our list (2026).csv"
    path.write_bytes(TABLE.encode("cp1252"))
    return path


def kept(workspace, outcome):
    path = workspace.settings.folder / outcome.refused_file
    text = path.read_text(encoding="utf-8-sig")
    return path, list(csv.DictReader(io.StringIO(text, newline="")))


def test_each_row_says_where_and_what_is_wrong_and_what_helps(ines, workspace, table):
    outcome = ines.import_file(table, mapping=MAPPING)

    path, rows = kept(workspace, outcome)
    assert path.parent == workspace.settings.folder / "refused"
    assert path.name.startswith("Our-list--2026-")
    assert [(r["aims_row"], r["aims_id"]) for r in rows] == [("4", "ecran"), ("5", "reader")]
    assert "C4" in rows[0]["aims_cell"]
    assert "declared_risk_category" in rows[0]["aims_problems"]
    assert rows[0]["aims_remedy"]
    assert rows[1]["aims_cell"] == "B5"
    assert (rows[1]["Tool"], rows[1]["Risk"]) == ("Reader", "high")


def test_no_cell_runs_as_a_formula(ines, workspace, table):
    _, rows = kept(workspace, ines.import_file(table, mapping=MAPPING))

    cells = [cell for row in rows for cell in row.values()]
    assert not [c for c in cells if c.lstrip().startswith(("=", "+", "-", "@"))]
    assert rows[0]["Purpose"] == "'=SUM(A1)"


def test_corrected_it_is_imported_alone_whatever_form_the_first_file_had(ines, workspace, table):
    outcome = ines.import_file(table, mapping=MAPPING)
    path, _ = kept(workspace, outcome)
    text = path.read_bytes().decode("utf-8-sig").replace("gravest", "high")
    path.write_bytes(text.replace("Reader,,", "Reader,Reads invoices.,").encode("utf-8-sig"))

    again = ines.import_file(path, mapping=MAPPING)

    assert (again.read, again.registered, again.refused, again.refused_file) == (2, 2, (), "")
    assert ines.get("ecran").use_case == "=SUM(A1)"
    assert ines.get("reader").incident_contact == "'quoted"
    assert workspace.inventory.get("triage").name == "Triage"


def test_what_the_register_refuses_has_the_cells_of_its_file_too(ines, workspace, tmp_path):
    path = tmp_path / "systems.csv"
    path.write_text(
        "Tool,Purpose,Risk,Contact\nTriage,Sorts.,low,\nTriage,Sorts again.,low,\n",
        encoding="utf-8",
    )
    mapping = {**MAPPING, "id": {"column": "Tool"}, "delimiter": ",", "header_row": 1}

    outcome = ines.import_file(path, mapping=mapping)

    _, rows = kept(workspace, outcome)
    assert all("more than once" in r["aims_problems"] for r in rows)
    assert [r["Purpose"] for r in rows] == ["Sorts.", "Sorts again."]
    assert outcome.refused[0].cells["Tool"] == "Triage"


def test_the_same_again_is_found_and_a_file_under_correction_is_left_alone(ines, workspace, table):
    first = ines.import_file(table, mapping=MAPPING)
    path, _ = kept(workspace, first)
    path.write_text("being corrected", encoding="utf-8")

    second = ines.import_file(table, mapping=MAPPING)

    assert second.refused_file == first.refused_file
    assert path.read_text(encoding="utf-8") == "being corrected"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_dry_run_and_an_import_without_refusals_keep_no_file(ines, workspace, table, tmp_path):
    assert ines.import_file(table, mapping=MAPPING, dry_run=True).refused_file == ""
    sound = tmp_path / "sound.csv"
    sound.write_bytes("\n".join(TABLE.split("\n")[:3]).encode("cp1252"))
    assert ines.import_file(sound, mapping=MAPPING).refused_file == ""

    assert not (workspace.settings.folder / "refused").exists()


def test_where_it_cannot_be_kept_the_import_stands_and_says_so(ines, workspace, table):
    (workspace.settings.folder / "refused").write_text("in the way", encoding="utf-8")

    outcome = ines.import_file(table, mapping=MAPPING)

    assert (outcome.registered, outcome.refused_file) == (1, "")
    assert "could not be kept" in outcome.notes[-1]
