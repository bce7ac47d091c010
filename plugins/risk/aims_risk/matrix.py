"""The risk matrix as a picture and in words."""

from aims_core import heatmap_svg
from aims_risk.criteria import RiskCriteria

Counts = dict[tuple[int, int], int]


def matrix_svg(counts: Counts, criteria: RiskCriteria) -> str:
    """Return the matrix of likelihood (rows) and consequence (columns) with the number in each cell."""
    ratings = range(1, criteria.scale + 1)
    levels = {(row, column): _level(criteria, row, column) for row in ratings for column in ratings}
    return heatmap_svg(
        counts,
        rows=_titles(criteria.likelihood),
        columns=_titles(criteria.consequence),
        row_title="Likelihood",
        column_title="Consequence",
        levels=levels,
    )


def matrix_words(counts: Counts, criteria: RiskCriteria) -> str:
    """Return the matrix in words: how many systems lie at which level, before modifiers."""
    outside = sum(n for place, n in counts.items() if max(place) > criteria.scale)
    by_level = dict.fromkeys((lv.name.replace("_", " ") for lv in reversed(criteria.levels)), 0)
    for (row, column), number in counts.items():
        by_level[_level(criteria, row, column)] += number
    said = [f"{number:,} {name}" for name, number in by_level.items() if number]
    words = f"Systems by likelihood and consequence: {', '.join(said) or 'none assessed'}"
    if not outside:
        return words
    return f"{words}. {outside:,} of them were rated on a larger scale and are not in the picture"


def _level(criteria: RiskCriteria, row: int, column: int) -> str:
    return criteria.level(row * column).name.replace("_", " ")


def _titles(words: tuple[str, ...]) -> list[str]:
    numbered = enumerate(words, start=1)
    return [word if word == str(n) else f"{n} {word}" for n, word in numbered]
