"""Raw SQL from a notebook, as it stands in attacks.sql: none gets through, and for the right reason."""

import re
from pathlib import Path

import pytest

_HEAD = re.compile(r"-- (\w+) (\w+): (.+)\n(.+)")
_FILE = Path(__file__).with_name("attacks.sql")
ATTACKS = [found.groups() for found in _HEAD.finditer(_FILE.read_text(encoding="utf-8"))]


def test_there_are_enough_attacks_and_none_was_overlooked():
    heads = [line for line in _FILE.read_text(encoding="utf-8").splitlines() if line[:2] == "--"]

    assert len(ATTACKS) == len(heads) - 3
    assert sum(expected != "passes" for _, expected, _, _ in ATTACKS) >= 300


@pytest.mark.parametrize(
    ("login", "expected", "statement"),
    [(login, expected, sql) for login, expected, _, sql in ATTACKS],
    ids=[f"{login} {title}" for login, _, title, _ in ATTACKS],
)
def test_an_attack_by_raw_sql_is_refused(arena, login, expected, statement):
    found = arena.outcome(login, statement)
    assert found[0] == expected, found[1]
