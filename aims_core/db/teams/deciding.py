"""SQL of decisions: facts are inserted, triggers judge them by the rule rows and derive the state from them.

No login may update a state, a revision or an author. A row of ``aims_transition`` moves its system and closes
its request, a row of ``aims_system_revision`` becomes the description, a result with a tier sets the tier; a
request is closed by a function. Each judges first, as the owner, and is refused with a plain sentence.
"""

from aims_core.db.teams.groups import literal, quoted
from aims_core.db.teams.signatures import PINNED, SCHEMA
from aims_core.records import CONTENT_FIELDS

SEGREGATION, REFUSED, CONFLICT = "AIMS1", "AIMS2", "AIMS3"


_JSON = ("attributes", "components")
_DESCRIPTION = {
    "{FIELDS}": f"ARRAY[{', '.join(map(literal, sorted(CONTENT_FIELDS)))}]::text[]",
    "{NAMES}": ", ".join(map(quoted, CONTENT_FIELDS)),
    "{COLUMNS}": ", ".join(f"s.{quoted(name)}::text" for name in CONTENT_FIELDS),
    "{VALUES}": ", ".join(
        f"(c -> '{name}')::text" if name in _JSON else f"c ->> '{name}'" for name in CONTENT_FIELDS
    ),
}


def _filled(body: str) -> str:
    for place, text in {"{S}": SCHEMA, **_DESCRIPTION}.items():
        body = body.replace(place, text)
    return body.strip("\n")


def _trigger(name: str, body: str, declare: str = "") -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.{name}() RETURNS trigger\n"
        f"LANGUAGE plpgsql {PINNED} AS $$\n"
        + (f"DECLARE\n{declare.rstrip()}\n" if declare else "")
        + f"BEGIN\n{_filled(body)}\nEND $$"
    )


def _function(signature: str, returns: str, body: str, declare: str = "") -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.{signature} RETURNS {returns}\n"
        f"LANGUAGE plpgsql VOLATILE {PINNED} AS $$\n"
        + (f"DECLARE\n{declare.rstrip()}\n" if declare else "")
        + f"BEGIN\n{_filled(body)}\nEND $$"
    )


_SYSTEM = "  s public.aims_system;\n"
_APPROVAL = "  a public.aims_approval;\n"
_STEP = f"  r {SCHEMA}.step;\n"
_LOCK = """
  SELECT * INTO s FROM public.aims_system WHERE system_id = NEW.system_id FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no system %', NEW.system_id USING ERRCODE = 'AIMS2';
  END IF;
"""
_RULE = """
  SELECT * INTO r FROM {S}.step t WHERE t.transition = NEW.transition AND t.source = s.stage
    AND (t.from_status IS NULL OR t.from_status = s.status);
  IF NOT FOUND THEN
    RAISE EXCEPTION '% leads nowhere from %, %', NEW.transition, s.stage, s.status
      USING ERRCODE = 'AIMS2';
  END IF;
"""

ASKED = _trigger(
    "asked",
    _LOCK
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
    _SYSTEM + _STEP,
)

VOTED = _trigger(
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
    _SYSTEM + _APPROVAL + "  duty text;\n  since text;\n",
)

