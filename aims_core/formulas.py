"""Text that a spreadsheet would run as a formula, and the apostrophe that keeps it from doing so."""

_FIRST = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BLANK = ("\t", "\r", "\n")


def runs_as_formula(text: str) -> bool:
    """Return whether some spreadsheet takes a cell with this text for a formula.

    It does so for ``= + - @`` and their full-width forms, also behind blanks, and for a leading tab or
    line break, which moves what follows into a cell of its own.
    """
    return text.startswith(_BLANK) or text.lstrip().startswith(_FIRST)


def formula_safe(text: str) -> str:
    """Return text for a cell of CSV, with an apostrophe in front where it would run as a formula.

    Text that begins with an apostrophe gets another one, so that :func:`formula_restored` gives back
    exactly what went in.
    """
    return f"'{text}" if text.startswith("'") or runs_as_formula(text) else text


def formula_restored(cell: str) -> str:
    """Return the text that :func:`formula_safe` made this cell of."""
    return cell.removeprefix("'")
