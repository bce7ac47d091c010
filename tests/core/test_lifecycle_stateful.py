"""Random walks through systems' lives: a plain model, SQLite and PostgreSQL take the same acts, three ways.

After every act all three must agree. What the model allows must happen, what it forbids must be refused
and change nothing. The walk counts what it tried: a walk that never got anywhere proves nothing.
"""

import importlib
import os
import shutil
import sys
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from aims_core import open_workspace, tables

# The model and the walk lie beside this file, which is no package.
sys.path.insert(0, str(Path(__file__).parent))
pytest.register_assert_rewrite("lifecycle_model", "lifecycle_walk")
lm = importlib.import_module("lifecycle_model")
lw = importlib.import_module("lifecycle_walk")
Life = lw.Life

NIGHTLY = bool(os.environ.get("AIMS_NIGHTLY"))
STEPS = 50_000 if NIGHTLY else 2_000
EXAMPLES, LENGTH = (240, 300) if NIGHTLY else (10, 260)
SCALE = 10 if NIGHTLY else 1
STATES = {(s.name, "active") for s in lm.MACHINE.stages} | {
    (stage, "suspended") for stage in ("deployment", "operation_and_monitoring", "re_evaluation")
}
STEPS_OF_LIFE = {f"ask {t.name}" for t in lm.MACHINE.transitions}
ALLOWED = STEPS_OF_LIFE | {
    *("register", "register legacy", "revise", "empty", "fill in", "decide", "decide for somebody"),
    *("change vote", "withdraw", "lend", "end lending", "wait", "sweep", "grant", "revoke", "rate"),
}
DENIED = STEPS_OF_LIFE | {
    *("register", "register legacy", "revise", "empty", "decide", "decide for somebody"),
    *("withdraw", "lend", "end lending"),
}
REASONS = {
    *("carried_out", "refused", "withdrawn", "lapsed", "expired", "role", "seat"),
    *("requester", "editor", "developer", "assessor", "validator", "lender"),
}
"""Why a vote was not taken: the request was closed, no seat was free, or duties must be apart."""


class World:
    """The real services on one database, with what the model's names mean in it."""

    def __init__(self, workspace, checks):
        self.workspace, self.checks = workspace, checks
        self.requests, self.lent = {}, {}

    def open(self, now):
        self.set(now)
        for actor, roles in lm.FURTHER.items():
            person = lm.PERSONS[actor]
            self.workspace.staffing.add(actor, actor.title(), person=person)
            for role in roles:
                self.workspace.staffing.grant(actor, role)
        self.by = {actor: self.workspace.act_as(actor) for actor in lm.PERSONS}
        return self

    def set(self, now):
        self.workspace._desk.store.clock = lambda: now

    def seen(self, system):
        """Everything the model says something about, as it is stored."""
        found, table = self.workspace.inventory.get(system), tables.approval
        query = sa.select(table.c.approval_id, table.c.status).where(table.c.system_id == system)
        with self.workspace.reading() as tx:
            stored = {row.approval_id: row.status for row in tx.connection.execute(query)}
        return (
            (str(found.stage), str(found.status), found.revision, str(found.approval_state)),
            {key: stored.pop(name) for key, name in self.requests.items()},
            stored,
        )

    def shown(self, system):
        """How the requests are shown to people."""
        frame = self.workspace.approvals.frame(system)
        shown = dict(zip(frame.approval_id, frame.status, strict=True))
        return {key: shown[name] for key, name in self.requests.items()}


@pytest.fixture
def worlds(request, aims_template, tmp_path, host, checks):
    """Give the maker of a fresh workspace on each database, founded alike, under the model's lifecycle."""
    server = request.getfixturevalue("aims_postgresql")
    loan = request.getfixturevalue("aims_postgresql_loan")
    numbers = count()

    def make(url):
        folder = tmp_path / str(next(numbers))
        shutil.copytree(aims_template, folder)
        (folder / "own.toml").write_text(lm.OWN, encoding="utf-8")
        text = (folder / "aims.toml").read_text(encoding="utf-8")
        if url:
            text = text.replace("sqlite:///aims.db", url)
        text += '\n[lifecycle]\nmachine = "own.toml"\n'
        (folder / "aims.toml").write_text(text, encoding="utf-8")
        return World(open_workspace(folder, actor="ada", host=host), checks)

    return lambda: [make(""), make(server.url(loan.take()))]


def walk(worlds, examples, length):
    Life.begin = staticmethod(worlds)
    Life.visits.clear()
    Life.fired.clear()
    run_state_machine_as_test(
        Life,
        settings=settings(
            # The same walk wherever it is started from; only the nightly ones are new every time.
            derandomize=not NIGHTLY,
            deadline=None,
            max_examples=examples,
            stateful_step_count=length,
            suppress_health_check=list(HealthCheck),
            # An act takes its time, so a failing walk is not shortened; its seeds are printed.
            phases=[Phase.generate],
        ),
    )
    return sum(number for (name, _), number in Life.fired.items() if name != "vote refused")


def test_a_short_walk_agrees_three_ways(worlds):
    assert walk(worlds, 1, 40) > 20


@pytest.mark.slow(seconds=90)
def test_the_model_sqlite_and_postgresql_agree_after_every_act_of_every_walk(worlds):
    walked = walk(worlds, EXAMPLES, LENGTH)

    sys.stdout.write(f"{walked} acts\n{dict(Life.visits)}\n{dict(Life.fired)}\n")
    assert walked >= STEPS
    assert {s: n for s in STATES if (n := Life.visits[s]) < 3 * SCALE} == {}
    assert {r: n for r in ALLOWED if (n := Life.fired[r, True]) < SCALE} == {}
    assert {r: n for r in DENIED if (n := Life.fired[r, False]) < SCALE} == {}
    assert {w: n for w in REASONS if (n := Life.fired["vote refused", w]) < SCALE} == {}
