"""Finds plugins, keeps a broken one from harming the rest, and hands out what they offer."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pluggy

from aims_core import checks
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
    Offer,
    PanelSpec,
    Ref,
    ReportFormatSpec,
    ScorerSpec,
    SectionSpec,
    ServiceSpec,
)
from aims_core.errors import PluginError, ProviderChoice, RequestRefused
from aims_core.hookspecs import PROJECT, AimsSpecs
from aims_core.plugin_host.installed import Installed, core_version, installed_plugins
from aims_core.records import PluginInfo
from aims_core.roles import PERSONAL_ROLES, ROLES

CORE = "core"
_log = logging.getLogger("aims.plugins")
# A library leaves it to its users where its log goes; without this, Python prints it into notebooks.
logging.getLogger("aims").addHandler(logging.NullHandler())

KINDS: Mapping[str, type] = {
    "aims_services": ServiceSpec,
    "aims_checks": CheckSpec,
    "aims_risk_scorers": ScorerSpec,
    "aims_monitors": MonitorSpec,
    "aims_metrics": MetricSpec,
    "aims_incident_types": IncidentTypeSpec,
    "aims_report_formats": ReportFormatSpec,
    "aims_report_sections": SectionSpec,
    "aims_catalogs": CatalogSpec,
    "aims_importers": ImporterSpec,
    "aims_panels": PanelSpec,
    "aims_cli_commands": CommandSpec,
    "aims_on_event": ListenerSpec,
    "aims_anchors": AnchorSpec,
    "aims_migrations": MigrationSpec,
}

CHOICES: Mapping[str, str] = {
    "aims_risk_scorers": "risk_scorer",
    "aims_importers": "importer",
    "aims_report_formats": "report_format",
}
"""Key of ``[providers]`` in ``aims.toml`` by hook, where one provider is chosen."""


class PluginHost:
    """The plugins of this process.

    Parameters
    ----------
    blocked : iterable of str
        Names of plugins that are not to be loaded.
    providers : mapping of str to str
        Chosen provider by key, from ``[providers]``.
    discover : bool
        False loads no installed plugin (tests, ``--no-plugins``).
    """

    def __init__(
        self,
        *,
        blocked: Iterable[str] = (),
        providers: Mapping[str, str] | None = None,
        discover: bool = True,
    ) -> None:
        self._pluggy = pluggy.PluginManager(PROJECT)
        self._pluggy.add_hookspecs(AimsSpecs)
        self._infos: dict[str, PluginInfo] = {}
        self._offers: dict[str, tuple[Offer, ...]] = {}
        self._blocked = frozenset(blocked)
        self.providers = dict(providers or {})
        self.delivering = False
        core = PluginInfo(
            name=CORE,
            distribution="aims-core",
            version=core_version(),
            fingerprint="",
            status="active",
        )
        self._take(core, checks)
        if discover:
            for found in installed_plugins():
                self._load(found)

    def register(
        self, plugin: object, name: str, *, distribution: str = "local", version: str = "0"
    ) -> PluginInfo:
        """Add a plugin object by hand, as tests and notebooks do, and return how it stands."""
        info = PluginInfo(
            name=name, distribution=distribution, version=version, fingerprint="", status="active"
        )
        return self._take(info, plugin)

    def plugins(self) -> tuple[PluginInfo, ...]:
        """Return every plugin found, the failed and the blocked ones with their reason."""
        return tuple(self._infos.values())

    def contributions(self, hook: str) -> tuple[Offer, ...]:
        """Return what all plugins offer through a hook, in the order of their ids.

        A plugin whose hook fails or answers nonsense is marked failed and left out.
        """
        if hook not in self._offers:
            found: dict[str, Offer] = {}
            for offer in self._collect(hook):
                key = _key(offer.spec)
                if key in found:
                    self._fail(
                        offer.plugin.name,
                        f"{hook}: {key!r} is already offered by {found[key].plugin.distribution}",
                    )
                else:
                    found[key] = offer
            self._offers[hook] = tuple(found[key] for key in sorted(found))
        return self._offers[hook]

    def offer(self, hook: str, spec_id: str = "") -> Offer:
        """Return one contribution: the one named, else the configured one, else the only one.

        Raises
        ------
        ProviderChoice
            None fits, or several do and nothing chooses between them.
        """
        offers = self.contributions(hook)
        wanted = spec_id or self.providers.get(CHOICES.get(hook, ""), "")
        fitting = [o for o in offers if not wanted or _key(o.spec) == wanted]
        if len(fitting) != 1:
            raise ProviderChoice(CHOICES.get(hook, hook), wanted, [_key(o.spec) for o in offers])
        return fitting[0]

    def check(self, name: str) -> Offer | None:
        """Return the check of this name, or None when nobody offers it.

        Raises
        ------
        ProviderChoice
            Several plugins offer it and ``[providers]`` does not choose.
        """
        offers = [o for o in self.contributions("aims_checks") if o.spec.name == name]
        if wanted := self.providers.get(name):
            offers = [o for o in offers if o.spec.id == wanted]
        if len(offers) > 1:
            raise ProviderChoice(name, "", [o.spec.id for o in offers])
        return offers[0] if offers else None

    def ask(self, offer: Offer, reference: Ref, *arguments: Any, may_refuse: bool = False) -> Any:
        """Call a plugin's function and return its answer.

        Parameters
        ----------
        may_refuse : bool
            True where the plugin judges what a person handed in (an importer reads their file): its
            `RequestRefused` is then about that input, and passes as it is.

        Raises
        ------
        PluginError
            It could not be imported or it failed; the plugin and what it said are named.
        RequestRefused
            The input cannot be used, where `may_refuse` lets the plugin say so.
        """
        try:
            return reference.load()(*arguments)
        except (Exception, SystemExit) as error:
            if may_refuse and isinstance(error, RequestRefused):
                raise
            _log.exception(
                "plugin %s %s failed in %s",
                offer.plugin.distribution,
                offer.plugin.version,
                reference.target,
            )
            raise PluginError(
                _named(offer.plugin), _key(offer.spec), f"{type(error).__name__}: {error}"
            ) from error

    def _load(self, found: Installed) -> None:
        name = found.point.name
        info = PluginInfo(
            name=name,
            distribution=found.distribution,
            version=found.version,
            fingerprint=found.fingerprint,
            status="active",
        )
        if name in self._infos:
            self._refuse_clash(info)
        elif name in self._blocked:
            self._infos[name] = replace(info, status="blocked", reason="blocked in aims.toml")
        else:
            try:
                plugin = found.point.load()
            except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code may fail in any way; it becomes a record
                self._infos[name] = replace(
                    info, status="failed", reason=f"{type(error).__name__}: {error}"
                )
                _log.warning("plugin %s cannot be loaded: %s", info.distribution, error)
            else:
                self._take(info, plugin)

    def _take(self, info: PluginInfo, plugin: object) -> PluginInfo:
        if info.name in self._infos:
            return self._refuse_clash(info)
        try:
            self._pluggy.register(plugin, name=info.name)
            self._pluggy.check_pending()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - same
            if self._pluggy.has_plugin(info.name):
                self._pluggy.unregister(name=info.name)
            info = replace(info, status="failed", reason=f"{type(error).__name__}: {error}")
            _log.warning("plugin %s cannot be used: %s", info.distribution, error)
        else:
            callers = self._pluggy.get_hookcallers(plugin) or []
            info = replace(info, hooks=tuple(sorted(caller.name for caller in callers)))
        self._infos[info.name] = info
        self._offers.clear()
        return info

    def _refuse_clash(self, info: PluginInfo) -> PluginInfo:
        """List the second plugin of a name as failed; the first one stays as it is."""
        reason = f"the name {info.name!r} is taken by {self._infos[info.name].distribution}"
        key = f"{info.name}@{info.distribution}"
        self._infos[key] = replace(info, status="failed", reason=reason)
        _log.warning("plugin %s cannot be used: %s", info.distribution, reason)
        return self._infos[key]

    def _collect(self, hook: str) -> Iterable[Offer]:
        for implementation in getattr(self._pluggy.hook, hook).get_hookimpls():
            name = implementation.plugin_name
            try:
                # Called one by one: pluggy would stop everybody at the first failure.
                answers = list(implementation.function())
            except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code may fail in any way; it becomes a record
                self._fail(name, f"{hook}: {type(error).__name__}: {error}")
                continue
            if fault := next(
                filter(None, (_fault(spec, KINDS[hook], name) for spec in answers)), ""
            ):
                self._fail(name, f"{hook}: {fault}")
                continue
            for spec in answers:
                yield Offer(plugin=self._infos[name], spec=spec)

    def _fail(self, name: str, reason: str) -> None:
        _log.warning("plugin %s: %s", name, reason)
        self._infos[name] = replace(self._infos[name], status="failed", reason=reason)


def _fault(spec: Any, kind: type, plugin: str) -> str:
    """Say why what a plugin answered cannot be taken; empty when it can."""
    if not isinstance(spec, kind):
        return f"answered {spec!r}, expected {kind.__name__}"
    if isinstance(spec, MetricSpec) and not spec.id.startswith(f"{plugin}."):
        # Thresholds and figures on record name a metric: the name tells whose it is when nobody offers it.
        return f"the metric {spec.id!r} is named after another plugin; begin it with {plugin}."
    asked = spec.acts_as if isinstance(spec, ServiceSpec) else ()
    unfit = [role for role in asked if role not in ROLES or role in PERSONAL_ROLES]
    return (
        f"asks to act as {unfit[0]}, which is no role that software may hold (R14)" if unfit else ""
    )


def _key(spec: Any) -> str:
    return str(spec.component if isinstance(spec, MigrationSpec) else spec.id)


def _named(plugin: PluginInfo) -> str:
    return f"{plugin.name} ({plugin.distribution} {plugin.version})"
