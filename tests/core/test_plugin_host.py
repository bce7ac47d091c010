"""Plugins as they come: whatever is wrong with one is named, and the others work as if it were not there."""

import sys
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from aims_core import (
    CheckSpec,
    CommandSpec,
    InvalidRecord,
    MigrationSpec,
    PluginError,
    PluginHost,
    Problem,
    ProviderChoice,
    Ref,
    ScorerSpec,
    ServiceSpec,
    hookimpl,
    open_workspace,
)
from aims_core.plugin_host.host import KINDS
from aims_core.plugin_host.installed import Installed
from aims_core.testing import at_hand

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])


class Scorers:
    """Offers scorers of the given ids."""

    def __init__(self, *ids, score=None):
        self.specs = [ScorerSpec(id=i, title=i, score=score or Ref("builtins:len")) for i in ids]

    @hookimpl
    def aims_risk_scorers(self):
        return self.specs


@pytest.fixture
def host():
    """Give a host with the core's own offers and a sound plugin."""
    host = PluginHost(discover=False)
    host.register(Scorers("sound.scorer"), "sound")
    return host


@pytest.fixture
def installed(monkeypatch):
    """Give the way to have an entry point found, as if its distribution were installed."""

    def install(*modules):
        found = []
        for name, module in modules:
            sys.modules[f"aims_test_{name}"] = module
            point = EntryPoint(name=name, value=f"aims_test_{name}", group="aims")
            found.append(Installed(point=point))
        monkeypatch.setattr("aims_core.plugin_host.host.installed_plugins", lambda: found)
        return [f"aims_test_{name}" for name, _ in modules]

    before = set(sys.modules)
    yield install
    for name in set(sys.modules) - before:
        if name.startswith("aims_test_"):
            del sys.modules[name]


def state(host, name):
    return next((p.status, p.reason) for p in host.plugins() if p.name == name)


def ids(host, hook="aims_risk_scorers"):
    return [o.spec.id for o in host.contributions(hook)]


def test_a_sound_plugin_is_active_with_its_hooks(host):
    info = next(p for p in host.plugins() if p.name == "sound")

    assert (info.status, info.hooks, info.reason) == ("active", ("aims_risk_scorers",), "")


def test_every_hook_of_the_contract_has_its_kind_of_record_and_can_be_asked(host):
    hooks = {c for c in dir(host._pluggy.hook) if c.startswith("aims_")}

    assert hooks == set(KINDS)
    for hook in hooks:
        host.contributions(hook)
    assert all(p.status == "active" for p in host.plugins())


class UnknownHook:
    @hookimpl
    def aims_risk_scorerz(self):
        return []


class UnknownArgument:
    @hookimpl
    def aims_risk_scorers(self, database):
        return [database]


@pytest.mark.parametrize(
    ("plugin", "says"), [(UnknownHook(), "aims_risk_scorerz"), (UnknownArgument(), "database")]
)
def test_a_plugin_that_misspells_the_contract_fails_alone(host, plugin, says):
    info = host.register(plugin, "broken")

    assert info.status == "failed"
    assert says in info.reason
    assert ids(host) == ["sound.scorer"]
    assert state(host, "sound") == ("active", "")


def raises():
    raise RuntimeError("no licence")


def leaves():
    sys.exit("no licence")


def raises_late():
    yield ScorerSpec(id="broken.scorer", title="Broken", score=Ref("builtins:len"))
    raise RuntimeError("late")


async def waits():
    return []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (raises, "no licence"),
        (leaves, "SystemExit"),
        (raises_late, "late"),
        (lambda: None, "NoneType"),
        (lambda: 5, "int"),
        (lambda: "scorer", "answered 's', expected ScorerSpec"),
        (lambda: ["scorer"], "answered 'scorer', expected ScorerSpec"),
        (lambda: [ScorerSpec], "expected ScorerSpec"),
        (
            lambda: [CheckSpec(id="broken.check", title="", name="x", run=Ref("a:b"))],
            "expected ScorerSpec",
        ),
        (lambda: [ScorerSpec(id="Not an id", title="", score=Ref("a:b"))], "dotted lower-case"),
    ],
)
def test_a_plugin_that_fails_when_asked_is_named_and_left_out(host, answer, says):
    class Broken:
        @hookimpl
        def aims_risk_scorers(self):
            return answer()

    host.register(Broken(), "broken")

    assert ids(host) == ["sound.scorer"]
    status, reason = state(host, "broken")
    assert status == "failed"
    assert says in reason
    assert state(host, "sound") == ("active", "")


