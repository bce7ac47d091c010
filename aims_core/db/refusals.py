"""What a database cannot hold or will not take, in the house's words and alike on every database."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError, IntegrityError

from aims_core.db.values import check_lengths, check_rows, check_values
from aims_core.errors import (
    AimsError,
    InvalidRecord,
    NotPermitted,
    RequestRefused,
    RevisionConflict,
    SegregationOfDuties,
    WorkspaceError,
)
from aims_core.loading import LIMITS
from aims_core.records import Problem

_UNIQUE_VIOLATION = "23505"
_UNDEFINED_TABLE = "42P01"
_FULL = "53100"
_NO_ROOM = "No space left on device"
_REFUSED: Mapping[str, type[RequestRefused]] = {
    "42501": NotPermitted,
    "AIMS1": SegregationOfDuties,
    "AIMS2": RequestRefused,
    "AIMS3": RevisionConflict,
}
"""What a secured PostgreSQL database refuses (see :mod:`aims_core.db.teams`), by the state it reports."""


def speak_plainly(engine: sa.Engine) -> None:
    """Have an engine refuse values that no database can hold, and say what went wrong in plain words."""

    @event.listens_for(engine, "before_cursor_execute")
    def _before(*call: Any) -> None:
        parameters, context = call[3], call[4]
        check_values(parameters)
        if context.compiled is not None:
            check_lengths(context.compiled, context.compiled_parameters)
        elif limits := context.execution_options.get(LIMITS):
            check_rows(limits, parameters if call[5] else [parameters])

    @event.listens_for(engine, "handle_error")
    def _failed(context: ExceptionContext) -> None:
        plain = _in_plain_words(context)
        if plain is not None:
            raise plain from context.original_exception


def _in_plain_words(context: ExceptionContext) -> AimsError | None:
    if isinstance(context.original_exception, AimsError):
        return None
    if not isinstance(context.original_exception, Exception):
        return None  # an interrupt, which also ends the connection, stays one
    unusable = _why_unusable(context)
    return WorkspaceError(unusable) if unusable else _about_the_record(context)


def _why_unusable(context: ExceptionContext) -> str:
    error = context.original_exception
    said = " ".join(str(error).split())
    if context.connection is None or "file is not a database" in said:
        return f"the database cannot be opened: {said}"
    if context.is_disconnect:
        # A server that finds no room for its own log gives up, and says so with its last words, unless
        # another of its processes finds it first: then it only closes the connection.
        room = (
            "Its disk is full: make room there. "
            if _NO_ROOM in said
            else "If the server stays away, its own log says why; its disk may be full. "
        )
        return (
            f"the connection to the database broke off ({said}). {room}This act was not "
            "written, unless it broke off at its very end: look, or do it again, which finds what is there. "
            "The next act connects anew"
        )
    if _state(error) == _UNDEFINED_TABLE or "no such table" in said:
        return f"the database has not all tables ({said}); run `aims db upgrade`"
    if _state(error) == _FULL or "disk is full" in said or "disk I/O error" in said:
        return (
            f"the database cannot write to its disk ({said}); nothing was written. Make room there, and "
            "what was committed before is all there"
        )
    if "database is locked" in said:
        return "somebody else has been writing for too long; try again in a moment"
    return ""


def _about_the_record(context: ExceptionContext) -> AimsError | None:
    error, wrapped = context.original_exception, context.sqlalchemy_exception
    if (refused := _REFUSED.get(_state(error))) is not None:
        said = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
        return refused(f"the database refuses this: {said}")
    if isinstance(wrapped, IntegrityError) and (
        _state(error) == _UNIQUE_VIOLATION or "UNIQUE" in str(error)
    ):
        return RevisionConflict(
            "somebody else wrote the same record at the same moment; read it again and repeat"
        )
    if isinstance(wrapped, DataError) or isinstance(error, ValueError | OverflowError):
        remedy = "give a value that the field can hold"
        problem = Problem(field="value", reason=str(error), remedy=remedy)
        return InvalidRecord("read or write a record", [problem])
    return None


def _state(error: BaseException) -> str:
    return str(getattr(error, "sqlstate", ""))
