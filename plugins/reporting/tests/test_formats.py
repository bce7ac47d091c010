"""The page stands alone, keeps hostile text as text, and is the same for the same report."""

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from aims_reporting import html
from aims_reporting import json as json_format

from aims_core import DataTable, Figure, Paragraph, Report, Section, Workspace, bars_svg

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> & \"' {{ 7*7 }} {% raise %}"
VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """Collects tags with their attributes and checks that they nest."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def report(*blocks: Any, **changes: Any) -> Report:
    given: dict[str, Any] = {
        "report_id": "rep-1",
        "title": "Portfolio of AI systems",
        "subject": "",
        "organisation": "Example organisation",
        "generated_at": datetime(2025, 1, 2, 3, 4, tzinfo=UTC),
        "generated_by": "Aude (aude)",
        "trail_head": "ab" * 32,
        "trail_length": 1234,
        "evidence_level": "recorded; identity is self-declared",
        "sections": (
            Section(section_id="one", title="First", blocks=blocks),
            Section(section_id="failed:acme.x", title="Bias: could not be built", blocks=()),
        ),
    }
    return Report(**{**given, **changes})


EVERYTHING = (
    Paragraph(text=HOSTILE),
    DataTable(columns=(HOSTILE, "Number"), rows=((HOSTILE, 12345),), caption=HOSTILE),
    Figure(svg=bars_svg({HOSTILE: 3}, title=HOSTILE), description=HOSTILE),
    Figure(
        svg="<svg xmlns='http://www.w3.org/2000/svg'><script>alert(3)</script></svg>",
        description="x",
    ),
)


@pytest.fixture
def hostile_page() -> bytes:
    return html.render(
        report(
            *EVERYTHING,
            title=HOSTILE,
            organisation=HOSTILE,
            generated_by=HOSTILE,
            trail_head=HOSTILE,
        )
    )


def test_hostile_text_stays_text(hostile_page: bytes) -> None:
    page = Page(hostile_page)

    assert not page.open
    assert not page.named("script")
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
    assert "<script>alert(1)</script>" in "".join(page.text)
    assert "{{ 7*7 }}" in "".join(page.text)


def test_the_page_of_a_real_system_keeps_hostile_text_as_text(hostile: Workspace) -> None:
    for system_id in ("hostile", ""):
        page = Page(html.render(hostile.reporting.build(system_id)))

        assert not page.named("script")
        assert all(
            str(img["src"]).startswith("data:image/svg+xml;base64,") for img in page.named("img")
        )
        assert "<script>alert(1)</script>" in "".join(page.text)


def test_pictures_are_images_so_that_nothing_in_them_can_run(hostile_page: bytes) -> None:
    page = Page(hostile_page)

    assert not page.named("svg")
    assert len(page.named("img")) == 2
    assert all(
        str(img["src"]).startswith("data:image/svg+xml;base64,") for img in page.named("img")
    )
    assert all(img["alt"] for img in page.named("img"))


@pytest.mark.parametrize(
    "svg",
    ["<svg><g></svg>", "", "plain", '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>'],
)
def test_a_picture_that_cannot_be_drawn_is_told_in_words(svg: str) -> None:
    page = Page(html.render(report(Figure(svg=svg, description="Systems by tier"))))

    assert not page.named("img")
    assert "could not be drawn: Systems by tier" in "".join(page.text)


def test_the_page_forbids_scripts_and_the_network_and_needs_neither(hostile_page: bytes) -> None:
    page = Page(hostile_page)
    policy = next(
        m["content"] for m in page.named("meta") if m.get("http-equiv") == "Content-Security-Policy"
    )
    addresses = [
        v
        for _, attrs in page.tags
        for name, v in attrs.items()
        if name in {"src", "href", "action", "data", "srcset"}
    ]

    assert str(policy).startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert all(str(a).startswith(("#", "data:image/svg+xml;base64,")) for a in addresses)
    assert not page.named("link")
    assert "url(" not in hostile_page.decode()
    assert "@import" not in hostile_page.decode()


def test_the_page_is_built_for_screen_readers() -> None:
    page = Page(html.render(report(*EVERYTHING)))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]

    assert page.named("html")[0]["lang"] == "en"
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert len(page.named("caption")) == len(page.named("table"))
    assert all(th.get("scope") in {"col", "row"} for th in page.named("th"))
    assert len(ids) == len(set(ids))
    assert {str(a["href"]).removeprefix("#") for a in page.named("a")} <= set(ids)


def test_the_header_says_who_made_it_when_and_what_it_rests_on() -> None:
    text = "".join(Page(html.render(report())).text)

    for part in (
        "Example organisation",
        "2025-01-02 03:04 UTC",
        "Aude (aude)",
        "recorded; identity is self-declared",
        "1,234 events",
        "ab" * 32,
        "rep-1",
    ):
        assert part in text


def test_a_failed_section_is_announced_at_the_top_and_in_the_contents() -> None:
    page = Page(html.render(report()))
    text = "".join(page.text)

    assert "1 of 2 sections could not be built." in text
    assert text.count("⚠ Bias: could not be built") == 2


def test_a_long_table_is_cut_on_the_page_and_whole_in_json() -> None:
    long = report(
        DataTable(
            columns=("N", "Name"), rows=tuple((n, f"s-{n}") for n in range(1757)), caption="All"
        )
    )

    page, data = html.render(long).decode(), json.loads(json_format.render(long))

    assert page.count("<tr>") == html.ROWS_SHOWN + 1
    assert "and 1,727 more; the JSON form of this report holds them all." in page
    assert len(data["sections"][0]["blocks"][0]["rows"]) == 1757


def test_an_empty_table_says_so() -> None:
    empty = report(DataTable(columns=("A",), rows=(), caption="Requests"))

    assert "Requests: nothing on record." in "".join(Page(html.render(empty)).text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "\N{EN DASH}"),
        ("", "\N{EN DASH}"),
        (1234567, "1,234,567"),
        (0.123456, "0.1235"),
        (123456.7, "123,457"),
        (True, "yes"),
        (False, "no"),
        (datetime(2025, 1, 2, 3, 4, tzinfo=UTC), "2025-01-02 03:04 UTC"),
        (datetime(2025, 1, 2, tzinfo=UTC).date(), "2025-01-02"),
    ],
)
def test_values_are_printed_for_people(value: Any, shown: str) -> None:
    page = Page(
        html.render(report(DataTable(columns=("A", "B"), rows=(("x", value),), caption="T")))
    )

    assert shown in page.text


@pytest.mark.parametrize("render", [html.render, json_format.render])
def test_the_same_report_has_the_same_bytes(render: Any) -> None:
    assert render(report(*EVERYTHING)) == render(report(*EVERYTHING))


def test_json_has_the_documented_shape() -> None:
    data = json.loads(json_format.render(report(*EVERYTHING)))

    assert data["schema"] == "aims.report/1"
    assert set(data) == {
        "schema",
        "report_id",
        "title",
        "subject",
        "organisation",
        "generated_at",
        "generated_by",
        "trail_head",
        "trail_length",
        "evidence_level",
        "pin",
        "sections",
    }
    assert data["generated_at"] == "2025-01-02T03:04:00.000000Z"
    blocks = data["sections"][0]["blocks"]
    assert [b["type"] for b in blocks] == ["paragraph", "table", "figure", "figure"]
    assert set(blocks[0]) == {"type", "text"}
    assert set(blocks[1]) == {"type", "caption", "columns", "rows"}
    assert set(blocks[2]) == {"type", "description", "svg"}


def test_both_formats_can_hold_whatever_a_real_report_says(hostile: Workspace) -> None:
    for system_id in ("hostile", ""):
        built = hostile.reporting.build(system_id)

        assert html.render(built) == html.render(built)
        assert json.loads(json_format.render(built))["subject"] == system_id
