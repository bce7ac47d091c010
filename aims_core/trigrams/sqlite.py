"""The index of trigrams on SQLite: a contentless FTS5 table, kept by triggers.

Its rows are numbered by a table of its own: SQLite gives ``aims_system`` other row numbers when a file is
compacted.
"""

from collections.abc import Sequence

import sqlalchemy as sa

_TEXTS, _PLACES = "search_aims_system", "search_aims_system_place"
_PLACE = f"(SELECT place FROM {_PLACES} WHERE system_id = %s.system_id)"
_REMEMBER = f"INSERT INTO {_TEXTS} (rowid, search) VALUES ({_PLACE % 'NEW'}, NEW.search);"
_FORGET = (
    f"INSERT INTO {_TEXTS} ({_TEXTS}, rowid, search) "
    f"VALUES ('delete', {_PLACE % 'OLD'}, OLD.search);"
)
_ON = (
    f"CREATE TABLE {_PLACES} (place INTEGER PRIMARY KEY, system_id VARCHAR(64) NOT NULL UNIQUE)",
    (
        f"CREATE VIRTUAL TABLE {_TEXTS} USING fts5"
        "(search, content='', tokenize='trigram case_sensitive 1')"
    ),
    f"INSERT INTO {_PLACES} (system_id) SELECT system_id FROM aims_system ORDER BY system_id",
    (
        f"INSERT INTO {_TEXTS} (rowid, search) SELECT p.place, s.search FROM aims_system s "
        f"JOIN {_PLACES} p ON p.system_id = s.system_id ORDER BY p.place"
    ),
    (
        f"CREATE TRIGGER {_TEXTS}_new AFTER INSERT ON aims_system BEGIN "
        f"INSERT INTO {_PLACES} (system_id) VALUES (NEW.system_id); {_REMEMBER} END"
    ),
    (
        f"CREATE TRIGGER {_TEXTS}_changed AFTER UPDATE OF search ON aims_system "
        f"WHEN NEW.search <> OLD.search BEGIN {_FORGET} {_REMEMBER} END"
    ),
    (
        f"CREATE TRIGGER {_TEXTS}_gone AFTER DELETE ON aims_system BEGIN {_FORGET} "
        f"DELETE FROM {_PLACES} WHERE system_id = OLD.system_id; END"
    ),
)
_OFF = (
    *(f"DROP TRIGGER IF EXISTS {_TEXTS}_{act}" for act in ("new", "changed", "gone")),
    f"DROP TABLE IF EXISTS {_TEXTS}",
    f"DROP TABLE IF EXISTS {_PLACES}",
)
_MADE = sa.text("SELECT count(*) FROM sqlite_master WHERE name = :name").bindparams(name=_TEXTS)
_NUMBER = sa.text(
    f"SELECT count(*) FROM (SELECT rowid FROM {_TEXTS} WHERE {_TEXTS} MATCH :words LIMIT :most)"
)
_FITTING = sa.text(
    f"SELECT group_concat(p.system_id, ' ') FROM {_TEXTS} t JOIN {_PLACES} p ON p.place = t.rowid "
    f"WHERE t.{_TEXTS} MATCH :words"
)


def make(connection: sa.Connection) -> None:
    """Make the index for what is in the register now and from here on, where this SQLite has FTS5."""
    options = set(connection.exec_driver_sql("PRAGMA compile_options").scalars())
    for statement in _ON if "ENABLE_FTS5" in options else ():
        connection.exec_driver_sql(statement)


def is_own(table: str) -> bool:
    """Return whether a table is the index's own: it holds no records, and no copy of them is kept."""
    return table.startswith(_TEXTS)


def drop(connection: sa.Connection) -> None:
    """Drop what :func:`make` made."""
    for statement in _OFF:
        connection.exec_driver_sql(statement)


def available(connection: sa.Connection) -> bool:
    """Return whether the index is there."""
    return bool(connection.execute(_MADE).scalar_one())


def candidates(connection: sa.Connection, words: Sequence[str], most: int) -> list[str] | None:
    """Return systems among which are all whose text holds the words, if they are few.

    Parameters
    ----------
    words : sequence of str
        In lower case, as the texts are, of three letters or more each.
    most : int
        How many systems are few.

    Returns
    -------
    list of str or None
        Identifiers in no order, to be compared with the words; None where they are more than `most`, or
        there is no word.
    """
    longest_first = sorted(set(words), key=len, reverse=True)
    phrases = ['"{}"'.format(word.replace('"', '""')) for word in longest_first]
    # The index walks through a common word's texts to meet a rare one's, so each is asked for alone first.
    for asked in (*phrases, *((" AND ".join(phrases),) if len(phrases) > 1 else ())):
        number = connection.execute(_NUMBER, {"words": asked, "most": most + 1}).scalar_one()
        if number <= most:
            listed = connection.execute(_FITTING, {"words": asked}).scalar_one()
            return listed.split() if listed else []
    return None
