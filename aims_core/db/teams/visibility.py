"""SQL of who sees what: row level security per unit, for every table that leads to a system."""

from aims_core.db.teams import confiding
from aims_core.db.teams.groups import Groups, quoted
from aims_core.db.teams.protection import Protection
from aims_core.db.teams.signatures import PINNED, SCHEMA

FUNCTIONS = (
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.sees_all() RETURNS boolean
LANGUAGE sql STABLE {PINNED} AS $$
  SELECT coalesce({SCHEMA}.credential() IN ('service', 'owner', 'read'), false) OR EXISTS (
    SELECT FROM public.aims_grant g WHERE g.actor = {SCHEMA}.me()
    AND g.scope_kind = 'organisation' AND g.revoked_at IS NULL) $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.my_units() RETURNS text[]
LANGUAGE sql STABLE {PINNED} AS $$
  SELECT coalesce(array_agg(DISTINCT g.scope::text), ARRAY[]::text[]) FROM public.aims_grant g
  WHERE g.actor = {SCHEMA}.me() AND g.scope_kind = 'unit' AND g.revoked_at IS NULL AND g.scope <> '' $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.my_systems() RETURNS text[]
LANGUAGE sql STABLE {PINNED} AS $$
  SELECT coalesce(array_agg(DISTINCT g.scope::text), ARRAY[]::text[]) FROM public.aims_grant g
  WHERE g.actor = {SCHEMA}.me() AND g.scope_kind = 'system' AND g.revoked_at IS NULL $$""",
)
CALLED = ("sees_all()", "my_units()", "my_systems()")
"""What policies call on behalf of a login."""

# In brackets each is asked once for a statement, not once for a row.
_ALL = f"(SELECT {SCHEMA}.sees_all())"
_SYSTEM = (
    f"{_ALL} OR unit = ANY ((SELECT {SCHEMA}.my_units())::text[]) "
    f"OR system_id = ANY ((SELECT {SCHEMA}.my_systems())::text[])"
)
_OWN = {
    "aims_system": _SYSTEM,
    # Bulk edits reach over units; who proposed one, or may see everything, sees it.
    "aims_change_set": f"{_ALL} OR proposed_by = (SELECT {SCHEMA}.me())",
    # What failed may say anything about any system.
    "aims_delivery": _ALL,
    **confiding.POLICIES,
}


def policies(groups: Groups, table: str, protection: Protection) -> list[str]:
    """Return what shows the rows of a table to whom they belong to, and takes away every other policy."""
    named = f"public.{quoted(table)}"
    dropped = f"""DO $$ DECLARE item text; BEGIN
  FOR item IN SELECT polname FROM pg_policy WHERE polrelid = '{named}'::regclass LOOP
    EXECUTE format('DROP POLICY %I ON {named}', item);
  END LOOP;
END $$"""
    seen = _OWN.get(table) or _seen(protection)
    if not seen:
        return [dropped, f"ALTER TABLE {named} DISABLE ROW LEVEL SECURITY"]
    to = ", ".join(map(quoted, groups.of_logins))
    return [
        dropped,
        f"CREATE POLICY of_unit ON {named} TO {to} USING ({seen}) WITH CHECK ({seen})",
        f"ALTER TABLE {named} ENABLE ROW LEVEL SECURITY",
    ]


def _seen(protection: Protection) -> str:
    column = quoted(protection.unit_via)
    if protection.through:
        parent = f"SELECT t.{column} FROM public.{quoted(protection.through)} t"
        return f"{_ALL} OR {column} IN ({parent})"
    if protection.unit_via:
        return (
            f"{_ALL} OR {column} = '' OR {column} IN (SELECT s.system_id FROM public.aims_system s)"
        )
    return ""
