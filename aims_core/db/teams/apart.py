"""SQL of duties that stay apart beyond a step's approval: audits, legal holds, bulk edits.

What :mod:`aims_core.auditors`, :mod:`aims_core.evidence` and :mod:`aims_core.inventory.changesets` refuse
in Python. The figures of a rule come from its one declaration, ``aims_core/rules/rules.toml``.
"""

from aims_core.db.teams.groups import literal
from aims_core.db.teams.plpgsql import query, trigger
from aims_core.rules import rule_of
from aims_core.terms import GRAVE

_LOOK_BACK = int(rule_of("R5").look_back.total_seconds())
_TEXT = '\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\''

EXCEPTED = query(
    "excepts(of_rule text, of_system text, of_unit text)",
    "boolean",
    """  SELECT EXISTS (SELECT FROM public.aims_exception e WHERE e.rule = of_rule
    AND e.approved_at IS NOT NULL AND e.ended_at IS NULL
    AND (e.expires_on IS NULL OR e.expires_on >= left({S}.utc_now(), 10))
    AND {S}.reaches(e.scope_kind, e.scope, of_system, of_unit))""",
)

AUDITS = query(
    "audits(who text)",
    "boolean",
    """  SELECT EXISTS (SELECT FROM public.aims_grant g JOIN public.aims_actor a ON a.actor_id = g.actor
    WHERE a.person = who AND g.role = 'auditor' AND g.revoked_at IS NULL)""",
)

# Nobody audits what they worked on, as aims_core.rules.auditing judges it in Python, and nobody who audits
# takes on other work (rule R5).
LOOKED_BACK = trigger(
    "looked_back",
    f"""
  since := to_char((clock_timestamp() - interval '{_LOOK_BACK} seconds') AT TIME ZONE 'UTC', {_TEXT});
  mine := ARRAY(SELECT a.actor_id FROM public.aims_actor a WHERE a.person = {{S}}.person_of(NEW.actor));
  IF (EXISTS (SELECT FROM public.aims_grant g WHERE g.actor = ANY (mine)
      AND (g.role = 'auditor') <> (NEW.role = 'auditor')
      AND (g.revoked_at IS NULL OR (NEW.role = 'auditor' AND g.revoked_at > since)))
    OR NEW.role = 'auditor' AND (
      EXISTS (SELECT FROM public.aims_delegation d WHERE d.delegate = ANY (mine)
        AND d.ends_at > since AND (d.ended_at IS NULL OR d.ended_at > since))
      OR EXISTS (SELECT FROM public.aims_system s JOIN {{S}}.stage t ON t.stage = s.stage
        WHERE s.owner = ANY (mine) AND NOT t.terminal)
      OR EXISTS (SELECT FROM public.aims_system_history h JOIN {{S}}.stage t ON t.stage = h.stage
        WHERE h.owner = ANY (mine) AND NOT t.terminal AND h.valid_to > since)))
    AND NOT {{S}}.excepts('R5', '', '') THEN
    RAISE EXCEPTION 'auditors do not audit their own work, and % works or worked as something else',
      NEW.actor USING ERRCODE = 'AIMS1';
  END IF;
  RETURN NEW;""".replace("{{S}}", "{S}"),
    "  since text;\n  mine text[];\n",
)

# Who audits answers for no system (rule R5).
OWNED = trigger(
    "owned",
    """
  IF (TG_OP = 'INSERT' OR NEW.owner <> OLD.owner) AND {S}.audits({S}.person_of(NEW.owner))
    AND NOT {S}.excepts('R5', '', '') THEN
    RAISE EXCEPTION '% audits, and so owns no system', NEW.owner USING ERRCODE = 'AIMS1';
  END IF;
  RETURN NEW;""",
)

# Auditors read all and write audit records (rule R5); for each statement, whatever rows it is about.
AUDITED = trigger(
    "audited",
    """
  IF {S}.audits({S}.person_of({S}.me()))
    AND NOT {S}.excepts('R5', '', '') THEN
    RAISE EXCEPTION '% audits, and so writes nothing to %', {S}.me(), TG_TABLE_NAME
      USING ERRCODE = 'AIMS1';
  END IF;
  RETURN NULL;""",
)

