"""The whole life of one AI system, counted: calls and crossings inside our packages, step by step.

A call is a function of ours that is entered, a crossing a call into another module than the caller's.
Left out are constructors, comprehensions, generator expressions and generators that are resumed, and
the ground floor (words, records, events, errors, canonical JSON, column types): it is called once for
each value, not for each thought, and stands in a column of its own. The life is lived twice: the first
time imports everything, the second time is counted. The figure to keep at zero is the number of pairs of
modules that call each other both ways; the ground floor counts there.

    python benchmarks/life.py [--quick] [--json FILE]
"""

import argparse
import contextlib
import io
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from aims_core.cli.demonstration import command, life
from aims_core.cli.demonstration.narrator import Narrator

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = {"__init__", "__new__", "__post_init__", "__init_subclass__", "<module>"}
DESCRIBED = {
    "name": life.SYSTEM_NAME,
    "use_case": "Reads appraisals of owned real estate.",
    "owner": "ines",
    "origin": "in_house",
    "declared_risk_category": "minimal",
}
GROUND = {
    f"aims_core.{name}" for name in ("canonical", "errors", "events", "records", "tables", "terms")
}
NOT_THE_HOUSE = "aims_core.cli"
"""The demo itself: it stands for the notebook cell, outside the house that is counted."""


class Walk:
    """What one step called: functions entered, and by which module."""

    def __init__(self) -> None:
        self.calls: Counter[tuple[str, str]] = Counter()
        self.examples: dict[tuple[str, str], str] = {}
        self.deepest = 0
        self._modules: dict[CodeType, str] = {}
        self._running: dict[int, FrameType] = {}

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Take note of a function of ours being entered; the signature is that of a profiler."""
        if event != "call" or not self._counts(frame):
            return
        caller, by, depth = self._caller(frame)
        edge = (caller, self._module(frame.f_code))
        self.calls[edge] += 1
        self.examples.setdefault(edge, f"{caller}.{by} calls {edge[1]}.{frame.f_code.co_qualname}")
        self.deepest = max(self.deepest, depth + 1)

    def crossings(self) -> int:
        """Return the number of calls into another module, the first from outside included."""
        return sum(n for (a, b), n in self.calls.items() if a != b and b not in GROUND)

    def total(self) -> int:
        """Return the number of calls above the ground floor."""
        return sum(n for (_, callee), n in self.calls.items() if callee not in GROUND)

    def ground(self) -> int:
        """Return the number of calls on the ground floor."""
        return sum(n for (_, callee), n in self.calls.items() if callee in GROUND)

    def modules(self) -> set[str]:
        """Return the modules that were entered."""
        return {callee for _, callee in self.calls}

    def _counts(self, frame: FrameType) -> bool:
        code = frame.f_code
        if not self._module(code) or code.co_name in LEFT_OUT or code.co_name.startswith("<"):
            return False
        if code.co_flags & (0x20 | 0x80 | 0x200):  # generators and coroutines: resumed, not called
            if id(frame) in self._running:
                return False
            self._running[id(frame)] = frame  # the reference keeps the id from being used again
        return True

    def _caller(self, frame: FrameType) -> tuple[str, str, int]:
        nearest, by, depth = "", "", 0
        above = frame.f_back
        while above is not None:
            module = self._module(above.f_code)
            if module and not above.f_code.co_name.startswith("<"):
                if not nearest:
                    nearest, by = module, above.f_code.co_qualname
                depth += 1
            above = above.f_back
        return nearest or "outside", by, depth

    def _module(self, code: CodeType) -> str:
        if code not in self._modules:
            self._modules[code] = _module_of(code.co_filename)
        return self._modules[code]


def _module_of(filename: str) -> str:
    path = Path(filename)
    if not path.is_relative_to(ROOT) or path.suffix != ".py":
        return ""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts[2:] if parts[0] == "plugins" else parts
    name = ".".join(parts).removesuffix(".__init__")
    return "" if not name.startswith("aims_") or name.startswith(NOT_THE_HOUSE) else name


def both_ways(edges: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs of modules that call each other."""
    return sorted((a, b) for a, b in edges if a < b and (b, a) in edges)


class Counted(Narrator):
    """A narrator that stays silent and counts each step."""

    def __init__(self) -> None:
        super().__init__()
        self.walks: dict[str, Walk] = {}

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Count what the step calls."""
        walk = self.walks[title] = Walk()
        sys.setprofile(walk)
        try:
            yield
        finally:
            sys.setprofile(None)


def measure() -> dict[str, Walk]:
    """Live the life once for its imports and once more to count, and return the walks by step."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        counted = Counted()
        for name, narrator in (("first", Narrator()), ("counted", counted)):
            workspace = command.found(Path(folder) / name, Narrator())
            with narrator.step("It is registered"):
                workspace.act_as("ines").inventory.register("property-appraisal", **DESCRIBED)
            life.run(workspace, narrator, "property-appraisal")
            workspace.close()
    return counted.walks


def main() -> int:
    """Print the table and return 1 when modules call each other both ways."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="accepted; the life is short already")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args()
    walks = measure()
    edges = {pair for walk in walks.values() for pair, n in walk.calls.items() if n}
    pairs = both_ways({(a, b) for a, b in edges if a != b})
    print(f"{'step':<66}{'calls':>7}{'crossings':>11}{'ground':>9}{'modules':>9}{'deepest':>9}")
    for title, walk in walks.items():
        counts = f"{walk.total():>7}{walk.crossings():>11}{walk.ground():>9}"
        print(f"{title:<66}{counts}{len(walk.modules()):>9}{walk.deepest:>9}")
    totals = {
        "calls of the whole life": sum(w.total() for w in walks.values()),
        "crossings of the whole life": sum(w.crossings() for w in walks.values()),
        "module pairs calling each other both ways": len(pairs),
    }
    print()
    for name, value in totals.items():
        print(f"{name:<66}{value:>7}")
    examples = {edge: line for walk in walks.values() for edge, line in walk.examples.items()}
    for a, b in pairs:
        print(f"  {examples[a, b]}\n  {examples[b, a]}")
    if chosen.json:
        chosen.json.write_text(
            json.dumps(_figures(walks, totals), indent=2) + "\n", encoding="utf-8"
        )
    return 1 if pairs else 0


def _figures(walks: dict[str, Walk], totals: dict[str, int]) -> list[dict[str, Any]]:
    figures = [
        {"name": f"{title}: {name}", "value": value, "unit": "", "goal": None, "ok": None}
        for title, walk in walks.items()
        for name, value in (("calls", walk.total()), ("crossings", walk.crossings()))
    ]
    for name, value in totals.items():
        goal = 0 if name.endswith("both ways") else None
        ok = None if goal is None else value <= goal
        figures.append({"name": name, "value": value, "unit": "", "goal": goal, "ok": ok})
    return figures


if __name__ == "__main__":
    sys.exit(main())
