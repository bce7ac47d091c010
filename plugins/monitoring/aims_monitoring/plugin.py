"""What this plugin offers the core; the work stands behind the references."""

from collections.abc import Iterable

from aims_core import (
    CheckSpec,
    CommandSpec,
    MetricSpec,
    MigrationSpec,
    MonitorSpec,
    PanelSpec,
    Ref,
    SectionSpec,
    ServiceSpec,
    hookimpl,
)

_SERVICE = ServiceSpec(
    id="monitoring.register",
    title="Monitors, runs and measurements",
    name="monitoring",
    factory=Ref("aims_monitoring.register:Monitoring"),
)
_PERFORMANCE = MonitorSpec(
    id="monitoring.performance",
    title="Performance",
    measure=Ref("aims_monitoring.measure:performance"),
)
_DRIFT = MonitorSpec(
    id="monitoring.drift", title="Drift", measure=Ref("aims_monitoring.measure:drift")
)
_FAIRNESS = MonitorSpec(
    id="monitoring.fairness", title="Fairness", measure=Ref("aims_monitoring.measure:fairness")
)
_ESTIMATE = MonitorSpec(
    id="monitoring.estimate",
    title="Estimated performance",
    measure=Ref("aims_monitoring.measure:estimate"),
)
_USABLE_SCORES = MetricSpec(
    id="monitoring.usable_scores",
    title="Share of rows with a usable score",
    compute=Ref("aims_monitoring.metrics.quality:usable_scores"),
    formula="rows with a score between 0 and 1, divided by all rows; Wilson's interval",
    source="ISO/IEC 25012, completeness; Wilson (1927)",
    range="0 to 1",
    direction="high",
    minimum=30,
    needs=("score",),
)
_PLAN = CheckSpec(
    id="monitoring.plan",
    title="A monitor with a threshold is defined",
    name="monitoring_plan",
    run=Ref("aims_monitoring.checks:monitoring_plan"),
    results=("monitoring_plan",),
)
_RUNNING = CheckSpec(
    id="monitoring.running",
    title="Every active monitor has run and measured something",
    name="monitors_running",
    run=Ref("aims_monitoring.checks:monitors_running"),
    results=("monitoring_plan", "measurement"),
)
_SYSTEM_SECTION = SectionSpec(
    id="monitoring.system",
    title="Monitoring",
    order=120,
    build=Ref("aims_monitoring.section:of_system"),
    looks_back=True,
)
_PORTFOLIO_SECTION = SectionSpec(
    id="monitoring.portfolio",
    title="Monitoring",
    order=120,
    scope="portfolio",
    build=Ref("aims_monitoring.section:of_portfolio"),
    looks_back=True,
)
_PANEL = PanelSpec(
    id="monitoring.panel",
    title="Monitoring",
    order=40,
    build=Ref("aims_monitoring.panel:build"),
)
_COMMAND = CommandSpec(
    id="monitoring.command",
    title="Define and run monitors, and show what they measured.",
    name="monitor",
    command=Ref("aims_monitoring.cli:monitor"),
)
_TABLES = MigrationSpec(
    component="monitoring",
    location="aims_monitoring:migrations",
    tables="aims_monitoring.tables",
    requires={"core": "core0001"},
)


@hookimpl
def aims_services() -> Iterable[ServiceSpec]:
    """Offer ``workspace.monitoring``."""
    return [_SERVICE]


@hookimpl
def aims_monitors() -> Iterable[MonitorSpec]:
    """Offer the kinds performance, drift, fairness and estimate."""
    return [_PERFORMANCE, _DRIFT, _FAIRNESS, _ESTIMATE]


@hookimpl
def aims_metrics() -> Iterable[MetricSpec]:
    """Offer a metric through the door that other plugins use; the usual ones stand in the catalogue."""
    return [_USABLE_SCORES]


@hookimpl
def aims_checks() -> Iterable[CheckSpec]:
    """Offer the checks that a system is to be monitored, and is."""
    return [_PLAN, _RUNNING]


@hookimpl
def aims_report_sections() -> Iterable[SectionSpec]:
    """Offer a section for the report of a system, and one for the portfolio."""
    return [_SYSTEM_SECTION, _PORTFOLIO_SECTION]


@hookimpl
def aims_panels() -> Iterable[PanelSpec]:
    """Offer the tab Monitoring of the workbench."""
    return [_PANEL]


@hookimpl
def aims_cli_commands() -> Iterable[CommandSpec]:
    """Offer ``aims monitor``."""
    return [_COMMAND]


@hookimpl
def aims_migrations() -> Iterable[MigrationSpec]:
    """Name the plugin's tables."""
    return [_TABLES]
