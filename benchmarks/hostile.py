"""Fuzzed import files, mappings and field values: how many were tried, and how many did harm (goal: none).

Real files are mutated: bits flipped, parts cut, doubled and put elsewhere, nasty words put in. Each is
read and checked as an import would be; a share of them is imported into a workspace, where a refused
file must leave every row count and the trail as they were. Only an `AimsError` is an answer.
"""

import argparse
import io
import json
import random
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aims_core import AimsError, Workspace, canonical_json, create_workspace
from aims_core.inventory.content import check_content, check_id
from aims_core.tables import metadata

WORDS = [
    *(
        "=cmd|' /C calc'!A0",
        "\x00",
        "\ud800",
        "\u202e",
        "\u200b",
        "\ufeff",
        "\u0421",
        "\uff1d1+1",
        "'",
    ),
    *("NaN", "Infinity", "1e999", "9" * 400, "-0", "null", "true", "[]", "{}", '{"a":', '"', '""'),
    *("N/A", "unknown", "", " ", "\t", "\r", "\n", "\r\n", ",", ";", "|", "a" * 600, "x" * 21_000),
    *(
        "../../etc/passwd",
        "{name}",
        "{0.__class__}",
        "%s",
        "${jndi:ldap://x}",
        "<script>",
        "]]>",
        "&a;",
    ),
    *(
        "_x000D_",
        "\x85",
        "\u2028",
        "\U0001f469\u200d\U0001f4bb",
        "e\u0301",
        "\x1b[31m",
        "'; DROP TABLE x;--",
    ),
    *(
        "operation_and_monitoring",
        "retirement",
        "in_house",
        "high",
        "aims_export",
        "aims_row",
        "aims_id",
    ),
]
FIELDS = (
    *(
        "name",
        "use_case",
        "owner",
        "origin",
        "declared_risk_category",
        "unit",
        "intended_use",
        "supplier",
    ),
    *(
        "human_oversight",
        "incident_contact",
        "attributes",
        "components",
        "unknown_fields",
        "colour",
    ),
)
WHOLE = {
    "name": "Name",
    "use_case": "Sorts",
    "owner": "olga",
    "origin": "in_house",
    "declared_risk_category": "minimal",
}
DEEP: Any = []
for _ in range(2_000):
    DEEP = [DEEP]
HEADER = ["system_id", *FIELDS[:10], "attributes", "components", "stage", "status", "note"]
MAPPING = {
    "id": {"template": "{unit}-{name}", "apart_by": ["supplier"]},
    "fields": {
        "name": {"column": "name"},
        "use_case": [{"column": "use_case"}, {"column": "note"}],
        "owner": {"template": "unit-{unit}", "slug": True},
        "origin": {"column": "origin", "values": {"in_house": "in_house"}, "otherwise": "unknown"},
        "declared_risk_category": {"constant": "undetermined"},
    },
    "attributes": {"note": "note", "supplier": "supplier"},
}


class Seeds:
    """Files to start from: a piece of the real sample and one small register in each form."""

    def __init__(self) -> None:
        from aims_discovery.samples import us_federal_2024

        sample = us_federal_2024()
        self.sample_mapping = sample.mapping.read_text(encoding="utf-8")
        lines = sample.data.read_bytes().split(b"\n")
        rows = [[f"s{n}", f"Name {n}", "Sorts", "olga", *self._words(n)] for n in range(4)]
        self.files = {
            "sample.csv": b"\n".join(lines[:12]) + b"\n",
            "a.csv": "\n".join(",".join(r) for r in [HEADER, *rows]).encode(),
            "a.json": json.dumps([dict(zip(HEADER, r, strict=True)) for r in rows]).encode(),
            "a.jsonl": "\n".join(
                json.dumps(dict(zip(HEADER, r, strict=True))) for r in rows
            ).encode(),
            "a.xlsx": self._workbook(rows),
        }

    @staticmethod
    def _words(number: int) -> list[str]:
        words = ["in_house", "minimal", "Support", "Ranks", "ACME", "The lead", "x@example.org"]
        return [*words, "", "", "operation_and_monitoring" if number % 2 else "", "", "free text"]

    @staticmethod
    def _workbook(rows: list[list[str]]) -> bytes:
        from openpyxl import Workbook

        book = Workbook()
        for row in (HEADER, *rows):
            book.active.append(row)
        book.active["B2"] = "=1+1"
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()


