"""The catalogue of ISO/IEC 42001, Annex A, and what a file of controls may be."""

from collections import Counter
from importlib.resources import files

import pytest
import yaml
from aims_compliance.catalog import iso_42001, read_catalog

from aims_core import InvalidRecord

PER_TOPIC = {
    "A.2": 3,
    "A.3": 2,
    "A.4": 5,
    "A.5": 4,
    "A.6": 9,
    "A.7": 5,
    "A.8": 4,
    "A.9": 3,
    "A.10": 3,
}


def test_annex_a_has_its_38_controls_in_nine_topics():
    items = iso_42001()

    assert len(items) == 38
    assert Counter(i.topic.split()[0] for i in items) == PER_TOPIC
    assert all(i.item_id.startswith(i.topic.split()[0] + ".") for i in items)


def test_known_traps_in_public_lists_are_not_in_ours():
    titles = {i.item_id: i.title for i in iso_42001()}

    assert titles["A.8.3"] == "External reporting"
    assert titles["A.8.4"] == "Communication of incidents"
    assert titles["A.6.1.2"] == "Objectives for responsible development of AI system"
    assert not any(key.startswith(("A.1.", "A.11.")) for key in titles)


def test_every_control_asks_one_question_in_our_own_words():
    for item in iso_42001():
        assert item.asks.endswith("?"), item.item_id
        assert "shall" not in item.asks.split(), item.item_id


def test_the_file_says_what_may_be_done_with_it():
    text = files("aims_compliance").joinpath("data", "iso_42001.yaml").read_text(encoding="utf-8")

    assert "no text\n# of the standard is reproduced" in text
    assert "Apache-2.0" in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "topics: 3",
        "topics: [{id: A, title: T}]",
        "topics: [{id: A, title: T, controls: [{id: A.1, title: X}]}]",
        "topics: [{id: A, title: T, controls: [{id: 1, title: X, asks: Y?}]}]",
        "topics: [{id: A, title: T, controls: [{id: A.1, title: ' ', asks: Y?}]}]",
        "topics: [unclosed",
    ],
)
def test_a_file_of_another_shape_is_refused_in_words(text):
    with pytest.raises(InvalidRecord, match=r"read the catalogue own\.yaml"):
        read_catalog(text, "own.yaml")


def test_a_control_named_twice_is_refused():
    control = {"id": "A.1", "title": "X", "asks": "Y?"}
    text = yaml.safe_dump({"topics": [{"id": "A", "title": "T", "controls": [control, control]}]})

    with pytest.raises(InvalidRecord, match=r"names A\.1 twice"):
        read_catalog(text, "own.yaml")


def test_a_file_that_asks_for_code_to_be_run_is_refused():
    with pytest.raises(InvalidRecord, match="could not determine a constructor"):
        read_catalog("!!python/object/apply:os.getcwd []", "evil.yaml")
