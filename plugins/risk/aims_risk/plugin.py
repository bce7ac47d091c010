"""What aims-risk offers; heavy code stands behind `Ref`."""

from collections.abc import Iterable

from aims_core import (
    CheckSpec,
    CommandSpec,
    MigrationSpec,
    PanelSpec,
    Ref,
    ScorerSpec,
    SectionSpec,
    ServiceSpec,
    hookimpl,
)


@hookimpl
def aims_services() -> Iterable[ServiceSpec]:
    """Offer ``workspace.risk``."""
    return [
        ServiceSpec(
            id="risk.register",
            title="Risk register",
            name="risk",
            factory=Ref("aims_risk.register:RiskRegister"),
        )
    ]


@hookimpl
def aims_risk_scorers() -> Iterable[ScorerSpec]:
    """Offer the scorer that multiplies likelihood by consequence."""
    return [
        ScorerSpec(
            id="risk.likelihood_consequence",
            title="Likelihood and consequence",
            score=Ref("aims_risk.scorer:score"),
        )
    ]


@hookimpl
def aims_checks() -> Iterable[CheckSpec]:
    """Offer what the lifecycle asks about risk."""
    return [
        CheckSpec(
            id="risk.initial_risk_assessment",
            title="Risk was assessed",
            name="initial_risk_assessment",
            run=Ref("aims_risk.checks:initial_risk_assessment"),
            results=("risk_assessment",),
        ),
        CheckSpec(
            id="risk.not_prohibited",
            title="The practice is not prohibited",
            name="not_prohibited",
            run=Ref("aims_risk.checks:not_prohibited"),
        ),
        CheckSpec(
            id="risk.residual_risk_accepted",
            title="Residual risk was accepted",
            name="residual_risk_accepted",
            run=Ref("aims_risk.checks:residual_risk_accepted"),
            results=("risk_assessment", "risk_acceptance"),
        ),
    ]


@hookimpl
def aims_report_sections() -> Iterable[SectionSpec]:
    """Offer the risk sections of both reports."""
    return [
        SectionSpec(
            id="risk.system",
            title="Risk",
            order=30,
            scope="system",
            build=Ref("aims_risk.section:system_section"),
            looks_back=True,
        ),
        SectionSpec(
            id="risk.portfolio",
            title="Risk",
            order=30,
            scope="portfolio",
            build=Ref("aims_risk.section:portfolio_section"),
            looks_back=True,
        ),
    ]


@hookimpl
def aims_panels() -> Iterable[PanelSpec]:
    """Offer the risk tab."""
    return [PanelSpec(id="risk.panel", title="Risk", order=30, build=Ref("aims_risk.panel:build"))]


@hookimpl
def aims_cli_commands() -> Iterable[CommandSpec]:
    """Offer ``aims risk``."""
    return [
        CommandSpec(
            id="risk.command",
            title="Assess risks and see where they stand.",
            name="risk",
            command=Ref("aims_risk.cli:risk"),
        )
    ]


@hookimpl
def aims_migrations() -> Iterable[MigrationSpec]:
    """Offer the tables of the risk register."""
    return [
        MigrationSpec(
            component="risk",
            location="aims_risk:migrations",
            tables="aims_risk.tables",
            requires={"core": "core0001"},
        )
    ]
