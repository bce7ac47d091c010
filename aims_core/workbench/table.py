"""A table that shows one page at a time: sorting, searching and paging happen where the data lies."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import anywidget
import traitlets

_STATIC = Path(__file__).parent / "static"


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
        """Return the rows of a page as text, and the number of all rows that fit."""


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


class Table(anywidget.AnyWidget):
    """The table's widget; the browser holds one page and writes it as text only."""

    _esm = _STATIC / "table.js"
    _css = _STATIC / "table.css"
    label = traitlets.Unicode("Table").tag(sync=True)
    empty = traitlets.Unicode("No rows.").tag(sync=True)
    columns: Any = traitlets.List().tag(sync=True)
    rows: Any = traitlets.List().tag(sync=True)
    total = traitlets.Int(0).tag(sync=True)
    page = traitlets.Int(0).tag(sync=True)
    page_size = traitlets.Int(25).tag(sync=True)
    sort = traitlets.Unicode("").tag(sync=True)
    descending = traitlets.Bool(False).tag(sync=True)
    search = traitlets.Unicode("").tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    selectable = traitlets.Bool(False).tag(sync=True)
    searchable = traitlets.Bool(True).tag(sync=True)

    def __init__(
        self,
        source: Source,
        *,
        label: str,
        empty: str,
        on_select: Callable[[str], Any] | None = None,
        page_size: int = 25,
    ) -> None:
        self.source = source
        super().__init__(label=label, empty=empty, page_size=page_size)
        self.selectable = on_select is not None
        if on_select is not None:
            self.observe(lambda change: change["new"] and on_select(change["new"]), "selected")
        self.observe(lambda _: self.reload(), ["page", "sort", "descending"])
        self.observe(lambda _: self._searched(), "search")
        self.reload()

    def reload(self) -> None:
        """Read the page again; a page beyond the end becomes the last one."""
        self.columns = [{"key": key, "title": title} for key, title in self.source.columns()]
        query = Query(self.search, self.sort, self.descending, self.page, self.page_size)
        rows, total = self.source.page(query)
        last = max(0, (total - 1) // self.page_size)
        if self.page > last:
            self.page = last
            return
        with self.hold_sync():
            self.total = total
            self.rows = rows
        self.searchable = bool(self.search) or total > self.page_size

    def _searched(self) -> None:
        self.page = 0
        self.reload()


def cell(value: Any) -> str:
    """Return a value as people read it; what is absent is a dash."""
    if value is None or str(value) in {"<NA>", "NaT", "nan"}:
        return "-"
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d %H:%M}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
