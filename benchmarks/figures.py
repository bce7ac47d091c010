"""The form that all benchmarks share: a figure with its goal, printed for people or as JSON."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

# Below this a value is written with its exponent.
_SMALL = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One measured value, None where it could not be measured.

    `goal` is a limit in `unit`, above or below as `at_least` says; what was not measured does not keep it.
    """

    name: str
    value: float | None
    unit: str
    goal: float | None = None
    at_least: bool = False

    @property
    def ok(self) -> bool | None:
        """Whether the goal is kept; None where there is no goal."""
        if self.goal is None:
            return None
        if self.value is None:
            return False
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def seconds(act: Callable[[], Any]) -> float:
    """Return how long an act takes."""
    started = perf_counter()
    act()
    return perf_counter() - started


def p95(values: Sequence[float]) -> float:
    """Return the value that 95 of 100 do not exceed."""
    return quantiles(values, n=20, method="inclusive")[-1]


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return median(values)


def show(figures: Sequence[Figure], file: Path | None) -> int:
    """Print figures, write them to `file` as JSON, and return 1 when one misses its goal."""
    width = max(len(f.name) for f in figures) + 2
    for one in figures:
        sign = ">=" if one.at_least else "<="
        verdict = "kept" if one.ok else "MISSED"
        goal = "" if one.goal is None else f"  (goal {sign} {one.goal:,g}: {verdict})"
        print(f"{one.name:<{width}}{_written(one.value):>14} {one.unit}{goal}")
    if file:
        rows = [
            {k: v for k, v in asdict(f).items() if k != "at_least"} | {"ok": f.ok} for f in figures
        ]
        file.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if all(f.ok is not False for f in figures) else 1


def _written(value: float | None) -> str:
    if value is None:
        return "not measured"
    return f"{value:,.2f}" if not value or abs(value) >= _SMALL else f"{value:.1e}"
