"""Prediction logs that benchmarks of monitoring are measured on: made from a seed, piece by piece."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

NUMBERS = [f"n{i}" for i in range(12)]
WORDS = [f"c{i}" for i in range(8)]
SCHEMA = {"feature": [*NUMBERS, *WORDS]}
GROUP = 250_000


def write_log(path: Path, rows: int, seed: int) -> None:
    """Write a log of 12 columns of numbers and 8 of words, piece by piece."""
    chance = np.random.default_rng(seed)
    writer = None
    for start in range(0, rows, GROUP):
        count = min(GROUP, rows - start)
        columns: dict[str, Any] = {n: chance.gamma(1 + i, 2, count) for i, n in enumerate(NUMBERS)}
        for i, name in enumerate(WORDS):
            words = pa.array([f"word {k}" for k in range(2 + 6 * i)])
            columns[name] = words.take(pa.array(chance.integers(0, len(words), count)))
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def write_decisions(path: Path, rows: int, seed: int) -> None:
    """Write decisions with label, prediction and score, for people of three sexes and five bands of age."""
    chance = np.random.default_rng(seed)
    score = chance.beta(2, 3, rows)
    table = pa.table(
        {
            "sex": pa.array(["f", "m", "x"]).take(pa.array(chance.integers(0, 3, rows))),
            "age": pa.array(list("abcde")).take(pa.array(chance.integers(0, 5, rows))),
            "label": (chance.random(rows) < score).astype(np.int8),
            "prediction": (score > 0.5).astype(np.int8),  # noqa: PLR2004 - where a score is even
            "score": score,
        }
    )
    pq.write_table(table, path, row_group_size=GROUP)
