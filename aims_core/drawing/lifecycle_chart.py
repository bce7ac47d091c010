"""The lifecycle as a chart that reads from left to right, with the system's own place marked."""

from collections.abc import Collection, Iterable, Mapping

from aims_core.drawing.lifecycle_layout import BOX_H, BOX_W, Arc, Box, Layout, laid_out
from aims_core.drawing.svg import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    VERMILLION,
    WHITE,
    folded,
    group,
    halo,
    path,
    picture,
    prefix,
    rect,
    text,
)
from aims_core.lifecycle import Machine, Transition

_NEEDS_APPROVAL = "\N{BLACK DIAMOND}"
_HERE, _SUSPENDED, _PASSED = "\N{BLACK CIRCLE} is here", "here, suspended", "\N{CHECK MARK} passed"
_LEGEND = 34
_TURN = 12.0
_SMALL = 11.5


def lifecycle_svg(
    machine: Machine, *, stage: str = "", status: str = "active", visited: Collection[str] = ()
) -> str:
    """Return the lifecycle drawn from left to right, with the place of one system marked.

    Parameters
    ----------
    machine : Machine
        The lifecycle to draw.
    stage : str
        Where the system stands: thick frame, tint and the words "is here"; empty marks nothing.
    status : str
        ``suspended`` hatches the stage and says so.
    visited : Collection[str]
        Names of stages that lie behind the system; they carry a check mark.

    Returns
    -------
    str
        SVG whose description tells the whole lifecycle in words.
    """
    name = prefix("lifecycle", machine, stage, status, sorted(visited))
    layout = laid_out(machine)
    lost = bool(stage) and stage not in layout.boxes
    body = [
        _definitions(name),
        *_steps(name, layout, machine),
        *(_stage(name, b, stage, status, visited) for b in layout.boxes.values()),
        *_legend(layout, stage if not lost else "", status, visited),
    ]
    if lost:
        note = f"The system stands in {stage!r}, which this lifecycle does not have."
        body.append(text(16, layout.height + 8, note, text_anchor="start", fill=VERMILLION))
    return picture(
        name,
        layout.width,
        layout.height + _LEGEND,
        title="Lifecycle of an AI system",
        description=_in_words(machine, stage, status),
        body=body,
    )


def _definitions(name: str) -> str:
    return (
        f'<defs><marker id="{name}-tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
        f'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
        f'<path d="M0 1 L10 5 L0 9 z" fill="{GREY}"/></marker>'
        f'<pattern id="{name}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="6" height="6" fill="#ffffff"/>'
        f'<rect width="3" height="6" fill="{ORANGE}"/></pattern></defs>'
    )


def _stage(name: str, box: Box, here: str, status: str, visited: Collection[str]) -> str:
    at_home = box.stage.name == here
    suspended = at_home and status == "suspended"
    frame = {"fill": WHITE, "stroke": GREY, "stroke_width": 1.4}
    word = ""
    if suspended:
        frame = {"fill": f"url(#{name}-hatch)", "stroke": VERMILLION, "stroke_width": 4}
        word = _SUSPENDED
    elif at_home:
        frame = {"fill": "#dcebf5", "stroke": BLUE, "stroke_width": 4}
        word = _HERE
    elif box.stage.name in visited:
        frame = {"fill": "#f1f1f1", "stroke": INK, "stroke_width": 1.8}
        word = _PASSED
    parts = [rect(box.x, box.y, BOX_W, BOX_H, rx=8, **frame)]
    if box.stage.terminal:
        parts.append(
            rect(box.x + 5, box.y + 5, BOX_W - 10, BOX_H - 10, rx=5, fill="none", stroke=GREY)
        )
    if suspended:
        parts.append(rect(box.x + 10, box.y + 10, BOX_W - 20, BOX_H - 20, rx=3, fill=WHITE))
    titles = folded(box.stage.title, BOX_W - 4, size=13, most=2)
    first = box.y + (31 if word else 42) - (len(titles) - 1) * (6 if word else 8)
    parts += [
        text(box.middle, first + i * 16, line, font_size=13, font_weight="bold")
        for i, line in enumerate(titles)
    ]
    if word:
        parts.append(text(box.middle, box.bottom - 15, word, font_size=_SMALL))
    return group(*parts, tooltip=f"{box.stage.title} {word}".strip())


