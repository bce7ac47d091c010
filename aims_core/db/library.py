"""Which SQLite this process uses, and whether its write-ahead log can be trusted.

SQLite 3.7.0 to 3.51.2 can damage a database in write-ahead-log mode when two connections write or
checkpoint at the same moment (the WAL-reset bug, fixed in 3.51.3). Python often carries such a version,
so the package ``pysqlite3`` is taken where it is newer; with an affected library the rollback journal
is used, which the bug does not reach.
"""

import sqlite3
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType

_FIXED = (3, 51, 3)
_WITHDRAWN = (3, 52, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class SqliteLibrary:
    """A module of the DB API with the SQLite inside it."""

    module: ModuleType
    version: tuple[int, ...]

    @property
    def name(self) -> str:
        """Its name and version, such as ``pysqlite3 with SQLite 3.53.4``."""
        package = self.module.__name__.partition(".")[0]
        return f"{package} with SQLite {'.'.join(map(str, self.version))}"

    @property
    def trusts_wal(self) -> bool:
        """Whether the WAL-reset bug is fixed in it; 3.52.0 was withdrawn by its makers."""
        return self.version >= _FIXED and self.version != _WITHDRAWN


@cache
def sqlite_library() -> SqliteLibrary:
    """Return the library of this process: Python's own where it is fixed, else ``pysqlite3``'s.

    One for the whole process and for as long as it lives: two copies of SQLite in one process take
    each other's file locks away.
    """
    own = SqliteLibrary(module=sqlite3, version=sqlite3.sqlite_version_info)
    if own.trusts_wal:
        return own
    try:
        module = import_module("pysqlite3.dbapi2")
    except ImportError:
        return own
    other = SqliteLibrary(module=module, version=tuple(module.sqlite_version_info))
    return other if other.trusts_wal else own
