"""Records made in bulk: a frozen record is filled through its slots, past an `__init__` that takes long."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

_Record = TypeVar("_Record")


def filler(record: type[_Record]) -> Callable[[Sequence[Any]], _Record]:
    """Return how to make one of these records of its values, all of them in the order of its fields.

    It is a third of the work of naming them, which counts where an inventory is read. The records are
    equal to those made otherwise; values must be sound, as nothing is asked and no default is put in.

    Raises
    ------
    TypeError
        The record has no slots, or does more when it is made than keep its values.
    """
    slots = vars(record).get("__slots__", ())
    names = tuple(field.name for field in fields(record))  # type: ignore[arg-type]  # refused if it is none
    if tuple(slots) != names or hasattr(record, "__post_init__"):
        raise TypeError(f"{record.__name__} cannot be filled by its slots")
    put_in = tuple(vars(record)[name].__set__ for name in names)
    new = object.__new__

    def fill(values: Sequence[Any]) -> _Record:
        made = new(record)
        for put, value in zip(put_in, values, strict=True):
            put(made, value)
        return made

    return fill
