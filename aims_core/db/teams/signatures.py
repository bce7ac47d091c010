"""SQL of who acts: the table of logins, and triggers that hold every signature against the login behind it.

Identity is ``session_user``: it stays what it is inside a definer function, and no statement sets it. Every
function pins its search path with ``pg_temp`` last, so that no temporary table passes for one of ours.
"""

SCHEMA = "aims_teams"
"""Where rule rows, logins and functions of a secured database live."""
ASSURANCE = "database_login"
_DRIFT = "5 minutes"

PINNED = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
"""What every function here is: it runs as the owner and finds only what it names in full."""

TABLES = (
    f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
    f"""CREATE TABLE IF NOT EXISTS {SCHEMA}.login (
  login text NOT NULL,
  actor_id varchar(64) NOT NULL REFERENCES public.aims_actor,
  credential text NOT NULL CHECK (credential IN ('work', 'decide', 'read', 'service', 'owner')),
  granted_by varchar(64) NOT NULL,
  granted_at varchar(27) NOT NULL,
  ended_by varchar(64),
  ended_at varchar(27),
  PRIMARY KEY (login, granted_at))""",
    f"ALTER TABLE {SCHEMA}.login ADD COLUMN IF NOT EXISTS confirmed_by varchar(64)",
    f"ALTER TABLE {SCHEMA}.login ADD COLUMN IF NOT EXISTS confirmed_at varchar(27)",
    f"CREATE UNIQUE INDEX IF NOT EXISTS login_in_force ON {SCHEMA}.login (login) WHERE ended_at IS NULL",
    f"""CREATE TABLE IF NOT EXISTS {SCHEMA}.secured (
  number integer PRIMARY KEY,
  version text NOT NULL,
  machine_version text NOT NULL,
  fingerprint text NOT NULL,
  catalogue text NOT NULL,
  secured_at varchar(27) NOT NULL)""",
    f"""CREATE TABLE IF NOT EXISTS {SCHEMA}.act (
  xid xid8 PRIMARY KEY,
  told boolean NOT NULL)""",
    f"""CREATE TABLE IF NOT EXISTS {SCHEMA}.protection (
  table_name text PRIMARY KEY,
  spec text NOT NULL)""",
)

FUNCTIONS = (
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.me() RETURNS text
LANGUAGE sql STABLE {PINNED} AS $$
  SELECT actor_id::text FROM {SCHEMA}.login WHERE login = session_user AND ended_at IS NULL $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.person_of(who text) RETURNS text
LANGUAGE sql STABLE {PINNED} AS $$
  SELECT person::text FROM public.aims_actor WHERE actor_id = who $$""",
    # A decision login that an administrator gave themselves waits for another one, where there is one.
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.unconfirmed(of_login text) RETURNS boolean
LANGUAGE sql STABLE {PINNED} AS $$
  SELECT EXISTS (SELECT FROM {SCHEMA}.login l WHERE l.login = of_login AND l.ended_at IS NULL
    AND l.credential = 'decide' AND l.confirmed_at IS NULL
    AND {SCHEMA}.person_of(l.actor_id) = {SCHEMA}.person_of(l.granted_by)
    AND EXISTS (SELECT FROM public.aims_grant g JOIN public.aims_actor a ON a.actor_id = g.actor
      WHERE g.role = 'administrator' AND g.scope_kind = 'organisation' AND g.revoked_at IS NULL
      AND a.kind = 'person' AND a.person <> {SCHEMA}.person_of(l.actor_id))) $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.credential() RETURNS text
LANGUAGE sql STABLE {PINNED} AS $$
  SELECT CASE WHEN credential = 'decide' AND {SCHEMA}.unconfirmed(login) THEN 'work' ELSE credential END
  FROM {SCHEMA}.login WHERE login = session_user AND ended_at IS NULL $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.acts_as(who text) RETURNS boolean
LANGUAGE sql STABLE {PINNED} AS $$
  SELECT coalesce(who = {SCHEMA}.me() OR ({SCHEMA}.credential() IN ('service', 'owner') AND EXISTS (
    SELECT FROM public.aims_actor WHERE actor_id = who AND kind = 'plugin')), false) $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.near(moment text) RETURNS boolean
LANGUAGE sql STABLE {PINNED} AS $$
  SELECT coalesce(abs(extract(epoch FROM moment::timestamptz - clock_timestamp()))
    < extract(epoch FROM interval '{_DRIFT}'), false) $$""",
    # Arguments: columns that are signed once and stay, then '|', then those that may be signed anew.
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.signed() RETURNS trigger LANGUAGE plpgsql {PINNED} AS $$
DECLARE
  fresh jsonb := to_jsonb(NEW);
  former jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) ELSE '{{}}'::jsonb END;
  stays boolean := true;
  col text;
