"""What several test rooms share: the workspace that `aims demo` makes, made once and copied."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from aims_core.cli import main


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
