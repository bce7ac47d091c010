import ast
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import aims_core
from aims_core import PluginHost
from aims_core.cli.commands import CORE
from aims_core.hookspecs import AimsSpecs
from aims_core.plugin_host.host import CHOICES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
SOURCES = [*ROOT.glob("aims_core/**/*.py"), *ROOT.glob("plugins/*/aims_*/**/*.py")]
PAGES = sorted(DOCS.rglob("*.md"))
OUTSIDE = sorted([*ROOT.glob("*.md"), *ROOT.glob("plugins/*/README.md")])
HOOKS = sorted(name for name in vars(AimsSpecs) if name.startswith("aims_"))
# Runs mkdocs in an interpreter in which nothing can be looked up or connected to.
WITHOUT_NETWORK = """
import socket, sys
def refuse(*args, **kwargs):
    raise OSError(f"the documentation asked for the network: {args[1:]}")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
from mkdocs.__main__ import cli
cli(sys.argv[1:])
"""


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def text_of(page, language):
    """Return the first fenced block of a language as a reader would copy it."""
    return blocks(page, language)[0].lstrip("\n")


def blocks(page, language):
    """Return the fenced blocks of a language, each at the line where it stands."""
    text = page.read_text(encoding="utf-8")
    found = re.finditer(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return ["\n" * (text[: m.start()].count("\n") + 1) + m[1] for m in found]


def cells(page):
    """Return each block of Python, and what the page says that it prints, where it does."""
    told = r"^```python\n(.*?)^```(?:\n\n```text\n(.*?)^```)?"
    return re.findall(told, page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def sections(page):
    """Return the text below each heading of the second level."""
    parts = re.split(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(scope="module")
def generate():
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs") / "site"
    build = ["build", "--strict", "--site-dir", str(folder), "--config-file", "mkdocs.yml"]
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_NETWORK, *build],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


@pytest.mark.slow(seconds=10)
def test_the_documentation_builds_strictly_and_without_network(site):
    assert (site / "index.html").is_file()
    assert len(list(site.rglob("*.html"))) >= len(PAGES)


@pytest.mark.slow(seconds=10)
def test_a_reader_of_the_built_pages_is_sent_nowhere_for_parts_of_them(site):
    loads = re.compile(r"<(?:script|img|iframe|source)[^>]+src=.?https?:|<link[^>]+href=.?https?:")

    assert not [p.name for p in site.rglob("*.html") if loads.search(p.read_text("utf-8"))]
    assert not [p.name for p in site.rglob("*.css") if "url(http" in p.read_text("utf-8")]


def test_tables_that_follow_from_the_code_are_current(generate):
    assert generate.run(check=True) == [], "run: python docs/generate.py"


def test_figures_of_faults_are_those_that_the_tests_note_with_their_day_and_no_loss(generate):
    noted = json.loads((DOCS / "faults.json").read_text(encoding="utf-8"))
    tests = "".join(p.read_text("utf-8") for p in ROOT.glob("tests/faults/test_*.py"))
    asked = {
        name
        for says in generate._FAULTS.values()
        for name in re.findall(r"{(.+?)}", " ".join(says))
    }
    losses = set(
        re.findall(r"\*{(?:\w+: )?(.+?)}", " ".join(map(" ".join, generate._FAULTS.values())))
    )

    assert len(losses) >= 8
    assert [at for at in noted if at.rpartition(": ")[2] not in tests] == []
    assert [name for name in asked if name.rpartition(": ")[2] not in tests] == []
    for at, one in noted.items():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", one["on"]), at
        assert set(one["with"]) in ({"Python", "SQLite"}, {"Python", "PostgreSQL"}), at
        assert one["value"] == 0 or at.rpartition(": ")[2] not in losses, at


def test_what_the_page_on_reliability_says_of_input_from_outside_is_shown_by_tests_that_are_there():
    rows = sections(DOCS / "reliability.md")["What comes from outside"]
    named = re.findall(r"`(test_\w+)`", rows)
    tests = "".join(p.read_text("utf-8") for p in ROOT.glob("tests/*/test_*.py"))

    assert len(named) > 25
    assert [name for name in named if f"def {name}(" not in tests] == []


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_says_when_it_is_called_in_which_transaction_and_what_a_failure_does(hook):
    section = sections(REFERENCE / "hooks.md")[hook]

    assert f"::: aims_core.hookspecs.AimsSpecs.{hook}" in section
    for row in ("signature", "kind", "called", "transaction", "on failure"):
        assert re.search(rf"^\| {row} \| .+ \|$", section, re.MULTILINE), row


def test_every_key_of_the_settings_is_documented():
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    source = (ROOT / "aims_core" / "settings.py").read_text(encoding="utf-8")
    read = {".".join(pair) for pair in re.findall(r'_text\(data, "(\w+)", "(\w+)"', source)}
    keys = read | {"plugins.blocked"} | {f"providers.{key}" for key in CHOICES.values()}

    assert len(read) >= 4
    assert not [key for key in sorted(keys) if f"`{key}`" not in page]


def test_every_table_of_aims_toml_that_a_plugin_reads_is_documented():
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    named = re.compile(r"""(?:settings\.section\(\s*|^_SECTION = )["'](\w+)["']""", re.MULTILINE)
    tables = {
        name
        for p in SOURCES
        if "plugins" in p.parts
        for name in named.findall(p.read_text("utf-8"))
    }

    assert not [name for name in sorted(tables) if f"`[{name}]`" not in page]


def test_every_variable_of_the_environment_is_documented():
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    variables = {
        name
        for source in SOURCES
        for name in re.findall(r"\bAIMS_[A-Z]+(?:_[A-Z]+)*\b", source.read_text(encoding="utf-8"))
    }

    assert not [name for name in sorted(variables) if f"`{name}`" not in page]


def test_every_command_is_documented():
    page = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    offered = [o.spec.name for o in PluginHost().contributions("aims_cli_commands")]

    assert not [name for name in (*CORE, *offered) if f"### aims {name}\n" not in page]


def test_every_name_of_the_front_door_is_documented():
    page = (REFERENCE / "front-door.md").read_text(encoding="utf-8")
    rendered = set(re.findall(r"^::: [\w.]+\.(\w+)$", page, re.MULTILINE))
    told = set(re.findall(r"`(\w+)`", page))

    assert not set(aims_core.__all__) - rendered - told


def test_every_service_of_a_shipped_plugin_is_documented():
    page = (REFERENCE / "plugin-services.md").read_text(encoding="utf-8")
    offers = PluginHost().contributions("aims_services")

    for offer in offers:
        assert f"`workspace.{offer.spec.name}`" in page
        assert f"::: {offer.spec.factory.target.replace(':', '.')}" in page


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_example_can_be_parsed(path):
    for block in blocks(path, "python"):
        ast.parse(block, filename=str(path))
    for block in blocks(path, "toml"):
        tomllib.loads(block)


@pytest.mark.slow
def test_the_first_life_of_a_system_runs_as_told_and_each_cell_twice(tmp_path, monkeypatch, capsys):
    page = DOCS / "tutorials" / "first-life.md"
    for name in ("AIMS_WORKSPACE", "AIMS_ACTOR", "AIMS_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    world = {}

    for code, told in cells(page):
        for _again in range(2):
            exec(compile(code, str(page), "exec"), world)  # noqa: S102 - running the page is the test
            printed = capsys.readouterr().out
            assert not told or printed.split() == told.split()

    assert world["ws"].audit.verify().intact
    world["ws"].close()


@pytest.mark.slow
def test_the_example_of_an_import_takes_every_row(tmp_path):
    page = DOCS / "how-to" / "import-an-inventory.md"
    file, mapping = tmp_path / "systems.csv", tmp_path / "mapping.toml"
    file.write_text(text_of(page, "csv"), encoding="utf-8")
    mapping.write_text(text_of(page, "toml"), encoding="utf-8")
    ws = aims_core.create_workspace(tmp_path / "ws", organisation="Example", administrator="ada")

    outcome = ws.discovery.import_file(file, mapping)

    assert (outcome.read, outcome.registered, outcome.refused) == (3, 3, ())
    ws.close()


@pytest.mark.slow
def test_the_default_risk_criteria_are_those_that_the_guide_shows(tmp_path):
    page = DOCS / "how-to" / "configure-risk-criteria.md"
    folder = tmp_path / "ws"
    ws = aims_core.create_workspace(folder, organisation="Example", administrator="ada")
    shown = text_of(page, "toml")
    with (folder / "aims.toml").open("a", encoding="utf-8") as settings:
        settings.write(shown)
    configured = aims_core.open_workspace(folder)

    assert configured.risk.criteria == ws.risk.criteria
    ws.close()
    configured.close()


@pytest.mark.parametrize("path", OUTSIDE, ids=name_of)
def test_every_link_outside_the_documentation_leads_to_a_file(path):
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    local = [link for link in links if not re.match(r"[a-z]+:", link)]

    assert not [link for link in local if not (path.parent / link).exists()]


def test_every_notebook_is_named_in_the_tutorials():
    page = (DOCS / "tutorials" / "notebooks.md").read_text(encoding="utf-8")
    notebooks = [p.stem for p in ROOT.glob("notebooks/*.ipynb")]

    assert notebooks
    assert not [name for name in notebooks if f"`{name}`" not in page]


def test_every_page_stands_in_the_navigation():
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")

    assert not [p for p in PAGES if p.relative_to(DOCS).as_posix() not in nav]


def test_every_make_target_that_people_are_told_of_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    told = {
        target
        for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES)
        for target in re.findall(
            r"(?:`make |^make (?=[a-z]+ *(?:#|$)))([a-z]+)", page.read_text("utf-8"), re.MULTILINE
        )
    }

    assert {"demo", "lab", "test"} <= told
    assert told <= targets
