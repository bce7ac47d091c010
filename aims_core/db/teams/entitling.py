"""SQL of who may do what: actors introduced, roles proposed and granted by two, seats lent."""

from aims_core.db.teams.plpgsql import query, trigger

# What is no person holds no role that decides (rule R14).
IMPERSONAL = query(
    "impersonal(who text, wanted text)",
    "boolean",
    """  SELECT EXISTS (SELECT FROM {S}.personal_role p WHERE p.role = wanted)
    AND NOT EXISTS (SELECT FROM public.aims_actor a WHERE a.actor_id = who AND a.kind = 'person')""",
)

GRANTED = trigger(
    "granted",
    """
  manages := {S}.holds({S}.me(), 'top_management', '', '')
    AND EXISTS (SELECT FROM public.aims_actor a WHERE a.actor_id = {S}.me() AND a.kind = 'person');
  IF NOT ({S}.may('grant', '', '') OR (TG_OP = 'UPDATE' AND NEW.role = 'administrator' AND manages)) THEN
    RAISE EXCEPTION '% does not administer', {S}.me() USING ERRCODE = '42501';
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NEW.role = 'administrator' AND OLD.revoked_at IS NULL THEN
      PERFORM FROM public.aims_grant g WHERE g.role = 'administrator' AND g.revoked_at IS NULL FOR UPDATE;
      remaining := ARRAY(SELECT {S}.administrators(NEW.grant_id));
      IF cardinality(remaining) = 0 THEN
        RAISE EXCEPTION 'it is the last administrator''s role' USING ERRCODE = 'AIMS2';
      END IF;
      -- Who would rule alone does not bring it about alone: the other goes, or top management says so.
      IF cardinality(remaining) = 1 AND cardinality(ARRAY(SELECT {S}.administrators(''))) = 2
        AND {S}.person_of({S}.me()) <> {S}.person_of(NEW.actor)
        AND (NOT manages OR {S}.person_of({S}.me()) = remaining[1]) THEN
        RAISE EXCEPTION 'it would leave % to administer alone', remaining[1] USING ERRCODE = 'AIMS1';
      END IF;
    END IF;
    IF OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL OR NEW.revoked_by IS NULL THEN
      RAISE EXCEPTION 'a role is taken back once, and stays so' USING ERRCODE = '42501';
    END IF;
    since := coalesce(OLD.fact_at, OLD.granted_at);
    IF NEW.revoked_fact_at < since THEN
      RAISE EXCEPTION 'a role is taken back after it was granted, which was at %', since
        USING ERRCODE = 'AIMS2';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.revoked_at IS NOT NULL OR NOT EXISTS (SELECT FROM {S}.permission p WHERE p.role = NEW.role) THEN
    RAISE EXCEPTION '% is no role that can be granted', NEW.role USING ERRCODE = 'AIMS2';
  END IF;
  IF NEW.revoked_fact_at IS NOT NULL THEN
    RAISE EXCEPTION 'a role that is granted was not taken back' USING ERRCODE = '42501';
  END IF;
  IF {S}.impersonal(NEW.actor, NEW.role) THEN
    RAISE EXCEPTION '% is no person, and only persons hold the role %', NEW.actor, NEW.role
      USING ERRCODE = 'AIMS1';
  END IF;
  IF {S}.person_of(NEW.actor) = {S}.person_of({S}.me()) THEN
    RAISE EXCEPTION 'nobody grants a role to themselves' USING ERRCODE = 'AIMS1';
  END IF;
  PERFORM FROM public.aims_grant g WHERE g.role = 'administrator' AND g.revoked_at IS NULL FOR UPDATE;
  IF EXISTS (SELECT FROM {S}.other_administrators())
    AND NOT EXISTS (SELECT FROM public.aims_role_change c WHERE c.status = 'proposed'
      AND (c.actor, c.role, c.scope_kind, c.scope) = (NEW.actor, NEW.role, NEW.scope_kind, NEW.scope)
      AND {S}.person_of(c.proposed_by) IN (SELECT {S}.other_administrators()))
    AND NOT EXISTS (SELECT FROM public.aims_exception e WHERE e.rule = 'R7'
      AND e.scope_kind = 'organisation' AND e.approved_at IS NOT NULL AND e.ended_at IS NULL
      AND e.expires_on >= left({S}.utc_now(), 10)) THEN
    RAISE EXCEPTION 'a role is granted by two administrators; have it proposed and confirmed'
      USING ERRCODE = 'AIMS1';
  END IF;
  RETURN NEW;""",
    "  manages boolean;\n  remaining text[];\n  since text;\n",
)