BEGIN
  FOREACH col IN ARRAY TG_ARGV LOOP
    IF col = '|' THEN
      stays := false;
      CONTINUE;
    END IF;
    IF fresh ->> col IS NOT DISTINCT FROM former ->> col THEN
      CONTINUE;
    END IF;
    IF stays AND coalesce(former ->> col, '') <> '' THEN
      RAISE EXCEPTION '%.% is signed by % and stays so', TG_TABLE_NAME, col, former ->> col
        USING ERRCODE = '42501';
    END IF;
    IF coalesce(fresh ->> col, '') <> '' AND NOT {SCHEMA}.acts_as(fresh ->> col) THEN
      RAISE EXCEPTION '%.%: the login % acts as %, not as %', TG_TABLE_NAME, col, session_user,
        coalesce({SCHEMA}.me(), 'nobody'), fresh ->> col USING ERRCODE = '42501';
    END IF;
  END LOOP;
  RETURN NEW;
END $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.decided() RETURNS trigger LANGUAGE plpgsql {PINNED} AS $$
DECLARE
  fresh jsonb := to_jsonb(NEW);
  former jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) ELSE '{{}}'::jsonb END;
  col text;
BEGIN
  IF {SCHEMA}.credential() IS NOT DISTINCT FROM 'decide' THEN
    RETURN NEW;
  END IF;
  FOREACH col IN ARRAY TG_ARGV LOOP
    IF col = '*' OR fresh ->> col IS DISTINCT FROM former ->> col THEN
      RAISE EXCEPTION '%: the login % is no decision credential; decide with the other one',
        TG_TABLE_NAME, session_user USING ERRCODE = '42501';
    END IF;
  END LOOP;
  RETURN NEW;
END $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.netstring(part text) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT octet_length(convert_to(part, 'UTF8'))::text || ':' || part || ',' $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.event_kept() RETURNS trigger LANGUAGE plpgsql {PINNED} AS $$
BEGIN
  IF NEW.assurance <> '{ASSURANCE}' THEN
    RAISE EXCEPTION 'an event of a secured database says {ASSURANCE}, not %; open the workspace again',
      NEW.assurance USING ERRCODE = '42501';
  END IF;
  IF NOT {SCHEMA}.near(NEW.at) THEN
    RAISE EXCEPTION 'event %: % is more than {_DRIFT} away from the time of the server; set the clock',
      NEW.event_id, NEW.at USING ERRCODE = '42501';
  END IF;
  IF NEW.leaf <> encode(sha256('\\x00'::bytea || convert_to(
      {SCHEMA}.netstring(NEW.sequence::text) || {SCHEMA}.netstring(NEW.event_id) ||
      {SCHEMA}.netstring(NEW.type) || {SCHEMA}.netstring(NEW.at) || {SCHEMA}.netstring(NEW.actor) ||
      {SCHEMA}.netstring(NEW.assurance) || {SCHEMA}.netstring(NEW.system_id) ||
      {SCHEMA}.netstring(NEW.payload) || {SCHEMA}.netstring(NEW.nonce), 'UTF8')), 'hex') THEN
    RAISE EXCEPTION 'event %: its leaf is not the hash of its columns', NEW.event_id
      USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.event_queued() RETURNS trigger LANGUAGE plpgsql {PINNED} AS $$
