"""What aims-discovery offers; heavy code stands behind `Ref`."""

from collections.abc import Iterable

from aims_core import (
    CommandSpec,
    ImporterSpec,
    MigrationSpec,
    PanelSpec,
    Ref,
    SectionSpec,
    ServiceSpec,
    hookimpl,
)

_SERVICE = ServiceSpec(
    id="discovery.service",
    title="Discovery",
    name="discovery",
    factory=Ref("aims_discovery.discovery:Discovery"),
)
_CSV = ImporterSpec(
    id="discovery.csv",
    title="CSV with a mapping",
    suffixes=(".csv", ".tsv"),
    read=Ref("aims_discovery.csv_importer:read"),
)
_XLSX = ImporterSpec(
    id="discovery.xlsx",
    title="XLSX workbook with a mapping",
    suffixes=(".xlsx",),
    read=Ref("aims_discovery.csv_importer:read_xlsx"),
)
_JSON = ImporterSpec(
    id="discovery.json",
    title="JSON with a mapping",
    suffixes=(".json",),
    read=Ref("aims_discovery.csv_importer:read_json"),
)
_LINES = ImporterSpec(
    id="discovery.lines",
    title="JSON, one object a line, with a mapping",
    suffixes=(".jsonl", ".ndjson"),
    read=Ref("aims_discovery.csv_importer:read_json_lines"),
)
_SECTION = SectionSpec(
    id="discovery.portfolio",
    title="Imports",
    order=160,
    scope="portfolio",
    build=Ref("aims_discovery.section:portfolio_section"),
    looks_back=True,
)
_PANEL = PanelSpec(
    id="discovery.panel", title="Import", order=70, build=Ref("aims_discovery.panel:build")
)
_COMMAND = CommandSpec(
    id="discovery.command",
    title="Look into inventories before they are imported, and at the rows that were refused.",
    name="discovery",
    command=Ref("aims_discovery.cli:discovery"),
)
_TABLES = MigrationSpec(
    component="discovery",
    location="aims_discovery:migrations",
    tables="aims_discovery.tables",
    requires={"core": "core0001"},
)


@hookimpl
def aims_services() -> Iterable[ServiceSpec]:
    """Offer ``workspace.discovery``."""
    return [_SERVICE]


@hookimpl
def aims_importers() -> Iterable[ImporterSpec]:
    """Offer the importers of tables."""
    return [_CSV, _XLSX, _JSON, _LINES]


@hookimpl
def aims_report_sections() -> Iterable[SectionSpec]:
    """Offer the section on imports of the portfolio report."""
    return [_SECTION]


@hookimpl
def aims_panels() -> Iterable[PanelSpec]:
    """Offer the import tab."""
    return [_PANEL]


@hookimpl
def aims_cli_commands() -> Iterable[CommandSpec]:
    """Offer ``aims discovery``."""
    return [_COMMAND]


@hookimpl
def aims_migrations() -> Iterable[MigrationSpec]:
    """Offer the tables of import runs and refused rows."""
    return [_TABLES]