def _steps(name: str, layout: Layout, machine: Machine) -> list[str]:
    line = {"stroke": GREY, "stroke_width": 1.4, "marker_end": f"url(#{name}-tip)"}
    ports = _ports(layout.arcs)
    start = layout.boxes[machine.initial]
    return [
        f'<circle cx="{start.x - 34:.0f}" cy="{start.level:.0f}" r="5" fill="{GREY}"/>',
        path((start.x - 34, start.level), (start.x - 3, start.level), **line),
        *(_shared(layout, t, line) for t in layout.shared),
        *(_ending(layout, a, b, t, line) for a, b, t in layout.endings),
        *(_straight(a, b, t, line) for a, b, t in layout.straight),
        *(_arc(a, ports, line) for a in layout.arcs),
        *(_loop(box, t, line) for box, t in layout.loops),
    ]


def _straight(
    source: Box, target: Box, steps: tuple[Transition, ...], line: dict[str, object]
) -> str:
    bend = source.right + _TURN if target.row > source.row else target.x - _TURN - 8
    label_level = target.level if target.row > source.row else source.level
    corners = [(source.right, source.level)]
    if source.level != target.level:
        corners += [(bend, source.level), (bend, target.level)]
    corners.append((target.x - 3, target.level))
    left, right = source.right, target.x
    if source.level != target.level:
        left, right = (bend, right) if target.row > source.row else (left, bend)
    words = _label((left + right) / 2, label_level - 7, steps, right - left - 4)
    return path(*corners, **line) + words


def _ending(
    layout: Layout, source: Box, target: Box, steps: tuple[Transition, ...], line: dict[str, object]
) -> str:
    below = any(b.column == source.column and b.row > source.row for b in layout.boxes.values())
    x = source.right + _TURN if below else source.middle - 2 * _TURN
    begin = (source.right, source.level + 10) if below else (x, source.bottom)
    way = [begin, (x, begin[1])] if below else [begin]
    if target.x <= x <= target.right:
        way.append((x, target.y - 3))
        return path(*way, **line) + _label(x, target.y - 12, steps, BOX_W)
    side = target.x - 3 if x < target.x else target.right + 3
    way += [(x, target.level), (side, target.level)]
    return path(*way, **line) + _label((x + side) / 2, target.level - 7, steps, abs(side - x) - 8)


def _arc(arc: Arc, ports: dict[tuple[str, str, str], float], line: dict[str, object]) -> str:
    key = (arc.source.stage.name, arc.target.stage.name)
    way: list[tuple[float, float]] = []
    if arc.source.row == 0:
        x = ports[(*key, "out")]
        way += [(x, arc.source.y), (x, arc.y)]
    else:
        x = arc.source.right + _TURN * 1.6
        way += [(arc.source.right, arc.source.level - 14), (x, arc.source.level - 14), (x, arc.y)]
    if arc.target.row == 0:
        end = ports[(*key, "in")]
        way += [(end, arc.y), (end, arc.target.y - 3)]
    else:
        end = arc.target.x - _TURN * 1.6
        way += [
            (end, arc.y),
            (end, arc.target.level + 14),
            (arc.target.x - 3, arc.target.level + 14),
        ]
    return path(*way, **line) + _label(
        (x + end) / 2, arc.y + 4, arc.steps, abs(x - end) - 16, most=1
    )


