"""An index of every three letters that follow each other in the searched texts of the register.

With it a word is found in any place of any text without looking at all of them. On SQLite it is a
contentless FTS5 table, kept by triggers, whose rows are numbered by a table of its own: SQLite gives
``aims_system`` other row numbers when a file is compacted. On PostgreSQL it is an index of the extension
``pg_trgm``, made where the server has it. Without the index a search looks at every text and finds the same.
"""

from collections.abc import Sequence

import sqlalchemy as sa

INDEX = "ix_aims_system_search_trigrams"
_TEXTS, _PLACES = "search_aims_system", "search_aims_system_place"
_SHORTEST = 3
_PLACE = f"(SELECT place FROM {_PLACES} WHERE system_id = %s.system_id)"
_REMEMBER = f"INSERT INTO {_TEXTS} (rowid, search) VALUES ({_PLACE % 'NEW'}, NEW.search);"
_FORGET = (
    f"INSERT INTO {_TEXTS} ({_TEXTS}, rowid, search) "
    f"VALUES ('delete', {_PLACE % 'OLD'}, OLD.search);"
)
_ON_SQLITE = (
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
_OFF_SQLITE = (
    *(f"DROP TRIGGER IF EXISTS {_TEXTS}_{act}" for act in ("new", "changed", "gone")),
    f"DROP TABLE IF EXISTS {_TEXTS}",
    f"DROP TABLE IF EXISTS {_PLACES}",
)
_ON_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    f"CREATE INDEX {INDEX} ON aims_system USING gin (search gin_trgm_ops)",
)
_OFFERED = sa.text("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
_MADE = sa.text("SELECT count(*) FROM sqlite_master WHERE name = :name").bindparams(name=_TEXTS)
_NUMBER = sa.text(
    f"SELECT count(*) FROM (SELECT rowid FROM {_TEXTS} WHERE {_TEXTS} MATCH :words LIMIT :most)"
)
_FITTING = sa.text(
    f"SELECT p.system_id FROM {_TEXTS} t JOIN {_PLACES} p ON p.place = t.rowid "
    f"WHERE t.{_TEXTS} MATCH :words LIMIT :most"
)


def make(connection: sa.Connection) -> None:
    """Make the index for what is in the register now and from here on, where this database can hold it.

    On PostgreSQL that takes the right to create extensions, which the owner of a database has.
    """
    if connection.dialect.name == "sqlite":
        options = set(connection.exec_driver_sql("PRAGMA compile_options").scalars())
        for statement in _ON_SQLITE if "ENABLE_FTS5" in options else ():
            connection.exec_driver_sql(statement)
        return
    if connection.execute(_OFFERED).scalar_one():
        try:
            with connection.begin_nested():
                for statement in _ON_POSTGRESQL:
                    connection.exec_driver_sql(statement)
        except sa.exc.ProgrammingError:
            return  # not ours to create: searches then look at every text


def refill(connection: sa.Connection) -> None:
    """Make the index anew from what is in the register, after rows were written past its triggers."""
    if available(connection):
        drop(connection)
        make(connection)


def is_own(table: str) -> bool:
    """Return whether a table is the index's own: it holds no records, and no copy of them is kept."""
    return table.startswith(_TEXTS)


def drop(connection: sa.Connection) -> None:
    """Drop what :func:`make` made."""
    gone = (
        _OFF_SQLITE if connection.dialect.name == "sqlite" else (f"DROP INDEX IF EXISTS {INDEX}",)
    )
    for statement in gone:
        connection.exec_driver_sql(statement)


def available(connection: sa.Connection) -> bool:
    """Return whether this module can look words up: whether SQLite's index is there."""
    return connection.dialect.name == "sqlite" and bool(connection.execute(_MADE).scalar_one())


def knows(words: Sequence[str]) -> bool:
    """Return whether the index alone can say where each of these words occurs."""
    return all(len(word) >= _SHORTEST for word in words)


def candidates(connection: sa.Connection, words: Sequence[str], most: int) -> list[str] | None:
    """Return systems among which are all whose text holds the words, if they are few; by SQLite's index.

    Parameters
    ----------
    words : sequence of str
        In lower case, as the texts are; those of less than three letters are passed over.
    most : int
        How many systems are few.

    Returns
    -------
    list of str or None
        Identifiers in no order, to be compared with the words; None where they are more than `most`, or
        every word is short.
    """
    known = sorted({word for word in words if len(word) >= _SHORTEST}, key=len, reverse=True)
    phrases = ['"{}"'.format(word.replace('"', '""')) for word in known]
    # The index walks through a common word's texts to meet a rare one's, so each is asked for alone first.
    for asked in (*phrases, *((" AND ".join(phrases),) if len(phrases) > 1 else ())):
        number = connection.execute(_NUMBER, {"words": asked, "most": most + 1}).scalar_one()
        if number <= most:
            found = connection.execute(_FITTING, {"words": asked, "most": most})
            return list(found.scalars())
    return None
