"""How records are put in words that a board member reads."""

from collections.abc import Mapping, Sequence
from typing import Any

from aims_core import DataTable, Paragraph, Workspace

_HIDDEN = ("digest", "_id", "fingerprint", "machine_version", "trail_head")
_ROOM = 200


class Names:
    """Names of actors and titles of stages and steps, read once for a whole section."""

    def __init__(self, workspace: Workspace, as_of: int | None = None) -> None:
        frame = workspace.staffing.frame(as_of=as_of)
        pairs = zip(frame["actor_id"], frame["name"], strict=True)
        self._actors = {str(actor): str(name) for actor, name in pairs}
        self._stages = {s.name: s.title for s in workspace.machine.stages}
        self._steps = {t.name: t.title for t in workspace.machine.transitions}

    def actor(self, actor_id: str) -> str:
        """Return "Name (id)", or the id alone for somebody unknown or named by the id."""
        name = self._actors.get(actor_id, actor_id)
        return actor_id if name == actor_id else f"{name} ({actor_id})"

    def stage(self, stage: str) -> str:
        """Return the stage's title, or its name where the lifecycle no longer has it."""
        return self._stages.get(stage, plain(stage))

    def step(self, transition: str) -> str:
        """Return the transition's title, or its name where the lifecycle no longer has it."""
        return self._steps.get(transition, plain(transition))


def plain(word: str) -> str:
    """Return a word of the code as a word of the language: ``third_party`` as "Third party"."""
    text = str(word).replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 request", "1,204 requests", "no requests"."""
    noun = one if number == 1 else many or f"{one}s"
    return f"{number:,} {noun}" if number else f"no {noun}"


def shortened(items: Sequence[str], most: int) -> str:
    """Return a list in words, at most `most` of them named: "a, b, c and 6 more"."""
    rest = len(items) - most
    return ", ".join(items[:most]) + (f" and {rest} more" if rest > 0 else "")


def fact(type_: str) -> str:
    """Return the type of an event in words: ``core.SystemRegistered`` as "System registered"."""
    name = type_.rpartition(".")[2]
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in name)
    return plain(spaced)


def details(payload: Mapping[str, Any]) -> str:
    """Return what an event says, without digests and identifiers, cut to a readable length."""
    said = [
        f"{key.replace('_', ' ')}: {_brief(value)}"
        for key, value in payload.items()
        if value not in ("", None, [], {}, ()) and not key.endswith(_HIDDEN)
    ]
    whole = "; ".join(said)
    return whole if len(whole) <= _ROOM else f"{whole[: _ROOM - 1]}…"


def plugins(workspace: Workspace) -> tuple[Paragraph, DataTable]:
    """Return the installed plugins, those not active first: what they would have said is missing."""
    found = sorted(workspace.host.plugins(), key=lambda p: (p.status == "active", p.name))
    idle = sum(p.status != "active" for p in found)
    said = "All installed plugins are active."
    if idle:
        said = f"Not active: {counted(idle, 'plugin')}. What they would have said is missing here."
    return Paragraph(text=said), DataTable(
        columns=("Plugin", "Status", "Distribution", "Version", "Reason"),
        rows=tuple((p.name, plain(p.status), p.distribution, p.version, p.reason) for p in found),
        caption="Plugins",
    )


def _brief(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(str(key) for key in value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"{len(value)}"
    return str(value)
