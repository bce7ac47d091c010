"""How functions of the schema ``aims_teams`` are written: owned by the owner, with a pinned search path."""

from aims_core.db.teams.signatures import PINNED, SCHEMA


def trigger(name: str, body: str, declare: str = "") -> str:
    """Return the statement that makes a trigger's function; ``{S}`` in `body` stands for the schema."""
    return (
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.{name}() RETURNS trigger\n"
        f"LANGUAGE plpgsql {PINNED} AS $$\n"
        + (f"DECLARE\n{_filled(declare).rstrip()}\n" if declare else "")
        + f"BEGIN\n{_filled(body)}\nEND $$"
    )


def act(signature: str, returns: str, body: str) -> str:
    """Return the statement that makes a function which a login calls to have something done."""
    return (
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.{signature} RETURNS {returns}\n"
        f"LANGUAGE plpgsql VOLATILE {PINNED} AS $$\nBEGIN\n{_filled(body)}\nEND $$"
    )


def query(signature: str, returns: str, body: str) -> str:
    """Return the statement that makes a function of one query; ``{S}`` stands for the schema."""
    return (
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.{_filled(signature)} RETURNS {returns}\n"
        f"LANGUAGE sql STABLE {PINNED} AS $$\n{_filled(body)} $$"
    )


def _filled(text: str) -> str:
    return text.replace("{S}", SCHEMA).strip("\n")
