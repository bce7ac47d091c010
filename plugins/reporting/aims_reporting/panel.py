"""The workbench's report tab: build a report, read it in place, issue it, fetch what was issued."""

import base64
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from aims_core import PanelContext, Report
from aims_reporting import html
from aims_reporting.assembly import failed

_HEIGHT = 640
_ISSUED = {
    "issued_at": "Issued",
    "title": "Report",
    "format": "Format",
    "issued_by": "By",
    "location": "File",
    "failed_sections": "Missing sections",
}


class ReportPanel:
    """Shows the report of the selected system or of the portfolio, and issues exactly what it shows.

    Parameters
    ----------
    context : PanelContext
        The workbench's workspace, selection and kit.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self._shown: Report | None = None
        self._page = widgets.VBox()
        self._issued = widgets.VBox()
        self._issue = context.button("Issue as web page", self._issue_html)
        self._issue_data = context.button("Issue as JSON", self._issue_json)
        self.widget = widgets.VBox(
            [
                context.heading("Report"),
                widgets.HBox(
                    [
                        context.button(
                            "Report on the selected system", self._build_system, primary=True
                        ),
                        context.button("Report on the portfolio", self._build_portfolio),
                        self._issue,
                        self._issue_data,
                    ],
                    layout=widgets.Layout(flex_flow="row wrap"),
                ),
                self._page,
                context.heading("Issued reports"),
                self._issued,
            ]
        )
        context.observe(self._forget, names="system_id")
        context.observe(self._list_issued, names="refresh")
        self._forget()
        self._list_issued()

    def _build_system(self, *_: Any) -> None:
        if not self._context.system_id:
            self._context.say("Select a system in the register first.", level="error")
            return
        self._show(self._context.workspace.reporting.build(self._context.system_id))

    def _build_portfolio(self, *_: Any) -> None:
        self._show(self._context.workspace.reporting.build())

    def _show(self, report: Report) -> None:
        self._shown = report
        self._page.children = (self._context.markup(_framed(html.render(report), report)),)
        self._issue.disabled = self._issue_data.disabled = False
        missing = len(failed(report))
        if missing:
            self._context.say(f"{missing} section(s) could not be built.", level="error")
        else:
            self._context.say("This is a draft: it is not on record until you issue it.")

    def _issue_html(self, *_: Any) -> None:
        self._save("html")

    def _issue_json(self, *_: Any) -> None:
        self._save("json")

    def _save(self, format_: str) -> None:
        if self._shown is None:
            self._context.say("Build a report first.", level="error")
            return
        path = self._context.workspace.reporting.save(self._shown, format=format_)
        link = self._context.markup(_download(path.read_bytes(), path.name))
        self._page.children = (link, self._page.children[-1])
        self._context.say(f"Issued and recorded: {path}", level="ok")
        self._context.changed()

    def _forget(self, *_: Any) -> None:
        """Another system was selected: what is shown is no longer about it."""
        if self._shown is not None and not self._shown.subject:
            return
        self._shown = None
        self._issue.disabled = self._issue_data.disabled = True
        self._page.children = (
            self._context.empty("Build a report to read it here before you issue it."),
        )

    def _list_issued(self, *_: Any) -> None:
        frame = self._context.workspace.reporting.frame()
        self._issued.children = (
            self._context.table(
                frame[list(_ISSUED)].rename(columns=_ISSUED),
                label="Issued reports",
                empty="No report was issued yet.",
            ),
        )


def build(context: PanelContext) -> widgets.Widget:
    """Return the report tab."""
    return ReportPanel(context).widget


def _framed(page: bytes, report: Report) -> Markup:
    # sandbox without permissions: the page gets an origin of its own and can run nothing, whatever
    # the policy of the page around it allows.
    return Markup(
        '<iframe sandbox="" title="{}" srcdoc="{}" '
        'style="width:100%;height:{}px;border:1px solid #767676;background:#fff"></iframe>'
    ).format(report.title, page.decode(), _HEIGHT)


def _download(body: bytes, name: str) -> Markup:
    kind = "application/json" if name.endswith(".json") else "text/html"
    data = base64.b64encode(body).decode()
    return Markup('<a download="{}" href="data:{};base64,{}">Download {}</a>').format(
        name, kind, data, name
    )
