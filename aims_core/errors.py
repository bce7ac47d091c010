"""The error tree.

::

    AimsError
    ├── RequestRefused              the request cannot be met
    │   ├── RecordNotFound          no record has this identifier
    │   ├── InvalidRecord           fields are missing or wrong; ``problems`` names each
    │   ├── ConditionsNotMet        checks of a transition fail; ``conditions`` holds all of them
    │   ├── TransitionRefused       the machine has no such step from here
    │   ├── NotPermitted            the actor holds no role that allows this
    │   ├── SegregationOfDuties     the same person may not do both
    │   └── RevisionConflict        somebody else changed the record meanwhile
    ├── PluginError                 a plugin broke its contract
    │   └── ProviderChoice          no provider, or several and no choice
    └── WorkspaceError              the workspace, its settings or its database cannot be used

Misuse of the API by a programmer is a plain ``TypeError`` or ``ValueError``.
Messages say what was asked, what stands in the way and what would help; at most ten items are listed.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from aims_core.records import Condition, Problem

_LISTED_BY = {
    "AI system": "list them with `aims systems list`",
    "actor": "list everybody with `aims people list`",
    "grant": "list them with `aims people list`",
    "role change": "list them with `aims people changes --all`",
    "request": "list them with `aims approvals list`",
    "delegation": "list them with `aims approvals delegations --all`",
    "waiver": "list them with `aims waivers list`",
    "exception": "list them with `aims separation exceptions`",
    "rule of separation": "list them with `aims separation rules`",
    "change set": "list them with `aims systems changes`",
    "event": "list them with `aims audit log`",
    "checkpoint": "list them with `aims audit checkpoint --list`",
    "evidence": "list it with `aims evidence list`",
    "evidence or AI system": "list them with `aims evidence list` and `aims systems list`",
}
"""What lists the records of a kind, by the kind as errors name it."""
_SHOWN = 10
_LONGEST = 100


class AimsError(Exception):
    """Root of all errors that a user may meet; in a notebook it is shown as its message alone."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython prints for an error that nobody caught."""
        return [f"{type(self).__name__}: {self}"]

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would rebuild an error from its message alone, which fails in another process.
        return _rebuilt, (type(self), self.args, vars(self))


class RequestRefused(AimsError):
    """The request was understood and cannot be met; nothing was written but the refusal."""


class RecordNotFound(RequestRefused):
    """No record of this kind has this identifier; close ones are suggested, or how to list all.

    Parameters
    ----------
    remedy : str, optional
        What names them all, where none is near; of the core's own kinds it is known.
    """

    def __init__(
        self, kind: str, identifier: str, known: Sequence[str] = (), *, remedy: str = ""
    ) -> None:
        near = get_close_matches(_short(identifier), known, n=3)
        listed = remedy or _LISTED_BY.get(kind, "")
        hint = f" {listed[:1].upper()}{listed[1:]}." if listed else ""
        if near:
            hint = f" Did you mean {' or '.join(near)}?"
        super().__init__(f"there is no {kind} {_short(identifier)!r}.{hint}")
        self.kind = kind
        self.identifier = identifier


class InvalidRecord(RequestRefused):
    """Fields are missing or wrong; ``problems`` has one entry per field."""

    def __init__(self, asked: str, problems: Sequence[Problem]) -> None:
        super().__init__(
            _listing(f"{_short(asked)}: {len(problems)} problem(s)", [str(p) for p in problems])
        )
        self.problems = tuple(problems)


class ConditionsNotMet(RequestRefused):
    """Conditions of a transition are not met; ``conditions`` holds the unmet ones."""

    def __init__(self, asked: str, conditions: Sequence[Condition]) -> None:
        lines = [
            f"{c.name}: {c.reason}" + (f"; {c.remedy}" if c.remedy else "") + f" [{c.source}]"
            for c in conditions
        ]
        title = f"{_short(asked)}: {len(conditions)} condition(s) not met"
        super().__init__(_listing(title, lines))
        self.conditions = tuple(conditions)


class TransitionRefused(RequestRefused):
    """The lifecycle has no such step from where the system stands."""


class NotPermitted(RequestRefused):
    """The actor holds no role that allows this here."""


class SegregationOfDuties(RequestRefused):
    """The same person may not carry both duties (ISO/IEC 42001, 5.3 and A.3.2)."""


class RevisionConflict(RequestRefused):
    """Somebody else changed the record since it was read; read it again and repeat.

    Of many records at once, `problems` names each that was changed.
    """

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(_listing(message, [str(p) for p in problems]) if problems else message)
        self.problems = tuple(problems)


class PluginError(AimsError):
    """A plugin broke its contract; ``plugin`` and ``hook`` name where."""

    def __init__(self, plugin: str, hook: str, reason: str) -> None:
        super().__init__(f"plugin {plugin}, {hook}: {reason}")
        self.plugin = plugin
        self.hook = hook


class ProviderChoice(PluginError):
    """No provider is installed, or several are and the configuration names none.

    Parameters
    ----------
    remedy : str, optional
        How to choose one; in ``aims.toml`` by default.
    """

    def __init__(
        self, kind: str, wanted: str, available: Sequence[str], *, remedy: str = ""
    ) -> None:
        names = ", ".join(available) or "none"
        if wanted:
            reason = f"{wanted!r} is not available; installed: {names}"
            reason += f"; {remedy}" if remedy and available else ""
        elif available:
            how = remedy or "choose one in aims.toml under [providers]"
            reason = f"several are installed ({names}); {how}"
        else:
            reason = "none is installed; install a plugin that offers one"
        super().__init__("core", kind, reason)
        self.available = tuple(available)


class WorkspaceError(AimsError):
    """The workspace, its settings, its database or a file cannot be used as they are."""

    @classmethod
    def not_written(cls, what: str, path: Path, error: OSError) -> "WorkspaceError":
        """Return the error for a file or folder that could not be written: no room, no right, no folder.

        Parameters
        ----------
        what : str
            What was to be written, such as ``the audit proof``.
        """
        return cls(
            f"{what} cannot be written to {path}: {error.strerror or error}; make room there, or name "
            "a place in a folder that exists and that you may write to"
        )


def _rebuilt(kind: type[AimsError], args: tuple[Any, ...], state: Mapping[str, Any]) -> AimsError:
    error = kind.__new__(kind, *args)
    vars(error).update(state)
    return error


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _listing(title: str, lines: Sequence[str]) -> str:
    shown = [f"  - {line}" for line in lines[:_SHOWN]]
    if len(lines) > _SHOWN:
        shown.append(f"  … and {len(lines) - _SHOWN} more")
    return "\n".join([title, *shown])
