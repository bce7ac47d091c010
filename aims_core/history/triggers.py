"""Triggers that keep the former states of a table; they fail where nobody says what time it is."""

from collections.abc import Sequence

NOW = "aims_now"
"""Key under which a connection holds the time of its transaction, as stored text."""
_SETTING = "aims.now"


def history_triggers(table: str, columns: Sequence[str], dialect: str) -> list[str]:
    """Return the statements that create the triggers of a historied table.

    Parameters
    ----------
    table : str
        Name of the table; its history table exists.
    columns : sequence of str
        Its columns without ``valid_from``.
    dialect : str
        ``sqlite`` or ``postgresql``.
    """
    named = ", ".join(f'"{c}"' for c in columns)
    former = ", ".join(f'OLD."{c}"' for c in columns)
    if dialect == "sqlite":
        return _on_sqlite(table, named, former)
    return _on_postgresql(table, named, former)


def drop_history_triggers(table: str, dialect: str) -> list[str]:
    """Return the statements that drop what :func:`history_triggers` made."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}" for name in _sqlite_names(table)]
    return [
        f"DROP TRIGGER {table}_dated ON {table}",
        f"DROP TRIGGER {table}_history_kept ON {table}_history",
        f"DROP FUNCTION {table}_dated()",
        f"DROP FUNCTION {table}_history_kept()",
    ]


def _sqlite_names(table: str) -> tuple[str, ...]:
    acts = ("dated", "history", "undated", "deleted")
    return (
        *(f"{table}_{act}" for act in acts),
        *(f"{table}_history_keeps_{act}" for act in ("update", "delete")),
    )


def _on_sqlite(table: str, named: str, former: str) -> list[str]:
    keep = (
        f"INSERT INTO {table}_history ({named}, valid_from, valid_to) "
        f"SELECT {former}, OLD.valid_from, {NOW}() WHERE OLD.valid_from < {NOW}();"
    )
    # The time is set by an update of its own, which the second trigger leaves alone.
    date = f"UPDATE {table} SET valid_from = max({NOW}(), OLD.valid_from) WHERE rowid = NEW.rowid;"
    return [
        (
            f"CREATE TRIGGER {table}_dated AFTER INSERT ON {table} BEGIN "
            f"UPDATE {table} SET valid_from = {NOW}() WHERE rowid = NEW.rowid; END"
        ),
        (
            f"CREATE TRIGGER {table}_history AFTER UPDATE ON {table} "
            f"WHEN NEW.valid_from = OLD.valid_from BEGIN {keep} {date} END"
        ),
        (
            f"CREATE TRIGGER {table}_undated BEFORE UPDATE OF valid_from ON {table} "
            f"WHEN NEW.valid_from <> OLD.valid_from AND NEW.valid_from <> {NOW}() "
            f"BEGIN SELECT RAISE(ABORT, '{table}: valid_from is kept by the database'); END"
        ),
        f"CREATE TRIGGER {table}_deleted AFTER DELETE ON {table} BEGIN {keep} END",
        *(
            f"CREATE TRIGGER {table}_history_keeps_{act} BEFORE {act.upper()} ON {table}_history "
            f"BEGIN SELECT RAISE(ABORT, '{table}_history is append-only'); END"
            for act in ("update", "delete")
        ),
    ]


def _on_postgresql(table: str, named: str, former: str) -> list[str]:
    return [
        f"""
CREATE FUNCTION {table}_dated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE now_ text := current_setting('{_SETTING}', true);
BEGIN
  IF coalesce(now_, '') = '' THEN
    RAISE EXCEPTION '{table} is written in a transaction of a workspace only';
  END IF;
  IF TG_OP = 'INSERT' THEN
    NEW.valid_from := now_;
    RETURN NEW;
  END IF;
  IF OLD.valid_from < now_ THEN
    INSERT INTO {table}_history ({named}, valid_from, valid_to)
    VALUES ({former}, OLD.valid_from, now_);
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  NEW.valid_from := greatest(now_, OLD.valid_from);
  RETURN NEW;
END $$""",
        (
            f"CREATE TRIGGER {table}_dated BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_dated()"
        ),
        (
            f"CREATE FUNCTION {table}_history_kept() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table}_history is append-only'; END $$"
        ),
        (
            f"CREATE TRIGGER {table}_history_kept BEFORE UPDATE OR DELETE ON {table}_history "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_history_kept()"
        ),
    ]
