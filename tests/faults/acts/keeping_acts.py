"""The acts of the core that keep what was done: evidence, reviews, the trail, copies; after a life."""

import json

from act import Act, later
from answering import UNMET

from aims_core.recovery import back_up
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import tampering

NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "execution_count": 1,
            "id": "a",
            "metadata": {},
            "outputs": [],
            "source": "1",
        }
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def acts(ws, folder):
    """Yield the acts one after the other, on the systems that `core_acts` registered."""
    yield from _evidence(ws, folder)
    yield from _in_operation(ws)
    yield from _waited_for(ws)
    yield from _trail(ws, folder)


def _evidence(ws, folder):
    ines, rita, carl = ws.act_as("ines"), ws.act_as("rita"), ws.act_as("carl")
    path = folder / "notebook.ipynb"
    path.write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    yield Act(
        "add an executed notebook",
        lambda: ines.evidence.add_executed_notebook("one", path),
        ("core.EvidenceAdded",),
    )
    yield Act("hold evidence", lambda: rita.evidence.hold("one", "a claim"), ("core.EvidenceHeld",))
    held = rita.evidence.holds()[0].hold_id
    propose = Act(
        "propose to release it",
        lambda: rita.evidence.propose_release(held, reason="settled"),
        ("core.EvidenceHoldReleaseProposed",),
    )
    yield propose
    yield Act(
        "decline to release it",
        lambda: carl.evidence.decline_release(held, reason="not settled"),
        ("core.EvidenceHoldReleaseDeclined",),
    )
    yield propose
    yield Act(
        "release it",
        lambda: carl.evidence.confirm_release(held),
        ("core.EvidenceHoldReleased",),
    )
    bundle = folder / "bundle.zip"
    yield Act(
        "export a bundle",
        lambda: _to_new(bundle, lambda: ws.act_as("aude").evidence.export_bundle(bundle)),
        ("core.EvidenceExported",),
        repeats=True,
    )
    yield Act(
        "import a bundle",
        lambda: ines.evidence.import_bundle(bundle),
        ("core.EvidenceImported",),
        repeats=True,
    )
    later(ws, days=4_018)
    old = ines.evidence.of("one")[0].evidence_id

    def proposed():
        return ines.evidence.disposals("proposed")[0].disposal_id

    propose = Act(
        "propose a disposal",
        lambda: ines.evidence.propose_disposal(old, "retention ended"),
        ("core.EvidenceDisposalProposed",),
    )
    yield propose
    first = proposed()
    yield Act(
        "decline a disposal",
        lambda: rita.evidence.decline_disposal(first, "needed"),
        ("core.EvidenceDisposalDeclined",),
    )
    yield propose
    second = proposed()
    yield Act(
        "dispose of evidence",
        lambda: rita.evidence.confirm_disposal(second),
        ("core.EvidenceDisposed",),
    )


def _in_operation(ws):
    with tampering(ws) as connection:
        connection.exec_driver_sql(
            "UPDATE aims_system SET stage = 'operation_and_monitoring', entry = 'legacy'"
        )
    yield Act("remind of reviews", ws.reviews.remind, ("core.ReviewDue",) * 2)
    yield Act(
        "complete a review",
        lambda: ws.act_as("rita").reviews.complete(
            "one", outcome="continue_with_actions", note="Looked; approve it anew."
        ),
        ("core.ReviewCompleted",),
    )


def _waited_for(ws):
    olga, cora = ws.act_as("olga"), ws.act_as("cora")
    olga.inventory.register("three", **TICKET_TRIAGE)
    asked = olga.approvals.request("three", "start_development").approval_id
    UNMET.add("initial_risk_assessment")
    yield Act(
        "approve what waits for a check",
        lambda: cora.approvals.decide(asked, "approve"),
        ("core.VoteCast",),
    )
    UNMET.clear()
    yield Act(
        "carry it out",
        lambda: olga.approvals.carry_out(asked),
        ("core.TransitionDecided",),
    )


def _trail(ws, folder):
    aude = ws.act_as("aude")
    yield Act("seal", ws.audit.seal)
    yield Act("make a key", ws.audit.keys.make, ("core.CheckpointKeyAdded",), repeats=True)
    yield Act(
        "sign a checkpoint",
        aude.audit.checkpoint,
        ("core.CheckpointMade", "core.CheckpointAnchored"),
        repeats=True,
    )
    event = ws.audit.events(event_type="core.SystemRegistered")[0].event_id
    yield Act(
        "ask for an erasure",
        lambda: ws.audit.erase(event, reason="a request"),
        ("core.ErasureRequested",),
    )
    yield Act("erase", lambda: aude.audit.erase(event, reason="a request"), ("core.EventErased",))
    copy = folder / "copy.zip"
    yield Act(
        "back up",
        lambda: _to_new(copy, lambda: back_up(ws, copy)),
        ("core.BackupMade",),
        repeats=True,
    )
    yield Act("replay what was not told", ws.deliveries.replay)


def _to_new(path, act):
    """Write a file anew: the one that a failed try left is whole, but nothing may be written over it."""
    path.unlink(missing_ok=True)
    return act()
