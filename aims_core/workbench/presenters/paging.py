"""Pages of a table: what page is wanted, and where its rows come from."""

from dataclasses import dataclass
from typing import Any, Protocol

from aims_core.workbench.presenters.words import cell


@dataclass(frozen=True, slots=True)
class Query:
    """What page is wanted: text to search for, column to sort by, and the page's place."""

    search: str = ""
    sort: str = ""
    descending: bool = False
    page: int = 0
    size: int = 25


class Source(Protocol):
    """Where a table's rows come from."""

    def columns(self) -> list[tuple[str, str]]:
        """Return (key, title) of each column; the first column's value is the row's key."""

    def page(self, query: Query) -> tuple[list[list[str]], int]:
        """Return the rows of a page as text, and the number of all rows that fit.

        A number with a true attribute `more` is what was counted; there are others.
        """


class FrameSource:
    """Rows of a DataFrame."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def columns(self) -> list[tuple[str, str]]:
        """Return the frame's columns, titled in plain words."""
        return [(str(c), str(c).replace("_", " ").capitalize()) for c in self._frame.columns]

    def page(self, query: Query) -> tuple[list[list[str]], int]:
        """Return one page of the frame."""
        frame = self._frame
        if query.search and len(frame):
            texts = [frame[c].astype("string").fillna("").str.lower() for c in frame.columns]
            joined = texts[0].str.cat(texts[1:], sep=" ") if len(texts) > 1 else texts[0]
            frame = frame[joined.str.contains(query.search.lower(), regex=False)]
        if query.sort in frame.columns:
            frame = frame.sort_values(query.sort, ascending=not query.descending, kind="stable")
        part = frame.iloc[query.page * query.size : (query.page + 1) * query.size]
        return [[cell(v) for v in row] for row in part.itertuples(index=False)], len(frame)
