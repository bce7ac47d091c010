"""SQL of decisions: facts are inserted, triggers judge them by the rule rows and derive the state from them.

No login may update a state, a revision or an author. A row of ``aims_transition`` moves its system and closes
its request; a request is closed by a function. Each judges first, as the owner, and is refused with a plain
sentence.
"""

from aims_core.db.teams.plpgsql import LOCK, SYSTEM, act, trigger
from aims_core.db.teams.signatures import SCHEMA

_APPROVAL = "  a public.aims_approval;\n"
_STEP = f"  r {SCHEMA}.step;\n"
_RULE = """
  SELECT * INTO r FROM {S}.step t WHERE t.transition = NEW.transition AND t.source = s.stage
    AND (t.from_status IS NULL OR t.from_status = s.status);
  IF NOT FOUND THEN
    RAISE EXCEPTION '% leads nowhere from %, %', NEW.transition, s.stage, s.status
      USING ERRCODE = 'AIMS2';
  END IF;
"""

ASKED = trigger(
    "asked",
    LOCK
    + _RULE
    + """
  IF NEW.status <> 'open' OR NEW.closed_at IS NOT NULL OR NEW.closed_by IS NOT NULL
    OR NEW.valid_until IS NOT NULL OR NEW.lapsed_at IS NOT NULL OR NEW.tier IS NOT NULL
    OR NEW.closed_fact_at IS NOT NULL THEN
    RAISE EXCEPTION 'a request is open when it is made' USING ERRCODE = '42501';
  END IF;
  IF NEW.revision <> s.revision OR NEW.digest <> s.digest THEN
    RAISE EXCEPTION 'the request is for revision %, current is %', NEW.revision, s.revision
      USING ERRCODE = 'AIMS3';
  END IF;
  IF NEW.machine_version <> (SELECT version FROM {S}.machine) THEN
    RAISE EXCEPTION 'the database enforces another lifecycle than %; run aims db secure',
      NEW.machine_version USING ERRCODE = 'AIMS2';
  END IF;
  IF r.expires_after IS NOT NULL AND (NEW.expires_at IS NULL OR
    NEW.expires_at::timestamptz > clock_timestamp() + r.expires_after + interval '5 minutes') THEN
    RAISE EXCEPTION 'a request for % expires after %', NEW.transition, r.expires_after
      USING ERRCODE = '42501';
  END IF;
  IF NOT EXISTS (SELECT FROM {S}.asked_by b WHERE b.transition = NEW.transition
    AND {S}.holds(NEW.requested_by, b.role, s.system_id, s.unit)) THEN
    RAISE EXCEPTION '% may not ask for % of %', NEW.requested_by, NEW.transition, s.system_id
      USING ERRCODE = '42501';
  END IF;
  IF NEW.fact_at < s.registered_at AND s.entry <> 'legacy' THEN
    RAISE EXCEPTION '% entered the inventory at %, so nothing was asked of it before', s.system_id,
      s.registered_at USING ERRCODE = 'AIMS2';
  END IF;
  RETURN NEW;""",
    SYSTEM + _STEP,
)

