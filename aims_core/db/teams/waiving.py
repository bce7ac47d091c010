"""SQL of what is set aside by several persons: conditions, rules, and the keeping of evidence."""

from aims_core.db.teams.plpgsql import query, trigger

# Whoever has an interest in a waiver decides on none: as `waivers.deciding` says in Python (rule R8).
INTERESTS = query(
    "interests(of_waiver text)",
    "TABLE (duty text, person text)",
    """  WITH w AS (
    SELECT x.system_id, x.condition, x.waiver_id, x.proposed_by, s.owner, s.unit, s.registered_at
    FROM public.aims_waiver x JOIN public.aims_system s ON s.system_id = x.system_id
    WHERE x.waiver_id = of_waiver),
  baseline AS (
    SELECT b.revision, b.granted_at FROM public.aims_waiver b, w WHERE b.system_id = w.system_id
    AND b.condition = w.condition AND b.granted_at IS NOT NULL AND b.waiver_id <> w.waiver_id
    ORDER BY b.revision DESC, b.granted_at DESC LIMIT 1),
  since AS (
    SELECT coalesce((SELECT revision FROM baseline), 0) AS revision,
      coalesce((SELECT granted_at FROM baseline), (SELECT registered_at FROM w)) AS at),
  units AS (
    SELECT r.content::jsonb ->> 'unit' AS unit FROM public.aims_system_revision r, w, since
    WHERE r.system_id = w.system_id AND r.revision >= since.revision UNION SELECT unit FROM w),
  carried AS (
    SELECT 'editor' AS duty, r.author AS actor FROM public.aims_system_revision r, w, since
      WHERE r.system_id = w.system_id AND r.revision > since.revision
    UNION SELECT 'developer', g.actor FROM public.aims_grant g, w, since WHERE g.role = 'developer'
      AND (g.revoked_at IS NULL OR g.revoked_at >= since.at)
      AND (g.scope_kind = 'organisation' OR (g.scope_kind = 'system' AND g.scope = w.system_id)
        OR (g.scope_kind = 'unit' AND g.scope IN (SELECT unit FROM units WHERE unit <> '')))
    UNION SELECT 'requester', a.requested_by FROM public.aims_approval a, w
      WHERE a.system_id = w.system_id AND a.status = 'open'
      AND (a.expires_at IS NULL OR a.expires_at > {S}.utc_now())
    UNION SELECT 'owner', w.owner FROM w
    UNION SELECT 'proposer', w.proposed_by FROM w)
  SELECT c.duty, a.person::text FROM carried c JOIN public.aims_actor a ON a.actor_id = c.actor""",
)

WAIVER_KEPT = trigger(
    "waiver_kept",
    """
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'proposed' OR NEW.granted_at IS NOT NULL OR NEW.closed_by IS NOT NULL THEN
      RAISE EXCEPTION 'a waiver is proposed first' USING ERRCODE = '42501';
    END IF;
    IF NEW.granted_fact_at IS NOT NULL OR NEW.closed_fact_at IS NOT NULL THEN
      RAISE EXCEPTION 'a waiver that is proposed has not ended' USING ERRCODE = '42501';
    END IF;
    SELECT y.registered_at INTO since FROM public.aims_system y
      WHERE y.system_id = NEW.system_id AND y.entry <> 'legacy';
    IF NEW.fact_at < since THEN
      RAISE EXCEPTION '% entered the inventory at %, so nothing was waived of it before', NEW.system_id,
        since USING ERRCODE = 'AIMS2';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.status NOT IN ('proposed', 'granted') OR (OLD.status = 'granted' AND NEW.status = 'proposed')
    OR (NEW.status = 'granted') <> (NEW.granted_at IS NOT NULL AND NEW.closed_at IS NULL) THEN
    RAISE EXCEPTION 'a waiver that is closed stays so' USING ERRCODE = '42501';
  END IF;
  IF NEW.status = 'granted' AND (SELECT count(DISTINCT v.person) FROM public.aims_waiver_vote v
    WHERE v.waiver_id = NEW.waiver_id AND v.decision = 'approve'
    AND v.person NOT IN (SELECT i.person FROM {S}.interests(NEW.waiver_id) i)) < 2 THEN
    RAISE EXCEPTION 'a waiver takes two persons without an interest in it' USING ERRCODE = 'AIMS1';
  END IF;
  IF (NEW.granted_at IS NULL AND NEW.granted_fact_at IS NOT NULL)
    OR (NEW.closed_at IS NULL AND NEW.closed_fact_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a waiver was not granted or ended in fact that was not' USING ERRCODE = '42501';
  END IF;
  -- Granted by the last vote that counts; ended after that, or after it was proposed.
  SELECT max(coalesce(v.fact_at, v.at)) INTO since FROM public.aims_waiver_vote v, public.aims_system y
    WHERE v.waiver_id = NEW.waiver_id AND y.system_id = NEW.system_id AND v.decision = 'approve'
    AND v.person NOT IN (SELECT i.person FROM {S}.interests(NEW.waiver_id) i)
    AND {S}.holds(v.actor, 'committee_member', y.system_id, y.unit);
  IF NEW.granted_fact_at < since AND OLD.granted_at IS NULL THEN
    RAISE EXCEPTION 'a waiver is granted by the last vote, which was at %', since
      USING ERRCODE = 'AIMS2';
  END IF;
  since := coalesce(OLD.granted_fact_at, OLD.granted_at, OLD.fact_at, OLD.proposed_at);
  IF NEW.closed_fact_at < since THEN
    RAISE EXCEPTION 'a waiver ends after it was proposed or granted, which was at %', since
      USING ERRCODE = 'AIMS2';
  END IF;
  SELECT v.fact_at INTO since FROM public.aims_waiver_vote v
    WHERE v.waiver_id = NEW.waiver_id AND v.decision = 'refuse';
  IF NEW.status = 'refused' AND since IS DISTINCT FROM NEW.closed_fact_at THEN
    RAISE EXCEPTION 'a waiver is refused by a vote, and when that was' USING ERRCODE = 'AIMS2';
  END IF;
  RETURN NEW;""",
    "  since text;\n",
)