BEGIN
  INSERT INTO public.aims_unsealed (sequence) VALUES (NEW.sequence) ON CONFLICT DO NOTHING;
  INSERT INTO public.aims_outbox (sequence, type) VALUES (NEW.sequence, NEW.type)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$""",
    # What the trail's queue holds is decided by the event itself; what a login adds is there already, or
    # would have an event sealed twice.
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.queue_kept() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE there boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT FROM public.%I WHERE sequence = $1)', TG_TABLE_NAME)
    INTO there USING NEW.sequence;
  IF there OR (current_user = session_user AND {SCHEMA}.credential() NOT IN ('service', 'owner')) THEN
    RETURN NULL;
  END IF;
  RETURN NEW;
END $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.timed() RETURNS trigger LANGUAGE plpgsql {PINNED} AS $$
DECLARE
  fresh jsonb := to_jsonb(NEW);
  former jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) ELSE '{{}}'::jsonb END;
  now_ text := current_setting('aims.now', true);
  col text;
BEGIN
  FOREACH col IN ARRAY TG_ARGV LOOP
    IF fresh ->> col IS DISTINCT FROM former ->> col AND coalesce(fresh ->> col, '') <> ''
      AND (fresh ->> col IS DISTINCT FROM now_ OR NOT {SCHEMA}.near(now_)) THEN
      RAISE EXCEPTION '%.%: % is not the time of the transaction', TG_TABLE_NAME, col, fresh ->> col
        USING ERRCODE = '42501';
    END IF;
  END LOOP;
  RETURN NEW;
END $$""",
    # When something was so in fact: a time in the form that all have, which does not lie ahead, and stays.
    # Columns after '|' may be emptied: what they speak of can be taken back.
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.stated() RETURNS trigger LANGUAGE plpgsql {PINNED} AS $$
DECLARE
  fresh jsonb := to_jsonb(NEW);
  former jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) ELSE '{{}}'::jsonb END;
  now_ text := current_setting('aims.now', true);
  stays boolean := true;
  col text;
  fact text;
BEGIN
  FOREACH col IN ARRAY TG_ARGV LOOP
    IF col = '|' THEN
      stays := false;
      CONTINUE;
    END IF;
    fact := fresh ->> col;
    IF fact IS NOT DISTINCT FROM former ->> col THEN
      CONTINUE;
    END IF;
    IF former ->> col IS NOT NULL AND (stays OR fact IS NOT NULL) THEN
      RAISE EXCEPTION '%.%: % is stated and stays so', TG_TABLE_NAME, col, former ->> col
        USING ERRCODE = '42501';
    END IF;
    IF fact IS DISTINCT FROM to_char(fact::timestamptz AT TIME ZONE 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') THEN
      RAISE EXCEPTION '%.%: % is no time in the form in which times are kept', TG_TABLE_NAME, col, fact
        USING ERRCODE = '42501';
    END IF;
    IF fact > now_ OR NOT {SCHEMA}.near(now_) THEN
      RAISE EXCEPTION '%.%: % lies ahead', TG_TABLE_NAME, col, fact USING ERRCODE = '42501';
    END IF;
  END LOOP;
  RETURN NEW;
END $$""",
    # What was changed in a transaction of which no event speaks is undone when it ends.
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.acted() RETURNS trigger LANGUAGE plpgsql {PINNED} AS $$
BEGIN
  INSERT INTO {SCHEMA}.act VALUES (pg_current_xact_id(), false) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.told() RETURNS trigger LANGUAGE plpgsql {PINNED} AS $$
BEGIN
  INSERT INTO {SCHEMA}.act VALUES (pg_current_xact_id(), true)
    ON CONFLICT (xid) DO UPDATE SET told = true;
  RETURN NULL;
END $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.act_ended() RETURNS trigger LANGUAGE plpgsql {PINNED} AS $$
BEGIN
  IF NOT (SELECT a.told FROM {SCHEMA}.act a WHERE a.xid = NEW.xid) THEN
    RAISE EXCEPTION 'something was changed, and no event of this transaction says what'
      USING ERRCODE = 'AIMS2';
  END IF;
  DELETE FROM {SCHEMA}.act a WHERE a.xid = NEW.xid;
  RETURN NULL;
END $$""",
    f"""CREATE OR REPLACE FUNCTION {SCHEMA}.dated() RETURNS trigger LANGUAGE plpgsql {PINNED} AS $$
BEGIN
  IF NOT {SCHEMA}.near(nullif(current_setting('aims.now', true), '')) THEN
    RAISE EXCEPTION '%: the time of the transaction is not that of the server; set the clock',
      TG_TABLE_NAME USING ERRCODE = '42501';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$""",
)

CALLED = ("me()", "credential()", "unconfirmed(text)")
"""What a login calls itself, and policies on its behalf."""
