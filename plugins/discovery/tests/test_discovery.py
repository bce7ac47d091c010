"""Imports on a real workspace: counted, kept, repeatable, corrected."""

import csv

import pytest
from aims_discovery.discovery import PREVIEW_COLUMNS, REFUSED_COLUMNS, RUN_COLUMNS
from aims_discovery.section import portfolio_section

from aims_core import InvalidRecord, NotPermitted, RecordNotFound

GOOD = "Triage,Sorts tickets,ranks,Ops,North,us,live"
BAD = "Rank,,,Ops,North,us,=live()"


def types(workspace):
    return [e.type for e in workspace.audit.events(limit=100_000)]


@pytest.fixture
def ines(workspace):
    return workspace.act_as("ines").discovery


def test_the_federal_inventory_comes_in_and_what_was_refused_is_kept(workspace, ines):
    seen = []

    outcome = ines.import_file(*ines.sample(), progress=lambda *given: seen.append(given))

    assert (outcome.read, outcome.registered, len(outcome.refused)) == (1_757, 1_745, 12)
    assert seen[-1] == (1_745, 1_745)
    assert workspace.inventory.counts("stage") == {
        "operation_and_monitoring": 644,
        "inception": 342,
        "design_and_development": 276,
        "deployment": 275,
        "retirement": 133,
        "acquisition": 75,
    }
    assert set(workspace.discovery.refused()["row"]) == {r.row for r in outcome.refused}
    assert len(workspace.discovery.refused()["cells"][0]) == 26
    assert workspace.audit.verify().intact


def test_the_same_again_changes_nothing_and_doubles_nothing(workspace, ines, csv_file, mapping):
    ines.import_file(csv_file(GOOD, BAD), mapping)
    before = types(workspace).count("discovery.RefusedRowsKept")

    again = ines.import_file(csv_file(GOOD, BAD), mapping)

    assert again.unchanged == 1
    assert len(ines.runs()) == 1
    assert types(workspace).count("discovery.RefusedRowsKept") == before == 1


def test_a_dry_run_writes_nothing(workspace, ines, csv_file, mapping):
    before = workspace.audit.head()

    outcome = ines.import_file(csv_file(GOOD, BAD), mapping, dry_run=True)

    assert (outcome.registered, len(outcome.refused)) == (1, 1)
    assert workspace.audit.head() == before


def test_rows_that_the_register_refuses_keep_their_original_cells(ines, csv_file, mapping):
    long = "x" * 600

    outcome = ines.import_file(csv_file(f"{long},p,,Ops,North,us,live"), mapping)

    assert outcome.refused[0].cells["title"] == long
    assert ines.refused()["cells"][0]["title"] == long
    assert "characters" in ines.refused()["reason"][0]


def test_cells_that_no_database_takes_are_kept_all_the_same(ines, csv_file, mapping):
    outcome = ines.import_file(
        csv_file("A\x00B,p,,Ops,North,us,live", "C,,,O\x00,N,us,\x00"), mapping
    )

    assert len(outcome.refused) == 2
    assert ines.refused()["cells"][0]["title"] == "A\x00B"


def test_refused_rows_are_exported_corrected_and_imported(
    workspace, ines, csv_file, mapping, tmp_path
):
    ines.import_file(csv_file(GOOD, BAD, "Triage,,,Ops,North,us,live"), mapping)
    path = tmp_path / "refused.csv"

    assert ines.export_refused(path) == 2
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["state"] == "'=live()"
    assert "use_case" in rows[0]["aims_problems"]
    for row in rows:
        row["purpose"], row["state"] = "Ranks", "live"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    outcome = ines.import_file(path, mapping)

    assert (outcome.registered, outcome.revised, outcome.refused) == (2, 0, ())
    # The corrected row has a title that another system bears; it must not take its place.
    assert workspace.inventory.get("ops-triage-north").use_case == "Sorts tickets"
    assert workspace.inventory.get("ops-triage-north-2").use_case == "Ranks"
    assert ines.refused().empty


def test_an_export_is_found_again_and_never_overwrites_what_is_being_corrected(
    ines, csv_file, mapping, tmp_path
):
    ines.import_file(csv_file(BAD), mapping)
    path = tmp_path / "refused.csv"

    assert [ines.export_refused(path) for _ in range(2)] == [1, 1]
    path.write_text("half corrected", encoding="utf-8")
    with pytest.raises(InvalidRecord, match="Name another file"):
        ines.export_refused(path)
    assert path.read_text(encoding="utf-8") == "half corrected"


