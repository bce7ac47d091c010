"""Workbooks, JSON, JSON lines and unusual CSV: the same rows from each, and each fault with its cell."""

import datetime as dt
import json
import zipfile

import pytest
from aims_discovery.csv_importer import open_table, read, read_json, read_json_lines, read_xlsx
from aims_discovery.csv_source import open_csv
from aims_discovery.source import letters
from aims_discovery.strict_yaml import strict_yaml
from openpyxl import Workbook

from aims_core import InvalidRecord

HEADER = ["title", "purpose", "outputs", "office", "bureau", "maker", "state"]
ROWS = [
    ["Triage", "Sorts tickets", "ranks", "Ops", "North", "us", "live"],
    ["Büro", "Liest Post", None, "Ops", "Süd", "them", "live"],
]


@pytest.fixture
def workbook(tmp_path):
    """Give a function that writes a workbook of rows under the small mapping's header."""

    def write(*rows, before=(), header=HEADER, title="Systems", name="inventory.xlsx"):
        book = Workbook()
        sheet = book.active
        sheet.title = title
        for row in (*before, header, *rows):
            sheet.append(row)
        path = tmp_path / name
        book.save(path)
        return path

    return write


def objects():
    return [dict(zip(HEADER, row, strict=True)) for row in ROWS]


def test_the_same_rows_in_every_form_become_the_same_systems(tmp_path, workbook, mapping):
    rows = [[cell or "" for cell in row] for row in ROWS]
    table = tmp_path / "a.csv"
    table.write_text("\n".join(",".join(r) for r in [HEADER, *rows]), encoding="utf-8")
    document = tmp_path / "a.json"
    document.write_text(json.dumps({"systems": objects(), "of": 2026}), encoding="utf-8")
    lines = tmp_path / "a.jsonl"
    lines.write_text("\n".join(map(json.dumps, objects())), encoding="utf-8")

    batches = [
        read(table, mapping),
        read_xlsx(workbook(*ROWS), mapping),
        read_json(document, mapping),
        read_json_lines(lines, mapping),
    ]

    values = [[d.values for d in b.drafts] for b in batches]
    assert len(values[0]) == 2
    assert all(v == values[0] for v in values)
    assert [b.drafts[1].places["unit"] for b in batches] == [
        "D3",
        "D3",
        "/systems/1/office",
        "line 2, office",
    ]


def test_every_fault_names_its_cell(workbook, mapping):
    refused = read_xlsx(
        workbook(ROWS[0], ["A", "TBD", None, "Ops", "N", "us", "asleep"]), mapping
    ).refused

    assert {(p.field, p.cell) for p in refused[0].problems} == {("use_case", "B3"), ("stage", "G3")}
    assert "row 3, stage (G3)" in str(refused[0].problems[1])


def test_a_header_below_the_first_row_and_a_sheet_are_named_by_the_mapping(workbook, mapping):
    path = workbook(*ROWS, before=[["Inventory of 2026"], []])

    with pytest.raises(InvalidRecord, match="has no column"):
        read_xlsx(path, mapping)
    batch = read_xlsx(path, {**mapping, "header_row": 3, "sheet": "Systems"})
    assert [d.row for d in batch.drafts] == [4, 5]
    assert "the header is row 3" in batch.notes
    with pytest.raises(InvalidRecord, match=r"no sheet 'Other'.*Name one of Systems"):
        read_xlsx(path, {**mapping, "header_row": 3, "sheet": "Other"})


def test_a_header_below_the_first_row_of_a_csv(csv_file, mapping):
    content = "Inventory of 2026\n\n" + ",".join(HEADER) + "\nA,p,,Ops,N,us,live\n"

    batch = read(csv_file(content=content.encode()), {**mapping, "header_row": 3})

    assert [(d.row, d.values["name"]) for d in batch.drafts] == [(4, "A")]


