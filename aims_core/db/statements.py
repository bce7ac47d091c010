"""Statements compiled once for all engines of a process, not once for each.

SQLAlchemy keeps what it compiled with the engine. A workspace that is opened again, restored, drilled
or copied is a new engine on the same kind of database, and compiling is a third of what it then does.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import util

_KEPT = 1_000


class Compiled(util.LRUCache[tuple[Any, ...], Any]):
    """What was compiled, by statement and by what of a dialect can change the text.

    SQLAlchemy's own key names the dialect itself, of which each engine has another.
    """

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        """Return what was compiled for such a statement on such a database."""
        return super().get(_alike(key), default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__(_alike(key), value)


def _alike(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *statement = key
    return (dialect.name, dialect.driver, dialect.server_version_info, *statement)


_compiled = Compiled(_KEPT)


def compile_once(engine: sa.Engine) -> None:
    """Have an engine take what other engines of this process have compiled already."""
    engine.update_execution_options(compiled_cache=_compiled)
