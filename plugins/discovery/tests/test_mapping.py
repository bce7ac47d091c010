"""A mapping that is wrong says where, all at once, and what was probably meant."""

import pytest
from aims_discovery.csv_importer import open_table
from aims_discovery.mapping_file import read_mapping

from aims_core import InvalidRecord


def problems(given):
    with pytest.raises(InvalidRecord) as refusal:
        read_mapping(given)
    return {p.field: f"{p.reason}. {p.remedy}" for p in refusal.value.problems}


def test_a_correct_mapping_is_read_and_names_its_columns(mapping):
    found = read_mapping(mapping)

    assert found.columns["maker"] == "fields.origin[1]"
    assert found.columns["bureau"] == "id"
    assert len(found.digest) == 64


def test_unknown_keys_and_fields_are_named_with_the_nearest_right_ones(mapping):
    mapping = {**mapping, "atributes": {}, "fields": {**mapping["fields"], "usecase": {}}}

    found = problems(mapping)

    assert "did you mean attributes?" in found["atributes"]
    assert "did you mean use_case?" in found["fields.usecase"]


def test_everything_that_is_wrong_is_said_at_once():
    found = problems(
        {
            "delimiter": "<>",
            "required": "stage",
            "id": {},
            "fields": {
                "name": {"column": "a", "constant": "b"},
                "use_case": {"colum": "a"},
                "owner": {"template": "nothing"},
                "origin": {"column": "a", "values": {"x": "inhouse"}},
                "declared_risk_category": {"constant": "hihg"},
                "stage": {"column": 3, "otherwise": "x", "slug": "yes", "when": {"a": "b"}},
                "status": "active",
            },
        }
    )

    assert set(found) == {
        "delimiter",
        "required",
        "id",
        "fields.name",
        "fields.use_case",
        "fields.use_case.colum",
        "fields.owner.template",
        "fields.origin",
        "fields.declared_risk_category",
        "fields.stage.column",
        "fields.stage.otherwise",
        "fields.stage.slug",
        "fields.stage.when.a",
        "fields.status",
    }
    assert "did you mean in_house?" in found["fields.origin"]
    assert "did you mean high" in found["fields.declared_risk_category"]


def test_a_field_that_every_system_needs_must_be_mapped(mapping):
    fields = {k: v for k, v in mapping["fields"].items() if k != "origin"}

    assert "constant" in problems({**mapping, "fields": fields})["fields.origin"]


@pytest.mark.parametrize("content", ["[id", "\x00"])
def test_a_file_that_is_no_toml_is_refused_in_words(tmp_path, content):
    (tmp_path / "m.toml").write_text(content, encoding="utf-8")

    assert "name a mapping file in TOML" in problems(tmp_path / "m.toml")["file"]
    assert "name a mapping file" in problems(tmp_path / "nothing.toml")["file"]


def test_something_else_than_a_path_or_a_mapping_is_a_mistake_of_the_caller():
    with pytest.raises(TypeError, match="path or a mapping"):
        read_mapping(3)


def test_columns_that_the_file_does_not_have_are_named_with_near_ones(csv_file, mapping):
    mapping = {**mapping, "attributes": {"x": "Outputs", "y": "offices"}}

    with pytest.raises(InvalidRecord) as refusal:
        open_table(csv_file(), mapping)

    said = {p.field: p.remedy for p in refusal.value.problems}
    assert said["attributes.x"] == "did you mean outputs?"
    assert "office" in said["attributes.y"]


def test_a_wrong_delimiter_is_recognised(csv_file, mapping):
    path = csv_file(content=b"title;purpose;office\na;b;c\n")

    with pytest.raises(InvalidRecord, match="separated by ';'"):
        open_table(path, {**mapping, "delimiter": ","})


def test_a_column_that_the_file_has_twice_cannot_be_mapped(csv_file, mapping):
    path = csv_file(content=b"title,purpose,outputs,office,bureau,maker,state,title\n")

    with pytest.raises(InvalidRecord, match="two columns 'title'"):
        open_table(path, mapping)


def test_without_a_mapping_the_lacking_columns_are_named(csv_file):
    with pytest.raises(InvalidRecord) as refusal:
        open_table(csv_file(content=b"system_id,name,usecase\n"))

    fields = {p.field for p in refusal.value.problems}
    assert fields == {"use_case", "owner", "origin", "declared_risk_category"}
