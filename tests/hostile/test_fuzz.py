"""Thousands of damaged files, mappings and values: each is answered in words, and none leaves half a write.

`make test` tries 3,000 inputs, the same in every run; with ``AIMS_NIGHTLY=1`` it is 100,000 fresh ones.
"""

import os
import secrets
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

NIGHTLY = bool(os.environ.get("AIMS_NIGHTLY"))
SHARE = 50_000 if NIGHTLY else 1_500
"""Inputs on each of the two databases."""


@pytest.fixture(scope="module")
def fuzzer():
    path = Path(__file__).parents[2] / "benchmarks" / "hostile.py"
    spec = spec_from_file_location("hostile", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_from_outside_ends_in_a_traceback_or_in_half_a_write(
    fuzzer, workspace, tmp_path, aims_database
):
    seed = secrets.randbits(32) if NIGHTLY else {"sqlite": 1, "postgresql": 2}[aims_database]
    folder = tmp_path / "files"
    folder.mkdir()
    fuzz = fuzzer.Fuzz(seed, folder, [workspace.act_as("ines")])

    fuzz.run(SHARE, full_every=100)

    assert fuzz.faults == [], f"seed {seed}"
    tried = fuzz.tried
    kinds = ("files .csv", "files .json", "files .jsonl", "files .xlsx", "mappings")
    assert all(0 < tried[f"{kind} refused"] < tried[kind] for kind in kinds)
    assert 0 < tried["imports refused"] < tried["imports"]
    assert tried["rows taken"] > 0
    assert workspace.audit.verify().intact


@pytest.mark.parametrize("aims_database", ["sqlite"])
def test_the_fuzzer_notices_what_it_is_there_to_notice(fuzzer, workspace, tmp_path, monkeypatch):
    folder = tmp_path / "files"
    folder.mkdir()
    fuzz = fuzzer.Fuzz(1, folder, [workspace.act_as("ines")])

    def careless(*_, **__):
        raise KeyError("forgotten")

    monkeypatch.setattr(fuzzer, "check_content", careless)
    fuzz.run(20, full_every=1_000)

    assert any("KeyError: 'forgotten'" in fault for fault in fuzz.faults)
