import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from aims_core import AimsError, CommandSpec, Ref, hookimpl
from aims_core.cli import main
from aims_core.cli.commands import CORE
from aims_core.cli.group import without_plugins
from aims_core.cli.session import Session
from aims_core.plugin_host.host import PluginHost


@click.command()
@click.argument("how", default="fine")
def shout(how):
    """Shout."""
    match how:
        case "raise":
            raise RuntimeError("the cable\x1b[2J is loose")
        case "refuse":
            raise AimsError("shout: there is no voice; drink some water")
        case "complain":
            raise click.ClickException("no")
        case "abort":
            raise click.Abort
    click.echo("HEY")


NOT_A_COMMAND = "text"


class Loud:
    """A plugin with commands good and bad."""

    def __init__(self, *specs):
        self._specs = specs

    @hookimpl
    def aims_cli_commands(self):
        return list(self._specs)


def command(name, target, plugin="loud"):
    return CommandSpec(
        id=f"{plugin}.{name}", title=f"The {name} command.", name=name, command=Ref(target)
    )


class WithPlugins(Session):
    """A session whose host has the given plugins and no installed ones."""

    def __init__(self, **plugins):
        super().__init__()
        self._given = plugins

    def host(self):
        host = PluginHost(discover=False)
        for name, plugin in self._given.items():
            host.register(plugin, name)
        return host


@pytest.fixture
def run(monkeypatch):
    module = type(sys)("loud_commands")
    module.shout, module.NOT_A_COMMAND = shout, NOT_A_COMMAND
    monkeypatch.setitem(sys.modules, "loud_commands", module)

    def invoke(*arguments, **plugins):
        return CliRunner().invoke(main, list(arguments), obj=WithPlugins(**plugins))

    return invoke


LOUD = command("shout", "loud_commands:shout")


def test_help_lists_core_and_plugin_commands_apart(run):
    shown = run("--help", loud=Loud(LOUD)).output

    assert all(f"\n  {name} " in shown for name in CORE)
    assert "Commands of plugins:\n  shout  The shout command." in shown
    assert "Exit codes:" in shown


def test_a_plugin_command_runs(run):
    result = run("shout", loud=Loud(LOUD))

    assert (result.exit_code, result.stdout) == (0, "HEY\n")


def test_the_cores_own_names_win(run):
    result = run("review", "--help", loud=Loud(command("review", "loud_commands:shout")))

    assert "Review all systems" in result.output


def test_two_plugins_with_one_command_are_both_named_and_neither_runs(run):
    second = Loud(command("shout", "loud_commands:shout", plugin="other"))

    result = run("shout", loud=Loud(LOUD), other=second)

    assert result.exit_code == 2
    assert "loud and other" in result.stderr
    assert "HEY" not in result.output


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("no_such_module:shout", "No module named 'no_such_module'"),
        ("loud_commands:nothing", "no attribute 'nothing'"),
        ("loud_commands:NOT_A_COMMAND", "is no click command but a str"),
    ],
)
def test_a_command_that_cannot_be_loaded_says_why_and_help_still_works(run, target, reason):
    broken = Loud(command("quiet", target), LOUD)

    result = run("quiet", loud=broken)

    assert result.exit_code == 2
    assert reason in result.stderr
    assert "Traceback" not in result.output
    assert run("--help", loud=broken).exit_code == 0
    assert run("shout", loud=broken).exit_code == 0


def test_a_plugin_whose_hook_fails_leaves_the_command_line_working(run):
    class Broken:
        @hookimpl
        def aims_cli_commands(self):
            raise RuntimeError("out of order")

    result = run("--help", broken=Broken(), loud=Loud(LOUD))

    assert result.exit_code == 0
    assert "shout" in result.stdout
    assert "out of order" in result.stderr
    assert "Traceback" not in result.output


def test_an_unknown_command_is_answered_with_the_nearest_names(run):
    result = run("sytems")

    assert result.exit_code == 2
    assert "Did you mean systems?" in result.stderr


@pytest.mark.parametrize("how", ["raise", "refuse", "complain"])
def test_whatever_goes_wrong_ends_in_two_and_never_in_one_which_means_findings(run, how):
    result = run("shout", how, loud=Loud(LOUD))

    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "\x1b" not in result.output


def test_the_message_of_an_unexpected_failure_says_how_to_see_more(run):
    result = run("shout", "raise", loud=Loud(LOUD))

    assert "RuntimeError: the cable\\x1b[2J is loose" in result.stderr
    assert "AIMS_TRACEBACK=1" in result.stderr


def test_a_developer_can_ask_for_the_traceback(run, monkeypatch):
    monkeypatch.setenv("AIMS_TRACEBACK", "1")

    assert isinstance(run("shout", "raise", loud=Loud(LOUD)).exception, RuntimeError)


def test_an_interrupted_run_ends_as_shells_expect(run):
    assert run("shout", "abort", loud=Loud(LOUD)).exit_code == 130


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        (["--help"], {}, False),
        (["--no-plugins", "--help"], {}, True),
        (["--help", "--no-plugins"], {}, True),
        (["--help"], {"AIMS_NO_PLUGINS": "1"}, True),
        (["--help"], {"AIMS_NO_PLUGINS": "0"}, False),
        (["people", "add", "--", "--no-plugins"], {}, False),
    ],
)
def test_whether_plugins_are_left_out_is_known_before_anything_is_parsed(
    arguments, environment, expected
):
    assert without_plugins(arguments, environment) is expected


def test_leaving_plugins_out_hides_their_commands_and_says_so(run):
    result = CliRunner().invoke(main, ["--no-plugins", "risk"])

    assert result.exit_code == 2
    assert "Plugins are left out" in result.stderr


def test_the_installed_command_and_its_version_work_in_a_process_of_their_own():
    code = "from aims_core.cli import main; main()"

    shown = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, "--version"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout.startswith("aims, version ")