VOTED = trigger(
    "voted",
    """
  SELECT * INTO s FROM public.aims_system WHERE system_id =
    (SELECT system_id FROM public.aims_approval WHERE approval_id = NEW.approval_id) FOR UPDATE;
  SELECT * INTO a FROM public.aims_approval WHERE approval_id = NEW.approval_id FOR UPDATE;
  IF a.status IS DISTINCT FROM 'open' OR a.expires_at <= {S}.utc_now() THEN
    RAISE EXCEPTION 'the request % is not open', NEW.approval_id USING ERRCODE = 'AIMS2';
  END IF;
  IF NEW.digest <> a.digest OR a.digest <> s.digest THEN
    RAISE EXCEPTION 'the vote is not for what was asked, or the system was revised since'
      USING ERRCODE = 'AIMS3';
  END IF;
  IF NEW.decision NOT IN ('approve', 'refuse') OR (NEW.decision = 'refuse' AND btrim(NEW.reason) = '') THEN
    RAISE EXCEPTION 'a decision is approve, or refuse with a reason' USING ERRCODE = 'AIMS2';
  END IF;
  IF NOT EXISTS (SELECT FROM public.aims_actor x WHERE x.actor_id = NEW.actor AND x.kind = 'person'
    AND x.person = NEW.person)
    OR NEW.on_behalf_person <> coalesce({S}.person_of(NEW.on_behalf_of), '') THEN
    RAISE EXCEPTION 'a vote is a person''s own, or that of who lent them their seat'
      USING ERRCODE = '42501';
  END IF;
  IF NOT EXISTS (SELECT FROM {S}.seat t WHERE t.transition = a.transition AND t.role = NEW.role)
    OR NOT {S}.entitled(NEW.actor, NEW.on_behalf_of, NEW.role, s.system_id, s.unit) THEN
    RAISE EXCEPTION '% does not decide on % as %', NEW.actor, a.transition, NEW.role
      USING ERRCODE = '42501';
  END IF;
  duty := coalesce(
    {S}.conflict(s.system_id, a.transition, {S}.person_of(a.requested_by), NEW.person, NEW.role),
    {S}.conflict(s.system_id, a.transition, {S}.person_of(a.requested_by), NEW.on_behalf_person, NEW.role));
  IF duty IS NOT NULL THEN
    RAISE EXCEPTION '% acted as % of % and so may not decide on it as %', NEW.actor, duty, s.system_id,
      NEW.role USING ERRCODE = 'AIMS1';
  END IF;
  since := greatest(coalesce(a.fact_at, a.requested_at), (SELECT max(coalesce(v.fact_at, v.at))
    FROM public.aims_vote v WHERE v.approval_id = NEW.approval_id AND v.person = NEW.person
    AND v.role = NEW.role AND v.on_behalf_person = NEW.on_behalf_person));
  IF NEW.fact_at < since THEN
    RAISE EXCEPTION 'a vote is given after what it is about, which was at %', since
      USING ERRCODE = 'AIMS2';
  END IF;
  NEW.ordinal := 1 + coalesce((SELECT max(v.ordinal) FROM public.aims_vote v
    WHERE v.approval_id = NEW.approval_id AND v.person = NEW.person AND v.role = NEW.role
    AND v.on_behalf_person = NEW.on_behalf_person), 0);
  RETURN NEW;""",
    SYSTEM + _APPROVAL + "  duty text;\n  since text;\n",
)

