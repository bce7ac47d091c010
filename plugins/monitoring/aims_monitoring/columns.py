"""Sufficient statistics of one column in one window; adding them up is merging.

Each kind accounts for every row: its counts, its missing, infinite and unreadable values add up
to the rows it has seen.
"""

from collections.abc import Mapping
from typing import Any

from aims_monitoring.category_column import CategoryColumn, SkippedColumn
from aims_monitoring.layout import CategoryPlan, ColumnPlan, NumericPlan
from aims_monitoring.numeric_column import (
    MINUS_INFINITY,
    MISSING,
    PLUS_INFINITY,
    NumericColumn,
    shortened,
)

Column = NumericColumn | CategoryColumn | SkippedColumn


def empty_column(plan: ColumnPlan) -> Column:
    """Return the statistics of no rows for the kind of column that was planned."""
    if isinstance(plan, NumericPlan):
        return NumericColumn.empty(plan)
    if isinstance(plan, CategoryPlan):
        return CategoryColumn.empty(plan)
    return SkippedColumn.empty(plan)


def read_column(plan: ColumnPlan, content: Mapping[str, Any]) -> Column:
    """Return a column's statistics from their JSON form."""
    if isinstance(plan, NumericPlan):
        return NumericColumn.read(plan, content)
    if isinstance(plan, CategoryPlan):
        return CategoryColumn.read(plan, content)
    return SkippedColumn.read(plan, content)


__all__ = [
    "MINUS_INFINITY",
    "MISSING",
    "PLUS_INFINITY",
    "CategoryColumn",
    "Column",
    "NumericColumn",
    "SkippedColumn",
    "empty_column",
    "read_column",
    "shortened",
]