# A legal hold is taken off by two persons (rule R12).
HOLD_KEPT = trigger(
    "hold_kept",
    """
  SELECT unit INTO unit_ FROM public.aims_system s WHERE s.system_id = NEW.system_id;
  IF NOT {S}.may('retain', NEW.system_id, unit_) THEN
    RAISE EXCEPTION '% neither holds nor releases evidence of %', {S}.me(), NEW.system_id
      USING ERRCODE = '42501';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.release_proposed_by IS NOT NULL OR NEW.release_proposed_at IS NOT NULL
      OR NEW.released_by IS NOT NULL OR NEW.released_at IS NOT NULL THEN
      RAISE EXCEPTION 'a hold is placed before its release is proposed' USING ERRCODE = '42501';
    END IF;
    IF NEW.release_proposed_fact_at IS NOT NULL OR NEW.released_fact_at IS NOT NULL THEN
      RAISE EXCEPTION 'who places a hold says since when it holds, and no more' USING ERRCODE = '42501';
    END IF;
    SELECT s.registered_at INTO since FROM public.aims_system s
      WHERE s.system_id = NEW.system_id AND s.entry <> 'legacy';
    IF NEW.fact_at < since THEN
      RAISE EXCEPTION '% entered the inventory at %, so nothing of it was held before', NEW.system_id, since
        USING ERRCODE = 'AIMS2';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.released_at IS NOT NULL
    OR (NEW.release_proposed_by IS NULL) <> (NEW.release_proposed_at IS NULL)
    OR (NEW.released_by IS NULL) <> (NEW.released_at IS NULL) THEN
    RAISE EXCEPTION 'a hold is released once, and that is signed' USING ERRCODE = '42501';
  END IF;
  IF NEW.release_proposed_by <> OLD.release_proposed_by THEN
    RAISE EXCEPTION '% proposed the release; decline it first', OLD.release_proposed_by
      USING ERRCODE = '42501';
  END IF;
  IF NEW.released_at IS NOT NULL AND (OLD.release_proposed_by IS NULL
    OR {S}.person_of(OLD.release_proposed_by) = {S}.person_of({S}.me())
    OR (NEW.release_proposed_by, NEW.release_reason)
      IS DISTINCT FROM (OLD.release_proposed_by, OLD.release_reason)) THEN
    RAISE EXCEPTION 'a hold is released as another person proposed it' USING ERRCODE = 'AIMS1';
  END IF;
  IF (NEW.release_proposed_at IS NULL AND NEW.release_proposed_fact_at IS NOT NULL)
    OR (NEW.released_at IS NULL AND NEW.released_fact_at IS NOT NULL)
    OR (NEW.release_proposed_at IS NOT DISTINCT FROM OLD.release_proposed_at
      AND NEW.release_proposed_fact_at IS DISTINCT FROM OLD.release_proposed_fact_at) THEN
    RAISE EXCEPTION 'a release is proposed or made when somebody says that it was'
      USING ERRCODE = '42501';
  END IF;
  since := coalesce(OLD.fact_at, OLD.placed_at);
  IF NEW.release_proposed_fact_at < since THEN
    RAISE EXCEPTION 'a release is proposed after the hold was placed, which was at %', since
      USING ERRCODE = 'AIMS2';
  END IF;
  since := coalesce(OLD.release_proposed_fact_at, OLD.release_proposed_at);
  IF NEW.released_fact_at < since THEN
    RAISE EXCEPTION 'a hold is released after that was proposed, which was at %', since
      USING ERRCODE = 'AIMS2';
  END IF;
  RETURN NEW;""",
    "  unit_ text;\n  since text;\n",
)

