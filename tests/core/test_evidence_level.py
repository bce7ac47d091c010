"""What an instance can prove is judged from facts, and shown wherever people rely on it."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from aims_core import EvidenceFacts, WorkspaceError, judge, open_workspace
from aims_core.cli import main

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
FACTS = st.builds(
    EvidenceFacts,
    database=st.sampled_from(["sqlite", "postgresql"]),
    secured=st.booleans(),
    matches=st.booleans(),
    kept_at=st.none() | st.integers(0, 60).map(lambda days: NOW - timedelta(days=days)),
    now=st.just(NOW),
    fresh=st.integers(1, 30).map(lambda days: timedelta(days=days)),
)
ANCHOR = """
[[audit.anchors]]
name = "folder"
kind = "core.folder"
folder = "{folder}"
"""


@given(FACTS)
def test_a_level_claims_what_its_facts_hold_and_no_more(facts):
    level = judge(facts)
    enforced, kept = facts.secured and facts.matches, facts.kept

    assert level.level == {0: "E1", 1: "E2", 2: "E3", 3: "E4"}[2 * enforced + kept]
    assert ("nobody acts in another one's name" in " ".join(level.holds)) == enforced
    assert ("found out" in " ".join(level.holds)) == kept
    assert ("self-declared" in str(level)) == (not enforced)
    assert ("audit checkpoint" in " ".join(level.lacks)) == (not kept)
    assert ("doctor" in " ".join(level.lacks)) == (facts.secured and not facts.matches)


def test_a_checkpoint_kept_elsewhere_raises_the_level_until_it_is_old(
    signed, workspace_folder, anchored, tmp_path
):
    assert signed.judge_evidence().level == "E1"
    signed.close()
    (tmp_path / "outside").mkdir()

    workspace, _ = anchored(ANCHOR.format(folder=tmp_path / "outside"))

    assert workspace.judge_evidence().level == "E2"
    assert workspace.evidence_level.startswith("E2, recorded: identity is self-declared")
    later = workspace.now() + timedelta(days=8)
    workspace._desk.store.clock = lambda: later
    assert workspace.judge_evidence().level == "E1"
    assert "8 days old, more than 7" in " ".join(workspace.judge_evidence().lacks)


@pytest.mark.parametrize("days", ["0", "true", '"seven"'])
def test_a_span_that_is_none_is_refused_in_words(workspace_folder, host, days):
    with (workspace_folder / "aims.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\n[audit]\nfresh_days = {days}\n")
    opened = open_workspace(workspace_folder, actor="ada", host=host)

    with pytest.raises(WorkspaceError, match="fresh_days"):
        opened.judge_evidence()
    opened.close()


def test_the_command_says_it_and_can_require_it(workspace_folder, workspace):
    workspace.close()
    opening = ["--workspace", str(workspace_folder), "--as", "ada", "audit", "level"]

    shown = CliRunner().invoke(main, opening)
    required = CliRunner().invoke(main, [*opening, "--require", "E2"])

    assert (shown.exit_code, required.exit_code) == (0, 1), shown.output
    assert shown.output.startswith("E1, recorded: identity is self-declared")
    assert "Lacks: who acted is what they said" in shown.output
