"""Files made to do harm: refused in words or taken as plain text; a refused one leaves nothing."""

import io
import json
import time
import zipfile

import pytest
from openpyxl import Workbook

from aims_core import AimsError, InvalidRecord

COLUMNS = ("system_id", "name", "use_case", "owner", "origin", "declared_risk_category")
GOOD = ("good", "Good", "Sorts", "olga", "in_house", "minimal")


@pytest.fixture
def table(tmp_path):
    """Give the writer of a CSV file of rows under the register's own names."""

    def write(*rows, name="systems.csv"):
        path = tmp_path / name
        lines = (",".join(f'"{cell}"' for cell in row) for row in (COLUMNS, *rows))
        path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
        return path

    return write


@pytest.fixture
def document(tmp_path):
    """Give the writer of a file with any content."""

    def write(content, name):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refused_whole(ines, state, path, said, mapping=None):
    before = state()
    with pytest.raises(AimsError, match=said):
        ines.inventory.import_file(path, mapping=mapping)
    assert state() == before


def row(**changes):
    return tuple({**dict(zip(COLUMNS, GOOD, strict=True)), **changes}.values())


# Formulas -----------------------------------------------------------------------------------------


def test_formulas_in_csv_are_kept_as_text_and_leave_again_as_text(ines, table, tmp_path):
    ines.inventory.import_file(table(row(name="=cmd|' /C calc'!A0")))

    assert ines.inventory.get("good").name == "=cmd|' /C calc'!A0"
    ines.inventory.export(tmp_path / "out.csv")
    assert "'=cmd|" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


def test_formulas_in_a_workbook_are_not_calculated(ines, state, tmp_path):
    book = Workbook()
    book.active.append(COLUMNS)
    book.active.append(row(name='=WEBSERVICE("http://127.0.0.1/")'))
    book.save(tmp_path / "a.xlsx")

    outcome = ines.inventory.import_file(tmp_path / "a.xlsx")

    assert outcome.registered == 0
    first = outcome.refused[0].problems[0]
    assert (first.field, first.cell) == ("name", "B2")


# Values that databases hold differently ------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a\x00b"),
        ("name", "a\x1bb"),
        ("name", "a\x85b"),
        ("name", "Credit\u202egnirocs"),
        ("name", "Credit\u2066x"),
        ("name", "Cre\u200bdit"),
        ("name", "Cre\u00addit"),
        ("name", "\ufeffCredit"),
        ("name", "x" * 501),
        ("owner", "o" * 65),
        ("owner", "ol\u200bga"),
        ("use_case", "x" * 20_001),
        ("use_case", "a\x00b"),
        ("use_case", "a\u202eb"),
        ("use_case", "a\uffffb"),
        ("system_id", "Groß"),
        ("system_id", "a" * 65),
        ("system_id", "../../etc/passwd"),
        ("system_id", "a'; DROP TABLE aims_system; --"),
        ("origin", "in_house\x00"),
        ("declared_risk_category", "Minimal "),
    ],
)
def test_a_value_that_cannot_be_kept_as_it_is_is_refused_with_its_cell(ines, table, field, value):
    outcome = ines.inventory.import_file(table(row(**{field: value}), row(system_id="other")))

    assert (outcome.registered, len(outcome.refused)) == (1, 1)
    assert {p.field for p in outcome.refused[0].problems} == {field}
    assert {p.cell for p in outcome.refused[0].problems} == {f"{'ABCDEF'[COLUMNS.index(field)]}2"}
    assert all(len(p.value) <= 400 for p in outcome.refused[0].problems)


def test_half_characters_are_no_text_in_any_encoding_that_is_tried(ines, state, table):
    outcome = ines.inventory.import_file(table(row(name="a\ud800b")))

    # Their bytes are no UTF-8; as Windows-1252 they are other characters, which the outcome says.
    assert "cp1252" in outcome.notes[0]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (2**53 + 1, "2\\^53"),
        ("a\x00b", "NUL"),
        ("\ud800", "half a character"),
        ({1: 2}, "keys are text"),
        (b"x", "bytes"),
    ],
)
def test_attributes_hold_what_every_database_and_reader_takes_for_the_same(
    ines, state, described, value, said
):
    before = state()

    with pytest.raises(InvalidRecord, match=said):
        ines.inventory.register("a", **described(attributes={"x": value}))

    assert state() == before


