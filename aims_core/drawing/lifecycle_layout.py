"""Where the stages of a lifecycle stand and which steps run where; geometry only, any machine."""

from collections.abc import Sequence
from dataclasses import dataclass

from aims_core.lifecycle import Machine, Stage, Transition

BOX_W, BOX_H = 120.0, 76.0
GAP, ROW_GAP = 82.0, 46.0
_LEFT, _MARGIN = 52.0, 16.0
_LOOP_ROOM, _TRACK = 50.0, 24.0
_SHARED_FROM = 4
"""A step that leaves this many stages is drawn once, as a line that all of them meet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A stage and its upper left corner, column and row (0 is the main one)."""

    stage: Stage
    column: int
    row: int
    x: float
    y: float

    @property
    def middle(self) -> float:
        """Horizontal centre."""
        return self.x + BOX_W / 2

    @property
    def level(self) -> float:
        """Vertical centre."""
        return self.y + BOX_H / 2

    @property
    def right(self) -> float:
        """Right edge."""
        return self.x + BOX_W

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.y + BOX_H


@dataclass(frozen=True, kw_only=True, slots=True)
class Arc:
    """Steps between two stages that run over the main row, at height `y`."""

    source: Box
    target: Box
    steps: tuple[Transition, ...]
    y: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Everything that is drawn, with its place."""

    boxes: dict[str, Box]
    straight: tuple[tuple[Box, Box, tuple[Transition, ...]], ...]
    endings: tuple[tuple[Box, Box, tuple[Transition, ...]], ...]
    arcs: tuple[Arc, ...]
    loops: tuple[tuple[Box, tuple[Transition, ...]], ...]
    shared: tuple[Transition, ...]
    rail: float
    width: float
    height: float


def laid_out(machine: Machine) -> Layout:
    """Return the layout: columns by longest way from the start, each one's busiest stage on top."""
    ends = {s.name for s in machine.stages if s.terminal}
    shared = tuple(
        t for t in machine.transitions if t.target in ends and len(t.sources) >= _SHARED_FROM
    )
    pairs = _pairs(machine, shared)
    boxes, rail = _boxes(machine, pairs, shared)
    inner = {p: t for p, t in pairs.items() if not boxes[p[1]].stage.terminal}
    near = {p for p in inner if boxes[p[1]].column == boxes[p[0]].column + 1}
    loops = _loops(machine)
    arcs = _arcs(
        [(boxes[a], boxes[b], t) for (a, b), t in inner.items() if (a, b) not in near], loops
    )
    down = max([0.0, *(-a.y for a in arcs)], default=0.0)
    shift = _MARGIN + max(_TRACK * 0.8 + down, _LOOP_ROOM if loops else 0)
    moved = {name: _moved(box, shift) for name, box in boxes.items()}
    return Layout(
        boxes=moved,
        straight=tuple(
            (moved[a], moved[b], inner[a, b]) for a, b in sorted(near, key=list(inner).index)
        ),
        endings=tuple(
            (moved[a], moved[b], t) for (a, b), t in pairs.items() if (a, b) not in inner
        ),
        arcs=tuple(
            Arc(
                source=moved[a.source.stage.name],
                target=moved[a.target.stage.name],
                steps=a.steps,
                y=a.y + shift,
            )
            for a in arcs
        ),
        loops=tuple((moved[name], steps) for name, steps in loops.items()),
        shared=shared,
        rail=rail + shift,
        width=max(b.right for b in moved.values()) + _MARGIN + 4,
        height=max(b.bottom for b in moved.values()) + _MARGIN,
    )


def _pairs(
    machine: Machine, shared: Sequence[Transition]
) -> dict[tuple[str, str], tuple[Transition, ...]]:
    found: dict[tuple[str, str], tuple[Transition, ...]] = {}
    for t in machine.transitions:
        if t.target and t not in shared:
            for source in t.sources:
                if source != t.target:
                    found[source, t.target] = (*found.get((source, t.target), ()), t)
    return found


