"""The core's own named checks, offered through the same hook as any plugin's. Pure, many systems at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from aims_core.contributions import AnchorSpec, CheckSpec, Ref
from aims_core.hookspecs import hookimpl
from aims_core.records import Condition, SystemFacts
from aims_core.terms import ActorKind

Answers = Mapping[str, Condition]


@hookimpl
def aims_checks() -> Iterable[CheckSpec]:
    """Return the checks that need nothing but the inventory and the evidence."""
    return [
        _spec("owner_assigned", "A person answers for the system"),
        _spec("intended_use_stated", "Intended use is stated"),
        _spec("human_oversight_named", "Human oversight is named"),
        _spec("incident_contact_named", "An incident contact is named"),
        _spec("documentation_present", "Documentation is on record", "documentation"),
        _spec("supplier_due_diligence", "The supplier was looked into", "supplier_due_diligence"),
        _spec("validation_evidence", "Evidence of validation is on record", "validation"),
        _spec("impact_assessment_done", "Impact on people was assessed", "impact_assessment"),
        _spec("retirement_plan", "A retirement plan is on record", "retirement_plan"),
    ]


@hookimpl
def aims_anchors() -> Iterable[AnchorSpec]:
    """Return the core's own kinds of anchors; what they do stands in :mod:`aims_core.anchors`."""
    kinds = {
        "folder": "A folder on another machine or medium",
        "git": "A bare git repository kept by somebody else",
        "mail": "A mailbox, or a folder of messages to send",
        "object_store": "An S3-compatible bucket, best with object lock",
        "timestamp": "A time stamping authority (RFC 3161)",
    }
    return [
        AnchorSpec(id=f"core.{kind}", title=title, keep=Ref(f"aims_core.anchors.{kind}:keep"))
        for kind, title in kinds.items()
    ]


def owner_assigned(facts: Sequence[SystemFacts]) -> Answers:
    """Met when the owner is a person, not a unit or an unknown name (ISO/IEC 42001, A.3.2)."""
    return _each(facts, _owner)


def intended_use_stated(facts: Sequence[SystemFacts]) -> Answers:
    """Met when the intended use is written down (ISO/IEC 42001, A.9.4)."""
    return _stated(facts, "intended_use_stated", "intended_use", "intended use")


def human_oversight_named(facts: Sequence[SystemFacts]) -> Answers:
    """Met when it is written down who watches over the system and how (ISO/IEC 42001, A.9.2)."""
    return _stated(facts, "human_oversight_named", "human_oversight", "human oversight")


def incident_contact_named(facts: Sequence[SystemFacts]) -> Answers:
    """Met when people know whom to tell of an incident (ISO/IEC 42001, A.8.4)."""
    return _stated(facts, "incident_contact_named", "incident_contact", "incident contact")


def documentation_present(facts: Sequence[SystemFacts]) -> Answers:
    """Met when documentation is on record (ISO/IEC 42001, A.6.2.7)."""
    return _evidenced(facts, "documentation_present", "documentation")


def supplier_due_diligence(facts: Sequence[SystemFacts]) -> Answers:
    """Met when the supplier was looked into (ISO/IEC 42001, A.10.3)."""
    return _evidenced(facts, "supplier_due_diligence", "supplier_due_diligence")


def validation_evidence(facts: Sequence[SystemFacts]) -> Answers:
    """Met when evidence of validation is on record (ISO/IEC 42001, A.6.2.4)."""
    return _evidenced(facts, "validation_evidence", "validation")


def impact_assessment_done(facts: Sequence[SystemFacts]) -> Answers:
    """Met when the impact on people and society was assessed (ISO/IEC 42001, 6.1.4)."""
    return _evidenced(facts, "impact_assessment_done", "impact_assessment")


def retirement_plan(facts: Sequence[SystemFacts]) -> Answers:
    """Met when data, users and dependants were thought of (ISO/IEC 22989, 6.2.8)."""
    return _evidenced(facts, "retirement_plan", "retirement_plan")


def _spec(name: str, title: str, evidence: str = "") -> CheckSpec:
    return CheckSpec(
        id=f"core.{name}",
        title=title,
        name=name,
        run=Ref(f"aims_core.checks:{name}"),
        evidence=(evidence,) if evidence else (),
    )


def _each(facts: Sequence[SystemFacts], rule: Callable[[SystemFacts], Condition]) -> Answers:
    return {f.system.system_id: rule(f) for f in facts}


@lru_cache(maxsize=10_000)
def _condition(name: str, reason: str, remedy: str = "") -> Condition:
    """Return one and the same condition for systems alike: a review makes hundreds of thousands."""
    return Condition(name=name, met=not remedy, reason=reason, remedy=remedy)


def _owner(facts: SystemFacts) -> Condition:
    owner = facts.owner
    if owner is not None and owner.kind is ActorKind.PERSON:
        return _condition("owner_assigned", f"{owner.name} owns the system")
    what = (
        f"{facts.system.owner!r} is a unit"
        if owner is not None
        else f"{facts.system.owner!r} is not known"
    )
    return _condition(
        "owner_assigned",
        f"{what}; no person answers for the system",
        "revise the system and name a person as owner",
    )


def _stated(facts: Sequence[SystemFacts], name: str, field: str, words: str) -> Answers:
    def rule(one: SystemFacts) -> Condition:
        if str(getattr(one.system, field)).strip():
            return _condition(name, f"{words} is stated")
        if unknown := one.system.unknown_because(field):
            reason = f"{words} is unknown: {unknown}"
            remedy = f"find out, then revise the system and fill in `{field}`"
        else:
            reason = f"nobody has looked into {words} yet: it is blank"
            remedy = f"revise the system and fill in `{field}`, or say in `unknown_fields` why nobody knows"
        return _condition(name, reason, remedy)

    return _each(facts, rule)


def _evidenced(facts: Sequence[SystemFacts], name: str, kind: str) -> Answers:
    words = kind.replace("_", " ")

    def rule(one: SystemFacts) -> Condition:
        found = one.evidence.get(kind, ())
        if found:
            newest = found[0]
            reason = f"{newest.title} ({newest.collected_at.date()}, {newest.evidence_id})"
            if newest.outdated:
                reason += f"; of revision {newest.revision}, now at {one.system.revision}"
            return _condition(name, reason)
        return _condition(
            name,
            f"no evidence of the kind {words} is on record",
            f"add evidence of the kind `{kind}`",
        )

    return _each(facts, rule)
