import importlib
import subprocess
import sys

import pytest

import aims_core


def test_the_front_door_lists_its_names_in_order():
    assert list(aims_core.__all__) == sorted(aims_core.__all__)
    assert len(set(aims_core.__all__)) == len(aims_core.__all__)


@pytest.mark.parametrize("name", sorted(aims_core.__all__))
def test_every_name_of_the_front_door_leads_somewhere_and_is_documented(name):
    found = getattr(aims_core, name)

    if callable(found):
        assert (found.__doc__ or "").strip(), f"aims_core.{name} has no docstring"


def test_dir_shows_what_the_front_door_has():
    assert set(aims_core.__all__) <= set(dir(aims_core))


def test_an_unknown_name_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match="no_such_thing"):
        importlib.import_module("aims_core").no_such_thing  # noqa: B018 - the access is the act


@pytest.mark.parametrize("module", ["terms", "errors", "contributions", "records"])
def test_everything_public_that_plugins_build_with_is_at_the_front_door(module):
    room = importlib.import_module(f"aims_core.{module}")
    own = {
        name
        for name, value in vars(room).items()
        if isinstance(value, type)
        and f"{value.__module__}.".startswith(f"{room.__name__}.")
        and name[0] != "_"
    }

    assert own - {"Contribution"} <= set(aims_core.__all__)


def test_a_name_can_be_taken_from_the_front_door_in_a_fresh_interpreter():
    code = "from aims_core import Workspace, cli_emit, cli_format, cli_workspace, open_workspace"

    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
