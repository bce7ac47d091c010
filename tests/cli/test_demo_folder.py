import pytest

from aims_core import RequestRefused, SegregationOfDuties, WorkspaceError
from aims_core.cli.demonstration.folder import clear, mark
from aims_core.cli.demonstration.narrator import Narrator


def former_demo(folder):
    folder.mkdir()
    (folder / "aims.toml").write_text("[organisation]\nname = 'Demo'\n", encoding="utf-8")
    mark(folder)
    for name in ("aims.db", "aims.db-wal", "report.html", "review.csv"):
        (folder / name).write_text("old", encoding="utf-8")
    (folder / "evidence" / "ab").mkdir(parents=True)
    return folder


def test_a_former_demo_is_removed_and_what_others_put_there_stays(tmp_path):
    folder = former_demo(tmp_path / "demo")
    (folder / "my-notes.txt").write_text("keep", encoding="utf-8")

    assert clear(folder)

    assert [p.name for p in folder.iterdir()] == ["my-notes.txt"]


def test_a_folder_that_is_missing_or_empty_needs_no_clearing(tmp_path):
    assert not clear(tmp_path / "none")
    assert not clear(tmp_path)


@pytest.mark.parametrize("content", ["[organisation]\nname = 'Real'\n", "no = toml = at all", None])
def test_a_real_workspace_or_any_other_folder_is_left_alone(tmp_path, content):
    if content is None:
        (tmp_path / "thesis.doc").write_text("years of work", encoding="utf-8")
    else:
        (tmp_path / "aims.toml").write_text(content, encoding="utf-8")
        (tmp_path / "aims.db").write_text("years of work", encoding="utf-8")
    before = sorted(tmp_path.iterdir())

    with pytest.raises(WorkspaceError, match="left alone"):
        clear(tmp_path)

    assert sorted(tmp_path.iterdir()) == before


def test_a_link_inside_a_former_demo_is_removed_and_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("keep", encoding="utf-8")
    folder = former_demo(tmp_path / "demo")
    (folder / "reports").symlink_to(elsewhere, target_is_directory=True)

    clear(folder)

    assert (elsewhere / "file").exists()


def test_the_demo_fails_when_what_must_be_refused_is_not(capsys):
    narrator = Narrator()

    with narrator.refused("olga approves her own request", SegregationOfDuties):
        raise SegregationOfDuties("the requester may not approve")
    with (
        pytest.raises(AssertionError, match="must be refused"),
        narrator.refused("carl approves", RequestRefused),
    ):
        pass

    assert "REFUSED: the requester may not approve" in capsys.readouterr().out