def test_one_wrong_record_among_good_ones_takes_the_plugins_answer_along(host):
    mixed = Scorers("mixed.scorer")
    mixed.specs.append("nonsense")
    host.register(mixed, "mixed")

    assert ids(host) == ["sound.scorer"]
    assert state(host, "mixed")[0] == "failed"


def test_ctrl_c_is_not_a_plugins_failure(host):
    class Stopped:
        @hookimpl
        def aims_risk_scorers(self):
            raise KeyboardInterrupt

    host.register(Stopped(), "stopped")

    with pytest.raises(KeyboardInterrupt):
        host.contributions("aims_risk_scorers")


def test_a_second_plugin_of_the_same_name_fails_and_the_first_goes_on(host):
    second = host.register(Scorers("other.scorer"), "sound", distribution="aims-other")

    assert second.status == "failed"
    assert "'sound' is taken by local" in second.reason
    assert ids(host) == ["sound.scorer"]
    assert state(host, "sound") == ("active", "")
    assert host.register(Scorers("third.scorer"), "sound", distribution="aims-other") == second


def test_the_same_plugin_under_a_second_name_fails_and_the_first_goes_on(host):
    plugin = Scorers("twice.scorer")
    host.register(plugin, "once")

    assert host.register(plugin, "twice").status == "failed"
    assert ids(host) == ["sound.scorer", "twice.scorer"]


def test_a_second_offer_of_the_same_id_fails_its_plugin_and_the_first_stands(host):
    host.register(Scorers("sound.scorer"), "copy", distribution="aims-copy")

    assert ids(host) == ["sound.scorer"]
    assert host.offer("aims_risk_scorers").plugin.name == "sound"
    assert "'sound.scorer' is already offered by local" in state(host, "copy")[1]


def test_the_order_of_registration_does_not_matter():
    listed = []
    for order in (("a", "b", "c"), ("c", "a", "b"), ("b", "c", "a")):
        host = PluginHost(discover=False)
        for name in order:
            host.register(Scorers(f"{name}.scorer"), name)
        listed.append(ids(host))

    assert listed == [["a.scorer", "b.scorer", "c.scorer"]] * 3


def test_one_of_several_providers_is_named_configured_or_neither(host):
    host.register(Scorers("other.scorer"), "other")

    with pytest.raises(
        ProviderChoice, match=r"several are installed \(other.scorer, sound.scorer\)"
    ):
        host.offer("aims_risk_scorers")
    assert host.offer("aims_risk_scorers", "other.scorer").spec.id == "other.scorer"
    host.providers["risk_scorer"] = "sound.scorer"
    assert host.offer("aims_risk_scorers").spec.id == "sound.scorer"
    host.providers["risk_scorer"] = "gone.scorer"
    with pytest.raises(ProviderChoice, match=r"'gone.scorer' is not available; installed: other"):
        host.offer("aims_risk_scorers")


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        (Ref("no_such_module:thing"), "ModuleNotFoundError"),
        (Ref("builtins:no_such_thing"), "AttributeError"),
        (Ref(""), "ValueError"),
        (Ref("builtins:len.no.thing"), "AttributeError"),
        (Ref("sys:exit"), "SystemExit"),
        (Ref("builtins:divmod"), "TypeError"),
    ],
)
def test_asking_a_plugin_that_fails_names_it_and_what_it_said(host, reference, says):
    offer = host.offer("aims_risk_scorers")

    with pytest.raises(PluginError, match=says) as error:
        host.ask(offer, reference, 1)

    assert "sound (local 0), sound.scorer" in str(error.value)


def test_an_entry_point_that_cannot_be_imported_fails_alone(installed):
    good, late, gone = ModuleType("good"), ModuleType("late"), ModuleType("gone")
    good.aims_risk_scorers = hookimpl(
        lambda: [ScorerSpec(id="good.scorer", title="", score=Ref("builtins:len"))]
    )
    names = installed(("gone", gone), ("good", good), ("late", late))
    del sys.modules[names[0]]

    host = PluginHost()

    assert state(host, "gone")[0] == "failed"
    assert "ModuleNotFoundError" in state(host, "gone")[1]
    assert ids(host) == ["good.scorer"]