def _loops(machine: Machine) -> dict[str, tuple[Transition, ...]]:
    found = {
        s.name: tuple(
            t for t in machine.transitions if s.name in t.sources and t.target in {"", s.name}
        )
        for s in machine.stages
    }
    return {name: steps for name, steps in found.items() if steps}


def _boxes(
    machine: Machine,
    pairs: dict[tuple[str, str], tuple[Transition, ...]],
    shared: Sequence[Transition],
) -> tuple[dict[str, Box], float]:
    columns = _columns(machine, list(pairs))
    busy = {s.name: sum(s.name in pair for pair in pairs) for s in machine.stages}
    boxes: dict[str, Box] = {}
    for column in sorted(set(columns.values())):
        here = [s for s in machine.stages if columns.get(s.name) == column]
        for row, stage in enumerate(sorted(here, key=lambda s: -busy[s.name])):
            boxes[stage.name] = _box(stage, column, row, row * (BOX_H + ROW_GAP))
    rail = max(b.bottom for b in boxes.values()) + 26
    _place_endings(machine, pairs, shared, boxes, rail + 26 if shared else rail)
    return boxes, rail


def _columns(machine: Machine, pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Longest way from the initial stage along steps that do not lead back; endings stand apart."""
    ends = {s.name for s in machine.stages if s.terminal}
    order = _onward(machine.initial, [p for p in pairs if p[1] not in ends])
    place = {name: i for i, name in enumerate(order)}
    columns = {s.name: 0 for s in machine.stages if s.name not in ends}
    for name in order:
        for source, target in pairs:
            if source == name and place.get(target, -1) > place[name]:
                columns[target] = max(columns[target], columns[name] + 1)
    return columns


def _onward(initial: str, pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Return the stages so that every step leads onward but those that close a circle."""
    seen: set[str] = set()
    done: list[str] = []

    def visit(name: str) -> None:
        seen.add(name)
        for source, target in pairs:
            if source == name and target not in seen:
                visit(target)
        done.append(name)

    visit(initial)
    return done[::-1]


def _place_endings(
    machine: Machine,
    pairs: dict[tuple[str, str], tuple[Transition, ...]],
    shared: Sequence[Transition],
    boxes: dict[str, Box],
    y: float,
) -> None:
    taken: set[int] = set()
    last = max(b.column for b in boxes.values())
    for stage in [s for s in machine.stages if s.terminal]:
        sources = [boxes[a].column for a, b in pairs if b == stage.name and a in boxes]
        column = last if stage.name in {t.target for t in shared} else min([last, *sources]) + 1
        while column in taken:
            column += 1
        taken.add(column)
        boxes[stage.name] = _box(stage, column, -1, y)


def _arcs(
    edges: Sequence[tuple[Box, Box, tuple[Transition, ...]]],
    loops: dict[str, tuple[Transition, ...]],
) -> list[Arc]:
    """Stack arcs above the main row, shortest lowest, so that none runs through another's words."""
    placed: list[tuple[float, float, Arc]] = []
    for source, target, steps in sorted(edges, key=lambda e: abs(e[0].column - e[1].column)):
        left, right = sorted((source.middle, target.middle))
        y = -_LOOP_ROOM - _TRACK / 2 if loops else -_TRACK
        while any(
            start < right and left < end and abs(a.y - y) < _TRACK for start, end, a in placed
        ):
            y -= _TRACK
        placed.append((left, right, Arc(source=source, target=target, steps=steps, y=y)))
    return [arc for _, _, arc in placed]


def _box(stage: Stage, column: int, row: int, y: float) -> Box:
    return Box(stage=stage, column=column, row=row, x=_LEFT + column * (BOX_W + GAP), y=y)


def _moved(box: Box, by: float) -> Box:
    return Box(stage=box.stage, column=box.column, row=box.row, x=box.x, y=box.y + by)
