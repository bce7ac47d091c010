"""How far predicted quantities lie from what turned out to be true: sums that add up."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np

from aims_monitoring.reading import Reading
from aims_monitoring.values import are_beyond_doubles, numbers, subtracted


@dataclass(slots=True)
class Residuals:
    """Sums over the rows that have a label and a prediction, both finite numbers.

    A residual is prediction minus label. `label_sum` and `label_squares` are taken around `shift`,
    the first label seen, so that large labels keep their variance. `left_out` counts the other rows.
    """

    n: int = 0
    errors: float = 0.0
    distances: float = 0.0
    squares: float = 0.0
    fourths: float = 0.0
    shift: float = 0.0
    label_sum: float = 0.0
    label_squares: float = 0.0
    left_out: int = 0

    def add(self, table: Any, *, label: str, prediction: str) -> None:
        """Count the rows of an Arrow table in."""
        reading = Reading.of(table)
        true, read = reading.numbers(label).values, reading.numbers(prediction).values
        usable = np.isfinite(true) & np.isfinite(read)
        self.left_out += int(len(usable) - usable.sum())
        if not usable.any():
            return
        if not self.n:
            self.shift = float(true[usable][0])
        with np.errstate(over="ignore", invalid="ignore"):
            error, moved = read - true, true - self.shift
            if are_beyond_doubles(reading[label]) and are_beyond_doubles(reading[prediction]):
                error = subtracted(reading[prediction], reading[label], error)
                moved = numbers(reading[label], int(self.shift)).values
            error, moved = error[usable], moved[usable]
            squared = error * error
            self.errors += float(error.sum())
            self.distances += float(np.abs(error).sum())
            self.squares += float(squared.sum())
            self.fourths += float((squared * squared).sum())
            self.label_sum += float(moved.sum())
            self.label_squares += float((moved * moved).sum())
        self.n += len(error)

    def add_sums(self, rows: int, n: int, shift: float, sums: Sequence[Any]) -> None:
        """Take over what a database summed over rows, `n` of which are usable; for the first time only."""
        self.left_out, self.n, self.shift = rows - n, n, shift
        if n:
            (
                self.errors,
                self.distances,
                self.squares,
                self.fourths,
                self.label_sum,
                self.label_squares,
            ) = map(float, sums)

    def merge(self, other: Self) -> Self:
        """Return the sums of both parts, equal to one scan up to rounding."""
        if not (self.n and other.n):
            kept = self if self.n else other
            return replace(kept, left_out=self.left_out + other.left_out)
        apart = other.shift - self.shift
        return type(self)(
            self.n + other.n,
            self.errors + other.errors,
            self.distances + other.distances,
            self.squares + other.squares,
            self.fourths + other.fourths,
            self.shift,
            self.label_sum + other.label_sum + other.n * apart,
            self.label_squares
            + other.label_squares
            + 2 * apart * other.label_sum
            + other.n * apart * apart,
            self.left_out + other.left_out,
        )

    @property
    def rows(self) -> int:
        """Rows seen."""
        return self.n + self.left_out

    @property
    def label_spread(self) -> float:
        """Sum of the squared distances of the labels from their mean."""
        return max(self.label_squares - self.label_sum * self.label_sum / self.n, 0.0)

    def content(self) -> dict[str, Any]:
        """Return the sums in their JSON form; one that overflowed is null."""
        return {k: v if math.isfinite(v) else None for k, v in asdict(self).items()}

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """Return the sums that `content` gave back."""
        known: dict[str, Any] = {k: math.nan if v is None else v for k, v in content.items()}
        return cls(**known)
