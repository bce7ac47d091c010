"""What a stranger gets: wheels in a clean environment, run from a folder without a checkout."""

import email
import json
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PLUGINS = ("compliance", "discovery", "incidents", "monitoring", "reporting", "risk")


def opened(wheels, name):
    (path,) = wheels.glob(f"{name}-*.whl")
    return zipfile.ZipFile(path)


def metadata(wheel):
    (name,) = (n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(wheel.read(name))


def test_the_core_wheel_carries_migrations_lifecycle_and_types(wheels):
    names = set(opened(wheels, "aims_core").namelist())

    assert {
        "aims_core/migrations/env.py",
        "aims_core/lifecycle/default.toml",
        "aims_core/py.typed",
    } <= names
    assert any(n.startswith("aims_core/migrations/versions/core0001") for n in names)
    assert any(n.startswith("aims_core/workbench/static/") for n in names)
    assert not [n for n in names if n.split("/")[0] != "aims_core" and ".dist-info" not in n]


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_wheel_carries_its_own_package_migrations_and_entry_point(wheels, plugin):
    wheel = opened(wheels, f"aims_{plugin}")
    names = wheel.namelist()
    (points,) = (n for n in names if n.endswith("entry_points.txt"))

    assert f"{plugin} = aims_{plugin}.plugin" in wheel.read(points).decode()
    assert f"aims_{plugin}/py.typed" in names
    assert any(n.startswith(f"aims_{plugin}/migrations/{plugin}0001") for n in names)
    assert not [n for n in names if "/tests/" in n]


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_says_which_cores_it_fits(wheels, plugin):
    needs = metadata(opened(wheels, f"aims_{plugin}")).get_all("Requires-Dist") or []

    (core,) = (n for n in needs if n.startswith("aims-core"))
    assert "<" in core


@pytest.mark.parametrize("name", ["aims_core", *(f"aims_{p}" for p in PLUGINS)])
def test_a_wheel_names_no_path_of_the_machine_that_built_it(wheels, name):
    assert "file:" not in str(metadata(opened(wheels, name)))


@pytest.mark.parametrize("name", ["aims_core", *(f"aims_{p}" for p in PLUGINS)])
def test_a_wheel_carries_its_licence(wheels, name):
    wheel = opened(wheels, name)

    assert metadata(wheel)["License-Expression"] == "Apache-2.0"
    assert any(n.endswith("LICENSE") for n in wheel.namelist())


def test_the_installed_code_is_that_of_the_wheels(installation):
    found = installation.output(
        installation.python, "-c", "import aims_core; print(aims_core.__file__)"
    )

    assert found.startswith(str(installation.folder))


def test_every_plugin_is_active_and_has_a_fingerprint(installation):
    plugins = json.loads(installation.aims("plugins", "list", "--format", "json"))

    stand = {p["name"]: (p["status"], p["fingerprint"] != "editable") for p in plugins}
    assert {name: stand[name] for name in PLUGINS} == dict.fromkeys(PLUGINS, ("active", True))


def test_help_lists_the_commands_of_the_core_and_of_plugins(installation):
    shown = installation.aims("--help")

    for command in ("review", "demo", "risk", "monitor", "incidents", "report"):
        assert f"\n  {command}" in shown


def test_a_workspace_works_from_wheels_alone(installation, tmp_path):
    folder = tmp_path / "ws"
    table = tmp_path / "systems.csv"
    table.write_text(
        "system_id,name,use_case,owner,origin,declared_risk_category\n"
        "ticket-triage,Ticket triage,Sorts tickets,ada,in_house,minimal\n",
        encoding="utf-8",
    )
    own = ("--workspace", folder, "--as", "ada")

    installation.aims("init", folder, "--organisation", "Acme", "--administrator", "ada")
    installation.aims(*own, "systems", "import", table)

    (system,) = json.loads(installation.aims(*own, "systems", "list", "--format", "json"))
    assert system["system_id"] == "ticket-triage"
    states = json.loads(installation.aims(*own, "db", "status", "--format", "json"))
    assert {s["component"]: s["state"] for s in states} == {
        "core": "current",
        **dict.fromkeys(PLUGINS, "current"),
    }
    assert "intact" in installation.aims(*own, "audit", "verify")


def test_the_main_job_runs_from_wheels_alone(installation, tmp_path):
    shown = installation.aims("demo", tmp_path / "demo")

    assert "intact" in shown
    assert (tmp_path / "demo" / "report.html").is_file()


def test_the_guided_notebooks_come_with_the_wheel_and_are_put_into_a_workspace(
    installation, tmp_path
):
    code = (
        "import sys; from pathlib import Path; from aims_core.workbench.lab import place_notebooks; "
        "print(place_notebooks(Path(sys.argv[1])))"
    )

    placed = installation.output(installation.python, "-c", code, tmp_path)

    shipped = Path(__file__).parents[2] / "notebooks"
    names = sorted(path.name for path in shipped.glob("*.ipynb"))
    assert sorted(path.name for path in Path(placed).iterdir()) == names
    assert "00_start.ipynb" in names


def test_an_uninstalled_plugin_leaves_its_records_and_the_rest_working(install, tmp_path):
    without = install(tmp_path / "venv")
    folder = tmp_path / "ws"
    own = ("--workspace", folder, "--as", "ada")
    without.aims("init", folder, "--organisation", "Acme", "--administrator", "ada")

    without.uninstall("aims-risk")

    assert "\n  risk" not in without.aims("--help")
    states = json.loads(without.aims(*own, "db", "status", "--format", "json"))
    assert next(s for s in states if s["component"] == "risk")["state"] == "orphan"
    assert "orphan" in without.aims(*own, "plugins", "list")
    assert "intact" in without.aims(*own, "audit", "verify")


def test_the_lock_names_no_index():
    lock = (Path(__file__).resolve().parents[2] / "uv.lock").read_text(encoding="utf-8")
    assert 'name = "aims-core"' in lock
    assert "://" not in lock
