"""Which logins a secured database knows, and the commands that give them again in another database."""

from collections.abc import Iterable
from shlex import quote

import sqlalchemy as sa

from aims_core.db.teams.signatures import SCHEMA
from aims_core.db.teams.standing import LoginIdentity, identity

_IN_FORCE = sa.text(
    f"SELECT login, actor_id, credential, {SCHEMA}.unconfirmed(login) AS waits "
    f"FROM {SCHEMA}.login WHERE ended_at IS NULL "
    "ORDER BY actor_id, login"
)
_OPTIONS = {"work": "", "decide": " --decide", "read": " --read-only", "service": " --service"}


def granted(connection: sa.Connection) -> list[LoginIdentity]:
    """Return the logins in force by actor, the owner's among them; none where nobody secured the database."""
    who = identity(connection)
    if who is None or not who.actor:
        return []
    return [
        LoginIdentity(
            login=row.login, actor=row.actor_id, credential=row.credential, waits=row.waits
        )
        for row in connection.execute(_IN_FORCE)
    ]


def commands(logins: Iterable[LoginIdentity]) -> tuple[str, ...]:
    """Return the commands that secure a database and give the same logins in it; none for no logins.

    The owner's login is whose runs the first of them, so that it needs none of its own.
    """
    found = list(logins)
    if not found:
        return ()
    return (
        "aims db secure",
        *(_command(one) for one in found if one.credential in _OPTIONS),
    )


def default_name(actor: str, credential: str) -> str:
    """Return what a login is called unless somebody names it."""
    return f"{actor}_decide" if credential == "decide" else actor


def _command(one: LoginIdentity) -> str:
    plain = f"aims db grant {quote(one.actor)}{_OPTIONS[one.credential]}"
    usual = one.login == default_name(one.actor, one.credential)
    return plain if usual else f"{plain} --login {quote(one.login)}"
