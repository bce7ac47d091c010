"""The disk of a PostgreSQL server is full: it is said in plain words, and what it acknowledged is there."""

import json
import tempfile
from pathlib import Path

import pytest
from full_server import REFUSED

from aims_core.testing.postgresql import missing


@pytest.fixture
def place():
    """Give a folder that the server's own user may pass through; pytest closes its own to others."""
    with tempfile.TemporaryDirectory(prefix="aims-full-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield folder


@pytest.mark.slow(seconds=5)
def test_a_full_disk_of_the_server_loses_nothing_acknowledged_and_is_told_in_plain_words(
    place, victim, rounds, figure
):
    if reason := missing():
        pytest.skip(reason)
    filled = rounds(2, 20)

    writer = victim("full_server", place, filled, 23)
    said, failed = writer.communicate(timeout=60 * filled)

    if writer.returncode == REFUSED:
        pytest.skip(f"this user may not mount a small disk for the server: {failed.strip()}")
    assert writer.returncode == 0, failed
    told = [json.loads(line) for line in said.splitlines()]
    wrong = [one["lost"] for one in told if one["lost"]]
    untold = [text for one in told for text in (*one["unplain"], *one["written"])]
    for name, value in {
        "times that the server's disk was full": len(told),
        "times that its log found no room, and it gave up": sum(one["log"] for one in told),
        "acts acknowledged while the server's disk ran full": sum(o["acknowledged"] for o in told),
        "acts refused because the server's disk was full": sum(one["refused"] for one in told),
        "acts lost or torn by a full disk of the server": sum(map(len, wrong)),
        "refusals by a full disk of the server not in plain words, or untrue": len(untold),
    }.items():
        figure(f"postgresql: {name}", value)
    assert len(told) == filled
    assert wrong == []
    assert untold == []
    assert all(one["refused"] and one["readable"] and one["went_on"] for one in told)
    assert {one["log"] for one in told} == {False, True}
