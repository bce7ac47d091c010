"""YAML with text only: no aliases that grow without bound, no tags, nothing that turns NO into false."""

from typing import Any

import yaml
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_DEEPEST = 32


def strict_yaml(text: str) -> Any:
    """Return a YAML document of mappings, lists and texts.

    Raises
    ------
    ValueError
        It is no YAML, or holds aliases, tags, keys that are no text or stand there twice, or more than
        32 levels.
    """
    try:
        for level, event in _levels(text):
            if level > _DEEPEST:
                raise ValueError(f"is nested deeper than {_DEEPEST} levels")
            if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
                raise ValueError("uses an anchor or alias; write the value out")
            if getattr(event, "tag", None):
                raise ValueError(f"uses the tag {event.tag}; write plain text")
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise ValueError(f"is no YAML: {' '.join(str(error).split())}") from None
    return None if node is None else _value(node)


def _levels(text: str) -> Any:
    level = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        name = type(event).__name__
        level += name in {"MappingStartEvent", "SequenceStartEvent"}
        yield level, event
        level -= name in {"MappingEndEvent", "SequenceEndEvent"}


def _value(node: Node) -> Any:
    if isinstance(node, SequenceNode):
        return [_value(one) for one in node.value]
    if not isinstance(node, MappingNode):
        return node.value
    found: dict[str, Any] = {}
    for key, inner in node.value:
        if not isinstance(key, ScalarNode):
            raise ValueError("has a key that is no text")  # noqa: TRY004 - bad data, not a bad call
        if key.value in found:
            raise ValueError(f"has the key {key.value!r} twice")
        found[key.value] = _value(inner)
    return found
