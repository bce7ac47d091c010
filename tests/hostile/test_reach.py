"""Nothing from outside is run, rendered as code, unpickled or fetched."""

import ast
import pickle
import socket
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    p
    for place in (
        "aims_core",
        "migrations",
        *(f"plugins/{n.name}" for n in (ROOT / "plugins").iterdir()),
    )
    for p in (ROOT / place).rglob("*.py")
    if "tests" not in p.parts
)
LOADERS = {"pickle", "dill", "joblib", "cloudpickle", "shelve", "marshal", "torch", "tarfile"}
NETWORK = {"requests", "httpx", "urllib3", "aiohttp", "ftplib", "smtplib", "http", "socket"}
CALLS = {"eval", "exec", "read_pickle", "to_pickle", "unsafe_load", "full_load", "extractall"}
MARKUP = "<script>alert(1)</script>{{ 7*7 }}{% for x in y %}{{ ''.__class__.__mro__ }}"


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_there_are_modules_to_look_through():
    assert len(MODULES) > 150


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_module_unpickles_fetches_or_runs_text(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    roots = {name.partition(".")[0] for name in imported(tree)}
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }

    assert not roots & LOADERS
    # Anchors keep checkpoints elsewhere, at the places that people configured, and nothing else.
    reaches_out = "lab" in path.stem or "anchors" in path.parts
    assert not (roots & NETWORK) or reaches_out
    requests = [name for name in imported(tree) if name.startswith("urllib.request")]
    assert not requests or reaches_out
    assert not called & CALLS


def test_a_pickle_as_evidence_is_kept_as_bytes_and_never_loaded(ines, described, tmp_path):
    class Trap:
        def __reduce__(self):
            return exec, ("raise SystemExit('was run')",)

    ines.inventory.register("a", **described())
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(Trap()))

    added = ines.evidence.add("a", "validation", "A model", path=path)

    assert added.size == path.stat().st_size


URLS = [
    "http://169.254.169.254/latest/meta-data/",
    "https://127.1/",
    "https://0x7f000001/",
    "https://[::ffff:10.0.0.1]/",
    "https://2130706433/",
    "file:///etc/passwd",
]


def test_an_address_as_evidence_is_text_and_never_fetched(ines, described, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("something was fetched")

    ines.inventory.register("a", **described())
    if "sqlite" in str(ines.settings.database_url):
        monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    for number, url in enumerate(URLS):
        added = ines.evidence.add("a", "validation", f"At {number}", text=url, note=url)
        assert added.size == len(url.encode())
        ines.inventory.revise("a", supplier=url, attributes={"link": url})


def test_text_from_data_is_no_template_and_no_markup_in_reports(workspace, ines, described):
    ines.inventory.register(
        "a",
        **described(
            name=f"N {MARKUP}",
            use_case=MARKUP,
            supplier=MARKUP,
            attributes={MARKUP: MARKUP},
            unknown_fields={"unit": MARKUP},
        ),
    )
    aude = workspace.act_as("aude")

    for subject in ("a", ""):
        html = rendered(aude, subject)
        assert "<script>alert" not in html
        assert "{{ 7*7 }}" in html or not subject
        assert "49}}" not in html
        assert "&lt;script&gt;" in html


def rendered(workspace, subject):
    report = workspace.reporting.build(subject) if subject else workspace.reporting.build()
    offer = workspace.host.offer("aims_report_formats", "reporting.html")
    return workspace.host.ask(offer, offer.spec.render, report).decode()


def test_what_a_notebook_shows_of_a_system_is_escaped(ines, described):
    import pandas as pd

    system = ines.inventory.register("a", **described(name=MARKUP))
    changes = ines.inventory.propose(
        pd.DataFrame({"system_id": ["a"], "supplier": [MARKUP]}), reason=MARKUP
    )

    for shown in (system, changes):
        assert "<script>" not in shown._repr_html_()
