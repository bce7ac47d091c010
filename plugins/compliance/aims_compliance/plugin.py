"""What this plugin offers to the host; no behaviour."""

from collections.abc import Iterable

from aims_core import (
    CatalogSpec,
    CommandSpec,
    MigrationSpec,
    PanelSpec,
    Ref,
    SectionSpec,
    ServiceSpec,
    hookimpl,
)


@hookimpl
def aims_services() -> Iterable[ServiceSpec]:
    """Offer ``workspace.compliance``."""
    return [
        ServiceSpec(
            id="compliance.statement",
            title="Statement of Applicability",
            name="compliance",
            factory=Ref("aims_compliance.statement:StatementOfApplicability"),
        )
    ]


@hookimpl
def aims_catalogs() -> Iterable[CatalogSpec]:
    """Offer the controls of ISO/IEC 42001, Annex A."""
    return [
        CatalogSpec(
            id="compliance.iso_42001",
            title="ISO/IEC 42001:2023, Annex A",
            items=Ref("aims_compliance.catalog:iso_42001"),
        )
    ]


@hookimpl
def aims_report_sections() -> Iterable[SectionSpec]:
    """Offer the statement for the portfolio's report."""
    return [
        SectionSpec(
            id="compliance.portfolio",
            title="Statement of Applicability",
            order=70,
            scope="portfolio",
            build=Ref("aims_compliance.section:portfolio_section"),
            looks_back=True,
        )
    ]


@hookimpl
def aims_panels() -> Iterable[PanelSpec]:
    """Offer the tab of the statement."""
    return [
        PanelSpec(
            id="compliance.panel",
            title="Compliance",
            order=70,
            build=Ref("aims_compliance.panel:build"),
        )
    ]


@hookimpl
def aims_cli_commands() -> Iterable[CommandSpec]:
    """Offer ``aims compliance``."""
    return [
        CommandSpec(
            id="compliance.command",
            title="Say which controls apply, and why.",
            name="compliance",
            command=Ref("aims_compliance.cli:compliance"),
        )
    ]


@hookimpl
def aims_migrations() -> Iterable[MigrationSpec]:
    """Name the tables of the statement."""
    return [
        MigrationSpec(
            component="compliance",
            location="aims_compliance:migrations",
            tables="aims_compliance.tables",
            requires={"core": "core0001"},
        )
    ]
