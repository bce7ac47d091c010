"""What is wrong with one field of what was handed in."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What is wrong with one field of one row, and what would help; `cell` is where, such as ``C17``."""

    field: str
    reason: str
    remedy: str = ""
    row: int | None = None
    value: str = ""
    cell: str = ""

    def __str__(self) -> str:
        place = f"row {self.row}, {self.field}" if self.row is not None else self.field
        place += f" ({self.cell})" if self.cell else ""
        help_ = f" {self.remedy[:1].upper()}{self.remedy[1:]}." if self.remedy else ""
        return f"{place}: {self.reason}.{help_}"
