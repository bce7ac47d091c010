"""Typed records by which plugins offer something; heavy code stands behind `Ref`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from aims_core.records import PluginInfo

_DIRECTIONS = ("high", "low")
_FAMILIES = ("performance", "regression", "drift", "fairness", "estimate")
_ROLES = ("label", "prediction", "score", "group", "id")
_LONGEST_METRIC = 100
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


@dataclass(frozen=True, slots=True)
class Ref:
    """A lazy reference ``"package.module:attribute"``, imported when it is first needed."""

    target: str

    def load(self) -> Any:
        """Import the module and return the attribute.

        Raises
        ------
        ImportError, AttributeError
            The reference points nowhere; the plugin host turns this into a `PluginError`.
        """
        module, _, path = self.target.partition(":")
        found: Any = import_module(module)
        for part in filter(None, path.split(".")):
            found = getattr(found, part)
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Contribution:
    """What every offer carries: an id of the form ``plugin.name``, a title and a version."""

    id: str
    title: str
    version: str = "1"

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(
                f"id {self.id!r} is not a dotted lower-case name such as 'risk.scorer'"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceSpec(Contribution):
    """Functions reached as ``workspace.<name>``.

    `factory` is called as ``factory(workspace)`` once per workspace. `acts_as` names the roles that
    the plugin's own actor ``plugin:<plugin>`` asks for; an administrator grants them. A role that decides is
    held by persons only (:data:`aims_core.roles.PERSONAL_ROLES`); a plugin that asks for one has failed.
    """

    name: str
    factory: Ref
    acts_as: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckSpec(Contribution):
    """A named check of the lifecycle, e.g. ``residual_risk_accepted``.

    `run` is called as ``run(facts: Sequence[SystemFacts]) -> Mapping[system_id, Condition]`` with many
    systems at once; it is pure. `results` and `evidence` name the kinds that the facts must carry.
    """

    name: str
    run: Ref
    results: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ScorerSpec(Contribution):
    """A risk scorer: ``score(Sequence[ScoringInput], criteria: Mapping) -> Mapping[system_id, Score]``."""

    score: Ref
    output_schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorSpec(Contribution):
    """A kind of monitor: ``measure(window, reference, options) -> Sequence[Measurement]``.

    What `window` and `reference` are is the monitoring plugin's contract; the core only names it.
    """

    measure: Ref


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricSpec(Contribution):
    """A metric: ``compute(window, reference, minimum) -> Sequence[Measurement]``, named by its `id`.

    What `window` and `reference` are is the monitoring plugin's contract, as for a kind of monitor; the
    reference is None where there is none. `minimum` is the fewest rows a figure rests on, the metric's own
    or the monitor's; with fewer, the figure has a reason and no value. The function only reads them.

    Parameters
    ----------
    formula, source, range : str
        How it is computed, where that is laid down, and between which values it lies, in words.
    direction : str
        ``high`` where a higher value is better, otherwise ``low``.
    minimum : int
        Fewest rows it is computed on by itself, 1 or more.
    family : str
        The kind of monitor of the monitoring plugin that shows it unasked: ``performance``, ``regression``,
        ``drift``, ``fairness`` or ``estimate``; empty where only a threshold asks for it. One that needs
        ids, or a reference where there is none, is not shown unasked.
    needs : tuple of str
        Roles that the schema must declare, of ``label``, ``prediction``, ``score``, ``group``, ``id``.
    needs_reference : bool
        Whether it is measured against a reference.
    per_column : bool
        Whether it gives a figure for each column, whose name is the figure's `subject`.

    Raises
    ------
    ValueError
        A field is missing or none of these.
    """

    compute: Ref
    formula: str
    source: str
    range: str
    direction: str
    minimum: int
    family: str = ""
    needs: tuple[str, ...] = ()
    needs_reference: bool = False
    per_column: bool = False

    def __post_init__(self) -> None:
        # By name: a class that is made anew for its slots is not the one that super() knows here.
        Contribution.__post_init__(self)
        stated = {name: getattr(self, name) for name in ("title", "formula", "source", "range")}
        empty = [name for name, text in stated.items() if not str(text).strip()]
        unknown = set(self.needs) - set(_ROLES)
        faults = (
            ("." not in self.id, "its id is the plugin's name, a dot and its own name"),
            (len(self.id) > _LONGEST_METRIC, f"its id is at most {_LONGEST_METRIC} characters"),
            (not isinstance(self.compute, Ref), "its compute is a Ref('package.module:function')"),
            (bool(empty), f"{', '.join(empty)} must be stated"),
            (self.direction not in _DIRECTIONS, f"its direction is {' or '.join(_DIRECTIONS)}"),
            (type(self.minimum) is not int or self.minimum < 1, "its minimum is 1 or more rows"),
            (self.family not in ("", *_FAMILIES), f"its family is of {', '.join(_FAMILIES)}"),
            (bool(unknown), f"its needs are of {', '.join(_ROLES)}"),
        )
        if fault := next((words for wrong, words in faults if wrong), ""):
            raise ValueError(f"metric {self.id!r}: {fault}")


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentTypeSpec(Contribution):
    """A type of incident: the events that open it and the severity from which it suspends."""

    opens_on: tuple[str, ...]
    suspends_at: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportFormatSpec(Contribution):
    """A report format: ``render(report: Report) -> bytes``."""

    media_type: str
    suffix: str
    render: Ref


@dataclass(frozen=True, kw_only=True, slots=True)
class SectionSpec(Contribution):
    """A report section: ``build(workspace, system_id) -> Section``; no `system_id` is the portfolio.

    One that `looks_back` is called ``build(workspace, system_id, as_of)``, where `as_of` is the number of
    a checkpoint or None for now; asked for the same checkpoint again, it is to return the same section.
    """

    build: Ref
    order: int = 100
    scope: str = "system"
    looks_back: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogSpec(Contribution):
    """A catalogue of controls or requirements: ``items() -> Sequence[CatalogItem]``."""

    items: Ref


@dataclass(frozen=True, kw_only=True, slots=True)
class ImporterSpec(Contribution):
    """An importer: ``read(path, mapping) -> ImportBatch``; `suffixes` such as ``(".csv",)``."""

    read: Ref
    suffixes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PanelSpec(Contribution):
    """A tab of the workbench: ``build(context: PanelContext) -> widget``.

    `waiting` says what on this tab waits for the one who acts, for the list at the top of the workbench:
    ``waiting(workspace: Workspace) -> list[WaitingItem]``. It is asked after every write, so it reads
    what is open and no more.
    """

    build: Ref
    waiting: Ref | None = None
    order: int = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class CommandSpec(Contribution):
    """A command of ``aims``: `name` on the command line, `title` as its one-line help."""

    name: str
    command: Ref


@dataclass(frozen=True, kw_only=True, slots=True)
class ListenerSpec(Contribution):
    """A tell: ``handle(event: RecordedEvent, workspace)`` after the commit, for the named event types.

    `workspace` acts as the actor ``plugin:<plugin>``. Delivery is at least once and in order.
    """

    events: tuple[str, ...]
    handle: Ref


@dataclass(frozen=True, kw_only=True, slots=True)
class AnchorSpec(Contribution):
    """A kind of place for checkpoints outside the trust domain: a folder, a repository, a mailbox.

    `keep` is called as ``keep(checkpoint: Checkpoint, options: Mapping) -> AnchorReceipt`` after the
    checkpoint is on record; `options` is the anchor's table in ``aims.toml``. It may be called again for
    a checkpoint that it holds already, and then answers the same. What it raises is recorded and shown.
    """

    keep: Ref


@dataclass(frozen=True, kw_only=True, slots=True)
class MigrationSpec:
    """Tables of a plugin: their migrations, the module that declares them, and what they stand on.

    `component` prefixes every table (``risk_assessment``) and names the version table
    ``aims_alembic_<component>``; `location` is ``"package:folder"``.
    """

    component: str
    location: str
    tables: str
    requires: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A contribution together with the plugin it came from, so that results can name their origin."""

    plugin: PluginInfo
    spec: Any