def test_attributes_nested_deep_or_in_themselves_are_refused(ines, state, described):
    deep = current = {}
    for _ in range(100_000):
        current["a"] = current = {}
    endless = {}
    endless["a"] = endless
    before = state()

    for value in (deep, endless):
        with pytest.raises(InvalidRecord, match="nested"):
            ines.inventory.register("a", **described(attributes=value))
    while deep:  # taken apart by hand, because letting go of it would recurse
        deep = deep.pop("a", None)

    assert state() == before


def test_names_are_kept_composed_and_lookalikes_are_a_warning(ines, table):
    outcome = ines.inventory.import_file(
        table(
            row(system_id="a", name="Cafe\u0301"),
            row(system_id="b", name="\u0421redit"),
            row(system_id="c", name="Credit"),
        )
    )

    assert outcome.registered == 3
    assert ines.inventory.get("a").name == "Caf\u00e9"
    assert {w.row for w in outcome.warnings} >= {3, 4}


# JSON and YAML ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"system_id": "a", "system_id": "b"}]', "twice"),
        ("[" * 200_000 + "]" * 200_000, "nested"),
        ('[{"x": NaN}]', "NaN"),
        ('[{"x": -Infinity}]', "Infinity"),
        ('[{"x": "\\ud800"}]', "half a character"),
        ('{"a": [{"system_id": "a"}], "b": []}', "no list"),
        ("\x00", "is no JSON"),
        (b"\xff\xff", "no text"),
    ],
)
def test_json_that_readers_take_for_different_things_is_refused(ines, state, document, text, said):
    refused_whole(ines, state, document(text, "a.json"), said)


@pytest.mark.parametrize(
    ("number", "says"), [("1e400", "too large"), ("9" * 5_000, "beyond 2^53"), ("-1e400", "large")]
)
def test_one_number_that_cannot_be_held_refuses_its_row_alone(ines, document, number, says):
    described = {
        "name": "Ticket triage",
        "use_case": "Sorts tickets.",
        "owner": "olga",
        "origin": "in_house",
        "declared_risk_category": "minimal",
    }
    rows = [
        {"system_id": "a", **described},
        {"system_id": "b", **described, "attributes": {"limits": [1, "HERE"]}},
        {"system_id": "c", **described, "supplier": "HERE"},
    ]
    text = json.dumps(rows).replace('"HERE"', number)

    outcome = ines.inventory.import_file(document(text, "a.json"))

    assert outcome.registered == 1
    assert [r.row for r in outcome.refused] == [2, 3]
    for refused in outcome.refused:
        [problem] = refused.problems
        assert says in problem.reason
        assert problem.cell
        assert "correct the number" in problem.remedy


def test_a_mapping_in_yaml_that_would_grow_without_bound_is_refused_at_once(
    ines, state, table, document
):
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for before, after in zip("abcdefghij", "bcdefghijk", strict=True):
        bomb += f"{after}: &{after} [{','.join(['*' + before] * 9)}]\n"
    started = time.perf_counter()

    for text, said in (
        (bomb, "anchor or alias"),
        ("a: !!python/object/apply:os.system [id]", "tag"),
        ("[" * 50_000, "nested"),
        ("a: 1\na: 2", "twice"),
    ):
        refused_whole(ines, state, table(GOOD), said, mapping=document(text, "mapping.yaml"))

    assert time.perf_counter() - started < 60


# Containers ---------------------------------------------------------------------------------------


def workbook(*rows, more=None):
    book = Workbook()
    for one in (COLUMNS, *rows):
        book.active.append(one)
    buffer = io.BytesIO()
    book.save(buffer)
    if more is None:
        return buffer.getvalue()
    made = io.BytesIO()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {name: source.read(name) for name in source.namelist()}
        for name, content in (parts | more(parts)).items():
            new.writestr(name, content)
    return made.getvalue()