def test_refused_rows_below_a_lower_header_are_corrected_with_the_same_mapping(
    workspace, csv_file, mapping, tmp_path
):
    mapping = {**mapping, "header_row": 3}
    content = "Inventory of 2026\n\n" + ",".join(HEADER) + "\nA,,,Ops,N,us,live\n"
    ines = workspace.act_as("ines").discovery
    ines.import_file(csv_file(content=content.encode()), mapping)
    path = tmp_path / "refused.csv"
    ines.export_refused(path)
    path.write_bytes(path.read_bytes().replace(b",A,,", b",A,Sorts,"))

    assert ines.import_file(path, mapping).registered == 1


def test_formulas_are_never_calculated(workbook, mapping):
    path = workbook(["A", '="Sorts "&"mail"', None, "Ops", "N", "us", "live"])

    refused = read_xlsx(path, mapping).refused

    assert [(p.field, p.cell) for p in refused[0].problems if "formula" in p.reason] == [
        ("use_case", "B2")
    ]
    assert refused[0].cells["purpose"] == '="Sorts "&"mail"'


def test_the_saved_result_of_a_formula_is_read_and_said(workbook, mapping):
    path = workbook(["A", "=1+1", None, "Ops", "N", "us", "live"])
    rewrite(path, "xl/worksheets/sheet1.xml", b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
    rewrite(path, "xl/worksheets/sheet1.xml", b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")

    batch = read_xlsx(path, mapping)

    assert [d.values["use_case"] for d in batch.drafts] == ["2"]
    assert any("not calculated" in note for note in batch.notes)


def test_errors_of_a_sheet_are_faults_and_plain_values_are_text(workbook, mapping):
    rows = [
        ["A", "#REF!", 1.0, "Ops", dt.date(2026, 3, 1), "us", "live"],
        ["B", "p", 2.5, "Ops", "#N/A", "us", "live"],
        ["C", "p", True, "Ops", dt.time(12, 30), "us", "live"],
    ]

    batch = read_xlsx(workbook(*rows), mapping)

    assert "holds the error #REF!" in batch.refused[0].problems[0].reason
    assert [d.values["attributes"]["outputs"] for d in batch.drafts] == ["2.5", "true"]
    assert batch.drafts[0].values["attributes"]["bureau"] == {"unknown": "#N/A"}
    assert batch.drafts[1].values["attributes"]["bureau"] == "12:30:00"


@pytest.mark.parametrize(("place", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ")])
def test_columns_have_letters(place, name):
    assert letters(place) == name


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_said(csv_file, sign):
    rows = [["a", "b,c", "d"], ["1", "2;3", "4"], ["5", '"6\n7"', "8"]]
    rows = [[f'"{c}"' if sign in c and '"' not in c else c for c in row] for row in rows]

    source = open_csv(csv_file(content="\n".join(sign.join(r) for r in rows).encode()))

    assert source.delimiter == sign
    assert [len(cells) for _, cells in source.rows()] == [3, 3]
    assert "separated by" in source.notes[0]


def test_repeated_columns_are_named_in_the_outcome_and_refused_where_they_are_used(
    csv_file, mapping
):
    content = ",".join([*HEADER, "note", "note"]) + "\nA,p,,Ops,N,us,live,x,y\n"
    path = csv_file(content=content.encode())

    assert "numbered: note" in read(path, mapping).notes[1]
    with pytest.raises(InvalidRecord, match="two columns 'note'"):
        read(path, {**mapping, "attributes": {"note": "note"}})


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_recognised(csv_file, encoding):
    source = open_csv(csv_file(content="Büro,title\nNorth,x\n".encode(encoding)))

    assert (source.encoding, source.header) == (encoding, ("Büro", "title"))


@pytest.mark.parametrize(
    "name", ["zlib", "hex", "idna", "rot13", "unicode_escape", "x" * 500, "\x00"]
)
def test_an_encoding_that_is_none_of_text_is_refused(csv_file, name):
    with pytest.raises(InvalidRecord, match="is not known"):
        open_csv(csv_file(), encoding=name)


def test_a_quotation_mark_that_swallows_the_rest_of_the_file_is_refused(csv_file):
    path = csv_file(content=b'a,b\n1,"2\n3,4\n5,6\n')

    with pytest.raises(InvalidRecord, match=r"row 2.*rest of the file is one cell"):
        list(open_csv(path).rows())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"a": 1, "a": 2}]', "twice"),
        ("[{", "is no JSON"),
        ('{"a": 1}', "no list of systems"),
        ('[{"a": NaN}]', "no number in JSON"),
        ("[" * 100_000, "nested deeper"),
    ],
)
def test_json_that_readers_would_take_for_different_things_is_refused(tmp_path, text, said):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidRecord, match=said):
        open_table(path)


