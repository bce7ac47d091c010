"""A table that shows one page at a time: sorting, searching and paging happen where the data lies."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from aims_core.workbench.presenters.paging import Query, Source

_STATIC = Path(__file__).parents[1] / "static"


class Table(anywidget.AnyWidget):
    """The table's widget; the browser holds one page and writes it as text only.

    The first column is each row's key. With `on_select`, the cell of column `link` (the key by
    default) is a button that passes the key on.
    """

    _esm = _STATIC / "table.js"
    _css = _STATIC / "table.css"
    label = traitlets.Unicode("Table").tag(sync=True)
    empty = traitlets.Unicode("No rows.").tag(sync=True)
    columns: Any = traitlets.List().tag(sync=True)
    rows: Any = traitlets.List().tag(sync=True)
    total = traitlets.Int(0).tag(sync=True)
    more = traitlets.Bool(False).tag(sync=True)
    page = traitlets.Int(0).tag(sync=True)
    page_size = traitlets.Int(25).tag(sync=True)
    sort = traitlets.Unicode("").tag(sync=True)
    descending = traitlets.Bool(False).tag(sync=True)
    search = traitlets.Unicode("").tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    selectable = traitlets.Bool(False).tag(sync=True)
    link = traitlets.Unicode("").tag(sync=True)
    searchable = traitlets.Bool(True).tag(sync=True)

    def __init__(
        self,
        source: Source,
        *,
        label: str,
        empty: str,
        on_select: Callable[[str], Any] | None = None,
        on_problem: Callable[[Callable[..., Any]], Callable[..., None]] | None = None,
        link: str = "",
        page_size: int = 25,
    ) -> None:
        self.source = source
        super().__init__(label=label, empty=empty, page_size=page_size, link=link)
        self.selectable = on_select is not None
        if on_select is not None:
            self.observe(lambda change: change["new"] and on_select(change["new"]), "selected")
        # What an observer raises is seen nowhere, so a search that is refused would just do nothing.
        guard = on_problem or (lambda handler: handler)
        turned, searched = guard(self.reload), guard(self._searched)
        self.observe(lambda _: turned(), ["page", "sort", "descending"])
        self.observe(lambda _: searched(), "search")
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
            self.total, self.more = total, bool(getattr(total, "more", False))
            self.rows = rows
        self.searchable = bool(self.search) or total > self.page_size

    def _searched(self) -> None:
        self.page = 0
        self.reload()