def test_an_entry_point_that_exits_or_is_no_python_fails_alone(installed, tmp_path, monkeypatch):
    (tmp_path / "aims_test_exits.py").write_text("import sys\nsys.exit(4)\n", encoding="utf-8")
    (tmp_path / "aims_test_typo.py").write_text("def (:\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    installed(("exits", ModuleType("x")), ("typo", ModuleType("x")))
    for name in ("aims_test_exits", "aims_test_typo"):
        del sys.modules[name]

    host = PluginHost()

    assert state(host, "exits") == ("failed", "SystemExit: 4")
    assert state(host, "typo")[1].startswith("SyntaxError")


def test_a_blocked_plugin_is_listed_and_not_even_imported(installed):
    (name,) = installed(("noisy", ModuleType("noisy")))
    del sys.modules[name]

    host = PluginHost(blocked=["noisy"])

    assert state(host, "noisy") == ("blocked", "blocked in aims.toml")


def test_two_installed_plugins_of_one_name_are_both_listed(installed):
    module = ModuleType("m")
    installed(("twin", module), ("twin", module))

    host = PluginHost()

    assert [p.status for p in host.plugins() if p.name == "twin"] == ["active", "failed"]


class Service:
    def __init__(self, factory, name="greeter", plugin="greet"):
        self.spec = ServiceSpec(id=f"{plugin}.service", title="", name=name, factory=factory)

    @hookimpl
    def aims_services(self):
        return [self.spec]


@ONE_DATABASE
def test_a_service_is_made_once_and_reached_by_its_name(workspace_folder, host):
    host.register(Service(at_hand(lambda ws: [ws.actor.actor_id])), "greet")
    workspace = open_workspace(workspace_folder, actor="olga", host=host)

    assert workspace.greeter == ["olga"]
    assert workspace.greeter is workspace.greeter
    assert workspace.act_as("rita").greeter == ["rita"]
    assert "greeter" in dir(workspace)
    workspace.close()


@ONE_DATABASE
def test_a_service_that_fails_is_named_and_the_rest_of_the_workspace_works(workspace_folder, host):
    host.register(Service(Ref("no_such_module:thing")), "greet")
    workspace = open_workspace(workspace_folder, actor="olga", host=host)

    with pytest.raises(PluginError, match=r"greet \(local 0\)"):
        _ = workspace.greeter

    assert workspace.inventory.find() == ([], 0)
    workspace.close()


@ONE_DATABASE
def test_two_services_of_one_name_are_an_error_that_names_both(workspace_folder, host):
    host.register(Service(at_hand(lambda _: 1)), "greet")
    host.register(Service(at_hand(lambda _: 2), plugin="hail"), "hail")
    workspace = open_workspace(workspace_folder, actor="olga", host=host)

    with pytest.raises(ProviderChoice, match=r"greet\.service, hail\.service"):
        _ = workspace.greeter
    host.providers["greeter"] = "hail.service"

    assert workspace.greeter == 2
    workspace.close()


@ONE_DATABASE
def test_a_plugin_cannot_put_itself_in_place_of_a_service_of_the_core(workspace_folder, host):
    host.register(Service(at_hand(lambda _: "mine"), name="approvals"), "greet")
    workspace = open_workspace(workspace_folder, actor="olga", host=host)

    assert workspace.approvals != "mine"
    workspace.close()


@ONE_DATABASE
def test_a_plugin_whose_migrations_are_missing_does_not_keep_the_workspace_shut(
    workspace_folder, host
):
    class Tables:
        @hookimpl
        def aims_migrations(self):
            return [
                MigrationSpec(
                    component="lost", location="no_such_package:m", tables="no_such_package"
                )
            ]

    host.register(Tables(), "lost")

    workspace = open_workspace(workspace_folder, actor="olga", host=host)

    states = {s.component: (s.state, s.note) for s in workspace.migrator().status()}
    assert states["core"][0] == "current"
    assert states["lost"][0] == "failed"
    assert "no_such_package" in states["lost"][1]
    assert "lost" not in workspace.migrator().upgrade()
    workspace.close()


def test_a_command_keeps_its_plugins_name_for_the_command_line(host):
    class Commands:
        @hookimpl
        def aims_cli_commands(self):
            return [
                CommandSpec(id="cmd.hello", title="Say hello.", name="hello", command=Ref("a:b"))
            ]

    host.register(Commands(), "cmd", distribution="aims-cmd", version="2")

    offer = host.contributions("aims_cli_commands")[0]
    assert (offer.plugin.distribution, offer.plugin.version) == ("aims-cmd", "2")


def refusing(*_):
    raise InvalidRecord("import the file", [Problem(field="row 2", reason="is ragged")])


def test_only_who_judges_a_persons_input_may_refuse_it():
    host = PluginHost(discover=False)
    host.register(Scorers("a.scorer", score=at_hand(refusing)), "refusing")
    [offer] = host.contributions("aims_risk_scorers")

    with pytest.raises(InvalidRecord, match="row 2"):
        host.ask(offer, offer.spec.score, may_refuse=True)
    with pytest.raises(PluginError, match="InvalidRecord: import the file"):
        host.ask(offer, offer.spec.score)
