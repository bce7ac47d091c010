"""The schema all tables belong to, and column types that keep data honest."""

import json
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from aims_core.canonical import canonical_json, utc_text

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, stored as text in UTC: the same bytes on every database, sortable."""

    impl = sa.String(27)
    cache_ok = True
    _last: ClassVar[tuple[datetime | None, str]] = (None, "")

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the stored text; a time without zone is refused."""
        if value is None:
            return None
        # Rows of one transaction carry the very same time; it need not be spelt for each of them.
        known, text = self._last
        if value is not known:
            text = utc_text(value)
            UtcTime._last = (value, text)
        return text

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - same
        """Return the aware time."""
        if value is None:
            return None
        return datetime.fromisoformat(value)


EMPTY: dict[str | None, type] = {"{}": dict, "[]": list}


class JsonText(TypeDecorator[Any]):
    """A JSON value, stored as canonical text so that digests mean the same on every database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return canonical JSON; values without JSON form are refused."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:  # noqa: ARG002 - same
        """Return the decoded value."""
        if value in EMPTY:  # which most are; the decoder takes long to say so
            return EMPTY[value]()
        return None if value is None else json.loads(value)


ID = sa.String(64)

DIGEST = sa.String(64)

WORD = sa.String(40)

REASON = sa.Text


def valid_from() -> sa.Column[datetime]:
    """Since when a row is as it is; triggers keep it, and the row before it in the history table."""
    return sa.Column("valid_from", UtcTime, nullable=False, server_default=sa.text("''"))
