"""How big the house is: files and lines of Python per package, with the largest file of each.

python benchmarks/size.py [--json FILE]
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_LOOK_AGAIN = 300


def packages() -> dict[str, list[Path]]:
    """Return the Python files of each package and of the tests, by name."""
    found = {"aims_core": ROOT / "aims_core", "migrations": ROOT / "migrations"}
    found |= {folder.name: folder for folder in sorted(ROOT.glob("plugins/*/aims_*"))}
    files = {name: sorted(folder.rglob("*.py")) for name, folder in found.items()}
    files["tests"] = sorted([*ROOT.glob("tests/**/*.py"), *ROOT.glob("plugins/*/tests/**/*.py")])
    files["benchmarks"] = sorted(ROOT.glob("benchmarks/*.py"))
    return files


def measure(name: str, files: list[Path]) -> dict[str, Any]:
    """Return the number of files and lines of one package, and its largest file."""
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    largest = max(lines, key=lambda path: lines[path], default=None)
    return {
        "package": name,
        "files": len(files),
        "lines": sum(lines.values()),
        "over_300": sum(1 for count in lines.values() if count > _LOOK_AGAIN),
        "largest": str(largest.relative_to(ROOT)) if largest else "",
        "largest_lines": lines[largest] if largest else 0,
    }


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="accepted; counting is short already")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args()
    rows = [measure(name, files) for name, files in packages().items()]
    print(f"{'package':<18}{'files':>6}{'lines':>8}{'>300':>6}  largest file")
    for row in rows:
        largest = f"{row['largest']} ({row['largest_lines']})"
        counts = f"{row['files']:>6}{row['lines']:>8}{row['over_300']:>6}"
        print(f"{row['package']:<18}{counts}  {largest}")
    print(f"{'all':<18}{sum(r['files'] for r in rows):>6}{sum(r['lines'] for r in rows):>8}")
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
