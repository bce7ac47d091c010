"""SQL of confirming the decision login that an administrator gave themselves: by another administrator."""

from aims_core.db.teams.plpgsql import act

CONFIRM = act(
    "confirm_login(of_login text)",
    "void",
    """
  IF {S}.credential() IS DISTINCT FROM 'decide' OR NOT {S}.may('grant', '', '') THEN
    RAISE EXCEPTION 'an administrator confirms a login, with the one to decide' USING ERRCODE = '42501';
  END IF;
  UPDATE {S}.login SET confirmed_by = {S}.me(), confirmed_at = {S}.utc_now() WHERE login = of_login
    AND {S}.unconfirmed(of_login) AND {S}.person_of(actor_id) <> {S}.person_of({S}.me())
    AND ended_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no login % waits for another administrator', of_login USING ERRCODE = 'AIMS1';
  END IF;
  INSERT INTO {S}.act VALUES (pg_current_xact_id(), false) ON CONFLICT DO NOTHING;""",
)

FUNCTIONS = (CONFIRM,)
CALLED = ("confirm_login(text)",)
"""What an administrator calls."""
