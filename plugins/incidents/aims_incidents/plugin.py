"""What aims-incidents offers; heavy code stands behind `Ref`."""

from collections.abc import Iterable

from aims_core import (
    CheckSpec,
    CommandSpec,
    IncidentTypeSpec,
    ListenerSpec,
    MigrationSpec,
    PanelSpec,
    Ref,
    SectionSpec,
    ServiceSpec,
    hookimpl,
)


@hookimpl
def aims_services() -> Iterable[ServiceSpec]:
    """Offer ``workspace.incidents``; the plugin suspends systems as an incident manager of its own."""
    return [
        ServiceSpec(
            id="incidents.register",
            title="Incident register",
            name="incidents",
            factory=Ref("aims_incidents.register:IncidentRegister"),
            acts_as=("incident_manager",),
        )
    ]


@hookimpl
def aims_incident_types() -> Iterable[IncidentTypeSpec]:
    """Offer incidents that a breached threshold opens, and those that people report."""
    return [
        IncidentTypeSpec(
            id="incidents.breach",
            title="Performance or behaviour outside its limits",
            opens_on=("core.ThresholdBreached",),
            suspends_at="major",
        ),
        IncidentTypeSpec(id="incidents.reported", title="Reported by a person", opens_on=()),
    ]


@hookimpl
def aims_on_event() -> Iterable[ListenerSpec]:
    """Ask to be told of breaches."""
    return [
        ListenerSpec(
            id="incidents.on_breach",
            title="Open an incident on a breach",
            events=("core.ThresholdBreached",),
            handle=Ref("aims_incidents.listener:on_breach"),
        )
    ]


@hookimpl
def aims_checks() -> Iterable[CheckSpec]:
    """Offer what the lifecycle asks about incidents."""
    return [
        CheckSpec(
            id="incidents.no_serious_incident_open",
            title="No grave incident is open",
            name="no_serious_incident_open",
            run=Ref("aims_incidents.checks:no_serious_incident_open"),
            results=("incident",),
        ),
        CheckSpec(
            id="incidents.cause_treated",
            title="Causes were found and treated",
            name="cause_treated",
            run=Ref("aims_incidents.checks:cause_treated"),
            results=("incident",),
        ),
    ]


@hookimpl
def aims_report_sections() -> Iterable[SectionSpec]:
    """Offer the incident sections of both reports."""
    return [
        SectionSpec(
            id=f"incidents.{scope}",
            title="Incidents",
            order=50,
            scope=scope,
            build=Ref(f"aims_incidents.section:{scope}_section"),
            looks_back=True,
        )
        for scope in ("system", "portfolio")
    ]


@hookimpl
def aims_panels() -> Iterable[PanelSpec]:
    """Offer the incidents tab."""
    return [
        PanelSpec(
            id="incidents.panel",
            title="Incidents",
            order=50,
            build=Ref("aims_incidents.panel:build"),
            waiting=Ref("aims_incidents.waiting:waiting"),
        )
    ]


@hookimpl
def aims_cli_commands() -> Iterable[CommandSpec]:
    """Offer ``aims incidents``."""
    return [
        CommandSpec(
            id="incidents.command",
            title="Open, assign, analyse, treat and close incidents.",
            name="incidents",
            command=Ref("aims_incidents.cli:incidents"),
        )
    ]


@hookimpl
def aims_migrations() -> Iterable[MigrationSpec]:
    """Offer the tables of the incident register."""
    return [
        MigrationSpec(
            component="incidents",
            location="aims_incidents:migrations",
            tables="aims_incidents.tables",
            requires={"core": "core0001"},
        )
    ]
