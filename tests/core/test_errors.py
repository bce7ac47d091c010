"""One tree of errors; a message says what was asked, what is in the way, what would help, and stays short."""

import copy
import pickle
import re

import pytest
from click.testing import CliRunner

import aims_core
from aims_core import (
    AimsError,
    Condition,
    ConditionsNotMet,
    InvalidRecord,
    PluginError,
    Problem,
    ProviderChoice,
    RecordNotFound,
    RequestRefused,
    errors,
)
from aims_core.cli import main

ALL = [
    RecordNotFound("AI system", "ticket-triag", ["ticket-triage"]),
    InvalidRecord("register x", [Problem(field="name", reason="is empty")]),
    ConditionsNotMet("deploy x", [Condition(name="c", met=False, reason="is not")]),
    PluginError("risk", "risk.scorer", "fell over"),
    ProviderChoice("risk_scorer", "", ["a.x", "b.y"]),
]


@pytest.mark.parametrize("count", [1, 9, 10, 11, 5_000])
def test_a_message_lists_at_most_ten_and_says_how_many_more_there_are(count):
    problems = [Problem(field=f"field{i}", reason="is empty") for i in range(count)]
    conditions = [Condition(name=f"check{i}", met=False, reason="is not") for i in range(count)]

    for error in (InvalidRecord("register x", problems), ConditionsNotMet("deploy x", conditions)):
        lines = str(error).splitlines()
        assert str(count) in lines[0]
        assert sum(line.startswith("  - ") for line in lines) == min(count, 10)
        assert (f"and {count - 10} more" in lines[-1]) == (count > 10)


def test_the_error_keeps_everything_that_its_message_leaves_out():
    problems = [Problem(field=f"field{i}", reason="is empty") for i in range(50)]

    assert InvalidRecord("register x", problems).problems == tuple(problems)


def test_a_condition_says_who_asks_for_it_and_what_would_help():
    one = Condition(
        name="plan", met=False, reason="there is none", remedy="make one", source="monitoring"
    )

    message = str(ConditionsNotMet("go_live ticket-triage", [one]))

    assert message.splitlines() == [
        "go_live ticket-triage: 1 condition(s) not met",
        "  - plan: there is none; make one [monitoring]",
    ]


def test_something_that_is_not_there_brings_near_names():
    message = str(RecordNotFound("AI system", "tiket-triage", ["ticket-triage", "payroll"]))

    assert "Did you mean ticket-triage?" in message
    assert "payroll" not in message


def test_an_endless_identifier_makes_no_endless_message_and_no_long_search():
    message = str(RecordNotFound("AI system", "x" * 1_000_000, ["x" * 60] * 500))

    assert len(message) < 400


def test_what_is_not_there_and_near_nothing_says_how_to_list_what_is():
    assert str(RecordNotFound("AI system", "zzz", ["ticket-triage"])) == (
        "there is no AI system 'zzz'. List them with `aims systems list`."
    )
    assert str(RecordNotFound("actor", "zzz")).endswith("List everybody with `aims people list`.")
    own = RecordNotFound("verdict", "zzz", remedy="list them with `aims bias list`")
    assert str(own) == "there is no verdict 'zzz'. List them with `aims bias list`."
    assert str(RecordNotFound("verdict", "zzz")) == "there is no verdict 'zzz'."
    near = RecordNotFound("verdict", "zzz", ["zzzz"], remedy="list them")
    assert str(near) == "there is no verdict 'zzz'. Did you mean zzzz?"


def test_each_command_that_is_said_to_list_records_is_there():
    for said in errors._LISTED_BY.values():
        for command in re.findall("`aims ([^`]+)`", said):
            asked = CliRunner().invoke(main, [*command.split(), "--help"])
            assert asked.exit_code == 0, command


def test_a_choice_says_how_to_choose_in_the_case_at_hand():
    several = ProviderChoice("importer", "", ["a.x", "b.y"], remedy="name one with --importer")
    gone = ProviderChoice("importer", ".txt", ["a.x"], remedy="name one with --importer")

    assert "(a.x, b.y); name one with --importer" in str(several)
    assert "'.txt' is not available; installed: a.x; name one with --importer" in str(gone)


def test_a_choice_that_is_missing_names_all_candidates_and_where_to_choose():
    message = str(ProviderChoice("risk_scorer", "", ["a.x", "b.y"]))

    assert "a.x" in message
    assert "b.y" in message
    assert "aims.toml" in message


def test_no_provider_at_all_says_so():
    assert "none is installed" in str(ProviderChoice("risk_scorer", "", []))
    assert "'c.z' is not available; installed: a.x" in str(
        ProviderChoice("risk_scorer", "c.z", ["a.x"])
    )


@pytest.mark.parametrize("error", ALL, ids=lambda e: type(e).__name__)
def test_every_error_survives_a_process_boundary(error):
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - our own bytes
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def test_every_error_stands_in_the_one_tree_and_behind_the_front_door():
    defined = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)]

    assert len(defined) >= 12
    assert all(issubclass(e, AimsError) for e in defined)
    assert {e.__name__ for e in defined} <= set(aims_core.__all__)
    assert not issubclass(PluginError, RequestRefused)


def test_a_notebook_shows_the_message_alone():
    for error in ALL:
        [shown] = error._render_traceback_()
        assert shown == f"{type(error).__name__}: {error}"
