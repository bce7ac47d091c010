"""Logins of a team on PostgreSQL: secured, given and taken back; reached as ``workspace.logins``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

import sqlalchemy as sa

from aims_core import tables
from aims_core.canonical import utc_text
from aims_core.db.teams import Standing, calls, doctor, securing, standing, statements
from aims_core.db.teams.admitting import make_role
from aims_core.db.teams.granted import default_name, granted
from aims_core.db.teams.groups import Groups, groups_here
from aims_core.db.teams.signatures import SCHEMA
from aims_core.errors import InvalidRecord, NotPermitted, RecordNotFound, RequestRefused
from aims_core.events import DatabaseSecured, LoginConfirmed, LoginGranted, LoginRevoked
from aims_core.plugin_host import Desk
from aims_core.records import Problem
from aims_core.store import Transaction
from aims_core.terms import ActorKind

CREDENTIALS = ("work", "decide", "read", "service")
"""What a login may be: to work, to decide, to read only, or of a service that keeps books."""
_LONGEST = 63


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """A login of somebody; `password` is given once, where the role was made just now.

    `waits` says that it decides nothing yet: an administrator gave it to themselves, and another one has
    to confirm it.
    """

    login: str
    actor: str
    credential: str
    waits: bool = False
    password: str = ""


class Logins:
    """Who connects to a secured database as whom."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def secure(self) -> securing.Secured:
        """Have the database itself enforce who may do what, and return what that left.

        Run by the login that owns the tables, as an administrator; that login is this administrator's
        from then on. Run again, it puts everything back as it should be.

        Raises
        ------
        NotPermitted
            Only administrators secure a database, or the login may not make roles.
        WorkspaceError
            The database is no PostgreSQL.

        Notes
        -----
        Writes ``DatabaseSecured``. Source: ISO/IEC 42001, A.3.2; ISO/IEC 27001, A.5.3 and A.8.2.
        """
        store = self._desk.store
        try:
            with self._desk.writing() as tx:
                tx.require("grant", "secure the database")
                done = securing.secure(
                    tx.connection,
                    machine=self._desk.machine,
                    version=version("aims-core"),
                    at=utc_text(tx.now),
                )
                _own(tx)
                store.look_again(tx.connection)
                tx.record(
                    DatabaseSecured(
                        number=done.number,
                        fingerprint=done.fingerprint,
                        machine_version=done.machine_version,
                        left=done.left,
                    )
                )
                return done
        except BaseException:  # what was looked up is undone; it is raised again
            store.look_again()
            raise

    def grant(self, actor_id: str, credential: str = "work", *, login: str = "") -> Login:
        """Give somebody a login and return it; the same again finds it.

        Parameters
        ----------
        credential : {"work", "decide", "read", "service"}
            To work, to decide on requests and roles, to read only, or for the service that keeps books.
        login : str
            Name of the role; the actor's id by default, with ``_decide`` for a decision credential. One
            that exists is taken as it is, otherwise it is made with a new password.

        Raises
        ------
        RequestRefused
            The database is not secured, or the login is somebody else's.
        InvalidRecord
            The name or the credential is none, or the role has powers that no rule holds.
        RecordNotFound
            Nobody is known by this id.
        NotPermitted
            Only administrators give logins, from the login that owns the tables.

        Notes
        -----
        Writes ``LoginGranted``. A decision login that an administrator gives themselves decides nothing
        until another administrator confirms it, where there is another one.
        """
        asked = f"give {actor_id} a login"
        with self._desk.writing() as tx:
            self._require(tx, asked)
            name = login or default_name(actor_id, credential)
            self._check(tx, actor_id, credential, name, asked)
            known = _known(tx, name)
            if known is not None and (known.actor, known.credential) == (actor_id, credential):
                return known
            if known is not None:
                raise RequestRefused(
                    f"{asked}: the login {name} is {known.actor}'s ({known.credential}); "
                    "revoke it first, or name another"
                )
            password = make_role(tx.connection, _groups(tx), name, asked)
            for statement in statements.admitted(_groups(tx), name, credential):
                securing.run(tx.connection, statement)
            _note(tx, name, actor_id, credential)
            tx.record(LoginGranted(login=name, actor=actor_id, credential=credential))
            made = next(one for one in _in_force(tx) if one.login == name)
            return replace(made, password=password)

    def confirm(self, login: str) -> Login:
        """Confirm the decision login that another administrator gave themselves, and return it.

        Raises
        ------
        RecordNotFound
            Nobody has such a login.
        NotPermitted
            An administrator confirms, with the login to decide.
        SegregationOfDuties
            It is the confirming person's own, or does not wait for anybody.
        RequestRefused
            The database is not secured.

        Notes
        -----
        Writes ``LoginConfirmed``. Source: ISO/IEC 42001, 5.3; ISO/IEC 27001, A.5.3 and A.8.2.
        """
        asked = f"confirm the login {login}"
        with self._desk.writing() as tx:
            tx.require("grant", asked)
            if self._desk.store.identity is None:
                raise RequestRefused(
                    f"{asked}: the database is not secured; run `aims db secure` first"
                )
            known = _known(tx, login)
            if known is None:
                raise RecordNotFound("login", login, [one.login for one in _in_force(tx)])
            calls.confirm_login(tx.connection, login)
            tx.record(LoginConfirmed(login=login, actor=known.actor))
            return replace(known, waits=False)

    def revoke(self, actor_id: str, *, login: str = "") -> list[Login]:
        """Shut somebody's logins out at once, or one of them, and return what was shut out.

        Raises
        ------
        RecordNotFound
            They have no such login.
        NotPermitted
            Only administrators take logins back, and not the one that owns the tables.

        Notes
        -----
        Writes ``LoginRevoked`` for each. The role itself stays: it may serve other databases.
        """
        asked = f"shut out the logins of {actor_id}"
        with self._desk.writing() as tx:
            self._require(tx, asked)
            found = [one for one in _in_force(tx) if one.actor == actor_id]
            ended = [one for one in found if one.credential != "owner" and login in {"", one.login}]
            if not ended:
                raise RecordNotFound("login", login or actor_id, [one.login for one in found])
            for one in ended:
                for statement in statements.dismissed(_groups(tx), one.login):
                    securing.run(tx.connection, statement)
                tx.connection.execute(
                    sa.text(
                        f"UPDATE {SCHEMA}.login SET ended_by = :by, ended_at = :at "
                        "WHERE login = :login AND ended_at IS NULL"
                    ),
                    {"by": tx.actor.actor_id, "at": utc_text(tx.now), "login": one.login},
                )
                tx.record(LoginRevoked(login=one.login, actor=actor_id, credential=one.credential))
            return ended

    def all(self) -> list[Login]:
        """Return the logins in force, by actor; none where the database is not secured."""
        with self._desk.reading() as tx:
            return _in_force(tx) if self._desk.store.identity is not None else []

    def standing(self) -> Standing:
        """Return how the database protects itself, and as what this login is known to it."""
        with self._desk.reading() as tx:
            return standing(tx.connection)

    def examine(self) -> Sequence[doctor.Finding]:
        """Return what is wrong with how the database protects itself; nothing is written."""
        with self._desk.reading() as tx:
            return doctor.examine(
                tx.connection,
                machine_version=self._desk.machine.version,
                version=version("aims-core"),
            )

    def _require(self, tx: Transaction, asked: str) -> None:
        tx.require("grant", asked)
        who = self._desk.store.identity
        if who is None:
            raise RequestRefused(
                f"{asked}: the database is not secured; run `aims db secure` first"
            )
        if who.credential != "owner":
            raise NotPermitted(
                f"{asked}: the login {who.login} does not own the tables; use the one that secured them"
            )

    @staticmethod
    def _check(tx: Transaction, actor_id: str, credential: str, name: str, asked: str) -> None:
        table = tables.actor
        query = sa.select(table.c.kind).where(table.c.actor_id == actor_id)
        kind = tx.connection.execute(query).scalar()
        if kind is None:
            known = tx.connection.execute(sa.select(table.c.actor_id).limit(1_000)).scalars()
            raise RecordNotFound("actor", actor_id, list(known))
        problems = []
        if credential not in CREDENTIALS:
            remedy = f"use one of {', '.join(CREDENTIALS)}"
            problems.append(Problem(field="credential", reason=f"is {credential!r}", remedy=remedy))
        wanted = ActorKind.SERVICE if credential == "service" else ActorKind.PERSON
        if kind != wanted:
            reason = f"{actor_id} is a {kind}; a {credential} login is for a {wanted}"
            problems.append(Problem(field="actor", reason=reason, remedy="name another actor"))
        if not 0 < len(name.encode()) <= _LONGEST:
            remedy = f"use 1 to {_LONGEST} bytes"
            problems.append(Problem(field="login", reason="is empty or too long", remedy=remedy))
        if problems:
            raise InvalidRecord(asked, problems)


def _own(tx: Transaction) -> None:
    """Make the login that secures the database the administrator's who does it, unless it is already."""
    name = str(tx.connection.execute(sa.text("SELECT session_user")).scalar_one())
    if _known(tx, name) is None:
        _note(tx, name, tx.actor.actor_id, "owner")


def _note(tx: Transaction, login: str, actor_id: str, credential: str) -> None:
    tx.connection.execute(
        sa.text(
            f"INSERT INTO {SCHEMA}.login (login, actor_id, credential, granted_by, granted_at) "
            "VALUES (:login, :actor, :credential, :by, :at)"
        ),
        {
            "login": login,
            "actor": actor_id,
            "credential": credential,
            "by": tx.actor.actor_id,
            "at": utc_text(tx.now),
        },
    )


def _in_force(tx: Transaction) -> list[Login]:
    found = granted(tx.connection)
    return [
        Login(login=o.login, actor=o.actor, credential=o.credential, waits=o.waits) for o in found
    ]


def _known(tx: Transaction, login: str) -> Login | None:
    return next((one for one in _in_force(tx) if one.login == login), None)


def _groups(tx: Transaction) -> Groups:
    return groups_here(tx.connection)