CARRIED_OUT = _trigger(
    "carried_out",
    _LOCK
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
  IF r.to_status IS DISTINCT FROM 'suspended' THEN
    SELECT string_agg(f.field, ', ') INTO lacking FROM {S}.required_field f
      WHERE f.stage = r.target AND f.tier = s.tier AND btrim(coalesce(to_jsonb(s) ->> f.field, '')) = '';
    IF lacking IS NOT NULL THEN
      RAISE EXCEPTION '% of % is empty, and % needs it', lacking, s.system_id, r.target
        USING ERRCODE = 'AIMS2';
    END IF;
  END IF;
  SELECT string_agg(c.name, ', ') INTO lacking FROM {S}.required_check c
    WHERE c.transition = NEW.transition AND c.tier = s.tier
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
  IF NOT {S}.seated(a.approval_id, NEW.transition, s.tier) THEN
    RAISE EXCEPTION '% of % (tier %) lacks approvals', NEW.transition, s.system_id, s.tier
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
    closed_fact_at = NEW.fact_at, tier = s.tier,
    valid_until = to_char((now_::timestamptz + r.valid_for) AT TIME ZONE 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') WHERE approval_id = a.approval_id;
  RETURN NEW;""",
    _SYSTEM + _APPROVAL + _STEP + "  lacking text;\n  now_ text;\n  since text;\n",
)

# Closed by who may: refused by a vote that counts, withdrawn by who asked, expired by the time, lapsed
# because the system moved on or was revised. Who withdraws may say when that was in fact; a refusal was when
# its vote was.
CLOSE = _function(
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
    _SYSTEM + _APPROVAL + "  fits boolean;\n  done integer := 0;\n",
)

SETTLE = _function(
    "settle(ids text[])",
    "void",
    """
  UPDATE public.aims_system SET approval_state = {S}.approval_state(system_id)
    WHERE system_id = ANY(ids) AND approval_state <> {S}.approval_state(system_id);""",
)

REGISTERED = _trigger(
    "registered",
    """
  IF NOT ({S}.may('register', NEW.system_id, NEW.unit)
    OR {S}.may('import', NEW.system_id, NEW.unit)) THEN
    RAISE EXCEPTION '% may not register systems of %', {S}.me(), NEW.unit USING ERRCODE = '42501';
  END IF;
  IF NEW.revision <> 1 OR NEW.tier <> 'undetermined' OR NEW.approval_state <> 'none'
    OR NEW.registered_at <> current_setting('aims.now') OR NEW.revised_at <> NEW.registered_at THEN
    RAISE EXCEPTION '% enters with revision 1, no tier and no approval', NEW.system_id
      USING ERRCODE = '42501';
  END IF;
  IF NOT (CASE NEW.entry WHEN 'new' THEN NEW.status = 'active'
      AND NEW.stage = (SELECT initial FROM {S}.machine)
    WHEN 'legacy' THEN NEW.stage <> (SELECT initial FROM {S}.machine)
      AND EXISTS (SELECT FROM {S}.stage t WHERE t.stage = NEW.stage) ELSE false END) THEN
    RAISE EXCEPTION '% does not enter in %, %', NEW.system_id, NEW.stage, NEW.status
      USING ERRCODE = '42501';
  END IF;
  RETURN NEW;""",
)

REVISED = _trigger(
    "revised",
    _LOCK
    + """
  IF NEW.digest <> encode(sha256(convert_to(NEW.content, 'UTF8')), 'hex') THEN
    RAISE EXCEPTION 'the digest of % is not that of its description', NEW.system_id USING ERRCODE = '42501';
  END IF;
  c := NEW.content::json;
  IF (SELECT array_agg(k ORDER BY k COLLATE "C") FROM json_object_keys(c) k) IS DISTINCT FROM {FIELDS} THEN
    RAISE EXCEPTION 'a description has these fields: %', {FIELDS} USING ERRCODE = '42501';
  END IF;
  IF NEW.revision = 1 AND s.revision = 1 AND s.registered_at = current_setting('aims.now') THEN
    IF s.digest <> NEW.digest OR ({COLUMNS}) IS DISTINCT FROM ({VALUES}) THEN
      RAISE EXCEPTION '% is not registered as its first revision says', s.system_id USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.revision <> s.revision + 1 THEN
    RAISE EXCEPTION '% is at revision %; read it again and repeat', s.system_id, s.revision
      USING ERRCODE = 'AIMS3';
  END IF;
  FOREACH unit_ IN ARRAY ARRAY[s.unit, c ->> 'unit'] LOOP
    IF NOT ({S}.may('revise', s.system_id, unit_) OR {S}.may('import', s.system_id, unit_)) THEN
      RAISE EXCEPTION '% may not revise systems of %', {S}.me(), unit_ USING ERRCODE = '42501';
    END IF;
  END LOOP;
  UPDATE public.aims_system SET ({NAMES}) = ({VALUES}), revision = NEW.revision, digest = NEW.digest,
    revised_at = current_setting('aims.now'),
    approval_state = CASE approval_state WHEN 'none' THEN 'none' ELSE 'lapsed' END
    WHERE system_id = s.system_id;
  RETURN NEW;""",
    _SYSTEM + "  c json;\n  unit_ text;\n",
)

RATED = _trigger(
    "rated",
    """
  IF NEW.tier IS NOT NULL AND NEW.tier <> '' THEN
    SELECT unit INTO unit_ FROM public.aims_system WHERE system_id = NEW.system_id FOR UPDATE;
    -- By an assessment alone: who assesses does not approve, whatever the kind of a result says.
    IF NEW.kind <> 'risk_assessment' OR NOT {S}.may('assess', NEW.system_id, unit_) THEN
      RAISE EXCEPTION '% may not set the tier of % by a %', {S}.me(), NEW.system_id, NEW.kind
        USING ERRCODE = '42501';
    END IF;
    UPDATE public.aims_system SET tier = NEW.tier WHERE system_id = NEW.system_id;
  END IF;
  RETURN NEW;""",
    "  unit_ text;\n",
)

SUPERSEDED = _trigger(
    "superseded",
    """
  IF NEW.in_force <> OLD.in_force AND (NEW.in_force OR NOT EXISTS (
    SELECT FROM public.aims_result r WHERE r.in_force AND r.result_id <> NEW.result_id
    AND (r.system_id, r.kind, r.subject) = (NEW.system_id, NEW.kind, NEW.subject))) THEN
    RAISE EXCEPTION 'a result goes out of force when another takes its place' USING ERRCODE = '42501';
  END IF;
  RETURN NULL;""",
)

GRANTED = _trigger(
    "granted",
    """
  IF NOT {S}.may('grant', '', '') THEN
    RAISE EXCEPTION '% does not administer', {S}.me() USING ERRCODE = '42501';
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NEW.role = 'administrator' AND OLD.revoked_at IS NULL AND NOT EXISTS (
      SELECT FROM public.aims_grant g JOIN public.aims_actor a ON a.actor_id = g.actor
      WHERE g.role = 'administrator' AND g.scope_kind = 'organisation' AND g.revoked_at IS NULL
      AND a.kind = 'person' AND g.grant_id <> NEW.grant_id) THEN
      RAISE EXCEPTION 'it is the last administrator''s role' USING ERRCODE = 'AIMS2';
    END IF;
    IF OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL OR NEW.revoked_by IS NULL THEN
      RAISE EXCEPTION 'a role is taken back once, and stays so' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.revoked_at IS NOT NULL OR NOT EXISTS (SELECT FROM {S}.permission p WHERE p.role = NEW.role) THEN
    RAISE EXCEPTION '% is no role that can be granted', NEW.role USING ERRCODE = 'AIMS2';
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
)

PROPOSED_ROLE = _trigger(
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
  RETURN NEW;""",
)

INTRODUCED = _trigger(
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
  RETURN NEW;""",
)

DELEGATED = _trigger(
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
  RETURN NEW;""",
)

WAIVER_KEPT = _trigger(
    "waiver_kept",
    """
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'proposed' OR NEW.granted_at IS NOT NULL OR NEW.closed_by IS NOT NULL THEN
      RAISE EXCEPTION 'a waiver is proposed first' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.status NOT IN ('proposed', 'granted') OR (OLD.status = 'granted' AND NEW.status = 'proposed')
    OR (NEW.status = 'granted') <> (NEW.granted_at IS NOT NULL AND NEW.closed_at IS NULL) THEN
    RAISE EXCEPTION 'a waiver that is closed stays so' USING ERRCODE = '42501';
  END IF;
  IF NEW.status = 'granted' AND (SELECT count(DISTINCT v.person) FROM public.aims_waiver_vote v
    WHERE v.waiver_id = NEW.waiver_id AND v.decision = 'approve'
    AND v.person <> {S}.person_of(NEW.proposed_by)) < 2 THEN
    RAISE EXCEPTION 'a waiver takes two persons besides who proposed it' USING ERRCODE = 'AIMS1';
  END IF;
  RETURN NEW;""",
)

WAIVER_VOTED = _trigger(
    "waiver_voted",
    """
  SELECT x.system_id, s.unit, x.proposed_by, x.status INTO w FROM public.aims_waiver x
    JOIN public.aims_system s ON s.system_id = x.system_id WHERE x.waiver_id = NEW.waiver_id;
  IF w.status IS DISTINCT FROM 'proposed' OR NEW.person IS DISTINCT FROM {S}.person_of(NEW.actor)
    OR NOT {S}.holds(NEW.actor, 'committee_member', w.system_id, w.unit) THEN
    RAISE EXCEPTION 'a committee member decides on a waiver that is proposed' USING ERRCODE = '42501';
  END IF;
  IF NEW.person = {S}.person_of(w.proposed_by) THEN
    RAISE EXCEPTION '% proposed the waiver', NEW.actor USING ERRCODE = 'AIMS1';
  END IF;
  RETURN NEW;""",
    "  w record;\n",
)

EXCEPTION_KEPT = _trigger(
    "exception_kept",
    """
  IF NEW.approved_by IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.approved_by IS NULL)
    AND NOT {S}.may('approve_exceptions', '', '') THEN
    RAISE EXCEPTION '% approves no exceptions', {S}.me() USING ERRCODE = '42501';
  END IF;
  IF TG_OP = 'INSERT' THEN
    -- The founding exception: the only administrator grants roles alone, and says so.
    IF NEW.ended_at IS NOT NULL OR (NEW.approved_by IS NOT NULL AND (NEW.rule <> 'R7'
      OR NEW.expires_on IS NOT NULL OR NEW.pairs <> '[]'
      OR EXISTS (SELECT FROM {S}.other_administrators()))) THEN
      RAISE EXCEPTION 'an exception is recorded by one and approved by another' USING ERRCODE = 'AIMS1';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.ended_at IS NOT NULL OR (NEW.approved_at IS NULL) <> (NEW.approved_by IS NULL)
    OR (OLD.approved_at IS NOT NULL AND NEW.approved_at IS DISTINCT FROM OLD.approved_at) THEN
    RAISE EXCEPTION 'an exception that was ended or approved stays so' USING ERRCODE = '42501';
  END IF;
  IF OLD.approved_by IS NULL AND NEW.approved_by IS NOT NULL
    AND {S}.person_of(NEW.approved_by) = {S}.person_of(NEW.recorded_by) THEN
    RAISE EXCEPTION '% recorded the exception', NEW.approved_by USING ERRCODE = 'AIMS1';
  END IF;
  RETURN NEW;""",
)

DISPOSAL_KEPT = _trigger(
    "disposal_kept",
    """
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'proposed' OR NEW.decided_by IS NOT NULL THEN
      RAISE EXCEPTION 'a disposal is proposed first' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.status <> 'proposed' OR NEW.decided_by IS NULL THEN
    RAISE EXCEPTION 'a disposal is decided on once' USING ERRCODE = '42501';
  END IF;
  SELECT s.system_id, s.unit INTO e FROM public.aims_evidence v
    JOIN public.aims_system s ON s.system_id = v.system_id WHERE v.evidence_id = NEW.evidence_id;
  IF NEW.status = 'carried_out' AND ({S}.person_of(NEW.decided_by) = {S}.person_of(NEW.proposed_by)
    OR NOT {S}.may('retain', e.system_id, e.unit)) THEN
    RAISE EXCEPTION 'evidence is disposed of by another person, who may' USING ERRCODE = 'AIMS1';
  END IF;
  RETURN NEW;""",
    "  e record;\n",
)

DISPOSED = _trigger(
    "disposed",
    """
  IF NEW.disposed_at IS DISTINCT FROM OLD.disposed_at AND NOT EXISTS (
    SELECT FROM public.aims_evidence_disposal d WHERE d.evidence_id = NEW.evidence_id
    AND d.status = 'proposed' AND {S}.person_of(d.proposed_by) <> {S}.person_of({S}.me())) THEN
    RAISE EXCEPTION 'evidence is disposed of as another person proposed it' USING ERRCODE = 'AIMS1';
  END IF;
  RETURN NEW;""",
)

TRIGGERS: dict[str, tuple[tuple[str, str], ...]] = {
    "aims_approval": (("asked", "INSERT"),),
    "aims_vote": (("voted", "INSERT"),),
    "aims_transition": (("carried_out", "INSERT"),),
    "aims_system": (("registered", "INSERT"),),
    "aims_system_revision": (("revised", "INSERT"),),
    "aims_result": (("rated", "INSERT"),),
    "aims_grant": (("granted", "INSERT OR UPDATE"),),
    "aims_role_change": (("role_change_kept", "INSERT OR UPDATE"),),
    "aims_actor": (("introduced", "INSERT OR UPDATE"),),
    "aims_delegation": (("delegated", "INSERT OR UPDATE"),),
    "aims_waiver": (("waiver_kept", "INSERT OR UPDATE"),),
    "aims_waiver_vote": (("waiver_voted", "INSERT"),),
    "aims_exception": (("exception_kept", "INSERT OR UPDATE"),),
    "aims_evidence_disposal": (("disposal_kept", "INSERT OR UPDATE"),),
    "aims_evidence": (("disposed", "UPDATE"),),
}
"""By table: the function that judges, and what it judges."""

FUNCTIONS = (
    ASKED,
    VOTED,
    CARRIED_OUT,
    CLOSE,
    SETTLE,
    REGISTERED,
    REVISED,
    RATED,
    SUPERSEDED,
    GRANTED,
    PROPOSED_ROLE,
    INTRODUCED,
    DELEGATED,
    WAIVER_KEPT,
    WAIVER_VOTED,
    EXCEPTION_KEPT,
    DISPOSAL_KEPT,
    DISPOSED,
)
CALLED = ("close(text[], text, text, text)", "settle(text[])")
"""What services call themselves; everything else is called by triggers and policies."""
FORMER = ("close(text[], text, text)",)
"""Functions that took other arguments before."""
