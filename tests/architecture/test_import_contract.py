import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_imports_go_down_only_and_plugins_do_not_know_each_other():
    beside = Path(sys.executable).with_name("lint-imports")
    command = str(beside) if beside.exists() else shutil.which("lint-imports")
    assert command, "import-linter is missing; install requirements-tools.txt"

    result = subprocess.run(
        [command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout + result.stderr


def test_the_import_contract_makes_no_exceptions():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert "ignore_imports" not in text
    assert "exclude_type_checking_imports = false" in text


def test_no_room_has_a_name_that_says_nothing():
    empty = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
    sources = [*ROOT.glob("aims_core/**/*.py"), *ROOT.glob("plugins/*/aims_*/**/*.py")]

    assert not [str(p) for p in sources if {p.stem, *p.relative_to(ROOT).parts} & empty]