# Evidence goes when its time is over and no hold is on it (rule R12); that two did it, `disposed` judges.
RETAINED = trigger(
    "retained",
    """
  IF TG_OP = 'INSERT' THEN
    IF NEW.disposed_at IS NOT NULL OR NEW.disposed_by IS NOT NULL THEN
      RAISE EXCEPTION 'evidence is kept before it is disposed of' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
  END IF;
  IF (NEW.disposed_at, NEW.disposed_by) IS NOT DISTINCT FROM (OLD.disposed_at, OLD.disposed_by) THEN
    RETURN NEW;
  END IF;
  IF OLD.disposed_at IS NOT NULL OR NEW.disposed_at IS NULL OR NEW.disposed_by IS NULL THEN
    RAISE EXCEPTION 'evidence is disposed of once, and that is signed' USING ERRCODE = '42501';
  END IF;
  IF (NEW.retain_until > {S}.utc_now()) IS NOT FALSE THEN
    RAISE EXCEPTION '% is kept until %', NEW.evidence_id, coalesce(NEW.retain_until, 'a day to be set')
      USING ERRCODE = 'AIMS2';
  END IF;
  IF EXISTS (SELECT FROM public.aims_evidence_hold h WHERE h.system_id = NEW.system_id
    AND (h.evidence_id IS NULL OR h.evidence_id = NEW.evidence_id) AND h.released_at IS NULL) THEN
    RAISE EXCEPTION '% is under legal hold', NEW.evidence_id USING ERRCODE = 'AIMS2';
  END IF;
  RETURN NEW;""",
)

# Many systems at once: applied by another person where one was grave before, and after it was done.
CHANGES_KEPT = trigger(
    "changes_kept",
    """
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'open' OR NEW.closed_by IS NOT NULL OR NEW.closed_at IS NOT NULL THEN
      RAISE EXCEPTION 'a bulk edit is proposed before it is applied' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
  END IF;
  IF NOT ((OLD.status = 'open' AND NEW.status IN ('applied', 'withdrawn')
      AND NEW.closed_by IS NOT NULL AND NEW.closed_at IS NOT NULL
      AND (NEW.proposed_by, NEW.proposed_at, NEW.reason) = (OLD.proposed_by, OLD.proposed_at, OLD.reason))
    OR (OLD.status = 'withdrawn' AND NEW.status = 'open' AND NEW.closed_by IS NULL
      AND NEW.closed_at IS NULL AND {S}.acts_as(NEW.proposed_by))) THEN
    RAISE EXCEPTION 'a bulk edit is applied or withdrawn once, or proposed again' USING ERRCODE = '42501';
  END IF;
  IF NEW.status = 'applied' AND {S}.person_of(OLD.proposed_by) = {S}.person_of({S}.me())
    AND EXISTS (SELECT FROM jsonb_array_elements(OLD.changes::jsonb) c
      JOIN public.aims_system s ON s.system_id = c ->> 'system_id'
      JOIN public.aims_system_revision v ON v.system_id = s.system_id
        AND v.revision = (c ->> 'revision')::integer
      WHERE {S}.governing(s.tier, v.content::jsonb ->> 'declared_risk_category') IN ({GRAVE})) THEN
    RAISE EXCEPTION '% proposed the bulk edit; another person applies it', OLD.proposed_by
      USING ERRCODE = 'AIMS1';
  END IF;
  IF NEW.status = 'applied' AND EXISTS (SELECT FROM jsonb_array_elements(OLD.changes::jsonb) c
    WHERE NOT EXISTS (SELECT FROM public.aims_system s WHERE s.system_id = c ->> 'system_id'
      AND s.revision = 1 + (c ->> 'revision')::integer)) THEN
    RAISE EXCEPTION 'the bulk edit is not applied to every system that it names' USING ERRCODE = 'AIMS3';
  END IF;
  RETURN NEW;""".replace("{GRAVE}", ", ".join(map(literal, map(str, GRAVE)))),
)

FUNCTIONS = (EXCEPTED, AUDITS, LOOKED_BACK, OWNED, AUDITED, HOLD_KEPT, RETAINED, CHANGES_KEPT)
TRIGGERS: dict[str, tuple[tuple[str, str], ...]] = {
    "aims_grant": (("looked_back", "INSERT"),),
    "aims_system": (("owned", "INSERT OR UPDATE"),),
    "aims_evidence_hold": (("hold_kept", "INSERT OR UPDATE"),),
    "aims_evidence": (("retained", "INSERT OR UPDATE"),),
    "aims_change_set": (("changes_kept", "INSERT OR UPDATE"),),
}
"""By table: the function that judges, and what it judges."""
