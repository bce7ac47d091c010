"""R10: whom concerns reached. Pure."""

from collections.abc import Iterator

from aims_core.separation.breach import OTHER_ACCOUNT, Breach, Ledger


def confided_wrongly(ledger: Ledger) -> Iterator[Breach]:
    """R10: a concern reached somebody whom it concerns.

    About no system: a listing for one system would say that there is a concern about it.
    """
    for reached in ledger.reached:
        person = ledger.person(reached.actor)
        if person in {ledger.person(a) for a in reached.about}:
            yield Breach(
                rule="R10",
                system_id="",
                persons=(person,),
                what=f"{reached.act} a concern about themselves",
                at=reached.at,
                records=(reached.concern_id,),
                hidden="" if reached.actor in reached.about else OTHER_ACCOUNT,
            )
