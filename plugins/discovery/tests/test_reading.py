"""Rows become drafts or are refused; together they are the rows of the file."""

import hashlib

import pytest
from aims_discovery.cells import UNKNOWN_WORDS, Cell, read_cell
from aims_discovery.csv_importer import read
from aims_discovery.identifiers import Wanted, assign, fitted, slug
from aims_discovery.samples import us_federal_2024
from hypothesis import given
from hypothesis import strategies as st

from aims_core import InvalidRecord


def ids(batch):
    return [d.values["system_id"] for d in batch.drafts]


def test_the_federal_inventory_is_read_without_losing_a_row():
    batch = read(*us_federal_2024())

    faults = sorted(p.field for r in batch.refused for p in r.problems)
    assert len(batch.drafts) + len(batch.refused) == 1_757
    assert faults == ["stage"] * 4 + ["use_case"] * 8
    assert len(set(ids(batch))) == 1_745
    assert {d.values["stage"] for d in batch.drafts} == {
        "inception",
        "acquisition",
        "design_and_development",
        "deployment",
        "operation_and_monitoring",
        "retirement",
    }


def test_the_sample_is_the_copy_that_its_readme_describes():
    sample = us_federal_2024()
    readme = (sample.data.parent / "README.md").read_text(encoding="utf-8")

    assert hashlib.sha256(sample.data.read_bytes()).hexdigest() in readme
    assert sample.path == sample.data


def test_no_impact_that_was_reported_is_read_as_minimal():
    batch = read(*us_federal_2024())

    categories = {
        (d.values["attributes"]["reported_impact"], d.values["declared_risk_category"])
        for d in batch.drafts
    }
    assert (None, "undetermined") in categories
    assert {c for impact, c in categories if impact is None} == {"undetermined"}
    assert not [impact for impact, c in categories if c == "minimal"]


def test_the_same_file_gives_the_same_batch():
    assert read(*us_federal_2024()) == read(*us_federal_2024())


def test_the_first_step_that_says_something_counts(csv_file, mapping):
    batch = read(csv_file("A,N/A,ranks,Ops,North,-,live", "B,p,,Ops,North,them,Live"), mapping)

    first, second = (d.values for d in batch.drafts)
    assert (first["use_case"], first["origin"]) == ("ranks", "unknown")
    assert (second["use_case"], second["origin"]) == ("p", "third_party")
    assert (second["owner"], second["unit"]) == ("unit-ops", "Ops")
    assert first["attributes"]["unknown_fields"] == {"use_case": "N/A"}


def test_the_three_empty_states_stay_apart(csv_file, mapping):
    rows = ("A,p,text,Ops,North,us,live", "B,p,n/a,Ops,,us,live", "C,p, ,Ops,none,us,live")

    kept = [d.values["attributes"] for d in read(csv_file(*rows), mapping).drafts]

    assert [a["outputs"] for a in kept] == ["text", {"unknown": "n/a"}, None]
    assert [a["bureau"] for a in kept] == ["North", None, {"unknown": "none"}]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (" \u00a0\n", Cell()),
        ("N/A ", Cell(unknown="N/A")),
        ("NONE", Cell(unknown="NONE")),
        ("N/A - retired", Cell(unknown="N/A - retired")),
        ("N/Analysis", Cell(text="N/Analysis")),
        ("None of the above.", Cell(text="None of the above.")),
        ("No", Cell(text="No")),
    ],
)
def test_a_cell_is_a_value_or_unknown_or_not_looked_into(raw, said):
    assert read_cell(raw, UNKNOWN_WORDS) == said


def test_words_for_unknown_are_added_and_taken_away_by_the_mapping(csv_file, mapping):
    mapping = {**mapping, "empty": {"unknown": ["ask Bob"], "keep": ["None"]}}

    batch = read(csv_file("A,p,Ask  Bob,Ops,None,us,live"), mapping)

    kept = batch.drafts[0].values["attributes"]
    assert kept == {"bureau": "None", "outputs": {"unknown": "Ask  Bob"}}


def test_conditions_decide_whether_a_step_counts(csv_file, mapping):
    steps = [
        {"constant": "joint", "when": {"maker": ["us"]}, "unless": {"bureau": ["north", ""]}},
        {"constant": "unknown"},
    ]
    mapping = {**mapping, "fields": {**mapping["fields"], "origin": steps}}
    rows = [
        "A,p,,Ops,South,us,live",
        "B,p,,Ops,North,us,live",
        "C,p,,Ops,South,them,live",
        "D,p,,Ops,,us,live",
    ]

    origins = [d.values["origin"] for d in read(csv_file(*rows), mapping).drafts]

    assert origins == ["joint", "unknown", "unknown", "unknown"]