CARRIED_OUT = trigger(
    "carried_out",
    LOCK
    + _RULE
    + """
  SELECT * INTO a FROM public.aims_approval WHERE approval_id = NEW.approval_id FOR UPDATE;
  IF a.status IS DISTINCT FROM 'open' OR a.system_id <> s.system_id OR a.transition <> NEW.transition
    OR a.expires_at <= {S}.utc_now() THEN
    RAISE EXCEPTION 'no open request asks for % of %', NEW.transition, s.system_id USING ERRCODE = 'AIMS2';
  END IF;
  IF a.revision <> s.revision OR a.digest <> s.digest THEN
    RAISE EXCEPTION '% was revised since the request', s.system_id USING ERRCODE = 'AIMS3';
  END IF;
  IF (NEW.from_stage, NEW.from_status, NEW.to_stage, NEW.to_status, NEW.revision, NEW.digest, NEW.reason,
      NEW.machine_version) IS DISTINCT FROM (s.stage, s.status, r.target, coalesce(r.to_status, s.status),
      s.revision, s.digest, a.reason, (SELECT version FROM {S}.machine)) THEN
    RAISE EXCEPTION 'the step on record is not the one that the lifecycle takes' USING ERRCODE = '42501';
  END IF;
  IF r.needs_reason AND btrim(a.reason) = '' THEN
    RAISE EXCEPTION '% needs a reason', NEW.transition USING ERRCODE = 'AIMS2';
  END IF;
  IF NOT EXISTS (SELECT FROM {S}.asked_by b WHERE b.transition = NEW.transition
    AND {S}.holds(a.requested_by, b.role, s.system_id, s.unit)) THEN
    RAISE EXCEPTION '% may no longer ask for %', a.requested_by, NEW.transition USING ERRCODE = '42501';
  END IF;
  IF r.needs_approval_of <> '' AND NOT {S}.stands(s.system_id, r.needs_approval_of) THEN
    RAISE EXCEPTION '% needs an approval of % that stands', NEW.transition, r.needs_approval_of
      USING ERRCODE = 'AIMS2';
  END IF;
  tier_ := {S}.governing(s.tier, s.declared_risk_category);
  IF r.to_status IS DISTINCT FROM 'suspended' THEN
    SELECT string_agg(f.field, ', ') INTO lacking FROM {S}.required_field f
      WHERE f.stage = r.target AND f.tier = tier_ AND btrim(coalesce(to_jsonb(s) ->> f.field, '')) = '';
    IF lacking IS NOT NULL THEN
      RAISE EXCEPTION '% of % is empty, and % needs it', lacking, s.system_id, r.target
        USING ERRCODE = 'AIMS2';
    END IF;
  END IF;
  SELECT string_agg(c.name, ', ') INTO lacking FROM {S}.required_check c
    WHERE c.transition = NEW.transition AND c.tier = tier_
    AND NOT NEW.conditions::jsonb @> jsonb_build_array(jsonb_build_object('name', c.name, 'met', true));
  IF lacking IS NOT NULL THEN
    RAISE EXCEPTION 'the step does not say that % is met', lacking USING ERRCODE = 'AIMS2';
  END IF;
  lacking := {S}.joined(s.system_id, NEW.transition, {S}.person_of(a.requested_by));
  IF lacking IS NOT NULL THEN
    RAISE EXCEPTION 'one person acted as % of %', lacking, s.system_id USING ERRCODE = 'AIMS1';
  END IF;
  IF EXISTS (SELECT FROM {S}.counted(a.approval_id) c WHERE c.decision = 'refuse') THEN
    RAISE EXCEPTION 'the request was refused' USING ERRCODE = 'AIMS2';
  END IF;
  IF NOT {S}.seated(a.approval_id, NEW.transition, tier_) THEN
    RAISE EXCEPTION '% of % (tier %) lacks approvals', NEW.transition, s.system_id, tier_
      USING ERRCODE = 'AIMS2';
  END IF;
  IF NOT EXISTS (SELECT FROM {S}.seat t WHERE t.transition = NEW.transition)
    AND {S}.person_of(a.requested_by) IS DISTINCT FROM {S}.person_of(NEW.actor) THEN
    RAISE EXCEPTION 'who asked for % takes the step', NEW.transition USING ERRCODE = '42501';
  END IF;
  since := greatest(coalesce(a.fact_at, a.requested_at), (SELECT max(c.fact)
    FROM {S}.counted(a.approval_id) c));
  IF NEW.fact_at < since THEN
    RAISE EXCEPTION 'a step is taken after it was decided, which was at %', since USING ERRCODE = 'AIMS2';
  END IF;
  now_ := current_setting('aims.now');
  UPDATE public.aims_system SET stage = r.target, status = NEW.to_status WHERE system_id = s.system_id;
  IF r.lapses THEN
    UPDATE public.aims_approval SET lapsed_at = now_
      WHERE system_id = s.system_id AND status = 'carried_out' AND lapsed_at IS NULL;
  END IF;
  UPDATE public.aims_approval SET status = 'carried_out', closed_at = now_, closed_by = NEW.actor,
    closed_fact_at = NEW.fact_at, tier = tier_,
    valid_until = to_char((now_::timestamptz + r.valid_for) AT TIME ZONE 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') WHERE approval_id = a.approval_id;
  RETURN NEW;""",
    SYSTEM + _APPROVAL + _STEP + "  lacking text;\n  tier_ text;\n  now_ text;\n  since text;\n",
)

