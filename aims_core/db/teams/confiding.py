"""SQL of concerns: a concern reaches who raised it and who hears concerns, never whom it concerns (rule R10).

The questions that :mod:`aims_core.concerns.hearing` answers in Python.
"""

from aims_core.db.teams.plpgsql import query, trigger
from aims_core.db.teams.signatures import SCHEMA

PERMISSION = "hear_concerns"

_QUERIES = (
    query("hears()", "boolean", f"  SELECT {{S}}.may('{PERMISSION}', '', '')"),
    query(
        "my_accounts()",
        "text[]",
        """  SELECT coalesce(array_agg(a.actor_id::text), ARRAY[]::text[]) FROM public.aims_actor a
  WHERE a.person = {S}.person_of({S}.me())""",
    ),
    # Only what should not be: nobody learns of a concern by asking which of them went astray.
    query(
        "confided_wrongly()",
        "TABLE (concern_id text, actor text, act text, at text, about text)",
        """  WITH reached AS (
    SELECT x.concern_id, x.actor, x.act, x.at FROM public.aims_concern_access x
    UNION SELECT c.concern_id, c.answered_by, 'answered', c.answered_at FROM public.aims_concern c
      WHERE c.answered_at IS NOT NULL)
  SELECT r.concern_id::text, r.actor::text, r.act::text, r.at::text, c.about::text
  FROM reached r JOIN public.aims_concern c ON c.concern_id = r.concern_id
  JOIN public.aims_actor a ON a.actor_id = r.actor
  WHERE EXISTS (SELECT FROM jsonb_array_elements_text(c.about::jsonb) AS named(actor_id)
    JOIN public.aims_actor b ON b.actor_id = named.actor_id WHERE b.person = a.person)""",
    ),
)

CONCERN_KEPT = trigger(
    "concern_kept",
    """
  IF TG_OP = 'INSERT' THEN
    IF NEW.answer IS NOT NULL OR NEW.answered_by IS NOT NULL OR NEW.answered_at IS NOT NULL THEN
      RAISE EXCEPTION 'a concern is raised first, and answered by another' USING ERRCODE = '42501';
    END IF;
    IF NEW.system_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.aims_system s
      WHERE s.system_id = NEW.system_id AND NEW.about::jsonb ? s.owner) THEN
      RAISE EXCEPTION 'a concern about % concerns its owner', NEW.system_id USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.answered_at IS NOT NULL OR NEW.answered_at IS NULL OR NEW.answered_by IS NULL
    OR btrim(coalesce(NEW.answer, '')) = '' THEN
    RAISE EXCEPTION 'a concern is answered once, by who signs the answer' USING ERRCODE = '42501';
  END IF;
  IF {S}.person_of(OLD.raised_by) = {S}.person_of({S}.me()) THEN
    RAISE EXCEPTION '% raised the concern', OLD.raised_by USING ERRCODE = 'AIMS1';
  END IF;
  IF NOT {S}.hears() OR NOT EXISTS (SELECT FROM public.aims_actor a
    WHERE a.actor_id = NEW.answered_by AND a.kind = 'person') THEN
    RAISE EXCEPTION '% hears no concerns', {S}.me() USING ERRCODE = '42501';
  END IF;
  RETURN NEW;""",
)

FUNCTIONS = (*_QUERIES, CONCERN_KEPT)
TRIGGERS: dict[str, tuple[tuple[str, str], ...]] = {
    "aims_concern": (("concern_kept", "INSERT OR UPDATE"),),
}
CALLED = ("hears()", "my_accounts()", "confided_wrongly()")
"""What policies call on behalf of a login, and what whoever looks for breaches asks."""

# Own concerns under every account; others only for who hears them, and whom they do not concern.
_REACHES = (
    f"raised_by = ANY ((SELECT {SCHEMA}.my_accounts())::text[]) OR ((SELECT {SCHEMA}.hears()) "
    f"AND NOT about::jsonb ?| (SELECT {SCHEMA}.my_accounts())::text[])"
)
POLICIES = {
    "aims_concern": _REACHES,
    "aims_concern_access": "concern_id IN (SELECT c.concern_id FROM public.aims_concern c)",
}
"""By table: who sees and adds which row, whatever else they may see."""