def test_an_export_speaks_the_mapping_s_own_csv(ines, csv_file, mapping, tmp_path):
    mapping = {**mapping, "delimiter": ";", "encoding": "cp1252"}
    content = "title;purpose;outputs;office;bureau;maker;state\nBüro;;;Ops;North;us;live\n"
    ines.import_file(csv_file(content=content.encode("cp1252")), mapping)
    path = tmp_path / "refused.csv"

    ines.export_refused(path, ines.runs()["run_id"][0])

    corrected = path.read_bytes().replace(
        "Büro;;".encode("cp1252"), "Büro;Writes;".encode("cp1252")
    )
    path.write_bytes(corrected)
    assert ines.import_file(path, mapping).registered == 1


def test_a_run_that_does_not_exist_is_named(ines, tmp_path):
    with pytest.raises(RecordNotFound, match="import run"):
        ines.refused("run-nothing")
    with pytest.raises(RecordNotFound, match="import run"):
        ines.export_refused(tmp_path / "x.csv", "run-nothing")


def test_who_may_not_import_is_refused_and_nothing_is_written(workspace, csv_file, mapping):
    with pytest.raises(NotPermitted):
        workspace.act_as("olga").discovery.import_file(csv_file(GOOD), mapping)

    assert workspace.inventory.find()[1] == 0
    assert workspace.discovery.runs().empty


def test_a_mapping_that_does_not_fit_is_refused_in_plain_words(workspace, ines, csv_file):
    with pytest.raises(InvalidRecord, match="without a mapping"):
        ines.import_file(csv_file(GOOD))

    assert workspace.inventory.find()[1] == 0


def test_an_import_that_was_made_otherwise_can_be_kept(workspace, ines, csv_file, mapping):
    outcome = workspace.act_as("ines").inventory.import_file(csv_file(GOOD, BAD), mapping=mapping)

    run = ines.record_run(outcome)

    assert ines.record_run(outcome) == run
    assert (run.read, run.registered, run.refused) == (2, 1, 1)
    assert len(ines.runs()) == 1


def test_a_preview_shows_taken_and_refused_rows_and_writes_nothing(workspace, csv_file, mapping):
    before = workspace.audit.head()

    frame = workspace.discovery.preview(csv_file(GOOD, BAD, GOOD), mapping, rows=2)

    assert list(frame["taken"]) == [True, False]
    assert frame["system_id"][0] == "ops-triage-north"
    assert "column state" in frame["problems"][1]
    assert workspace.audit.head() == before


def test_an_explanation_counts_the_states_of_every_field(workspace, csv_file, mapping):
    rows = (GOOD, "B,N/A,,Ops,,us,live", "C,,,Ops,None,us,sleeping")

    frame = workspace.discovery.explain(csv_file(*rows), mapping).set_index("field")

    counts = ["stated", "unknown", "not_looked_into", "strange"]
    assert list(frame.loc["use_case", counts]) == [1, 1, 1, 0]
    assert list(frame.loc["stage", counts]) == [2, 0, 0, 1]
    assert list(frame.loc["attributes.bureau", counts]) == [1, 1, 1, 0]
    assert frame.loc["use_case", "source"] == "purpose, else outputs"


def test_frames_have_their_columns_when_they_are_empty(workspace, csv_file, mapping):
    header = csv_file(content=b"title,purpose,outputs,office,bureau,maker,state\n")

    assert list(workspace.discovery.runs().columns) == list(RUN_COLUMNS)
    assert list(workspace.discovery.refused().columns) == list(REFUSED_COLUMNS)
    assert list(workspace.discovery.preview(header, mapping).columns) == list(PREVIEW_COLUMNS)
    assert list(workspace.discovery.importers()["importer"]) == [
        "discovery.csv",
        "discovery.json",
        "discovery.lines",
        "discovery.xlsx",
    ]
    with pytest.raises(InvalidRecord, match="us_federal_2024"):
        workspace.discovery.sample("mars")


def test_the_report_names_every_row_that_was_not_taken(workspace, ines, csv_file, mapping):
    assert "No import" in portfolio_section(workspace, "").blocks[0].text

    ines.import_file(csv_file(GOOD, BAD), mapping)

    text, table = portfolio_section(workspace, "").blocks
    assert "2 rows read, 1 registered" in text.text
    assert {row[0] for row in table.rows} == {3}
    assert {row[1] for row in table.rows} == {"use_case", "stage"}
    assert all(type(row[0]) is int for row in table.rows)


def test_the_report_looks_back_on_imports(workspace, ines, csv_file, mapping):
    before = workspace.now()
    ines.import_file(csv_file(GOOD, BAD), mapping)
    after = workspace.now()

    assert "No import" in portfolio_section(workspace, "", before).blocks[0].text
    assert portfolio_section(workspace, "", after) == portfolio_section(workspace, "")
    assert workspace.discovery.runs(as_of=before).empty
