"""What this plugin offers to the host; no behaviour."""

from collections.abc import Iterable

from aims_core import (
    CommandSpec,
    MigrationSpec,
    PanelSpec,
    Ref,
    ReportFormatSpec,
    SectionSpec,
    ServiceSpec,
    hookimpl,
)

_SERVICE = ServiceSpec(
    id="reporting.reports",
    title="Reports",
    name="reporting",
    factory=Ref("aims_reporting.reporting:Reporting"),
)
_HTML = ReportFormatSpec(
    id="reporting.html",
    title="One self-contained web page",
    media_type="text/html",
    suffix=".html",
    render=Ref("aims_reporting.html:render"),
)
_JSON = ReportFormatSpec(
    id="reporting.json",
    title="Canonical JSON for programs",
    media_type="application/json",
    suffix=".json",
    render=Ref("aims_reporting.json:render"),
)
_PANEL = PanelSpec(
    id="reporting.panel", title="Report", order=80, build=Ref("aims_reporting.panel:build")
)
_COMMAND = CommandSpec(
    id="reporting.command",
    title="Write the report of one system or of the portfolio.",
    name="report",
    command=Ref("aims_reporting.cli:report"),
)
_TABLES = MigrationSpec(
    component="reporting",
    location="aims_reporting:migrations",
    tables="aims_reporting.tables",
    requires={"core": "core0001"},
)


def _section(
    scope: str, name: str, title: str, order: int, *, looks_back: bool = True
) -> SectionSpec:
    return SectionSpec(
        id=f"reporting.{scope}_{name}",
        title=title,
        order=order,
        scope=scope,
        build=Ref(f"aims_reporting.{scope}_sections:{name}"),
        looks_back=looks_back,
    )


def _separation(scope: str) -> SectionSpec:
    return SectionSpec(
        id=f"reporting.{scope}_separation",
        title="Separation of duties, exceptions and waivers",
        order=40,
        scope=scope,
        build=Ref(f"aims_reporting.separation_sections:{scope}"),
        looks_back=True,
    )


_CONCERNS = SectionSpec(
    id="reporting.portfolio_concerns",
    title="Concerns",
    order=45,
    scope="portfolio",
    build=Ref("aims_reporting.concern_sections:portfolio"),
    looks_back=True,
)
# Sections of other plugins stand at 100 unless they say otherwise, between ours.
_SECTIONS = [
    _section("system", "identity", "The system", 0),
    _section("system", "lifecycle", "Where it stands in its life", 10),
    _section("system", "conditions", "What must hold where it stands", 20),
    _section("system", "approvals", "Who asked and who decided", 30),
    _separation("system"),
    _section("system", "evidence", "Evidence on record", 800),
    _section("system", "results", "Results in force and who computed them", 810),
    _section("system", "trail", "Audit trail of the system", 900),
    _section("system", "operation", "Plugins behind this report", 910, looks_back=False),
    _section("portfolio", "overview", "At a glance", 0),
    _section("portfolio", "findings", "Findings of the review", 10),
    _section("portfolio", "requests", "Requests that wait for a decision", 20),
    _section("portfolio", "distribution", "Where the systems stand", 30),
    _separation("portfolio"),
    _CONCERNS,
    _section("portfolio", "register", "Register of AI systems", 800),
    _section("portfolio", "operation", "Plugins behind this report", 900, looks_back=False),
]


@hookimpl
def aims_services() -> Iterable[ServiceSpec]:
    """Offer ``workspace.reporting``."""
    return [_SERVICE]


@hookimpl
def aims_report_formats() -> Iterable[ReportFormatSpec]:
    """Offer HTML and JSON."""
    return [_HTML, _JSON]


@hookimpl
def aims_report_sections() -> Iterable[SectionSpec]:
    """Offer the sections that need nothing but the core."""
    return _SECTIONS


@hookimpl
def aims_panels() -> Iterable[PanelSpec]:
    """Offer the tab in which reports are built and read."""
    return [_PANEL]


@hookimpl
def aims_cli_commands() -> Iterable[CommandSpec]:
    """Offer ``aims report``."""
    return [_COMMAND]


@hookimpl
def aims_migrations() -> Iterable[MigrationSpec]:
    """Name the table of issued reports."""
    return [_TABLES]