SHEET, STYLES = "xl/worksheets/sheet1.xml", "xl/styles.xml"
ENTITIES = b'<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (lambda _: {"xl/media/bomb.bin": b"\0" * 200_000_000}, "zip bomb"),
        (lambda p: {SHEET: p[SHEET] + b" " * 100_000_000}, "zip bomb"),
        (lambda _: {f"xl/media/{n}": b"" for n in range(2_001)}, "parts"),
        (
            lambda p: {SHEET: p[SHEET].replace(b"<worksheet", ENTITIES + b"<worksheet", 1)},
            "entities",
        ),
        (lambda p: {STYLES: ENTITIES + p[STYLES]}, "entities"),
        (lambda p: {SHEET: p[SHEET].decode().encode("utf-16")}, "not UTF-8"),
        (lambda _: {SHEET: b"<worksheet><sheetData><row>"}, "no readable workbook"),
        (lambda _: {"[Content_Types].xml": b"x"}, "no readable workbook"),
        (lambda _: {"xl/workbook.xml": b"<a/>"}, "no readable workbook|no sheet"),
    ],
    ids=["bomb", "padding", "parts", "entities", "styles", "utf16", "torn", "types", "root"],
)
def test_a_workbook_made_to_harm_is_refused_before_it_is_read(ines, state, document, more, said):
    started = time.perf_counter()

    refused_whole(ines, state, document(workbook(GOOD, more=more), "a.xlsx"), said)

    assert time.perf_counter() - started < 60


@pytest.mark.parametrize("content", [b"", b"PK", b"\0" * 1_000, workbook(GOOD)[:-40]])
def test_what_is_no_workbook_is_refused_in_words(ines, state, document, content):
    refused_whole(ines, state, document(content, "a.xlsx"), "no readable workbook")


def test_paths_in_a_workbook_lead_nowhere(ines, document, tmp_path):
    evil = {"../../evil.txt": b"x", "/abs.txt": b"x", "a\\..\\b.txt": b"x", "CON.txt": b"x"}
    path = document(workbook(GOOD, more=lambda _: evil), "a.xlsx")
    before = {p for p in tmp_path.rglob("*") if p.parent.name != "workspace"}

    assert ines.inventory.import_file(path).registered == 1

    assert {p for p in tmp_path.rglob("*") if p.parent.name != "workspace"} == before


def test_a_sheet_that_claims_to_be_as_wide_as_can_be_is_read_as_it_is(ines, document):
    def wide(parts):
        return {SHEET: parts[SHEET].replace(b'ref="A1:F2"', b'ref="A1:XFD1048576"')}

    assert ines.inventory.import_file(document(workbook(GOOD, more=wide), "a.xlsx")).registered == 1


# CSV ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n\n", "empty"),
        (b"\x00\x01\x02\x03\x81\x8d" * 100, "no text|no such column|empty"),
        (b'system_id,name\n"a,b\nc,d\ne,f\n', "one cell|no such column"),
        (b",".join([b"x"] * 20_000), "columns"),
        (b'"' + b"x" * 300_000 + b'"', "cannot be read"),
    ],
)
def test_a_table_that_is_none_is_refused_in_words(ines, state, document, content, said):
    refused_whole(ines, state, document(content, "a.csv"), said)


def test_a_file_of_the_wrong_kind_is_never_run(ines, state, document):
    import pickle

    class Trap:
        def __reduce__(self):
            return exec, ("raise SystemExit('was run')",)

    content = pickle.dumps(Trap())
    for name in ("a.csv", "a.json", "a.jsonl", "a.xlsx"):
        before = state()
        try:
            outcome = ines.inventory.import_file(document(content, name))
        except AimsError:
            assert state() == before
        else:
            assert outcome.registered == 0


def test_what_is_refused_is_kept_as_it_was_and_shown_without_harm(ines, table):
    evil = "<script>alert(1)</script>{{ 7*7 }}"
    outcome = ines.discovery.import_file(table(row(name=evil, origin=evil)))

    html = outcome._repr_html_()
    assert "<script>" not in html
    kept = ines.discovery.refused()["cells"][0]
    assert json.dumps(kept).count("{{ 7*7 }}") == 2
