"""Reads a catalogue of controls from a YAML file; the controls of ISO/IEC 42001, Annex A, lie beside it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from aims_core import CatalogItem, InvalidRecord, Problem

_FILE = "iso_42001.yaml"


@cache
def iso_42001() -> tuple[CatalogItem, ...]:
    """Return the 38 controls of ISO/IEC 42001:2023, Annex A, in its order.

    Numbers and short titles are those of the standard; what a control asks is in our own words.
    """
    text = files("aims_compliance").joinpath("data", _FILE).read_text(encoding="utf-8")
    return read_catalog(text, _FILE)


def read_catalog(text: str, name: str) -> tuple[CatalogItem, ...]:
    """Return the controls that a YAML text lists by topic, in its order.

    Parameters
    ----------
    text : str
        ``topics: [{id, title, controls: [{id, title, asks}]}]``; further keys are left out.
    name : str
        What the text is called in messages.

    Raises
    ------
    InvalidRecord
        The text is no YAML, has another shape, or names a control twice.
    """
    asked = f"read the catalogue {name}"
    try:
        # The safe loader makes plain values only, whatever tags a file may carry.
        items = tuple(_items(yaml.safe_load(text)))
    except yaml.YAMLError as error:
        remedy = "correct the file"
        raise InvalidRecord(
            asked, [Problem(field="file", reason=str(error), remedy=remedy)]
        ) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        remedy = "give topics, each with id, title and controls, each with id, title and asks"
        reason = f"has another shape ({type(error).__name__}: {error})"
        raise InvalidRecord(
            asked, [Problem(field="topics", reason=reason, remedy=remedy)]
        ) from error
    if twice := _twice(items):
        remedy = "name each control once"
        reason = f"names {', '.join(twice)} twice"
        raise InvalidRecord(asked, [Problem(field="controls", reason=reason, remedy=remedy)])
    return items


def _items(data: Any) -> Iterator[CatalogItem]:
    for topic in data["topics"]:
        topic_id, title = _word(topic, "id"), _word(topic, "title")
        for control in topic["controls"]:
            yield CatalogItem(
                item_id=_word(control, "id"),
                title=_word(control, "title"),
                topic=f"{topic_id} {title}",
                asks=_word(control, "asks"),
            )


def _word(entry: Mapping[str, Any], key: str) -> str:
    found = entry[key]
    if not isinstance(found, str) or not found.strip():
        raise ValueError(f"{key} is {found!r:.60}, no text")
    return found


def _twice(items: tuple[CatalogItem, ...]) -> list[str]:
    counts = Counter(item.item_id for item in items)
    return [item_id for item_id, number in counts.items() if number > 1]