def test_a_value_that_the_mapping_does_not_know_is_refused_with_column_value_and_remedy(
    csv_file, mapping
):
    refused = read(csv_file("A,p,,Ops,North,us,lively"), mapping).refused

    problem = refused[0].problems[0]
    assert (problem.row, problem.field, problem.value) == (2, "stage", "lively")
    assert "column state" in problem.reason
    assert "did you mean live?" in problem.remedy


def test_a_refused_row_names_everything_and_keeps_its_cells(csv_file, mapping):
    refused = read(csv_file(" ,TBD,,Ops,North,us, "), mapping).refused

    assert {p.field for p in refused[0].problems} == {"name", "use_case", "stage", "system_id"}
    assert refused[0].cells["purpose"] == "TBD"
    assert refused[0].cells["title"] == " "


def test_ragged_rows_are_refused_and_keep_every_cell(csv_file, mapping):
    batch = read(csv_file("A,p,,Ops,North,us,live,more", "B,p", "C,p,,Ops,North,us,live"), mapping)

    assert [r.row for r in batch.refused] == [2, 3]
    assert batch.refused[0].cells["column 8"] == "more"
    assert "has 2 cells" in batch.refused[1].problems[0].reason
    assert ids(batch) == ["ops-c"]


def test_rows_that_share_an_identifier_are_told_apart_by_bureau_then_by_number(csv_file, mapping):
    row = "{},p,,Ops,{},us,live"
    rows = [row.format(*r) for r in (("A", "N"), ("A", "S"), ("A", "S"), ("B", "S"), ("A", ""))]

    assert ids(read(csv_file(*rows), mapping)) == [
        "ops-a-n",
        "ops-a-s",
        "ops-a-s-2",
        "ops-b",
        "ops-a",
    ]


def test_identifiers_do_not_depend_on_the_order_of_rows_with_different_bureaus(csv_file, mapping):
    rows = ["A,p,,Ops,N,us,live", "A,q,,Ops,S,us,live", "B,r,,Ops,N,us,live"]

    forth = {d.values["system_id"]: d.values for d in read(csv_file(*rows), mapping).drafts}
    back = {d.values["system_id"]: d.values for d in read(csv_file(*rows[::-1]), mapping).drafts}

    assert forth == back


def test_a_file_may_state_identifiers_itself(csv_file, mapping):
    content = b"aims_id,title,purpose,outputs,office,bureau,maker,state\nmine,A,p,,Ops,N,us,live\n"

    assert ids(read(csv_file(content=content), mapping)) == ["mine"]


def test_without_a_mapping_columns_bear_the_names_of_fields(csv_file):
    header = "system_id,name,use_case,owner,origin,declared_risk_category,colour"
    path = csv_file(content=f"{header}\na,A,Ranks,olga,in_house,minimal,red\n".encode())

    values = read(path).drafts[0].values

    assert values["system_id"] == "a"
    assert values["attributes"] == {"colour": "red"}


def test_a_title_in_another_script_still_gets_an_identifier(csv_file, mapping):
    found = ids(read(csv_file("Сортировка,p,,Ops,N,us,live", "分类,p,,Ops,N,us,live"), mapping))

    assert len(set(found)) == 2
    assert all(name.startswith("ops-") for name in found)


@given(st.text(), st.integers(20, 64))
def test_an_identifier_fits_and_is_made_of_plain_characters(text, room):
    made = fitted(slug(text), room)

    assert len(made) <= room
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert made == made.strip("-")
    assert bool(made) == bool(text.strip())


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["", "n", "s"])), max_size=12))
def test_identifiers_are_always_different(rows):
    names = assign([Wanted(base=base, apart=(apart,)) for base, apart in rows])

    assert len(set(names)) == len(rows)
    assert len(names) == len(rows)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_batch_or_a_refusal(tmp_path_factory, content):
    header = b"system_id,name,use_case,owner,origin,declared_risk_category\n"
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(header + content)

    try:
        batch = read(path)
    except InvalidRecord:
        return

    assert all(r.problems for r in batch.refused)
    assert len({r.row for r in batch.refused} | {d.row for d in batch.drafts}) == len(
        batch.refused
    ) + len(batch.drafts)
