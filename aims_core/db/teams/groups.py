"""The groups of a secured database, which nobody logs in with; names are per database of a cluster."""

from dataclasses import dataclass, fields
from hashlib import sha256

import sqlalchemy as sa

_LONGEST = 63 - len("_auditor")


@dataclass(frozen=True, kw_only=True, slots=True)
class Groups:
    """Names of the groups: who owns everything, who works, decides, keeps books, or only reads."""

    owner: str
    work: str
    decide: str
    service: str
    auditor: str

    @property
    def all(self) -> tuple[str, ...]:
        """Every name."""
        return tuple(getattr(self, f.name) for f in fields(self))

    @property
    def of_logins(self) -> tuple[str, ...]:
        """Those that logins belong to."""
        return (self.work, self.decide, self.service, self.auditor)


def groups_of(database: str) -> Groups:
    """Return the groups of a database; a very long name is cut and made distinct by its digest."""
    start = database
    if len(database.encode()) > _LONGEST:
        start = (
            database.encode()[: _LONGEST - 9].decode(errors="ignore")
            + "_"
            + sha256(database.encode()).hexdigest()[:8]
        )
    return Groups(**{f.name: f"{start}_{f.name}" for f in fields(Groups)})


def groups_here(connection: sa.Connection) -> Groups:
    """Return the groups of a connection's database: those it was secured with, also under another name."""
    query = sa.text(
        "SELECT current_database(), (SELECT pg_get_userbyid(nspowner) FROM pg_namespace "
        "WHERE nspname = 'aims_teams')"
    )
    database, owner = connection.execute(query).one()
    return groups_of(str(owner or f"{database}_owner").removesuffix("_owner"))


def quoted(name: str) -> str:
    """Return a name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as a literal of SQL; the escape form is taken where a backslash is in it."""
    plain = text.replace("'", "''")
    return f" E'{plain.replace(chr(92), chr(92) * 2)}'" if "\\" in plain else f"'{plain}'"
