"""Progress is told of what takes several portions, once."""

import sys

import pytest

from aims_core.cli.progress import progress


@pytest.mark.parametrize("ticks", [[], [(0, 0)], [(1, 1)], [(500, 500)]])
@pytest.mark.parametrize("watched", [False, True])
def test_work_that_is_done_in_one_go_says_nothing(capsys, monkeypatch, ticks, watched):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: watched)

    with progress("Importing") as tick:
        for one in ticks:
            tick(*one)

    assert capsys.readouterr().err == ""


def test_work_in_portions_is_told_once_where_nobody_watches(capsys):
    with progress("Importing") as tick:
        tick(1_000, 1_500)
        tick(1_500, 1_500)

    assert capsys.readouterr().err == "Importing: 1500 of 1500\n"


def test_where_somebody_watches_a_bar_shows(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    with progress("Importing") as tick:
        tick(1_000, 1_500)
        tick(1_500, 1_500)

    assert "Importing" in capsys.readouterr().err