class Fuzz:
    """One run of the fuzzer.

    Parameters
    ----------
    seed : int
        The same seed tries the same inputs.
    workspaces : list of Workspace
        Where the share of full imports goes.
    """

    def __init__(self, seed: int, folder: Path, workspaces: list[Workspace]) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable examples, no secret
        self.folder, self.workspaces, self.seeds = folder, workspaces, Seeds()
        self.tried: Counter[str] = Counter()
        self.faults: list[str] = []

    def run(self, number: int, *, full_every: int) -> None:
        """Try `number` inputs; every `full_every`-th input is a file that is imported."""
        for turn in range(number):
            if turn % 10 < 4:  # noqa: PLR2004 - four in ten are field values, which are quick
                self._guarded("values", self._value)
            elif turn % 10 == 4:  # noqa: PLR2004 - one in ten a mapping
                self._guarded("mappings", self._mapping)
            else:
                self._file(turn, full=turn % full_every == 5)  # noqa: PLR2004 - the first turn of files

    def _guarded(self, kind: str, act: Callable[[], None]) -> None:
        self.tried[kind] += 1
        try:
            act()
        except AimsError:
            self.tried[f"{kind} refused"] += 1
        except Exception:  # noqa: BLE001 - any other answer is what this looks for
            self.faults.append(f"{kind}: {traceback.format_exc(limit=-3)}")

    def _value(self) -> None:
        described = {
            self.random.choice(FIELDS): self._any() for _ in range(self.random.randint(1, 6))
        }
        content, problems = check_content({**WHOLE, **described})
        problems += check_id("system_id", self._any())
        if not problems:
            canonical_json(content)
        for problem in problems:
            str(problem)

    def _any(self, levels: int = 3) -> Any:
        kind = self.random.randrange(10 if levels else 7)
        if kind < 4:  # noqa: PLR2004 - four kinds in ten are texts
            return "".join(self.random.choices(WORDS, k=self.random.randint(0, 3)))
        if kind < 7:  # noqa: PLR2004 - three are other scalars
            odd = [
                None,
                True,
                0,
                -1,
                2**53 + 1,
                10**400,
                10**5_000,
                DEEP,
                0.5,
                float("nan"),
                float("inf"),
                b"x",
                object,
            ]
            return self.random.choice(odd)
        if kind == 7:  # noqa: PLR2004 - the rest hold others
            return [self._any(levels - 1) for _ in range(self.random.randint(0, 3))]
        keys = [self.random.choice([*WORDS, 1, None]) for _ in range(self.random.randint(0, 3))]
        return {key: self._any(levels - 1) for key in keys}

    def _mapping(self) -> None:
        from aims_discovery.mapping_file import read_mapping

        suffix = self.random.choice([".toml", ".json", ".yaml"])
        text = self.seeds.sample_mapping if suffix == ".toml" else json.dumps(MAPPING, indent=1)
        path = self.folder / f"mapping{suffix}"
        path.write_bytes(self._mutated(text.encode()))
        read_mapping(path)

    def _file(self, turn: int, *, full: bool) -> None:
        name = self.random.choice(list(self.seeds.files))
        path = self.folder / f"{turn % 7}{Path(name).suffix}"
        content = self.seeds.files[name]
        if name.endswith(".xlsx") and self.random.random() < 0.8:  # noqa: PLR2004 - most inside the zip
            content = self._inside(content)
        else:
            content = self._mutated(content)
        path.write_bytes(content)
        mapping: Any = None
        if name == "sample.csv":
            mapping = self.folder / "sample.toml"
            mapping.write_text(self.seeds.sample_mapping, encoding="utf-8")
        elif self.random.random() < 0.5:  # noqa: PLR2004 - half with a mapping
            mapping = MAPPING
        if full:
            for workspace in self.workspaces:
                self._import(workspace, path, mapping)
        else:
            self._guarded(f"files {path.suffix}", lambda: self._read(path, mapping))

    @staticmethod
    def _read(path: Path, mapping: Any) -> None:
        from aims_discovery.csv_importer import batch, open_table

        found = batch(open_table(path, mapping))
        outer = ("system_id", "stage", "status", "owner_name")
        for draft in found.drafts:
            content, problems = check_content(
                {k: v for k, v in draft.values.items() if k not in outer}
            )
            for problem in problems:
                f"{problem} {draft.places.get(problem.field, '')}"
            if not problems:
                canonical_json(content)
        for refused in found.refused:
            " ".join(map(str, refused.problems))

    def _import(self, workspace: Workspace, path: Path, mapping: Any) -> None:
        before, head = counts(workspace), workspace.audit.head()
        self.tried["imports"] += 1
        try:
            outcome = workspace.inventory.import_file(path, mapping=mapping)
            taken = outcome.registered + outcome.revised + outcome.unchanged
            if taken + len(outcome.refused) != outcome.read:
                self.faults.append(f"imports: the figures of {outcome!r} do not add up")
            self.tried["rows taken"] += taken
            self.tried["rows refused"] += len(outcome.refused)
        except AimsError:
            self.tried["imports refused"] += 1
            # A refusal may be noted itself; a file that cannot be read leaves not even that.
            if counts(workspace) != before or workspace.audit.head() != head:
                self.faults.append(f"imports: {path.name} was refused and left something")
        except Exception:  # noqa: BLE001 - any other answer is what this looks for
            self.faults.append(f"imports: {traceback.format_exc(limit=-3)}")

    def _mutated(self, content: bytes) -> bytes:
        made = bytearray(content)
        for _ in range(self.random.choice([0, 1, 1, 2, 3, 6])):
            place = self.random.randrange(len(made) + 1)
            length = self.random.choice([1, 2, 8, 40, 400])
            kind = self.random.randrange(7)
            if kind == 0 and made:
                made[place % len(made)] ^= 1 << self.random.randrange(8)
            elif kind == 1:
                del made[place : place + length]
            elif kind == 2:  # noqa: PLR2004 - one number per kind
                made[place:place] = made[place : place + length]
            elif kind == 3:  # noqa: PLR2004 - same
                made[place:place] = self.random.randbytes(min(length, 40))
            elif kind == 4:  # noqa: PLR2004 - same
                other = self.random.choice(list(self.seeds.files.values()))
                start = self.random.randrange(len(other))
                made[place:place] = other[start : start + length]
            else:
                made[place:place] = self.random.choice(WORDS).encode("utf-8", "surrogatepass")
        if self.random.random() < 0.03:  # noqa: PLR2004 - a few in another encoding
            text = bytes(made).decode("utf-8", "ignore")
            return text.encode(
                self.random.choice(["utf-16", "utf-16-be", "cp1252", "utf-32"]), "ignore"
            )
        return bytes(made)

    def _inside(self, content: bytes) -> bytes:
        buffer = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(content)) as source,
            zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made,
        ):
            names = source.namelist()
            touched = self.random.choice(
                [
                    "xl/worksheets/sheet1.xml",
                    "xl/worksheets/sheet1.xml",
                    "xl/sharedStrings.xml",
                    *names,
                ]
            )
            for name in names:
                part = source.read(name)
                made.writestr(name, self._mutated(part) if name == touched else part)
        return buffer.getvalue()


