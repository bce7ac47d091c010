"""How the columns of a table become fields of the register: frozen values, read by `mapping_file`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aims_discovery.cells import UNKNOWN_WORDS

_SLOT = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """A text with columns in braces, such as ``{agency}-{title}``."""

    text: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it names, in order."""
        return tuple(_SLOT.findall(self.text))

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the text with each column replaced by its value."""
        return _SLOT.sub(lambda slot: values[slot.group(1)], self.text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One way to find a field's value; the steps of a field are tried in order.

    Exactly one of `column`, `template` and `constant` is set. `values` translates what a cell says
    (folded); an empty translation means that it says nothing here. `otherwise` translates everything
    else; without it, a value that is not in `values` is a problem. `when` and `unless` hold folded
    cell values by column.
    """

    place: str
    column: str = ""
    template: Template | None = None
    constant: str | None = None
    slug: bool = False
    values: Mapping[str, str] | None = None
    otherwise: str | None = None
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unless: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the step looks at."""
        own = (self.column,) if self.column else ()
        filled = self.template.columns if self.template else ()
        return (*own, *filled, *self.when, *self.unless)


@dataclass(frozen=True, kw_only=True, slots=True)
class IdRule:
    """How a system's identifier is made: a column that holds it, or a template whose text is slugged.

    Rows with the same identifier are told apart by the columns `apart_by`, then by number.
    """

    column: str = ""
    template: Template | None = None
    apart_by: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the rule looks at."""
        own = (self.column,) if self.column else ()
        return (*own, *(self.template.columns if self.template else ()), *self.apart_by)


@dataclass(frozen=True, kw_only=True, slots=True)
class CsvMapping:
    """A whole mapping: steps by field of the register, and columns by the attribute that keeps them.

    `delimiter` and `encoding` are empty where the file is to be asked; `sheet` names one of a workbook,
    `records` the list in a JSON document.
    """

    name: str
    digest: str
    id_rule: IdRule
    fields: Mapping[str, tuple[Step, ...]]
    attributes: Mapping[str, str] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    unknown: frozenset[str] = UNKNOWN_WORDS
    structured: frozenset[str] = frozenset()
    delimiter: str = ""
    encoding: str = ""
    header_row: int = 1
    sheet: str = ""
    records: str = ""

    @property
    def columns(self) -> dict[str, str]:
        """Every column the mapping names, with the place where it does so first."""
        places = dict.fromkeys(self.id_rule.columns, "id")
        for steps in self.fields.values():
            for step in steps:
                for column in step.columns:
                    places.setdefault(column, step.place)
        for attribute, column in self.attributes.items():
            places.setdefault(column, f"attributes.{attribute}")
        for column in sorted(self.structured):
            places.setdefault(column, column)
        return places