PROPOSED_ROLE = trigger(
    "role_change_kept",
    """
  IF NOT {S}.may('grant', '', '') THEN
    RAISE EXCEPTION '% does not administer', {S}.me() USING ERRCODE = '42501';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'proposed' OR NEW.closed_by IS NOT NULL OR NEW.grant_id IS NOT NULL
      OR {S}.person_of(NEW.actor) = {S}.person_of({S}.me()) THEN
      RAISE EXCEPTION 'a role is proposed for somebody else, and open then' USING ERRCODE = 'AIMS1';
    END IF;
    IF {S}.impersonal(NEW.actor, NEW.role) THEN
      RAISE EXCEPTION '% is no person, and only persons hold the role %', NEW.actor, NEW.role
        USING ERRCODE = 'AIMS1';
    END IF;
    IF NEW.closed_fact_at IS NOT NULL THEN
      RAISE EXCEPTION 'a role that is proposed is open' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.status <> 'proposed' OR NEW.status = 'proposed' OR NEW.closed_by IS NULL THEN
    RAISE EXCEPTION 'a proposed role is closed once' USING ERRCODE = '42501';
  END IF;
  IF NEW.status = 'confirmed' AND ({S}.person_of(NEW.proposed_by) = {S}.person_of({S}.me())
    OR NOT EXISTS (SELECT FROM public.aims_grant g WHERE g.grant_id = NEW.grant_id
      AND (g.actor, g.role, g.scope_kind, g.scope) = (NEW.actor, NEW.role, NEW.scope_kind, NEW.scope))) THEN
    RAISE EXCEPTION 'a role is confirmed by another administrator, with the grant' USING ERRCODE = 'AIMS1';
  END IF;
  since := coalesce(OLD.fact_at, OLD.proposed_at);
  IF NEW.closed_fact_at < since THEN
    RAISE EXCEPTION 'a proposed role is closed after it was proposed, which was at %', since
      USING ERRCODE = 'AIMS2';
  END IF;
  SELECT g.fact_at INTO since FROM public.aims_grant g WHERE g.grant_id = NEW.grant_id;
  IF FOUND AND since IS DISTINCT FROM NEW.closed_fact_at THEN
    RAISE EXCEPTION 'a grant was made when its proposal was confirmed' USING ERRCODE = 'AIMS2';
  END IF;
  RETURN NEW;""",
    "  since text;\n",
)

# What may be meant is found by the indexes of aims_core.spellings; letters beyond ASCII are made small as the
# language of the database has it.
SPELT_ALIKE = query(
    "spelt_alike(wanted text)",
    "text",
    """  SELECT min(x.actor_id COLLATE "C") FROM (
    SELECT a.actor_id FROM public.aims_actor a WHERE lower(a.actor_id COLLATE "C") = lower(wanted)
    UNION ALL SELECT a.actor_id FROM public.aims_actor a
      WHERE octet_length(a.actor_id) <> char_length(a.actor_id)
      AND char_length(a.actor_id) = char_length(wanted) AND lower(a.actor_id) = lower(wanted)) x
  WHERE x.actor_id <> wanted""",
)

INTRODUCED = trigger(
    "introduced",
    """
  IF TG_OP = 'UPDATE' THEN
    RAISE EXCEPTION 'who % is stays on record', OLD.actor_id USING ERRCODE = '42501';
  END IF;
  IF NOT ({S}.may('grant', '', '') OR (NEW.kind = 'unit' AND NEW.person = NEW.actor_id
    AND EXISTS (SELECT FROM public.aims_grant g JOIN {S}.permission p ON p.role = g.role
      WHERE g.actor = {S}.me() AND g.revoked_at IS NULL AND p.permission = 'import'))) THEN
    RAISE EXCEPTION '% may not add %', {S}.me(), NEW.actor_id USING ERRCODE = '42501';
  END IF;
  IF NEW.person <> NEW.actor_id AND NOT EXISTS (SELECT FROM public.aims_actor a
    WHERE a.person = NEW.person AND a.kind = 'person') THEN
    RAISE EXCEPTION 'nobody is known as %, whom % is to stand for', NEW.person, NEW.actor_id
      USING ERRCODE = 'AIMS2';
  END IF;
  known := {S}.spelt_alike(NEW.actor_id);
  IF known IS NOT NULL THEN
    RAISE EXCEPTION '% is known, which differs from % in small and large letters only', known, NEW.actor_id
      USING ERRCODE = 'AIMS2';
  END IF;
  RETURN NEW;""",
    "  known text;\n",
)

DELEGATED = trigger(
    "delegated",
    """
  IF TG_OP = 'UPDATE' THEN
    IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NOT ({S}.may('grant', '', '') OR
      {S}.person_of({S}.me()) IN ({S}.person_of(OLD.delegator), {S}.person_of(OLD.delegate))) THEN
      RAISE EXCEPTION 'a delegation is ended once, by who it concerns' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
  END IF;
  IF NOT EXISTS (SELECT FROM public.aims_actor a WHERE a.actor_id = NEW.delegate AND a.kind = 'person'
    AND a.person <> {S}.person_of(NEW.delegator)) OR NEW.ended_at IS NOT NULL
    OR NEW.ends_at::timestamptz - NEW.starts_at::timestamptz > (SELECT longest_delegation FROM {S}.machine)
    OR NOT EXISTS (SELECT FROM {S}.seat t WHERE t.role = NEW.role)
    OR NOT EXISTS (SELECT FROM public.aims_grant g WHERE g.actor = NEW.delegator AND g.role = NEW.role
      AND g.revoked_at IS NULL) THEN
    RAISE EXCEPTION 'one lends a seat of one''s own, to another person, for a time' USING ERRCODE = 'AIMS2';
  END IF;
  IF {S}.audits({S}.person_of(NEW.delegate)) AND NOT {S}.excepts('R5', '', '') THEN
    RAISE EXCEPTION '% audits, and so decides on nothing', NEW.delegate USING ERRCODE = 'AIMS1';
  END IF;
  RETURN NEW;""",
)

TRIGGERS: dict[str, tuple[tuple[str, str], ...]] = {
    "aims_grant": (("granted", "INSERT OR UPDATE"),),
    "aims_role_change": (("role_change_kept", "INSERT OR UPDATE"),),
    "aims_actor": (("introduced", "INSERT OR UPDATE"),),
    "aims_delegation": (("delegated", "INSERT OR UPDATE"),),
}
"""By table: the function that judges, and what it judges."""

FUNCTIONS = (IMPERSONAL, GRANTED, PROPOSED_ROLE, SPELT_ALIKE, INTRODUCED, DELEGATED)
