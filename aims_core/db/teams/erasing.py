"""SQL of erasing an event's content: asked for by an administrator and an auditor, two people.

What :mod:`aims_core.checkpoints.erasure` refuses in Python; the guard of the trail, which every database has,
demands the two consents as well.
"""

from aims_core.db.teams.plpgsql import act, trigger

CONSENTED = trigger(
    "consented",
    """
  IF NEW.role NOT IN ('administrator', 'auditor') OR NOT {S}.holds(NEW.actor, NEW.role, '', '')
    OR NOT EXISTS (SELECT FROM public.aims_actor a WHERE a.actor_id = NEW.actor
      AND a.kind = 'person' AND a.person = NEW.person) THEN
    RAISE EXCEPTION '% does not ask for an erasure as %', NEW.actor, NEW.role USING ERRCODE = '42501';
  END IF;
  RETURN NEW;""",
)

ERASE = act(
    "erase(of_event text)",
    "void",
    """
  IF {S}.credential() IS DISTINCT FROM 'decide' THEN
    RAISE EXCEPTION 'the login % is no decision credential; erase with the other one', session_user
      USING ERRCODE = '42501';
  END IF;
  IF NOT EXISTS (SELECT FROM public.aims_erasure a JOIN public.aims_erasure b
    ON b.event_id = a.event_id AND b.person <> a.person
    WHERE a.event_id = of_event AND a.role = 'administrator' AND b.role = 'auditor'
    AND {S}.holds(a.actor, a.role, '', '') AND {S}.holds(b.actor, b.role, '', '')
    AND {S}.me() IN (a.actor, b.actor)) THEN
    RAISE EXCEPTION 'content is erased as an administrator and an auditor, two people, ask for it'
      USING ERRCODE = 'AIMS1';
  END IF;
  -- The trail's own guard names its tables plainly; only the owner makes anything in `public`.
  PERFORM set_config('search_path', 'public, pg_temp', true);
  UPDATE public.aims_event SET payload = '', nonce = '' WHERE event_id = of_event AND nonce <> ''
    AND type NOT IN ('core.EventErased', 'core.CheckpointKeyAdded');
  IF NOT FOUND THEN
    RAISE EXCEPTION 'event % stays, or is erased already', of_event USING ERRCODE = 'AIMS2';
  END IF;""",
)

FUNCTIONS = (CONSENTED, ERASE)
TRIGGERS: dict[str, tuple[tuple[str, str], ...]] = {"aims_erasure": (("consented", "INSERT"),)}
CALLED = ("erase(text)",)
"""What services call themselves."""
