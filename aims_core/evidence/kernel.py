"""Runs a notebook in a kernel of its own, of this very interpreter, for no longer than allowed."""

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aims_core.errors import WorkspaceError
from aims_core.evidence.notebook_file import failure_in

_NAME = "aims-evidence"
_LONGEST = 300
_START_SECONDS = 60
# The acting person and the database are no business of a validation notebook, and would bind it to both.
_NOT_PASSED_ON = ("AIMS_DATABASE_URL", "AIMS_ACTOR", "AIMS_WORKSPACE")


class _Clock:
    """Counts from the first time it is asked, which is when the first cell begins."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._started: float | None = None

    def taken(self) -> float:
        """Return the seconds since the first cell began, 0 when none did."""
        return 0.0 if self._started is None else time.monotonic() - self._started

    def left(self) -> float:
        """Return the seconds that are left."""
        if self._started is None:
            self._started = time.monotonic()
        return self._limit - self.taken()


def run_notebook(notebook: Any, folder: Path, time_limit: float) -> tuple[str, float]:
    """Run all cells of a notebook, which keeps the outputs, and return what failed and the seconds taken.

    Parameters
    ----------
    folder : Path
        Where the kernel works, so that relative paths in the notebook mean what they meant there.
    time_limit : float
        Seconds for all cells together; the start of the kernel does not count.

    Returns
    -------
    failure, seconds : str and float
        `failure` is empty when every cell ran without an error, cells that expect one included.

    Raises
    ------
    WorkspaceError
        The libraries for running notebooks are not installed, or no kernel starts.
    """
    try:
        from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
        from jupyter_client.manager import AsyncKernelManager
        from nbclient import NotebookClient
        from nbclient.exceptions import (
            CellControlSignal,
            CellExecutionError,
            CellTimeoutError,
            DeadKernelError,
        )
    except ModuleNotFoundError as error:
        raise WorkspaceError(
            f"to run notebooks, {error.name} is needed; install aims-core[lab]"
        ) from error

    class OwnInterpreter(KernelSpecManager):
        """Offers this interpreter only: a kernel of the same name may be another one."""

        def get_kernel_spec(self, kernel_name: str) -> Any:
            launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=launch, display_name=kernel_name, language="python")

    clock = _Clock(time_limit)

    def begin_in_time(**_cell: Any) -> None:
        if clock.left() <= 0:
            raise CellTimeoutError("the time is over")

    failure = ""
    with tempfile.TemporaryDirectory(prefix="aims-kernel-") as profile:
        client = NotebookClient(
            notebook,
            km=AsyncKernelManager(kernel_name=_NAME, kernel_spec_manager=OwnInterpreter()),
            # The limit is for the whole run; nbclient's own is for each cell, in whole seconds.
            timeout_func=lambda _cell: max(1, int(clock.left())),
            on_cell_start=begin_in_time,
            startup_timeout=_START_SECONDS,
            force_raise_errors=True,
            skip_cells_with_tag="",
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            client.execute(env=_environment(Path(profile)), cleanup_kc=True)
        except CellExecutionError:
            failure = failure_in(notebook) or "a cell failed"
        except CellTimeoutError:
            failure = f"it took longer than the {time_limit:g} seconds allowed"
        except (DeadKernelError, CellControlSignal) as error:
            failure = f"its kernel died: {str(error)[:_LONGEST]}"
        except RuntimeError as error:
            raise WorkspaceError(f"no kernel starts: {error}; install aims-core[lab]") from error
    return failure or failure_in(notebook), clock.taken()


def _environment(profile: Path) -> Mapping[str, str]:
    """Return the kernel's environment: nobody's start-up files, and no word on who acts."""
    kept = {k: v for k, v in os.environ.items() if k not in _NOT_PASSED_ON}
    return {**kept, "IPYTHONDIR": str(profile), "PYTHONHASHSEED": "0"}
