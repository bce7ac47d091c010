"""A made-up log of predictions, the reference and a window in which some columns have drifted.

Twelve columns of numbers of unlike shape (long tails, whole numbers, many zeros, missing values) and eight
of words (2 to 200 of them, one with missing values, one with a word the reference never had); score,
prediction, label and two attributes of people. The same rows each time.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from peers.job import NUMBERS, WORDS

_GROUP = 250_000
_WIDTHS = (2, 3, 5, 8, 12, 20, 50, 200)
_UNSEEN = 6
_AGES = ["18-25", "26-35", "36-50", "51-65", "65+"]


def write_logs(folder: Path, rows: int) -> tuple[Path, Path]:
    """Write reference and window as Parquet unless they lie there, and return their paths."""
    paths = folder / f"reference_{rows}.parquet", folder / f"current_{rows}.parquet"
    for side, path in enumerate(paths):
        if not path.exists():
            _write(path, rows, side)
    return paths


def _write(path: Path, rows: int, side: int) -> None:
    part = path.with_suffix(".part")
    writer = None
    for start in range(0, rows, _GROUP):
        chance = np.random.default_rng([20_261_126, side, start])
        table = _rows(min(_GROUP, rows - start), chance, moved=float(side))
        writer = writer or pq.ParquetWriter(part, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()
    part.rename(path)


def _rows(n: int, chance: np.random.Generator, moved: float) -> pa.Table:
    numbers = _numbers(n, chance, moved)
    words = {name: _words(n, i, chance, moved) for i, name in enumerate(WORDS)}
    sex = chance.choice(3, n, p=[0.48, 0.49, 0.03])
    age = chance.choice(5, n, p=[0.15, 0.25, 0.25, 0.2, 0.15])
    leaning = 0.9 * numbers[2] + 0.6 * numbers[0] - 0.4 * numbers[4]
    leaning += 0.25 * (sex == 1) - 0.1 * age
    label = chance.random(n) < 1 / (1 + np.exp(-leaning))
    seen = leaning + chance.normal(0, 0.5 + 0.3 * moved, n) - 0.2 * (sex == 0)
    score = 1 / (1 + np.exp(-seen))
    columns = {
        name: pa.array(v, from_pandas=True) for name, v in zip(NUMBERS, numbers, strict=True)
    }
    return pa.table(
        {
            **columns,
            **words,
            "score": score,
            "prediction": (score > 0.5).astype("int8"),  # noqa: PLR2004 - the even chance
            "label": label.astype("int8"),
            "sex": _texts(sex, ["F", "M", "X"]),
            "age_band": _texts(age, _AGES),
        }
    )


def _numbers(n: int, chance: np.random.Generator, moved: float) -> list[Any]:
    zeros = np.where(chance.random(n) < 0.6, 0.0, chance.gamma(2, 2, n))  # noqa: PLR2004 - a share
    found = [
        chance.normal(0.1 * moved, 1, n),
        chance.normal(0, 1 + 0.2 * moved, n),
        chance.normal(0.5 * moved, 1, n),
        chance.lognormal(0, 1, n),
        chance.exponential(1 + 0.05 * moved, n),
        chance.uniform(0, 1, n),
        chance.poisson(3 + 0.3 * moved, n).astype(float),
        zeros,
        chance.beta(2, 5 - 0.5 * moved, n),
        chance.standard_t(4, n),
        np.round(chance.normal(40 + moved, 12, n)),
        chance.normal(1e6, 1e5, n),
    ]
    for place, share in ((1, 0.01), (3, 0.01 + 0.04 * moved), (9, 0.05)):
        found[place][chance.random(n) < share] = np.nan
    return found


def _words(n: int, place: int, chance: np.random.Generator, moved: float) -> Any:
    width = _WIDTHS[place]
    weights = 1 / np.arange(1, width + 1) ** (0.8 + (0.15 * moved if place % 2 else 0))
    codes = chance.choice(width, n, p=weights / weights.sum())
    if moved and place == _UNSEEN:
        codes[chance.random(n) < 0.005] = width  # noqa: PLR2004 - a share
    missing = chance.random(n) < 0.02 if width == 12 else None  # noqa: PLR2004 - one of the widths
    return _texts(codes, [f"word {place} {k:03d}" for k in range(width + 1)], missing)


def _texts(codes: Any, texts: list[str], missing: Any = None) -> Any:
    places = pa.array(codes.astype("int32"), mask=missing)
    return pa.DictionaryArray.from_arrays(places, pa.array(texts)).cast(pa.string())
