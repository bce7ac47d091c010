"""What lies on disk: encodings, headers, rows of the wrong length, files that are none."""

import pytest
from aims_discovery.csv_source import open_csv
from hypothesis import given
from hypothesis import strategies as st

from aims_core import InvalidRecord, formula_safe


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings_are_told_apart(csv_file, encoding):
    path = csv_file(content="Büro,título\nSüd,año\n".encode(encoding))

    source = open_csv(path)

    assert source.header == ("Büro", "título")
    assert list(source.rows()) == [(2, ["Süd", "año"])]


def test_an_encoding_may_be_named(csv_file):
    path = csv_file(content="имя\n".encode("cp1251"))

    assert open_csv(path, encoding="cp1251").header == ("имя",)


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (b"", {}, "first row is empty"),
        (b"\n,,\n", {}, "first row is empty"),
        (b"a\n\x81\x8d\xff", {}, "no text in utf-8 or cp1252"),
        (b"a\n\xff", {"encoding": "utf-8"}, "no text in utf-8"),
        (b"a\n", {"encoding": "utf-99"}, "'utf-99' is not known"),
    ],
)
def test_what_is_no_table_is_refused_in_words(csv_file, content, options, said):
    with pytest.raises(InvalidRecord, match=said):
        open_csv(csv_file(content=content), **options)


def test_a_missing_file_is_refused_in_words(tmp_path):
    with pytest.raises(InvalidRecord, match="there is no such file"):
        open_csv(tmp_path / "nothing.csv")


def test_a_quotation_mark_that_is_not_closed_is_named_with_its_row(csv_file):
    path = csv_file(content=b'a,b\n1,2\n"' + b"x" * 200_000)

    with pytest.raises(InvalidRecord, match=r"row 3.*quotation mark"):
        list(open_csv(path).rows())


def test_rows_are_counted_as_a_spreadsheet_counts_them(csv_file):
    path = csv_file(content=b'a,b\n1,"two\r\nlines"\n\n,\n2,3\n')

    assert list(open_csv(path).rows()) == [(2, ["1", "two\r\nlines"]), (5, ["2", "3"])]


def test_every_column_gets_a_name_of_its_own(csv_file):
    source = open_csv(csv_file(content=b"a,,a,b\n1,2,3,4,5\n"))

    assert source.header == ("a", "column 2", "a (column 3)", "b")
    assert source.repeated == {"a"}
    _, cells = next(source.rows())
    assert source.by_column(cells)["column 5"] == "5"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@a", "\t=1", " =1", "'=1", "'it's"])
def test_a_formula_is_neutralised_and_taken_back(csv_file, cell):
    assert formula_safe(cell) == f"'{cell}"

    path = csv_file(content=f"aims_row,text\n7,{formula_safe(cell)}\n".encode())

    assert next(open_csv(path).rows())[1] == ["7", cell]


def test_only_our_own_exports_lose_an_apostrophe(csv_file):
    path = csv_file(content=b"text\n'tis\n")

    assert next(open_csv(path).rows())[1] == ["'tis"]


@given(st.text(max_size=20))
def test_neutral_cells_never_begin_a_formula(text):
    shown = formula_safe(text)

    assert not shown.lstrip(" \n").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert shown.removeprefix("'") == text or shown == text
