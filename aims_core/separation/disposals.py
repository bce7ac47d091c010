"""R12: what was disposed of, and which holds were released, by whom and when. Pure."""

from collections.abc import Iterator

from aims_core.separation.breach import OTHER_ACCOUNT, Breach, Gone, Ledger


def disposed_wrongly(ledger: Ledger) -> Iterator[Breach]:
    """R12: evidence went before its time, under a hold, or by one person; or one released a hold."""
    for gone in ledger.gone:
        who = ledger.person(gone.disposed_by)
        alone = not gone.proposed_by or ledger.person(gone.proposed_by) == who
        early = gone.retain_until is None or gone.retain_until > gone.at
        held = list(_held(ledger, gone))
        faults = [
            *(["by one person alone"] if alone else []),
            *(["before the end of its retention"] if early else []),
            *([f"while {', '.join(held)} kept it"] if held else []),
        ]
        if faults:
            yield Breach(
                rule="R12",
                system_id=gone.system_id,
                persons=(who,),
                what=f"disposed of {gone.evidence_id} {', '.join(faults)}",
                at=gone.at,
                records=tuple(filter(None, (gone.evidence_id, gone.disposal_id))),
                hidden=_hidden(gone.proposed_by, gone.disposed_by) if alone else "",
            )
    yield from _released_alone(ledger)


def _released_alone(ledger: Ledger) -> Iterator[Breach]:
    for hold in (h for held in ledger.holds.values() for h in held):
        if hold.released_at is None:
            continue
        who = ledger.person(hold.released_by)
        if not hold.release_proposed_by or ledger.person(hold.release_proposed_by) == who:
            yield Breach(
                rule="R12",
                system_id=hold.system_id,
                persons=(who,),
                what=f"released legal hold {hold.hold_id} alone",
                at=hold.released_at,
                records=(hold.hold_id,),
                hidden=_hidden(hold.release_proposed_by, hold.released_by),
            )


def _held(ledger: Ledger, gone: Gone) -> Iterator[str]:
    """Yield the holds that kept a piece of evidence when it went."""
    for hold in ledger.holds.get(gone.system_id, ()):
        kept = hold.evidence_id in {"", gone.evidence_id}
        ended = hold.released_at is not None and hold.released_at <= gone.at
        if kept and hold.placed_at <= gone.at and not ended:
            yield hold.hold_id


def _hidden(proposed_by: str, decided_by: str) -> str:
    return OTHER_ACCOUNT if proposed_by and proposed_by != decided_by else ""
