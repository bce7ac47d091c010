"""How functions of the schema ``aims_teams`` are written: owned by the owner, with a pinned search path."""

from aims_core.db.teams.signatures import PINNED, SCHEMA

SYSTEM = "  s public.aims_system;\n"
"""Declaration of what :data:`LOCK` reads."""
LOCK = """
  SELECT * INTO s FROM public.aims_system WHERE system_id = NEW.system_id FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no system %', NEW.system_id USING ERRCODE = 'AIMS2';
  END IF;
"""
"""Opening of a trigger that reads the system of a new row into ``s`` and keeps others from changing it."""


def trigger(name: str, body: str, declare: str = "") -> str:
    """Return the statement that makes a trigger's function; ``{S}`` in `body` stands for the schema."""
    return (
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.{name}() RETURNS trigger\n"
        f"LANGUAGE plpgsql {PINNED} AS $$\n"
        + (f"DECLARE\n{_filled(declare).rstrip()}\n" if declare else "")
        + f"BEGIN\n{_filled(body)}\nEND $$"
    )


def act(signature: str, returns: str, body: str, declare: str = "") -> str:
    """Return the statement that makes a function which a login calls to have something done."""
    return (
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.{signature} RETURNS {returns}\n"
        f"LANGUAGE plpgsql VOLATILE {PINNED} AS $$\n"
        + (f"DECLARE\n{_filled(declare).rstrip()}\n" if declare else "")
        + f"BEGIN\n{_filled(body)}\nEND $$"
    )


def query(signature: str, returns: str, body: str) -> str:
    """Return the statement that makes a function of one query; ``{S}`` stands for the schema."""
    return (
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.{_filled(signature)} RETURNS {returns}\n"
        f"LANGUAGE sql STABLE {PINNED} AS $$\n{_filled(body)} $$"
    )


def _filled(text: str) -> str:
    return text.replace("{S}", SCHEMA).strip("\n")