WAIVER_VOTED = trigger(
    "waiver_voted",
    """
  SELECT x.system_id, s.unit, x.status, coalesce(x.fact_at, x.proposed_at) AS since INTO w
    FROM public.aims_waiver x JOIN public.aims_system s ON s.system_id = x.system_id
    WHERE x.waiver_id = NEW.waiver_id;
  IF w.status IS DISTINCT FROM 'proposed' OR NEW.person IS DISTINCT FROM {S}.person_of(NEW.actor)
    OR NOT {S}.holds(NEW.actor, 'committee_member', w.system_id, w.unit) THEN
    RAISE EXCEPTION 'a committee member decides on a waiver that is proposed' USING ERRCODE = '42501';
  END IF;
  SELECT string_agg(i.duty, ', ' ORDER BY i.duty) INTO held FROM {S}.interests(NEW.waiver_id) i
    WHERE i.person = NEW.person;
  IF held IS NOT NULL THEN
    RAISE EXCEPTION '% is % of this system or waiver, and so does not decide on it', NEW.actor, held
      USING ERRCODE = 'AIMS1';
  END IF;
  IF NEW.fact_at < w.since THEN
    RAISE EXCEPTION 'a waiver is decided on after it was proposed, which was at %', w.since
      USING ERRCODE = 'AIMS2';
  END IF;
  RETURN NEW;""",
    "  w record;\n  held text;\n",
)

EXCEPTION_KEPT = trigger(
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
    IF NEW.approved_fact_at IS NOT NULL OR NEW.ended_fact_at IS NOT NULL THEN
      RAISE EXCEPTION 'who records an exception says when that was, and no more' USING ERRCODE = '42501';
    END IF;
    SELECT y.registered_at INTO since FROM public.aims_system y
      WHERE NEW.scope_kind = 'system' AND y.system_id = NEW.scope AND y.entry <> 'legacy';
    IF NEW.fact_at < since THEN
      RAISE EXCEPTION '% entered the inventory at %, so nothing was excepted for it before', NEW.scope,
        since USING ERRCODE = 'AIMS2';
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
  IF (NEW.approved_at IS NULL AND NEW.approved_fact_at IS NOT NULL)
    OR (OLD.approved_at IS NOT NULL AND NEW.approved_fact_at IS DISTINCT FROM OLD.approved_fact_at)
    OR (NEW.ended_at IS NULL AND NEW.ended_fact_at IS NOT NULL) THEN
    RAISE EXCEPTION 'an exception is approved or ended when somebody says that it was'
      USING ERRCODE = '42501';
  END IF;
  since := coalesce(OLD.fact_at, OLD.recorded_at);
  IF NEW.approved_fact_at < since THEN
    RAISE EXCEPTION 'an exception is approved after it was recorded, which was at %', since
      USING ERRCODE = 'AIMS2';
  END IF;
  since := coalesce(NEW.approved_fact_at, NEW.approved_at, since);
  IF NEW.ended_fact_at < since THEN
    RAISE EXCEPTION 'an exception ends after it was recorded or approved, which was at %', since
      USING ERRCODE = 'AIMS2';
  END IF;
  RETURN NEW;""",
    "  since text;\n",
)

DISPOSAL_KEPT = trigger(
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

DISPOSED = trigger(
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
    "aims_waiver": (("waiver_kept", "INSERT OR UPDATE"),),
    "aims_waiver_vote": (("waiver_voted", "INSERT"),),
    "aims_exception": (("exception_kept", "INSERT OR UPDATE"),),
    "aims_evidence_disposal": (("disposal_kept", "INSERT OR UPDATE"),),
    "aims_evidence": (("disposed", "UPDATE"),),
}
"""By table: the function that judges, and what it judges."""

FUNCTIONS = (INTERESTS, WAIVER_KEPT, WAIVER_VOTED, EXCEPTION_KEPT, DISPOSAL_KEPT, DISPOSED)