SEALING = {"aims_unsealed", "aims_leaf", "aims_tree", "aims_tree_node"}
"""Tables in which events find their place, whenever the sealer comes."""


def counts(workspace: Workspace) -> dict[str, int]:
    """Return the number of rows of every table."""
    with workspace.reading() as tx:
        return {
            table.name: tx.connection.execute(
                sa.select(sa.func.count()).select_from(table)
            ).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in SEALING
        }


def figures(fuzz: Fuzz, seconds: float, goal: int) -> Iterator[dict[str, Any]]:
    """Yield what was measured, each figure with its goal."""
    kinds = [k for k in fuzz.tried if not k.endswith("refused") and not k.startswith("rows")]
    tried = sum(fuzz.tried[k] for k in kinds)
    harm = len(fuzz.faults)
    left = sum("left something" in fault for fault in fuzz.faults)
    yield {"name": "inputs tried", "value": tried, "unit": "", "goal": goal, "ok": tried >= goal}
    yield {"name": "tracebacks", "value": harm - left, "unit": "", "goal": 0, "ok": harm == left}
    yield {"name": "partial writes", "value": left, "unit": "", "goal": 0, "ok": not left}
    for kind in sorted(fuzz.tried):
        yield {"name": kind, "value": fuzz.tried[kind], "unit": "", "goal": None, "ok": True}
    rate = round(tried / max(seconds, 0.001))
    yield {"name": "inputs per second", "value": rate, "unit": "1/s", "goal": None, "ok": True}


def main() -> int:
    """Run the fuzzer on a workspace of its own and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3,000 inputs instead of 100,000")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=20_261_126)
    given = parser.parse_args()
    number = 3_000 if given.quick else 100_000
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder) / "ws", organisation="Fuzz", administrator="ada")
        fuzz = Fuzz(given.seed, Path(folder), [workspace])
        started = time.perf_counter()
        fuzz.run(number, full_every=100)
        found = list(figures(fuzz, time.perf_counter() - started, number))
        workspace.close()
    if given.json:
        print(json.dumps(found))
    else:
        for one in found:
            print(f"{one['name']:<24} {one['value']:>10} {one['unit']}")
    for fault in fuzz.faults[:10]:
        print(fault, file=sys.stderr)
    return 0 if all(one["ok"] for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
