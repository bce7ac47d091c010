"""SQL of what is on record of a system: entered, described by its newest revision, and rated.

A row of ``aims_system_revision`` becomes the description, a result with a tier sets the tier; nobody updates
either.
"""

from aims_core.db.teams.groups import literal, quoted
from aims_core.db.teams.plpgsql import LOCK, SYSTEM, trigger
from aims_core.records import CONTENT_FIELDS

_JSON = ("attributes", "components")
_DESCRIPTION = {
    "{FIELDS}": f"ARRAY[{', '.join(map(literal, sorted(CONTENT_FIELDS)))}]::text[]",
    "{NAMES}": ", ".join(map(quoted, CONTENT_FIELDS)),
    "{COLUMNS}": ", ".join(f"s.{quoted(name)}::text" for name in CONTENT_FIELDS),
    "{VALUES}": ", ".join(
        f"(c -> '{name}')::text" if name in _JSON else f"c ->> '{name}'" for name in CONTENT_FIELDS
    ),
}


def _described(body: str) -> str:
    for place, text in _DESCRIPTION.items():
        body = body.replace(place, text)
    return body


REGISTERED = trigger(
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

REVISED = trigger(
    "revised",
    _described(
        LOCK
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
  RETURN NEW;"""
    ),
    SYSTEM + "  c json;\n  unit_ text;\n",
)

RATED = trigger(
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

SUPERSEDED = trigger(
    "superseded",
    """
  IF NEW.in_force <> OLD.in_force AND (NEW.in_force OR NOT EXISTS (
    SELECT FROM public.aims_result r WHERE r.in_force AND r.result_id <> NEW.result_id
    AND (r.system_id, r.kind, r.subject) = (NEW.system_id, NEW.kind, NEW.subject))) THEN
    RAISE EXCEPTION 'a result goes out of force when another takes its place' USING ERRCODE = '42501';
  END IF;
  RETURN NULL;""",
)

TRIGGERS: dict[str, tuple[tuple[str, str], ...]] = {
    "aims_system": (("registered", "INSERT"),),
    "aims_system_revision": (("revised", "INSERT"),),
    "aims_result": (("rated", "INSERT"),),
}
"""By table: the function that judges, and what it judges."""

FUNCTIONS = (REGISTERED, REVISED, RATED, SUPERSEDED)
