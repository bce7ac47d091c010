"""A run that goes on beside the notebook, with a bar that shows how far it is and a button that stops it."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any, Generic, TypeVar

from aims_core import AimsError, RequestRefused
from aims_monitoring.scan import Progress

T = TypeVar("T")
Act = Callable[[Progress], T]

_STEPS = 1_000


class RunCancelled(RequestRefused):
    """A run was stopped before its end; nothing of it was written."""


def cancellable(progress: Progress | None, cancel: Event | None, *, asked: str) -> Progress | None:
    """Return a progress that stops the work it is told of, once `cancel` is set.

    Raises
    ------
    RunCancelled
        From the progress that is returned.
    """
    if cancel is None:
        return progress

    def tick(done: int, total: int) -> None:
        if cancel.is_set():
            raise RunCancelled(
                f"{asked}: cancelled after {done:,} of {total:,}; nothing was written"
            )
        if progress is not None:
            progress(done, total)

    return tick


class Job(Generic[T]):
    """Work in a thread of its own; shown in a notebook, it is a bar with a button.

    Parameters
    ----------
    label : str
        What is done, for people.
    act : callable
        Gets a progress to tell of how far it is, and returns the result. What it writes, it writes in one
        transaction at the end, so that a job that is cancelled has written nothing.
    """

    def __init__(self, label: str, act: Act[T]) -> None:
        self.label = label
        self.done = self.total = 0
        self._cancel = Event()
        self._ended = False
        self._result: T | None = None
        self._error: BaseException | None = None
        self._bar: _Bar | None = None
        self._thread = Thread(target=self._work, args=(act,), name=label, daemon=True)
        self._thread.start()

    @property
    def state(self) -> str:
        """``running``, ``done``, ``cancelled`` or ``failed``."""
        if not self._ended:
            return "running"
        if isinstance(self._error, RunCancelled):
            return "cancelled"
        return "failed" if self._error else "done"

    def cancel(self) -> None:
        """Ask the work to stop at its next step; what it had not written is not written."""
        self._cancel.set()

    def result(self, seconds: float | None = None) -> T:
        """Wait for the end and return the result; interrupted while it waits, it cancels the job.

        Raises
        ------
        RunCancelled
            The job was cancelled.
        TimeoutError
            It is still running after so many seconds.
        AimsError
            Whatever the work was refused for.
        """
        try:
            self._thread.join(seconds)
        except KeyboardInterrupt:
            self.cancel()
            self._thread.join()
            raise
        if self._thread.is_alive():
            raise TimeoutError(f"{self.label}: still running after {seconds:g} s")
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # without an error there is a result

    def __repr__(self) -> str:
        return f"<{self.label}: {self._said()}>"

    def _repr_mimebundle_(self, **more: Any) -> Any:
        if self._bar is None:
            self._bar = _Bar(self)
        self._bar.show()
        return self._bar.widget._repr_mimebundle_(**more)

    def _work(self, act: Act[T]) -> None:
        tick = cancellable(self._tick, self._cancel, asked=self.label)
        assert tick is not None  # noqa: S101 - there is a cancel; this tells the type checker
        try:
            tick(0, 0)
            self._result = act(tick)
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
            self._error = error
        self._ended = True
        self._show()

    def _tick(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        self._show()

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.show()

    def _said(self) -> str:
        if self._error is not None:
            known = isinstance(self._error, AimsError)
            return str(self._error) if known else f"failed, {type(self._error).__name__}"
        if self._ended:
            return "done"
        return f"{self.done:,} of {self.total:,}" if self.total else "starting"


class _Bar:
    """The widget of a job: bar, words and button."""

    def __init__(self, job: Job[Any]) -> None:
        import ipywidgets as widgets

        self._job = job
        self._bar = widgets.IntProgress(max=_STEPS, description=job.label)
        self._bar.style.description_width = "initial"
        self._words = widgets.Label()
        self._button = widgets.Button(description="Cancel", icon="stop")
        self._button.on_click(self._stop)
        self.widget = widgets.HBox([self._bar, self._words, self._button])

    def show(self) -> None:
        """Bring the widget to where the job stands."""
        job = self._job
        ended = job.state != "running"
        self._bar.value = _STEPS if job.state == "done" else _STEPS * job.done // max(job.total, 1)
        styles = {"done": "success", "running": ""}
        self._bar.bar_style = styles.get(job.state, "danger")
        self._words.value = job._said()  # noqa: SLF001 - a part of the job
        self._button.disabled = ended

    def _stop(self, _button: Any) -> None:
        self._job.cancel()
        self._button.disabled = True
        self._words.value = "stopping"
