"""Who writes to a PostgreSQL database at the moment, so that a checkpoint can wait for them.

A transaction carries the time at which it began, and shows only when it commits. Without waiting, a
checkpoint could be signed in between, and what was so at its time would change once more afterwards. Each
writing transaction therefore takes a shared lock before it reads the time: it stops nobody, but it can be
seen. SQLite lets one writer in at a time and needs none of this.
"""

from time import monotonic, sleep

import sqlalchemy as sa

from aims_core.errors import WorkspaceError

_WRITING_LOCK = 4_201_042_002
_SIGNING_LOCK = 4_201_042_003
_PATIENCE = 10.0
_BETWEEN_LOOKS = 0.02
_HOLDERS = sa.text(
    "SELECT held.pid, held.virtualtransaction FROM pg_locks held"
    " WHERE held.locktype = 'advisory' AND held.granted AND held.pid <> pg_backend_pid()"
    " AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (held.classid::bigint << 32) + held.objid::bigint = :writing"
    " AND NOT EXISTS (SELECT FROM pg_locks s WHERE s.locktype = 'advisory' AND s.pid = held.pid"
    " AND s.database = held.database AND (s.classid::bigint << 32) + s.objid::bigint = :signing)"
)
_KEYS = {"writing": _WRITING_LOCK, "signing": _SIGNING_LOCK}


def be_seen_writing(connection: sa.Connection) -> None:
    """Have others see that this transaction writes; before it reads the time that it carries."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock_shared(%s)", (_WRITING_LOCK,))


def outwait_writers(connection: sa.Connection, act: str) -> None:
    """Wait until all who were writing when this transaction began are done; nobody waits for it.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Of the writing transaction that signs; others that sign are not waited for.
    act : str
        What is being done, for the message.

    Raises
    ------
    WorkspaceError
        One of them has not finished after ten seconds.
    """
    if connection.dialect.name != "postgresql":
        return
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SIGNING_LOCK})
    until = monotonic() + _PATIENCE
    before = waited = _writing(connection)
    while waited:
        if monotonic() > until:
            pids = ", ".join(sorted(str(pid) for pid, _ in waited))
            raise WorkspaceError(
                f"{act}: somebody has been writing since before, and what they write belongs into it; "
                f"try again when they are done, or end the database session of process {pids}"
            )
        sleep(_BETWEEN_LOOKS)
        waited = before & _writing(connection)


def _writing(connection: sa.Connection) -> set[tuple[int, str]]:
    found = connection.execute(_HOLDERS, _KEYS)
    return {(row.pid, row.virtualtransaction) for row in found}
