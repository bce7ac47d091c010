"""An issued report is a whole file, recorded with the digest of its bytes, or it is nothing."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from aims_core import (
    NotPermitted,
    PluginError,
    ProviderChoice,
    Ref,
    ReportFormatSpec,
    Workspace,
    WorkspaceError,
    hookimpl,
)

COLUMNS = [
    "report_id",
    "system_id",
    "title",
    "format",
    "location",
    "digest",
    "size",
    "failed_sections",
    "trail_head",
    "trail_length",
    "issued_by",
    "issued_at",
]


class Formats:
    """A plugin with the given formats."""

    def __init__(self, *specs: ReportFormatSpec) -> None:
        self.specs = specs

    @hookimpl
    def aims_report_formats(self) -> tuple[ReportFormatSpec, ...]:
        return self.specs


def acme(render: str, suffix: str = ".txt") -> Formats:
    spec = ReportFormatSpec(
        id="acme.text", title="Text", media_type="text/plain", suffix=suffix, render=Ref(render)
    )
    return Formats(spec)


def leftovers(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if p.name.startswith(".")]


@pytest.mark.parametrize(
    ("system_id", "subject"), [("ticket-triage", "ticket-triage"), ("", "portfolio")]
)
def test_issuing_writes_a_file_and_records_the_digest_of_its_bytes(
    registered: Workspace, system_id: str, subject: str
) -> None:
    head = registered.audit.head()[1]

    path = registered.act_as("aude").reporting.issue(system_id)

    event = registered.audit.events(limit=1)[0]
    assert event.type == "core.ReportIssued"
    assert event.actor == "aude"
    assert event.system_id == system_id
    assert event.payload["subject"] == subject
    assert event.payload["digest"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert event.payload["trail_head"] == head
    assert path.parent == registered.settings.folder / "reports"
    assert path.name.startswith(f"{subject}_")
    assert registered.audit.verify(expect_head=head).intact


def test_the_frame_lists_what_was_issued_newest_first(registered: Workspace) -> None:
    aude = registered.act_as("aude").reporting
    aude.issue("ticket-triage", format="json")
    path = aude.issue()

    frame = aude.frame()

    assert list(frame.columns) == COLUMNS
    assert list(frame["format"]) == ["reporting.html", "reporting.json"]
    assert list(frame["system_id"]) == ["", "ticket-triage"]
    assert frame["location"][0] == f"reports/{path.name}"
    assert frame["size"][0] == path.stat().st_size


def test_the_frame_has_the_same_columns_and_types_when_nothing_was_issued(
    registered: Workspace,
) -> None:
    empty = registered.reporting.frame()
    registered.act_as("aude").reporting.issue()

    assert empty.empty
    assert dict(empty.dtypes) == dict(registered.reporting.frame().dtypes)


def test_the_json_form_is_issued_under_its_name_or_its_ending(
    registered: Workspace, tmp_path: Path
) -> None:
    for wanted in ("json", ".json", "JSON", "reporting.json"):
        path = registered.act_as("aude").reporting.issue(format=wanted, path=tmp_path / "r.json")

        assert json.loads(path.read_bytes())["schema"] == "aims.report/1"


def test_a_named_file_is_replaced_in_one_step_and_nothing_is_left_beside_it(
    registered: Workspace, tmp_path: Path
) -> None:
    target = tmp_path / "report.html"
    target.write_text("older", encoding="utf-8")

    assert registered.act_as("aude").reporting.issue(path=target) == target

    assert target.read_bytes().startswith(b"<!DOCTYPE html>")
    assert [p.name for p in tmp_path.iterdir() if p.is_file() and p.name.startswith(".")] == []
    assert registered.reporting.frame()["location"][0] == str(target)


def test_a_report_that_was_shown_is_issued_as_it_was_shown(
    registered: Workspace, tmp_path: Path
) -> None:
    aude = registered.act_as("aude")
    shown = aude.reporting.build("ticket-triage")
    registered.act_as("olga").inventory.revise("ticket-triage", name="Renamed")

    path = aude.reporting.save(shown, path=tmp_path / "shown.html")

    assert b"Renamed" not in path.read_bytes()
    assert registered.audit.events(limit=1)[0].payload["trail_head"] == shown.trail_head


def test_one_report_in_two_formats_keeps_its_number_and_once_more_finds_its_entry(
    registered: Workspace, tmp_path: Path
) -> None:
    aude = registered.act_as("aude").reporting
    built = aude.build()

    for format_, name in (("html", "a.html"), ("json", "a.json"), ("html", "b.html")):
        aude.save(built, format=format_, path=tmp_path / name)

    frame = aude.frame()
    assert set(frame["report_id"]) == {built.report_id}
    assert sorted(Path(p).name for p in frame["location"]) == ["a.json", "b.html"]
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert len(registered.audit.events(event_type="core.ReportIssued")) == 3


def test_who_may_not_issue_reports_is_refused_and_no_file_appears(
    registered: Workspace, tmp_path: Path
) -> None:
    registered.staffing.add("gast", "Guest")
    target = tmp_path / "report.html"

    with pytest.raises(NotPermitted, match="issue the report on the portfolio"):
        registered.act_as("gast").reporting.issue(path=target)

    assert not target.exists()
    assert leftovers(tmp_path) == []
    assert registered.reporting.frame().empty
    assert registered.audit.events(limit=1)[0].type == "core.ActRefused"


@pytest.mark.parametrize("where", ["missing/report.html", "."])
def test_a_file_that_cannot_be_written_is_refused_and_nothing_is_recorded(
    registered: Workspace, tmp_path: Path, where: str
) -> None:
    before = registered.audit.head()

    with pytest.raises(WorkspaceError, match="a place in a folder that exists"):
        registered.act_as("aude").reporting.issue(path=tmp_path / where)

    assert registered.audit.head() == before
    assert registered.reporting.frame().empty
    assert leftovers(tmp_path) == []


def test_a_reports_folder_that_cannot_be_made_is_told_plainly(registered: Workspace) -> None:
    (registered.settings.folder / "reports").write_text("in the way", encoding="utf-8")

    with pytest.raises(WorkspaceError, match="cannot be written"):
        registered.act_as("aude").reporting.issue()


def test_an_unknown_format_is_refused_with_those_there_are(registered: Workspace) -> None:
    with pytest.raises(ProviderChoice, match=r"reporting\.html, reporting\.json"):
        registered.act_as("aude").reporting.issue(format="docx")


def test_a_format_of_another_plugin_is_used_by_its_ending(
    registered: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import sys
    from types import ModuleType

    module = ModuleType("acme_format")
    module.render = lambda report: report.title.encode()
    monkeypatch.setitem(sys.modules, "acme_format", module)
    registered.host.register(acme("acme_format:render"), "acme")

    path = registered.act_as("aude").reporting.issue(format="txt", path=tmp_path / "r.txt")

    assert path.read_bytes() == b"Portfolio of AI systems"


@pytest.mark.parametrize("render", ["builtins:print", "json:loads"])
def test_a_format_that_fails_or_answers_nonsense_leaves_nothing(
    registered: Workspace, render: str, tmp_path: Path, capsys: Any
) -> None:
    registered.host.register(acme(render), "acme")
    before = registered.audit.head()

    with pytest.raises(PluginError, match="acme"):
        registered.act_as("aude").reporting.issue(format="txt", path=tmp_path / "r.txt")

    assert not (tmp_path / "r.txt").exists()
    assert registered.audit.head() == before


def test_two_formats_with_one_ending_need_a_choice(registered: Workspace) -> None:
    registered.host.register(acme("json:loads", suffix=".html"), "acme")

    with pytest.raises(ProviderChoice, match=r"acme\.text, reporting\.html"):
        registered.act_as("aude").reporting.issue(format="html")

    assert registered.act_as("aude").reporting.issue(format="reporting.html").exists()


def test_failed_sections_are_counted_in_the_register(registered: Workspace, offer: Any) -> None:
    aude = registered.act_as("aude").reporting
    aude.issue("ticket-triage")
    offer(lambda _w, _s: None)
    aude.issue("ticket-triage")

    later, earlier = aude.frame()["failed_sections"]

    assert later == earlier + 1
