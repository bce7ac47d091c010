"""Pictures are well-formed, say in words what they say in colour, and keep hostile text as text."""

from xml.etree import ElementTree as ET

import pytest

from aims_core.drawing import bars_svg, heatmap_svg, lifecycle_svg
from aims_core.lifecycle import Machine, Stage, Transition, default_machine

HOSTILE = "<script>alert(1)</script> & \"'\x00\x1f\ud800\ufffe ]]> <!-- <![CDATA["
SVG = "{http://www.w3.org/2000/svg}"
LEVELS = {(r, c): ("low", "medium", "high")[(r + c - 2) // 2] for r in (1, 2, 3) for c in (1, 2, 3)}


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - what is parsed was drawn by the product a line before


def words(svg: str) -> str:
    return " ".join("".join(e.itertext()) for e in parsed(svg).iter(f"{SVG}text"))


def heatmap(counts: dict[tuple[int, int], int], **more: object) -> str:
    given = {
        "rows": ["rare", "possible", "certain"],
        "columns": ["minor", "major", "severe"],
        "row_title": "Likelihood",
        "column_title": "Consequence",
        "levels": LEVELS,
    }
    return heatmap_svg(counts, **{**given, **more})


def small_machine(title: str = "Begun") -> Machine:
    def step(name: str, source: str, target: str) -> Transition:
        return Transition(
            name=name, title=f"{title} {name}", sources=(source,), target=target, asked_by=("x",)
        )

    return Machine(
        version="1",
        initial="a",
        stages=(
            Stage(name="a", title=title),
            Stage(name="b", title="Second"),
            Stage(name="c", title="Third"),
            Stage(name="z", title="Over", terminal=True),
        ),
        transitions=(
            step("ab", "a", "b"),
            step("bc", "b", "c"),
            step("ac", "a", "c"),
            step("ca", "c", "a"),
            step("cb", "c", "b"),
            step("again", "b", "b"),
            step("cz", "c", "z"),
        ),
    )


@pytest.fixture(
    params=[
        lifecycle_svg(default_machine()),
        lifecycle_svg(
            default_machine(), stage="deployment", status="suspended", visited=["inception"]
        ),
        heatmap({(1, 1): 2}),
        bars_svg({"a": 1, "b": 20}, title="Counted"),
    ],
    ids=["lifecycle", "lifecycle-suspended", "heatmap", "bars"],
)
def svg(request: pytest.FixtureRequest) -> str:
    return request.param


def test_a_picture_is_well_formed_and_described_for_those_who_cannot_see_it(svg: str) -> None:
    root = parsed(svg)

    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert title is not None
    assert title.text
    assert description is not None
    assert description.text
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


def test_a_picture_fetches_nothing_and_runs_nothing(svg: str) -> None:
    names = {e.tag.removeprefix(SVG) for e in parsed(svg).iter()}

    assert names <= {
        "svg", "title", "desc", "rect", "path", "text", "circle", "g", "defs", "marker", "pattern",
    }  # fmt: skip
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_every_identifier_is_used_once_and_every_reference_points_to_one(svg: str) -> None:
    elements = list(parsed(svg).iter())
    ids = [e.get("id") for e in elements if e.get("id")]
    used = {
        v[5:-1]
        for e in elements
        for v in e.attrib.values()
        if v.startswith("url(#") and v.endswith(")")
    }

    assert len(ids) == len(set(ids))
    assert used <= set(ids)


def test_two_different_pictures_share_no_identifier() -> None:
    machine = default_machine()
    one, two = (
        {e.get("id") for e in parsed(lifecycle_svg(machine, stage=s)).iter() if e.get("id")}
        for s in ("inception", "deployment")
    )

    assert not one & two


def test_the_same_content_gives_the_same_bytes() -> None:
    machine = default_machine()

    assert lifecycle_svg(machine, visited=("inception", "deployment")) == lifecycle_svg(
        machine, visited={"deployment", "inception"}
    )
    assert heatmap({(1, 1): 2, (2, 2): 3}) == heatmap({(2, 2): 3, (1, 1): 2})


def test_the_lifecycle_names_every_stage_and_step() -> None:
    machine = default_machine()
    said = lifecycle_svg(machine)

    for stage in machine.stages:
        assert f"<title>{stage.title}</title>" in said
    for transition in machine.transitions:
        assert f"{transition.title}: from " in said
        assert transition.title.split()[0] in words(said)


def test_the_current_stage_is_marked_in_words() -> None:
    said = lifecycle_svg(default_machine(), stage="operation_and_monitoring", visited=["inception"])

    assert "is here" in words(said)
    assert "✓ passed" in words(said)
    assert "The system is in Operation and monitoring." in said


def test_a_suspended_system_is_hatched_and_says_so() -> None:
    said = lifecycle_svg(default_machine(), stage="deployment", status="suspended")

    assert "suspended" in words(said)
    assert "-hatch)" in said
    assert "The system is in Deployment, suspended." in said


def test_a_stage_that_the_lifecycle_does_not_have_is_named_and_not_hidden() -> None:
    assert "&#x27;limbo&#x27;" in lifecycle_svg(default_machine(), stage="limbo")


def test_no_two_stages_lie_on_each_other() -> None:
    for machine in (default_machine(), small_machine()):
        frames = [
            (float(e.get("x", 0)), float(e.get("y", 0)))
            for e in parsed(lifecycle_svg(machine)).iter(f"{SVG}rect")
            if e.get("rx") == "8"
        ]

        assert len(frames) == len(machine.stages)
        assert len(set(frames)) == len(frames)


def test_any_machine_can_be_drawn_with_circles_skips_and_loops() -> None:
    said = words(lifecycle_svg(small_machine(), stage="b"))

    assert "Begun again" in said
    assert "Over" in said


def test_hostile_text_stays_text_in_every_picture() -> None:
    pictures = [
        lifecycle_svg(small_machine(HOSTILE), stage=HOSTILE, visited=[HOSTILE]),
        heatmap(
            {(1, 1): 1},
            rows=[HOSTILE] * 3,
            columns=[HOSTILE] * 3,
            row_title=HOSTILE,
            column_title=HOSTILE,
            levels=dict.fromkeys(LEVELS, HOSTILE),
        ),
        bars_svg({HOSTILE: 3}, title=HOSTILE),
    ]

    for svg in pictures:
        assert not list(parsed(svg).iter("script"))
        assert "<script" not in svg
        assert "&lt;script&gt;" in svg


def test_a_heatmap_shows_numbers_and_level_words_and_darkens_with_the_level() -> None:
    svg = heatmap({(1, 1): 2, (3, 3): 1204})
    fills = {
        "".join(g.itertext()).split(", ")[-1]: r.get("fill", "")
        for g in parsed(svg).iter(f"{SVG}g")
        for r in g.iter(f"{SVG}rect")
    }

    assert "1,204" in words(svg)
    assert words(svg).count("high") == sum(level == "high" for level in LEVELS.values())
    assert "Likelihood certain, Consequence severe: 1,204 (high)" in svg
    light = sorted(
        (sum(int(f[i : i + 2], 16) for i in (1, 3, 5)) for f in fills.values()), reverse=True
    )
    assert len(set(light)) == 3


def test_text_on_every_shade_has_the_contrast_that_wcag_asks_for() -> None:
    from aims_core.drawing.charts import _DARK_FROM, SEQUENCE
    from aims_core.drawing.svg import INK, WHITE

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lights = [luminance(shade) for shade in SEQUENCE]
    assert lights == sorted(lights, reverse=True)
    for step, light in enumerate(lights):
        ink = luminance(WHITE if step >= _DARK_FROM else INK)
        low, high = sorted((light, ink))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_empty_pictures_say_that_they_are_empty() -> None:
    assert "nothing to count" in words(bars_svg({}, title="Nothing"))
    assert "All cells are empty." in heatmap({})


def test_bars_show_every_name_with_its_number_and_the_longest_is_the_largest() -> None:
    svg = bars_svg({"small": 5, "large": 1500, "none": 0}, title="Counted")
    widths = [float(r.get("width", 0)) for g in parsed(svg).iter(f"{SVG}g") for r in list(g)[-2:-1]]

    assert "1,500" in words(svg)
    assert widths[1] == max(widths)
    assert widths[2] == 0
