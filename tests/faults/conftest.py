"""Faults are tried on the core alone, in processes of their own where they end one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aims_core import open_workspace

NIGHTLY = bool(os.environ.get("AIMS_NIGHTLY"))
VICTIMS = Path(__file__).parent / "victims"


sys.path.insert(0, str(VICTIMS))  # the programs import each other from there
sys.path.insert(0, str(VICTIMS.with_name("acts")))
from answering import answering_host  # noqa: E402 - it lies in the folder just named


@pytest.fixture
def rounds():
    """Give the number of rounds: few for every run, many in the night."""
    return lambda few, many: many if NIGHTLY else few


@pytest.fixture
def figure():
    """Give the way to note a figure of the long forms, for benchmarks/faults.py, which names the file."""
    path = os.environ.get("AIMS_FAULT_FIGURES")

    def note(name, value):
        if path:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(json.dumps([name, value]) + "\n")

    return note


@pytest.fixture
def host():
    """Give a host without the installed plugins, in which every check of the lifecycle is met."""
    return answering_host()


@pytest.fixture
def workspace(workspace_folder, host):
    """Give a fresh workspace on each database; `ada` acts."""
    opened = open_workspace(workspace_folder, actor="ada", host=host)
    yield opened
    opened.close()


@pytest.fixture
def anchored(workspace_folder, tmp_path, monkeypatch):
    """Give the folder of a workspace whose checkpoints are kept in another folder."""
    monkeypatch.setenv("AIMS_AUDIT_KEY", str(tmp_path / "elsewhere" / "checkpoint.key"))
    (place := tmp_path / "share").mkdir()
    with (workspace_folder / "aims.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            f'\n[[audit.anchors]]\nname = "share"\nkind = "core.folder"\nfolder = "{place}"\n'
        )
    return workspace_folder


@pytest.fixture
def victim():
    """Give the way to start one of the programs that faults happen to."""
    started = []

    def start(name, *arguments, **options):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AIMS_")}
        process = subprocess.Popen(
            [sys.executable, str(VICTIMS / f"{name}.py"), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            **options,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
