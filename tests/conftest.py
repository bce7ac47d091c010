"""What several test rooms share: the workspace that `aims demo` makes, and events of the first release."""

import gc
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from aims_core.audit.leaves import START, chained, leaf
from aims_core.cli import main


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep the garbage collector off the tests themselves, which all live to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: as the last it would keep one processor busy and the others idle."""
    items.sort(key=lambda item: -_seconds(item))


def _seconds(item: pytest.Item) -> float:
    marker = item.get_closest_marker("slow")
    return 0 if marker is None else float(marker.kwargs.get("seconds", 0))


@pytest.fixture(scope="session")
def demo_made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the main job in an empty folder; what people see first is what these tests look at."""
    folder = tmp_path_factory.mktemp("made-once") / "demo"
    result = CliRunner().invoke(main, ["demo", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def demo(demo_made_once: Path, tmp_path: Path) -> Path:
    """Give a copy of the demo workspace that a test may change."""
    return Path(shutil.copytree(demo_made_once, tmp_path / "demo"))


@pytest.fixture(scope="session")
def write_first_events() -> Callable[[sa.Connection, int], None]:
    """Give the way to write events as the first revision of the core chained them, when there was no tree."""

    def write(connection: sa.Connection, count: int) -> None:
        there = sa.MetaData()
        event = sa.Table("aims_event", there, autoload_with=connection)
        head = sa.Table("aims_trail_head", there, autoload_with=connection)
        chain = START
        for sequence in range(1, count + 1):
            row = {
                "sequence": sequence,
                "event_id": f"evt-{sequence}",
                "type": "core.ActorAdded",
                "at": "2026-01-01T00:00:00.000000Z",
                "actor": "ada",
                "assurance": "self_declared",
                "system_id": "",
                "payload": "{}",
                "nonce": "ab" * 16,
            }
            row["leaf"] = leaf(row)
            chain = row["chain"] = chained(chain, row["leaf"])
            connection.execute(sa.insert(event), row)
        connection.execute(sa.update(head).values(sequence=count, chain=chain))

    return write