@pytest.mark.parametrize("form", ["json", "jsonl"])
@pytest.mark.parametrize(
    ("number", "says"), [("1e400", "too large"), ("-1e999", "too large"), ("9" * 40, "2^53")]
)
def test_a_number_that_cannot_be_held_refuses_its_row_and_names_the_cell(
    tmp_path, mapping, form, number, says
):
    good, bad, nested = (json.dumps(one) for one in objects()[:1] * 3)
    title = json.dumps(objects()[0]["title"])
    assert title in bad
    lines = [
        good,
        bad.replace(title, number, 1),
        nested.replace(title, f'{{"deep": [1, {number}]}}', 1),
        number,
    ]
    path = tmp_path / f"a.{form}"
    text = "[" + ",".join(lines) + "]" if form == "json" else "\n".join(lines)
    path.write_text(text, encoding="utf-8")

    batch = (read_json if form == "json" else read_json_lines)(path, mapping)

    assert [d.row for d in batch.drafts] == [1]
    assert [r.row for r in batch.refused] == [2, 3, 4]
    for refused in batch.refused:
        assert [says in p.reason for p in refused.problems] == [True]
        assert [p.remedy for p in refused.problems] == ["correct the number, or write it as text"]
    [problem] = batch.refused[0].problems
    assert problem.cell == ("/1/title" if form == "json" else "line 2, title")
    assert batch.refused[0].cells["title"] == number


def test_a_line_that_is_no_object_is_a_refused_row_and_the_others_are_taken(tmp_path, mapping):
    path = tmp_path / "a.jsonl"
    lines = [json.dumps(objects()[0]), '{"title": ', "[1]", '{"title": 1, "title": 2}']
    path.write_text("\n".join(lines), encoding="utf-8")

    batch = read_json_lines(path, mapping)

    assert [d.row for d in batch.drafts] == [1]
    assert [r.row for r in batch.refused] == [2, 3, 4]
    assert batch.refused[0].cells == {"row": '{"title":'}


def test_the_list_of_a_json_document_is_named_by_the_mapping(tmp_path, mapping):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"a": {"b": objects()}, "c": []}), encoding="utf-8")

    assert len(read_json(path, {**mapping, "records": "a.b"}).drafts) == 2
    with pytest.raises(InvalidRecord, match="no key 'x'"):
        read_json(path, {**mapping, "records": "a.x"})


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_a_mapping_may_be_yaml_or_json(tmp_path, csv_file, mapping, suffix):
    path = tmp_path / f"mapping{suffix}"
    path.write_text(json.dumps(mapping), encoding="utf-8")  # every JSON text is YAML

    assert len(read(csv_file(), path).drafts) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x [1]\nb: *x", "anchor or alias"),
        ("a: !!python/object/apply:os.system [id]", "tag"),
        ("a: 1\na: 2", "twice"),
        ("? [1]\n: 2", "no text"),
        ("[" * 5_000, "nested deeper"),
        ("a: [", "is no YAML"),
        ("a: b\n---\nc: d", "is no YAML"),
    ],
)
def test_yaml_that_surprises_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        strict_yaml(text)


def test_yaml_turns_no_text_into_something_else():
    text = "country: NO\nversion: 1.10\ntime: 12:30:00\nid: 0123\nempty:"

    assert strict_yaml(text) == {
        "country": "NO",
        "version": "1.10",
        "time": "12:30:00",
        "id": "0123",
        "empty": "",
    }


def rewrite(path, name, old, new):
    with zipfile.ZipFile(path) as file:
        parts = {one: file.read(one) for one in file.namelist()}
    parts[name] = parts[name].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for one, content in parts.items():
            file.writestr(one, content)
