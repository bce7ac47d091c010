"""The contract with plugins: one documented method per hook.

Every hook here *registers*: it returns typed records, touches no database and no network, and is
called once per host. Behaviour stands behind the records' lazy references, in two kinds that never
mix. An **ask** (checks, scorers, importers, …) gets frozen facts, writes nothing, and its failure
stops the act. A **tell** (listeners) runs after the commit; its failure is recorded and replayed.
"""

from collections.abc import Iterable

import pluggy

from aims_core.contributions import (
    AnchorSpec,
    CatalogSpec,
    CheckSpec,
    CommandSpec,
    ImporterSpec,
    IncidentTypeSpec,
    ListenerSpec,
    MetricSpec,
    MigrationSpec,
    MonitorSpec,
    PanelSpec,
    ReportFormatSpec,
    ScorerSpec,
    SectionSpec,
    ServiceSpec,
)

PROJECT = "aims"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class AimsSpecs:
    """Hook specifications; a class plugin may inherit from this to have its types checked."""

    @hookspec
    def aims_services(self) -> Iterable[ServiceSpec]:
        """Offer functions reached as ``workspace.<name>``.

        Example: ``[ServiceSpec(id="risk.register", title="Risk register", name="risk",
        factory=Ref("aims_risk.register:RiskRegister"))]``
        """

    @hookspec
    def aims_checks(self) -> Iterable[CheckSpec]:
        """Offer named checks of the lifecycle. A check that is missing or fails blocks the transition.

        Example: ``[CheckSpec(id="risk.accepted", title="…", name="residual_risk_accepted",
        run=Ref("aims_risk.checks:residual_risk_accepted"), results=("risk_acceptance",))]``
        """

    @hookspec
    def aims_risk_scorers(self) -> Iterable[ScorerSpec]:
        """Offer risk scorers; the one in force is chosen by ``[providers] risk_scorer``.

        Example: ``[ScorerSpec(id="risk.likelihood_consequence", title="…", score=Ref("…"))]``
        """

    @hookspec
    def aims_monitors(self) -> Iterable[MonitorSpec]:
        """Offer kinds of monitors.

        Example: ``[MonitorSpec(id="monitoring.drift", title="…", measure=Ref("…"))]``
        """

    @hookspec
    def aims_metrics(self) -> Iterable[MetricSpec]:
        """Offer metrics that monitors measure beside the shipped ones.

        Example: ``[MetricSpec(id="acme.lift", title="Lift", compute=Ref("aims_acme.lift:lift"), formula="…",
        source="…", range="0 upwards", direction="high", minimum=100, needs=("label", "score"))]``
        """

    @hookspec
    def aims_incident_types(self) -> Iterable[IncidentTypeSpec]:
        """Offer types of incidents and the events that open them.

        Example: ``[IncidentTypeSpec(id="incidents.breach", title="…",
        opens_on=("core.ThresholdBreached",), suspends_at="major")]``
        """

    @hookspec
    def aims_report_formats(self) -> Iterable[ReportFormatSpec]:
        """Offer report formats.

        Example: ``[ReportFormatSpec(id="reporting.html", title="HTML", media_type="text/html",
        suffix=".html", render=Ref("aims_reporting.html:render"))]``
        """

    @hookspec
    def aims_report_sections(self) -> Iterable[SectionSpec]:
        """Offer sections of the system or portfolio report. A failing one is shown as a failure.

        Example: ``[SectionSpec(id="risk.section", title="Risk", order=20, build=Ref("…"))]``
        """

    @hookspec
    def aims_catalogs(self) -> Iterable[CatalogSpec]:
        """Offer catalogues of controls or requirements.

        Example: ``[CatalogSpec(id="compliance.iso_42001", title="…", items=Ref("…"))]``
        """

    @hookspec
    def aims_importers(self) -> Iterable[ImporterSpec]:
        """Offer importers of inventories; chosen by ``[providers] importer`` or by file ending.

        Example: ``[ImporterSpec(id="discovery.csv", title="CSV", suffixes=(".csv",), read=Ref("…"))]``
        """

    @hookspec
    def aims_panels(self) -> Iterable[PanelSpec]:
        """Offer tabs of the workbench. A failing one shows its error in its own tab.

        Example: ``[PanelSpec(id="risk.panel", title="Risk", order=30, build=Ref("…"))]``
        """

    @hookspec
    def aims_cli_commands(self) -> Iterable[CommandSpec]:
        """Offer commands of ``aims``; the core's own names win.

        Example: ``[CommandSpec(id="risk.command", title="Assess risks.", name="risk",
        command=Ref("aims_risk.cli:risk"))]``
        """

    @hookspec
    def aims_on_event(self) -> Iterable[ListenerSpec]:
        """Name the event types to be told of after the commit, and who handles them.

        Example: ``[ListenerSpec(id="incidents.on_breach", title="…",
        events=("core.ThresholdBreached",), handle=Ref("aims_incidents.register:on_breach"))]``
        """

    @hookspec
    def aims_anchors(self) -> Iterable[AnchorSpec]:
        """Offer kinds of places that keep checkpoints of the audit trail where its writers cannot reach.

        Example: ``[AnchorSpec(id="notary.ledger", title="Notary's ledger",
        keep=Ref("aims_notary.ledger:keep"))]``
        """

    @hookspec
    def aims_migrations(self) -> Iterable[MigrationSpec]:
        """Name the plugin's tables and migrations.

        Example: ``[MigrationSpec(component="risk", location="aims_risk:migrations",
        tables="aims_risk.tables", requires={"core": "core0001"})]``
        """
