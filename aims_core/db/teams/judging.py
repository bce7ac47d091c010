"""SQL that says who holds which role, who carried which duty, and which votes count: read-only, by rule rows.

The questions that :mod:`aims_core.lifecycle.evaluate` and :mod:`aims_core.gate.duties` answer in Python; both
read the one declaration, and tests hold them against each other.
"""

from aims_core.db.teams.groups import literal
from aims_core.db.teams.signatures import PINNED, SCHEMA
from aims_core.terms import RiskCategory

_NOW = "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


def _sql(signature: str, returns: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.{signature} RETURNS {returns}\n"
        f"LANGUAGE sql STABLE {PINNED} AS $$\n{body.replace('{S}', SCHEMA)} $$"
    )


# Mildest first, as they rank; what is no tier counts as the gravest.
_TIERS = f"ARRAY[{', '.join(literal(str(tier)) for tier in reversed(RiskCategory))}]"
_GRAVEST = len(RiskCategory)

FUNCTIONS = (
    _sql("utc_now()", "text", f"  SELECT {_NOW}"),
    # The tier by which a system is judged, as `AISystem.governing_tier` says it.
    _sql(
        "governing(assessed text, declared text)",
        "text",
        f"""  SELECT ({_TIERS})[greatest(coalesce(array_position({_TIERS}, assessed), {_GRAVEST}),
    coalesce(array_position({_TIERS}, declared), {_GRAVEST}))]""",
    ),
    _sql(
        "reaches(kind text, scope text, of_system text, of_unit text)",
        "boolean",
        """  SELECT CASE kind WHEN 'organisation' THEN true
    WHEN 'unit' THEN of_unit <> '' AND scope = of_unit
    WHEN 'system' THEN of_system <> '' AND scope = of_system ELSE false END""",
    ),
    _sql(
        "holds(who text, wanted text, of_system text, of_unit text)",
        "boolean",
        """  SELECT EXISTS (SELECT FROM public.aims_grant g WHERE g.actor = who AND g.role = wanted
    AND g.revoked_at IS NULL AND {S}.reaches(g.scope_kind, g.scope, of_system, of_unit))""",
    ),
    _sql(
        "may(wanted text, of_system text, of_unit text)",
        "boolean",
        """  SELECT EXISTS (SELECT FROM public.aims_grant g JOIN {S}.permission p ON p.role = g.role
    WHERE g.actor = {S}.me() AND p.permission = wanted AND g.revoked_at IS NULL
    AND {S}.reaches(g.scope_kind, g.scope, of_system, of_unit))""",
    ),
    # A seat lent to one: for its time, within its scope, as long and as far as the lender holds it.
    _sql(
        "lent(who text, lender text, wanted text, of_system text, of_unit text)",
        "boolean",
        """  SELECT {S}.holds(lender, wanted, of_system, of_unit) AND EXISTS (
    SELECT FROM public.aims_delegation d WHERE d.delegate = who AND d.delegator = lender
    AND d.role = wanted AND d.ended_at IS NULL AND d.starts_at <= {S}.utc_now()
    AND d.ends_at > {S}.utc_now() AND {S}.reaches(d.scope_kind, d.scope, of_system, of_unit))""",
    ),
    _sql(
        "excepted(one text, other text, of_system text, of_unit text)",
        "boolean",
        """  SELECT EXISTS (SELECT FROM public.aims_exception e WHERE e.approved_at IS NOT NULL
    AND e.ended_at IS NULL AND (e.expires_on IS NULL OR e.expires_on >= left({S}.utc_now(), 10))
    AND {S}.reaches(e.scope_kind, e.scope, of_system, of_unit)
    AND e.pairs::jsonb @> jsonb_build_array(jsonb_build_array(one, other)))""",
    ),
    _sql(
        "duties(of_system text, of_step text)",
        "TABLE (duty text, person text)",
        """  WITH s AS (SELECT * FROM public.aims_system WHERE system_id = of_system),
  baseline AS (
    SELECT a.revision, a.closed_at FROM public.aims_approval a WHERE a.system_id = of_system
    AND a.transition = of_step AND a.status = 'carried_out'
    ORDER BY a.closed_at DESC, a.revision DESC LIMIT 1),
  since AS (
    SELECT coalesce((SELECT revision FROM baseline), 0) AS revision,
      coalesce((SELECT closed_at FROM baseline), (SELECT registered_at FROM s)) AS at),
  units AS (
    SELECT r.content::jsonb ->> 'unit' AS unit FROM public.aims_system_revision r, since
    WHERE r.system_id = of_system AND r.revision >= since.revision UNION SELECT unit FROM s),
  carried AS (
    SELECT 'editor' AS duty, r.author AS actor FROM public.aims_system_revision r, since
      WHERE r.system_id = of_system AND r.revision > since.revision
    UNION SELECT 'developer', g.actor FROM public.aims_grant g, since WHERE g.role = 'developer'
      AND (g.revoked_at IS NULL OR g.revoked_at >= since.at)
      AND (g.scope_kind = 'organisation' OR (g.scope_kind = 'system' AND g.scope = of_system)
        OR (g.scope_kind = 'unit' AND g.scope IN (SELECT unit FROM units WHERE unit <> '')))
    UNION SELECT 'validator', e.added_by FROM public.aims_evidence e, since
      WHERE e.system_id = of_system AND e.kind = 'validation' AND e.added_at >= since.at
    UNION SELECT 'assessor', r.recorded_by FROM public.aims_result r, since
      WHERE r.system_id = of_system AND r.kind = 'risk_assessment'
      AND (r.in_force OR r.recorded_at >= since.at)
    UNION SELECT 'owner', s.owner FROM s)
  SELECT c.duty, a.person::text FROM carried c JOIN public.aims_actor a ON a.actor_id = c.actor""",
    ),
    _sql(
        "conflict(of_system text, of_step text, asked_by text, who text, as_role text)",
        "text",
        """  WITH s AS (SELECT unit FROM public.aims_system WHERE system_id = of_system),
  carried AS (
    SELECT d.duty FROM {S}.duties(of_system, of_step) d WHERE d.person = who
    UNION SELECT 'requester' WHERE who = asked_by),
  taken AS (SELECT 'approver' AS duty UNION SELECT 'reviewer' WHERE as_role = 'risk_reviewer'),
  pair AS (
    SELECT p.first AS here, p.second AS there FROM {S}.apart p, s WHERE p.transition = of_step
      AND NOT {S}.excepted(p.first, p.second, of_system, s.unit)
    UNION SELECT p.second, p.first FROM {S}.apart p, s WHERE p.transition = of_step
      AND NOT {S}.excepted(p.first, p.second, of_system, s.unit))
  SELECT there FROM pair WHERE here IN (SELECT duty FROM taken) AND there IN (SELECT duty FROM carried)
  ORDER BY 1 LIMIT 1""",
    ),
    # Two duties that one person carried already, before anybody votes.
    _sql(
        "joined(of_system text, of_step text, asked_by text)",
        "text",
        """  WITH s AS (SELECT unit FROM public.aims_system WHERE system_id = of_system),
  carried AS (
    SELECT * FROM {S}.duties(of_system, of_step) UNION SELECT 'requester', asked_by)
  SELECT p.first || ' and ' || p.second FROM {S}.apart p, s, carried one, carried other
  WHERE p.transition = of_step AND one.duty = p.first AND other.duty = p.second
  AND one.person = other.person AND NOT (ARRAY[p.first, p.second] && ARRAY['approver', 'reviewer'])
  AND NOT {S}.excepted(p.first, p.second, of_system, s.unit) LIMIT 1""",
    ),
    _sql(
        "entitled(who text, behalf text, as_role text, of_system text, of_unit text)",
        "boolean",
        """  SELECT CASE behalf WHEN '' THEN {S}.holds(who, as_role, of_system, of_unit)
    ELSE {S}.lent(who, behalf, as_role, of_system, of_unit) END""",
    ),
    _sql(
        "counted(of_approval text)",
        "TABLE (decision text, role text, persons text[], fact text)",
        """  WITH a AS (SELECT * FROM public.aims_approval WHERE approval_id = of_approval),
  s AS (SELECT * FROM public.aims_system WHERE system_id = (SELECT system_id FROM a)),
  newest AS (
    SELECT DISTINCT ON (v.person, v.role, v.on_behalf_person) v.* FROM public.aims_vote v
    WHERE v.approval_id = of_approval ORDER BY v.person, v.role, v.on_behalf_person, v.ordinal DESC)
  SELECT v.decision::text, v.role::text,
    array_remove(ARRAY[v.person::text, v.on_behalf_person::text], ''), coalesce(v.fact_at, v.at)::text
  FROM newest v, a, s WHERE v.digest = s.digest
  AND EXISTS (SELECT FROM {S}.seat t WHERE t.transition = a.transition AND t.role = v.role)
  AND {S}.entitled(v.actor, v.on_behalf_of, v.role, s.system_id, s.unit)
  AND {S}.conflict(s.system_id, a.transition, {S}.person_of(a.requested_by), v.person, v.role) IS NULL
  AND (v.on_behalf_person = '' OR {S}.conflict(s.system_id, a.transition,
    {S}.person_of(a.requested_by), v.on_behalf_person, v.role) IS NULL)""",
    ),
    # One human being fills one seat, and a lent vote stands for two of them.
    _sql(
        "seated(of_approval text, of_step text, of_tier text)",
        "boolean",
        """  WITH RECURSIVE seats AS (
    SELECT row_number() OVER (ORDER BY t.role, n) AS place, t.role
    FROM {S}.seat t, generate_series(1, t.needed) n WHERE t.transition = of_step AND t.tier = of_tier),
  votes AS (
    SELECT * FROM {S}.counted(of_approval) c WHERE c.decision = 'approve'),
  filled AS (
    SELECT 0::bigint AS place, ARRAY[]::text[] AS used
    UNION SELECT seats.place, filled.used || votes.persons FROM filled
      JOIN seats ON seats.place = filled.place + 1
      JOIN votes ON votes.role = seats.role AND NOT votes.persons && filled.used)
  SELECT EXISTS (SELECT FROM filled WHERE place = (SELECT count(*) FROM seats))""",
    ),
    # The approval of an earlier step that still stands: for this revision, in time, by enough people.
    _sql(
        "stands(of_system text, wanted text)",
        "boolean",
        """  SELECT coalesce((SELECT a.revision = s.revision AND a.lapsed_at IS NULL
    AND (a.valid_until IS NULL OR a.valid_until > {S}.utc_now())
    AND NOT EXISTS (SELECT FROM {S}.seat now_, {S}.seat then_
      WHERE now_.transition = wanted AND then_.transition = wanted AND now_.role = then_.role
      AND now_.tier = {S}.governing(s.tier, s.declared_risk_category)
      AND then_.tier = coalesce(nullif(a.tier, ''), 'undetermined')
      AND then_.needed < now_.needed)
    FROM public.aims_approval a JOIN public.aims_system s ON s.system_id = a.system_id
    WHERE a.system_id = of_system AND a.transition = wanted AND a.status = 'carried_out'
    ORDER BY a.closed_at DESC, a.approval_id LIMIT 1), false)""",
    ),
    _sql(
        "approval_state(of_system text)",
        "text",
        """  WITH asked AS (
    SELECT a.status, a.closed_at, a.revision = s.revision AND a.lapsed_at IS NULL AS still
    FROM public.aims_approval a JOIN public.aims_system s ON s.system_id = a.system_id
    WHERE a.system_id = of_system AND a.status IN ('open', 'carried_out')
    AND EXISTS (SELECT FROM {S}.step t WHERE t.transition = a.transition AND t.gate))
  SELECT CASE WHEN EXISTS (SELECT FROM asked WHERE status = 'open') THEN 'requested'
    WHEN NOT EXISTS (SELECT FROM asked) THEN 'none'
    WHEN (SELECT still FROM asked ORDER BY closed_at DESC LIMIT 1) THEN 'approved' ELSE 'lapsed' END""",
    ),
    _sql(
        "administrators(but text)",
        "SETOF text",
        """  SELECT DISTINCT a.person::text FROM public.aims_grant g JOIN public.aims_actor a
    ON a.actor_id = g.actor WHERE g.role = 'administrator' AND g.scope_kind = 'organisation'
  AND g.revoked_at IS NULL AND a.kind = 'person' AND g.grant_id <> but""",
    ),
    _sql(
        "other_administrators()",
        "SETOF text",
        """  SELECT a.person::text FROM public.aims_grant g JOIN public.aims_actor a ON a.actor_id = g.actor
  WHERE g.role = 'administrator' AND g.scope_kind = 'organisation' AND g.revoked_at IS NULL
  AND a.kind = 'person' AND a.person <> {S}.person_of({S}.me())""",
    ),
)
FORMER = ("counted(text)",)
"""Functions whose result has other columns than before: the server takes no replacement for them."""
