"""The import tab of the workbench: name a file and a mapping, look first, then import."""

from pathlib import Path
from typing import Any

import ipywidgets as widgets

from aims_core import PanelContext

_WIDE = {"width": "98%"}
_LABEL = {"description_width": "6em"}
_PREVIEWED = 10


def build(context: PanelContext) -> Any:
    """Return the panel."""
    return ImportPanel(context).view


class ImportPanel:
    """Shows what a file would become, imports it, and names the rows that were refused.

    Parameters
    ----------
    context : PanelContext
        The workbench's workspace and kit.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self.file = _line("File", "Path of a CSV, XLSX, JSON or JSON lines file")
        self.mapping = _line("Mapping", "Path of its mapping file (TOML); may be left out")
        self.bar = widgets.IntProgress(
            description="Importing", style=_LABEL, layout={"display": "none", "width": "98%"}
        )
        self._seen = widgets.VBox()
        self._past = widgets.VBox()
        buttons = [
            context.button("Fill in the sample", self._fill_in),
            context.button("Preview", self._preview, primary=True),
            context.button("Import", self._import),
        ]
        self.view = widgets.VBox(
            [
                context.heading("Import an inventory"),
                context.text(
                    "Look first: a preview writes nothing. Rows that are refused are kept."
                ),
                self.file,
                self.mapping,
                widgets.HBox(buttons, layout={"flex_flow": "row wrap"}),
                self.bar,
                self._seen,
                self._past,
            ]
        )
        context.observe(self._draw, names=["refresh"])
        self._draw()

    def _fill_in(self) -> None:
        sample = self._context.workspace.discovery.sample()
        self.file.value, self.mapping.value = str(sample.data), str(sample.mapping)
        self._context.say("The US federal inventory of 2024 and its mapping are filled in.")

    def _given(self) -> tuple[Path, Path | None]:
        mapping = self.mapping.value.strip()
        return Path(self.file.value.strip()), Path(mapping) if mapping else None

    def _preview(self) -> None:
        context, given = self._context, self._given()
        discovery = context.workspace.discovery
        parts = (
            (discovery.preview(*given, rows=_PREVIEWED), f"The first {_PREVIEWED} rows"),
            (discovery.explain(*given), "Where each field comes from"),
        )
        drawn = []
        for frame, label in parts:
            table = context.table(frame, label=label, empty="The file has a header and no rows.")
            drawn += [context.heading(label), table]
        self._seen.children = tuple(drawn)
        context.say("This is a preview: nothing is written until you import.")

    def _import(self) -> None:
        path, mapping = self._given()
        self.bar.value, self.bar.layout.display = 0, ""
        try:
            done = self._context.workspace.discovery.import_file(
                path, mapping, progress=self._advance
            )
        finally:
            self.bar.layout.display = "none"
        self._seen.children = ()
        self._context.say(
            f"{done.read} rows read: {done.registered} registered, {done.revised} revised, "
            f"{done.unchanged} unchanged, {len(done.refused)} refused and kept.",
            level="info" if done.refused else "ok",
        )
        self._context.changed()

    def _advance(self, done: int, total: int) -> None:
        self.bar.max, self.bar.value = max(total, 1), done

    def _draw(self, _change: Any = None) -> None:
        context, discovery = self._context, self._context.workspace.discovery
        runs = discovery.runs().drop(columns=["source_digest", "mapping_digest"])
        refused = discovery.refused()[["row", "field", "value", "reason", "remedy"]]
        self._past.children = (
            context.heading("Imports so far"),
            context.table(runs, label="Imports", empty="Nothing was imported yet."),
            context.heading("Refused in the newest import"),
            context.table(refused, label="Refused rows", empty="The newest import refused no row."),
        )


def _line(title: str, hint: str) -> Any:
    return widgets.Text(description=title, placeholder=hint, style=_LABEL, layout=_WIDE)
