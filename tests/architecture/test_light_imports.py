"""Promise 11: what may be loaded, by name; never by the clock, which a busy machine bends."""

import json
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

HEAVY = {
    "IPython",
    "alembic",
    "anywidget",
    "ipywidgets",
    "jsonschema",
    "matplotlib",
    "numpy",
    "pandas",
    "psycopg",
    "pyarrow",
    "scipy",
    "sqlalchemy",
}
_DRIFT = (
    "from aims_monitoring import fit_layout, open_source, profile_source, Schema; "
    "from aims_monitoring.metrics.catalogue import METRICS, compute_metrics; "
    "log = open_source({path!r}); layout = fit_layout(log, Schema(feature=('n', 'c'))); "
    "profile = profile_source(log, layout); "
    "drift = [name for name, metric in METRICS.items() if metric.family == 'drift']; "
    "assert len(compute_metrics(drift, profile, profile)) == 2 * len(drift)"
)
PLUGINS = ("compliance", "discovery", "incidents", "monitoring", "reporting", "risk")


def loaded_by(code, **environment):
    """Return the top-level modules that a fresh interpreter has loaded after `code`."""
    script = (
        "import sys, json, contextlib, io\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        f"    {code}\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=environment or None,
    )
    return set(json.loads(result.stdout))


@pytest.mark.parametrize(
    "code",
    [
        "import aims_core",
        "from aims_core import AISystem, AimsError, Ref, canonical_json, hookimpl",
        "from aims_core.cli import main; main(['--help'])",
        "from aims_core.cli import main; main(['--version'])",
        "from aims_core.cli import main; main(['--no-plugins', '--help'])",
        "from aims_core.cli import main; main(['plugins', 'list', '--help'])",
        "from aims_core.cli import main; main(['demo', '--help'])",
    ],
)
def test_nothing_heavy_is_loaded_by(code):
    assert not loaded_by(code) & HEAVY


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_entry_module_of_a_plugin_loads_nothing_heavy(plugin):
    assert not loaded_by(f"import aims_{plugin}.plugin") & HEAVY


def test_reading_and_counting_load_numpy_and_pyarrow_and_nothing_else_that_is_heavy():
    heavy = loaded_by("import aims_monitoring.scan, aims_monitoring.metrics.catalogue") & HEAVY

    assert heavy == {"numpy", "pyarrow"}


def test_the_drift_of_a_parquet_file_loads_neither_pandas_nor_scipy(tmp_path):
    log = tmp_path / "log.parquet"
    words = ["red", "green", "blue", "red"] * 50
    pq.write_table(pa.table({"n": [1.5, 2.5, None, 4.5] * 50, "c": words}), log)

    heavy = loaded_by(_DRIFT.format(path=str(log))) & HEAVY

    assert heavy == {"numpy", "pyarrow"}


def test_help_with_plugins_left_out_imports_no_plugin():
    loaded = loaded_by("from aims_core.cli import main; main(['--no-plugins', '--help'])")

    assert not {name for name in loaded if name.startswith("aims_")} - {"aims_core"}


def test_the_pytest_plugin_costs_other_projects_nothing():
    assert not loaded_by("import aims_core.testing.fixtures") & (HEAVY - {"pytest"})
