"""Every breach that records show, each with the exception that covered it. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from aims_core.rules import SeparationException, covering, load_rules, rule_of
from aims_core.rules.rule import TWO_PEOPLE
from aims_core.separation.acceptances_and_waivers import (
    accepted_without_authority,
    treater_closed,
    waived_wrongly,
)
from aims_core.separation.accounts import across_accounts
from aims_core.separation.breach import Breach, Ledger
from aims_core.separation.concerns import confided_wrongly
from aims_core.separation.deciding import (
    author_approved,
    developer_validated,
    released_without_quorum,
    restarted_alone,
    software_decided,
)
from aims_core.separation.delegations import lent_wrongly
from aims_core.separation.disposals import disposed_wrongly
from aims_core.separation.granting import auditor_operated, granted_alone
from aims_core.separation.reporting import reported_wrongly

JUDGES: Mapping[str, Callable[[Ledger], Iterator[Breach]]] = {
    "R1": author_approved,
    "R2": developer_validated,
    "R3": released_without_quorum,
    "R4": accepted_without_authority,
    "R5": auditor_operated,
    "R6": treater_closed,
    "R7": granted_alone,
    "R8": waived_wrongly,
    "R9": reported_wrongly,
    "R10": confided_wrongly,
    "R11": restarted_alone,
    "R12": disposed_wrongly,
    "R13": lent_wrongly,
    "R14": software_decided,
}
"""One for each rule but R15, which looks at what these found."""


def judge(ledger: Ledger) -> list[Breach]:
    """Return every breach, oldest first, each with the exception that covered it when it happened."""
    found = [_covered(ledger, breach) for rule in JUDGES.values() for breach in rule(ledger)]
    found += list(across_accounts(ledger, found))
    order = {rule.id: place for place, rule in enumerate(load_rules())}
    return sorted(found, key=lambda b: (b.at, order[b.rule], b.system_id, b.records))


def _covered(ledger: Ledger, breach: Breach) -> Breach:
    rule = breach.under or breach.rule
    if breach.pair == TWO_PEOPLE or not rule_of(rule).exceptable:
        return breach
    found = covering(
        ledger.exceptions,
        rule,
        breach.at,
        system_id=breach.system_id,
        unit=ledger.unit(breach.system_id, breach.at) if breach.system_id else "",
    )
    if found is None or not _fits(ledger, breach, found):
        return breach
    return replace(breach, exception=found.exception_id)


def _fits(ledger: Ledger, breach: Breach, exception: SeparationException) -> bool:
    """Say whether an exception is meant for this breach; that of the founding has limits of its own."""
    founding = exception.rule == "R7" and exception.expires_on is None
    if breach.pair == ("grantor", "grantee"):
        return founding and breach.at == exception.recorded_at
    # Who removed the other administrators first was not the only one by circumstance.
    return not founding or not any(
        person in breach.persons and at <= breach.at for person, at, _ in ledger.removals
    )
