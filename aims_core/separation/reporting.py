"""R9: whether serious incidents are reportable: who decided it, and whether in time. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from aims_core.rules import rule_of
from aims_core.rules.rule import TWO_PEOPLE
from aims_core.separation.breach import OTHER_ACCOUNT, Answer, Breach, Ledger


def reported_wrongly(ledger: Ledger) -> Iterator[Breach]:
    """R9: reportability was decided by one person, the owner or the wrong roles, or not in time."""
    for system_id, answers in ledger.answers.items():
        said = defaultdict[str, list[Answer]](list)
        for answer in answers:
            if answer.kind in {"incident", "reportability"}:
                said[answer.subject].append(answer)
        for incident_id, told in said.items():
            yield from _decisions(ledger, system_id, incident_id, told)
            yield from _silence(ledger, system_id, incident_id, told)


def _decisions(
    ledger: Ledger, system_id: str, incident_id: str, told: Sequence[Answer]
) -> Iterator[Breach]:
    rule = rule_of("R9")
    proposal: Answer | None = None
    for answer in told:
        status = answer.payload.get("status") if answer.kind == "reportability" else None
        if status == "proposed":
            proposal = answer
        if status != "decided":
            continue
        person = ledger.person(answer.recorded_by)
        proposer = proposal.recorded_by if proposal else ""
        alone = not proposer or ledger.person(proposer) == person
        faults = [
            *(["by one person alone"] if alone else []),
            *(["by the owner"] if _owner_among(ledger, answer, proposer) else []),
            *(["without the second line"] if not _second_line(ledger, proposal) else []),
        ]
        legal = ledger.held(person, rule.role, system_id, answer.at, answer.at)
        if faults or not legal:
            faults += [] if legal else [f"without {rule.role}"]
            yield Breach(
                rule="R9",
                system_id=system_id,
                persons=tuple(dict.fromkeys(filter(None, (ledger.person(proposer), person)))),
                what=f"reportability of {incident_id} was decided {', '.join(faults)}",
                at=answer.at,
                records=(incident_id, answer.record_id),
                # Only the missing lawyer can be excepted; two people and the second line never are.
                pair=TWO_PEOPLE if faults != [f"without {rule.role}"] else None,
                hidden=OTHER_ACCOUNT if alone and proposer not in {"", answer.recorded_by} else "",
            )


def _silence(
    ledger: Ledger, system_id: str, incident_id: str, told: Sequence[Answer]
) -> Iterator[Breach]:
    rule = rule_of("R9")
    grave = [
        a for a in told if a.kind == "incident" and a.payload.get("severity") in rule.severities
    ]
    if not grave or ledger.at is None:
        return
    due = grave[0].at + timedelta(days=rule.days)
    decided = [
        a.at for a in told if a.kind == "reportability" and a.payload.get("status") == "decided"
    ]
    if due <= ledger.at and min(decided, default=ledger.at) >= due:
        yield Breach(
            rule="R9",
            system_id=system_id,
            persons=(),
            what=f"nobody decided within {rule.days} days whether {incident_id} is reportable",
            at=due,
            records=(incident_id,),
            pair=TWO_PEOPLE,
        )


def _owner_among(ledger: Ledger, answer: Answer, proposer: str) -> bool:
    owner = ledger.owner(answer.system_id, answer.at)
    decided = {ledger.person(a) for a in (answer.recorded_by, proposer) if a}
    return bool(owner) and ledger.person(owner) in decided


def _second_line(ledger: Ledger, proposal: Answer | None) -> bool:
    if proposal is None:
        return False
    person = ledger.person(proposal.recorded_by)
    return any(
        ledger.held(person, role, proposal.system_id, proposal.at, proposal.at)
        for role in rule_of("R9").roles
    )