# Closed by who may: refused by a vote that counts, withdrawn by who asked, expired by the time, lapsed
# because the system moved on or was revised. Who withdraws may say when that was in fact; a refusal was when
# its vote was.
CLOSE = act(
    "close(ids text[], how text, why text, fact text)",
    "integer",
    """
  FOR a IN SELECT * FROM public.aims_approval WHERE approval_id = ANY(ids)
    ORDER BY approval_id FOR UPDATE LOOP
    SELECT * INTO s FROM public.aims_system WHERE system_id = a.system_id;
    IF a.status <> 'open' THEN
      RAISE EXCEPTION 'the request % is %', a.approval_id, a.status USING ERRCODE = 'AIMS2';
    END IF;
    fits := CASE how
      WHEN 'refused' THEN {S}.credential() = 'decide' AND EXISTS (
        SELECT FROM {S}.counted(a.approval_id) c
        WHERE c.decision = 'refuse' AND {S}.person_of({S}.me()) = ANY(c.persons))
      WHEN 'withdrawn' THEN {S}.person_of(a.requested_by) = {S}.person_of({S}.me()) AND btrim(why) <> ''
      WHEN 'expired' THEN coalesce(a.expires_at <= {S}.utc_now(), false)
      WHEN 'lapsed' THEN {S}.me() IS NOT NULL AND (a.revision <> s.revision OR NOT EXISTS (
        SELECT FROM {S}.step t WHERE t.transition = a.transition AND t.source = s.stage
        AND (t.from_status IS NULL OR t.from_status = s.status)))
      ELSE false END;
    IF fits IS NOT TRUE THEN
      RAISE EXCEPTION 'the request % cannot be closed as % by this login', a.approval_id, how
        USING ERRCODE = '42501';
    END IF;
    IF fact IS NOT NULL AND (how <> 'withdrawn' OR fact < coalesce(a.fact_at, a.requested_at)) THEN
      RAISE EXCEPTION 'who withdraws % may say when that was, not before it was made', a.approval_id
        USING ERRCODE = 'AIMS2';
    END IF;
    UPDATE public.aims_approval SET status = how, closed_at = current_setting('aims.now'),
      closed_by = {S}.me(), close_reason = why, closed_fact_at = CASE how WHEN 'refused' THEN (
        SELECT v.fact_at FROM public.aims_vote v WHERE v.approval_id = a.approval_id
        AND v.decision = 'refuse' AND v.person = {S}.person_of({S}.me()) ORDER BY v.at DESC LIMIT 1)
        ELSE fact END
      WHERE approval_id = a.approval_id;
    done := done + 1;
  END LOOP;
  RETURN done;""",
    SYSTEM + _APPROVAL + "  fits boolean;\n  done integer := 0;\n",
)

SETTLE = act(
    "settle(ids text[])",
    "void",
    """
  UPDATE public.aims_system SET approval_state = {S}.approval_state(system_id)
    WHERE system_id = ANY(ids) AND approval_state <> {S}.approval_state(system_id);""",
)

TRIGGERS: dict[str, tuple[tuple[str, str], ...]] = {
    "aims_approval": (("asked", "INSERT"),),
    "aims_vote": (("voted", "INSERT"),),
    "aims_transition": (("carried_out", "INSERT"),),
}
"""By table: the function that judges, and what it judges."""

FUNCTIONS = (ASKED, VOTED, CARRIED_OUT, CLOSE, SETTLE)
CALLED = ("close(text[], text, text, text)", "settle(text[])")
"""What services call themselves; everything else is called by triggers and policies."""
FORMER = ("close(text[], text, text)",)
"""Functions that took other arguments before."""
