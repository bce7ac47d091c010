from hypothesis import given
from hypothesis import strategies as st

from aims_core.cli import text


def test_an_escape_sequence_cannot_reach_the_terminal():
    assert text.visible("a\x1b[2Jb\x9bc\x07\x7f") == "a\\x1b[2Jb\\x9bc\\x07\\x7f"


def test_text_that_turns_its_direction_is_made_visible():
    assert text.visible("safe\u202eexe.txt") == "safe\\u202eexe.txt"


def test_line_breaks_become_spaces_in_a_cell_and_stay_in_a_message():
    assert text.visible("one\ntwo\u00a0three") == "one two three"
    assert text.visible_lines("one\ntwo\x1b") == "one\ntwo\\x1b"


def test_letters_of_every_script_stay_as_they_are():
    assert text.visible("Prüfstelle 審査 проверка") == "Prüfstelle 審査 проверка"


@given(st.text())
def test_nothing_unprintable_survives(given_text):
    assert text.visible(given_text).isprintable()


@given(st.text(), st.integers(min_value=2, max_value=60))
def test_wrapped_lines_never_exceed_their_room(given_text, room):
    lines = text.wrap(text.visible(given_text), room)

    assert 1 <= len(lines) <= 3
    assert all(text.width(line) <= room for line in lines)


def test_wide_letters_count_as_two_columns():
    assert text.width("審査ab") == 6
    assert text.wrap("審査審査", 4) == ["審査", "審査"]


def test_text_that_does_not_fit_ends_in_an_ellipsis():
    assert text.wrap("one two three four", 5) == ["one", "two", "thre…"]


def test_a_table_gives_way_in_its_widest_column_and_keeps_identifiers_whole():
    shown = text.table(("system_id", "use_case"), [("ticket-triage", "sorts " * 40)], 50)

    assert all(text.width(line) <= 50 for line in shown.split("\n"))
    assert "ticket-triage" in shown


def test_a_record_wraps_long_values_under_themselves():
    shown = text.record([("use_case", "sorts " * 20), ("owner", "olga")], 40)

    assert all(text.width(line) <= 40 for line in shown.split("\n"))
    assert shown.endswith("owner     olga")
