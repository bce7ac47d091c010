"""The acts that are failed at every statement are all there are: of each service, place and kind of event."""

import ast
import inspect
import re
import shutil
import sys
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import core_acts
import plugin_acts
import pytest
from answering import answering_host

from aims_core import Event, Workspace, open_workspace
from aims_core.store import Store

ROOT = Path(__file__).parents[2]
PACKAGES = ("aims_core", *sorted(p.name for p in ROOT.glob("plugins/*/aims_*")))
FOLDERS = [Path(find_spec(name).origin).parent for name in PACKAGES]

_LOGINS = "logins of people on a secured PostgreSQL, with a server of its own: tests/teams"
EVENTS_ELSEWHERE = {
    "core.DatabaseCopied": "written into another database: broken off in tests/core/test_database_copy.py",
    "core.WorkspaceRestored": "written into another database: tests/faults/test_recovery.py",
    "core.DatabaseSecured": _LOGINS,
    "core.LoginConfirmed": _LOGINS,
    "core.LoginGranted": _LOGINS,
    "core.LoginRevoked": _LOGINS,
}
PLACES_ELSEWHERE = {
    "aims_core/logins.py: Logins.confirm": _LOGINS,
    "aims_core/logins.py: Logins.grant": _LOGINS,
    "aims_core/logins.py: Logins.revoke": _LOGINS,
    "aims_core/logins.py: Logins.secure": _LOGINS,
    "aims_core/recovery/restoring.py: _note": "as core.WorkspaceRestored",
    "aims_core/workspace/founding.py: found": "before there is a workspace: tests/core/test_workspace.py",
    "aims_core/workspace/workspace.py: Workspace.writing": "the door for plugins, not an act",
}
METHODS_ELSEWHERE = {
    "evidence.add_notebook": "runs a kernel first, and files what came of it as add_executed_notebook does",
    "logins.confirm": _LOGINS,
    "logins.grant": _LOGINS,
    "logins.revoke": _LOGINS,
    "logins.secure": _LOGINS,
    "monitoring.start": "is `run` in a thread of its own",
    "separation.passes": "writes in the transaction of the act that asks it",
    "workspace.writing": "the door for plugins, not an act",
}
"""What no act of the lives in `acts` covers, and why not; nothing else may be missing there."""


class Watch:
    """Notes from where the acts open writing transactions."""

    def __init__(self, monkeypatch):
        self.codes, begun = set(), Store.begin

        def begin(store, actor):
            frame = sys._getframe(1)
            while frame is not None:
                self.codes.add(frame.f_code)
                frame = frame.f_back
            return begun(store, actor)

        monkeypatch.setattr(Store, "begin", begin)

    @property
    def functions(self):
        """Return them as `places` names them."""
        roots = [folder.parent for folder in FOLDERS]
        return {
            f"{path.relative_to(root).as_posix()}: {code.co_qualname}"
            for code in self.codes
            for root in roots
            if (path := Path(code.co_filename)).is_relative_to(root)
        }


def services(workspace):
    """Yield the workspace and each service of it, with those that hang on them."""
    yield "workspace", workspace
    names = [n for n, v in vars(Workspace).items() if isinstance(v, cached_property)]
    names += [offer.spec.name for offer in workspace.host.contributions("aims_services")]
    for name in names:
        service = getattr(workspace, name)
        yield name, service
        for inner, value in vars(type(service)).items():
            if isinstance(value, property | cached_property) and not inner.startswith("_"):
                held = getattr(service, inner)
                if type(held).__module__.partition(".")[0] in PACKAGES:
                    yield f"{name}.{inner}", held


def methods(workspace):
    """Yield every public method of every service: name, code, whether it says that it writes, and does."""
    for name, service in services(workspace):
        for method, function in inspect.getmembers(type(service), inspect.isfunction):
            if not method.startswith("_"):
                says = re.search(r"Writes\b(?! nothing)", inspect.getdoc(function) or "")
                does = "writing" in _names(type(service), function)
                yield f"{name}.{method}", inspect.unwrap(function).__code__, bool(says), does


def _names(kind, function, known=None):
    """Return what a method asks of its object, and what the methods ask that it calls by that."""
    known = set() if known is None else known
    for node in ast.walk(ast.parse(dedent(inspect.getsource(inspect.unwrap(function))))):
        if isinstance(node, ast.Attribute) and node.attr not in known:
            known.add(node.attr)
            called = getattr(kind, node.attr, None)
            if ast.unparse(node.value) == "self" and inspect.isfunction(called):
                _names(kind, called, known)
    return known


def places():
    """Yield each function of the sources that opens a writing transaction, by file and qualified name."""
    for folder in FOLDERS:
        for path in folder.rglob("*.py"):
            if not {"testing", "tests"} & set(path.relative_to(folder).parts):
                for name in _opening(ast.parse(path.read_text("utf-8"))):
                    yield f"{path.relative_to(folder.parent).as_posix()}: {name}"


def _opening(tree, within=""):
    for node in ast.iter_child_nodes(tree):
        inner = within
        if isinstance(node, ast.ClassDef):
            inner = f"{within}{node.name}."
        elif isinstance(node, ast.FunctionDef):
            inner = f"{within}{node.name}.<locals>."
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = ast.unparse(node.func.value).rpartition(".")[2]
            if node.func.attr == "writing" or (node.func.attr == "begin" and of == "store"):
                yield within.removesuffix(".<locals>.")
        yield from _opening(node, inner)


def kinds():
    """Return the kinds of events that the core and the shipped plugins declare."""
    for folder in FOLDERS:
        for path in folder.rglob("*.py"):
            if re.search(r"^class \w+\(Event\):", path.read_text("utf-8"), re.MULTILINE):
                parts = path.relative_to(folder.parent).with_suffix("").parts
                import_module(".".join(parts).removesuffix(".__init__"))
    found = [Event]
    for kind in found:
        found += kind.__subclasses__()
    return {
        f"{k.component}.{k.__name__}" for k in found[1:] if k.__module__.split(".")[0] in PACKAGES
    }


@pytest.fixture
def lived(anchored, tmp_path, monkeypatch):
    """Give what was seen while every act was done once, on the core alone and with the plugins."""
    watch, written, found = Watch(monkeypatch), set(), {}
    for acts, host in ((core_acts.acts, answering_host()), (plugin_acts.acts, None)):
        folder = shutil.copytree(anchored, tmp_path / acts.__module__)
        workspace = open_workspace(folder, actor="ada", host=host)
        for act in acts(workspace, tmp_path):
            act.run()
        with workspace.reading() as tx:
            query = "SELECT DISTINCT type FROM aims_event"
            written |= set(tx.connection.exec_driver_sql(query).scalars())
        found |= {name: rest for name, *rest in methods(workspace)}
        workspace.close()
    return watch, written, found


@pytest.mark.slow
@pytest.mark.parametrize("aims_database", ["sqlite"])
def test_every_event_every_place_that_writes_and_every_service_that_does_is_among_the_acts(lived):
    watch, written, found = lived
    writing = {name for name, (code, says, does) in found.items() if says or does}
    seen = {name for name, (code, _, _) in found.items() if code in watch.codes}

    assert kinds() - written == EVENTS_ELSEWHERE.keys()
    assert set(places()) - watch.functions == PLACES_ELSEWHERE.keys()
    assert writing - seen == METHODS_ELSEWHERE.keys()
    assert (len(kinds()) > 80, len(set(places())) > 70, len(writing) > 75) == (True, True, True)
    assert {n for n in seen | writing if not found[n][1]} == {"workspace.writing"}, (
        "say what it writes"
    )
