"""What every plugin must keep, ours or foreign: subclass it, name the plugin, run pytest.

::

    from aims_core.testing import PluginContract

    class TestContract(PluginContract):
        plugin = "bias_audit"
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aims_core.contributions import MetricSpec, MigrationSpec, Ref
from aims_core.plugin_host import PluginHost
from aims_core.plugin_host.host import KINDS
from aims_core.plugin_host.installed import GROUP

if TYPE_CHECKING:
    from aims_core.workspace import Workspace

HEAVY = frozenset(
    {
        "IPython",
        "alembic",
        "ipywidgets",
        "jsonschema",
        "matplotlib",
        "numpy",
        "pandas",
        "pyarrow",
        "sqlalchemy",
    }
)
_MAX_REVISION = 32


class PluginContract:
    """Tests that a plugin must pass on both databases. Set `plugin` to its entry point's name."""

    plugin: str = ""

    @pytest.fixture
    def point(self) -> EntryPoint:
        """Give the installed entry point."""
        found = [p for p in entry_points(group=GROUP) if p.name == self.plugin]
        assert len(found) == 1, (
            f"{len(found)} entry points named {self.plugin!r} in group {GROUP!r}"
        )
        return found[0]

    @pytest.fixture
    def host(self) -> PluginHost:
        """Give a host with all installed plugins; this one must be active."""
        host = PluginHost()
        info = {p.name: p for p in host.plugins()}.get(self.plugin)
        assert info is not None, f"no plugin {self.plugin!r} is installed; pip install it first"
        assert info.status == "active", f"{info.status}: {info.reason}"
        return host

    def test_it_names_the_range_of_cores_it_works_with(self, point: EntryPoint) -> None:
        """A core that changes the contract must not meet a plugin that never saw it."""
        assert point.dist is not None
        wanted = [
            r for r in point.dist.requires or [] if r.replace("_", "-").startswith("aims-core")
        ]

        assert wanted, "depend on aims-core"
        assert "<" in wanted[0], "depend on aims-core with an upper bound, e.g. aims-core>=0.1,<0.2"

    def test_importing_its_entry_point_is_light(self, point: EntryPoint) -> None:
        """`aims --help` imports every plugin, so heavy code stands behind `Ref`."""
        code = f"import json, sys, {point.module}; print(json.dumps(sorted(sys.modules)))"
        run = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )

        heavy = HEAVY & {name.split(".")[0] for name in json.loads(run.stdout)}

        assert not heavy, f"{point.module} imports {sorted(heavy)}; use Ref('module:attribute')"

    def test_it_uses_known_hooks_only(self, host: PluginHost) -> None:
        """A misspelt hook would never be called."""
        info = {p.name: p for p in host.plugins()}[self.plugin]

        assert info.hooks, "it implements no hook"
        assert set(info.hooks) <= set(KINDS)

    def test_its_records_are_typed_named_after_it_and_resolve(self, host: PluginHost) -> None:
        """Ids start with the plugin's name; every lazy reference leads somewhere."""
        specs = list(self._specs(host))

        assert {p.name: p for p in host.plugins()}[self.plugin].status == "active"
        assert specs, "it offers nothing"
        for spec in specs:
            if isinstance(spec, MigrationSpec):
                assert spec.component == self.plugin
                continue
            assert spec.id.startswith(f"{self.plugin}."), (
                f"id {spec.id!r} must start with {self.plugin}."
            )
            for field in fields(spec):
                value = getattr(spec, field.name)
                if isinstance(value, Ref):
                    value.load()

    def test_its_metrics_measure_or_say_why(
        self, host: PluginHost, registered: "Workspace"
    ) -> None:
        """A log may lack a class, all its values or nearly all its rows: a figure then has a reason."""
        from aims_core.testing.metering import faults_of_metrics

        specs = [spec for spec in self._specs(host) if isinstance(spec, MetricSpec)]
        if not specs:
            pytest.skip("it offers no metric")
        if not hasattr(registered, "monitoring"):
            pytest.skip("nothing installed measures: no plugin offers workspace.monitoring")

        faults = faults_of_metrics(registered, self.plugin, specs)

        assert not faults, "\n".join(faults)

    def test_its_tables_move_up_and_down_and_match_its_code(
        self, host: PluginHost, database_url: str
    ) -> None:
        """Migrations and declared tables are the same, in both directions."""
        from alembic import command
        from alembic.script import ScriptDirectory

        from aims_core.db.engine import make_engine
        from aims_core.settings import Settings
        from aims_core.workspace import migrator

        if self.plugin not in {o.spec.component for o in host.contributions("aims_migrations")}:
            pytest.skip("it owns no tables")
        settings = Settings(folder=Path(), organisation="x", database_url=database_url)
        moving = migrator(settings, host)
        part = moving.component(self.plugin)
        script = ScriptDirectory.from_config(moving.config(part))
        revisions = list(script.walk_revisions())

        assert len(script.get_heads()) == 1
        assert all(
            len(r.revision) <= _MAX_REVISION and r.revision.startswith(self.plugin)
            for r in revisions
        )
        assert not any(r.dependencies for r in revisions), (
            "use MigrationSpec.requires, not depends_on"
        )
        moving.upgrade()
        moving.downgrade(self.plugin)
        moving.upgrade()
        engine = make_engine(database_url)
        with engine.connect() as connection:
            command.check(moving.config(part, connection))
        engine.dispose()

    def write_history(self, workspace: "Workspace") -> Iterator[None]:
        """Write records in steps and `yield` after each; override it in a plugin that keeps their history.

        Each step is an hour later than the one before. Change a record of every table with a history
        once, in a later step than the one that made it. There is a system, ``ticket-triage``, and the
        people of ``aims_core.testing.PEOPLE``.
        """
        pytest.fail(f"{self.plugin} keeps a history: override write_history({workspace!r})")

    def read_history(self, workspace: "Workspace", as_of: datetime | None) -> Any:
        """Return the records of the plugin as of a time, None for now, as the plugin itself reads them.

        Values or DataFrames; equal ones say the same.
        """
        pytest.fail(f"{self.plugin} keeps a history: override read_history({workspace!r}, {as_of})")

    def test_it_tells_truthfully_how_its_records_stood(
        self, host: PluginHost, registered: "Workspace"
    ) -> None:
        """What it says of a time is what it said at that time, and so is what the database kept."""
        from aims_core.testing.past import Witness, historied

        tables = historied(host, self.plugin)
        if not tables:
            pytest.skip("it keeps no history of its records")
        witness = Witness(registered, tables, self.read_history)

        witness.watch(self.write_history(registered))

        witness.compare()

    def test_without_it_everything_else_works(self, database_url: str) -> None:
        """Blocking a plugin loses no data and harms nobody."""
        from aims_core.settings import Settings
        from aims_core.workspace import migrator

        settings = Settings(folder=Path(), organisation="x", database_url=database_url)
        migrator(settings, PluginHost()).upgrade()

        without = migrator(settings, PluginHost(blocked=[self.plugin]))
        without.upgrade()

        states = {s.component: s.state for s in without.status()}
        assert states["core"] == "current"
        assert states.get(self.plugin, "orphan") == "orphan"

    def _specs(self, host: PluginHost) -> Iterator[Any]:
        for hook in KINDS:
            for offer in host.contributions(hook):
                if offer.plugin.name == self.plugin:
                    yield offer.spec
