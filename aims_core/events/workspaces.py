"""A workspace founded, saved, moved, restored and secured."""

from dataclasses import dataclass

from aims_core.events.occurrences import Event


@dataclass(frozen=True, kw_only=True)
class WorkspaceFounded(Event):
    """The first event: a workspace exists and has its first administrator."""

    organisation: str
    administrator: str


@dataclass(frozen=True, kw_only=True)
class BackupMade(Event):
    """A copy of everything was taken and verified; `digest` is that of its manifest.

    `size` and `root` say how far the audit trail had come.
    """

    digest: str
    size: int
    root: str
    files: int


@dataclass(frozen=True, kw_only=True)
class DatabaseCopied(Event):
    """All records up to here were copied from another database, where they end at the same tree.

    `source` and `target` are kinds of databases, `size` and `root` the trail's tree in both, `digest` that
    of the number and content of the rows of every table, `logins` the commands that secure the copy and give
    people the logins of the original again.
    """

    source: str
    target: str
    size: int
    root: str
    rows: int
    digest: str
    logins: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WorkspaceRestored(Event):
    """All records are those of a backup: what was recorded after `size` events is not among them.

    `backup` is the digest of its manifest, `made_at` when it was made, `root` the head of its trail.
    `known_size` is the size of the longest trail known of at the time, from a checkpoint kept elsewhere
    or the database that gave way, 0 if none; where it is larger than `size`, events are lost. `logins` are
    the commands that secure the database and give people the logins again that they had.
    """

    backup: str
    made_at: str
    size: int
    root: str
    known_size: int
    logins: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DatabaseSecured(Event):
    """From here on the database itself enforces who may do what; `fingerprint` is that of its catalogue.

    `left` are lines of the catalogue that somebody added since it was secured before, and that stayed.
    """

    number: int
    fingerprint: str
    machine_version: str
    left: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LoginGranted(Event):
    """A login of the database belongs to an actor: to work, to decide, to read, or to keep books."""

    login: str
    actor: str
    credential: str


@dataclass(frozen=True, kw_only=True)
class LoginConfirmed(Event):
    """Another administrator confirmed the decision login that one gave themselves: now it decides."""

    login: str
    actor: str


@dataclass(frozen=True, kw_only=True)
class LoginRevoked(Event):
    """A login was shut out of the database."""

    login: str
    actor: str
    credential: str
