"""Promise 11: what may be loaded, by name; never by the clock, which a busy machine bends."""

import json
import subprocess
import sys

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


def test_help_with_plugins_left_out_imports_no_plugin():
    loaded = loaded_by("from aims_core.cli import main; main(['--no-plugins', '--help'])")

    assert not {name for name in loaded if name.startswith("aims_")} - {"aims_core"}


def test_the_pytest_plugin_costs_other_projects_nothing():
    assert not loaded_by("import aims_core.testing.fixtures") & (HEAVY - {"pytest"})