def _ports(arcs: Iterable[Arc]) -> dict[tuple[str, str, str], float]:
    """Spread the ends of arcs over each box's upper edge so that nested arcs do not cross."""
    ends: dict[str, list[tuple[float, Box, tuple[str, str, str]]]] = {}
    for arc in arcs:
        pair = (arc.source.stage.name, arc.target.stage.name)
        for box, other, way in ((arc.source, arc.target, "out"), (arc.target, arc.source, "in")):
            far = other.middle - box.middle
            ends.setdefault(box.stage.name, []).append((1 / far if far else 0, box, (*pair, way)))
    return {
        key: box.x + BOX_W * (i + 1) / (len(found) + 1)
        for found in ends.values()
        for i, (_, box, key) in enumerate(sorted(found, key=lambda e: (e[0], e[2])))
    }


def _loop(box: Box, steps: tuple[Transition, ...], line: dict[str, object]) -> str:
    left, right, top = box.middle - 18, box.middle + 18, box.y - 22
    drawn = path((left, box.y), (left, top), (right, top), (right, box.y - 3), **line)
    return drawn + _label(box.middle, top - 6, steps, BOX_W + 40, most=1)


def _shared(layout: Layout, step: Transition, line: dict[str, object]) -> str:
    """Draw one line that every stage the step may leave meets, and from its end the arrow."""
    target = layout.boxes[step.target]
    sources = [layout.boxes[s] for s in step.sources]
    alive = sum(not b.stage.terminal for b in layout.boxes.values())
    lowest = {b.column: b for b in sorted(sources, key=lambda b: b.row)}
    y = layout.rail
    ticks = "".join(
        path(
            (b.middle, b.bottom),
            (b.middle, y),
            stroke=GREY,
            stroke_width=1.4,
            stroke_dasharray="2 3",
        )
        for b in lowest.values()
    )
    begin = min(b.middle for b in sources)
    which = "from any stage" if len(sources) == alive else f"from {len(sources)} stages"
    rail = path((begin, y), (target.middle, y), (target.middle, target.y - 3), **line)
    words = f"{_words((step,))} ({which})"
    return (
        ticks + rail + text((begin + target.middle) / 2, y + 4, words, font_size=_SMALL, **halo())
    )


def _label(
    x: float, y: float, steps: tuple[Transition, ...], width: float, *, most: int = 3
) -> str:
    shown = folded(_words(steps), width, size=_SMALL, most=most)
    return "".join(
        text(x, y - (len(shown) - 1 - i) * 13, line, font_size=_SMALL, **halo())
        for i, line in enumerate(shown)
    )


def _words(steps: Iterable[Transition]) -> str:
    return " \N{MIDDLE DOT} ".join(
        f"{_NEEDS_APPROVAL}\N{NO-BREAK SPACE}{t.title}" if t.approvals else t.title for t in steps
    )


def _legend(layout: Layout, stage: str, status: str, visited: Collection[str]) -> list[str]:
    said = [f"{_NEEDS_APPROVAL} needs approval", "double frame: a life ends here"]
    if stage and status == "suspended":
        said.append("hatched, thick frame: is here, suspended")
    elif stage:
        said.append("tinted, thick frame: is here")
    if visited:
        said.append(_PASSED)
    words = "      ".join(said).replace(" ", "\N{NO-BREAK SPACE}")
    return [
        text(16, layout.height + _LEGEND - 12, words, text_anchor="start", fill=GREY, font_size=11)
    ]


def _in_words(machine: Machine, stage: str, status: str) -> str:
    titles = {s.name: s.title for s in machine.stages}
    said = [_step_in_words(t, titles) for t in machine.transitions]
    if stage:
        halted = ", suspended" if status == "suspended" else ""
        said.insert(0, f"The system is in {titles.get(stage, stage)}{halted}.")
    return " ".join(said)


def _step_in_words(step: Transition, titles: Mapping[str, str]) -> str:
    way = f"{step.title}: from {', '.join(titles[s] for s in step.sources)}"
    if step.target:
        way += f" to {titles[step.target]}"
    elif step.status:
        way += f" ({step.status[0]} to {step.status[1]})"
    return way + (", needs approval." if step.approvals else ".")
