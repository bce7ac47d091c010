"""The acts of the shipped plugins that write, on one running system."""

from collections import Counter
from collections.abc import Iterator
from unittest.mock import patch

import pandas as pd
from act import Act, later

from aims_core import ThresholdBreached
from aims_core.inventory import importing
from aims_core.inventory.planning import portions
from aims_core.testing.fixtures import TICKET_TRIAGE
from aims_core.testing.intruder import tampering

SYSTEM = "ticket-triage"
HEADER = "system_id,name,use_case,owner,origin,declared_risk_category"
WRONG_RANK = {
    "title": "Urgent tickets ranked low",
    "risk_source": "C.3.4",
    "consequence": "People wait for help they need at once.",
    "likelihood": 3,
    "consequences": {"individuals": 2},
    "risk_owner": "olga",
}
RATING = {"likelihood": 2, "consequences": {"individuals": 2}, "rationale": "A person decides."}
LOG = {"prediction": "p", "label": "y", "feature": ["x"]}


def acts(ws, folder) -> Iterator[Act]:
    """Yield the acts one after the other; each may rest on what the ones before left."""
    ws.staffing.add("lea", "Lea")
    ws.staffing.grant("lea", "legal_counsel")
    ws.act_as("olga").inventory.register(SYSTEM, **TICKET_TRIAGE)
    with tampering(ws) as connection:
        connection.exec_driver_sql("UPDATE aims_system SET stage = 'operation_and_monitoring'")
    yield from _discovery(ws, folder)
    yield from _risk(ws)
    yield from _monitoring(ws, folder)
    yield from _incidents(ws)
    yield from _reportability(ws)
    yield from _compliance(ws)
    yield from _reporting(ws, folder)


def _discovery(ws, folder):
    ines = ws.act_as("ines")

    def written(name, *rows):
        path = folder / name
        path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
        return path

    first = written(
        "first.csv",
        "a,A,Sorts,olga,in_house,minimal",
        "b,B,Ranks,unit-b,in_house,minimal",
        "c,,Fails,olga,in_house,minimal",
    )
    yield Act(
        "import a file",
        lambda: ines.inventory.import_file(first),
        ("core.SystemRegistered",) * 2 + ("core.SystemsImported",),
        repeats=True,
    )
    second = written("second.csv", "a,A renamed,Sorts,olga,in_house,minimal")
    yield Act(
        "import changes",
        lambda: ines.inventory.import_file(second),
        ("core.SystemRevised", "core.SystemsImported"),
        repeats=True,
    )
    yield Act(
        "import and keep what was refused",
        lambda: ines.discovery.import_file(first),
        ("discovery.RefusedRowsKept",),
        repeats=True,
    )
    third = written("third.csv", "d,,Fails,olga,in_house,minimal")
    outcome = ines.inventory.import_file(third)
    yield Act(
        "keep what another import refused",
        lambda: ines.discovery.record_run(outcome),
        ("discovery.RefusedRowsKept",),
    )
    many = written("many.csv", *(f"m{n},M{n},Sorts,olga,in_house,minimal" for n in range(3)))
    yield Act(
        "import in several transactions",
        lambda: _by_twos(lambda: ines.inventory.import_file(many)),
        ("core.ImportStarted", "core.SystemsImported") + ("core.SystemRegistered",) * 3,
        repeats=True,
    )


def _by_twos(act):
    """Import two rows in a transaction, where it would be a thousand."""
    with patch.object(importing, "portions", lambda rows: portions(rows, 2)):
        return act()


def _risk(ws):
    rita, carl = ws.act_as("rita").risk, ws.act_as("carl").risk
    yield Act(
        "assess the risk",
        lambda: rita.assess(SYSTEM, **RATING),
        ("risk.RiskAssessed", "core.ResultRecorded"),
    )
    yield Act(
        "assess many",
        lambda: rita.assess_many([{"system_id": name, **RATING} for name in ("a", "b")]),
        ("risk.RiskAssessed", "core.ResultRecorded") * 2,
    )
    for change, event in (({}, "RiskIdentified"), ({"likelihood": 1}, "RiskRevised")):
        yield Act(
            f"identify a risk {change}",
            lambda change=change: rita.identify(SYSTEM, "wrong-rank", **{**WRONG_RANK, **change}),
            (f"risk.{event}",),
        )
    yield Act(
        "treat a risk",
        lambda: rita.treat(SYSTEM, measure="A check", responsible="olga", risk_id="wrong-rank"),
        ("risk.RiskTreated",),
    )
    yield Act(
        "accept what remains",
        lambda: carl.accept(SYSTEM, reason="A person decides."),
        ("risk.ResidualRiskAccepted", "core.ResultRecorded"),
    )
    yield Act(
        "close a risk",
        lambda: rita.close(SYSTEM, "wrong-rank", reason="the ranks are gone"),
        ("risk.RiskRevised",),
    )


def predictions(right, rows=40):
    """Return a made-up log of predictions of which a share is right."""
    good = int(rows * right)
    return pd.DataFrame(
        {"p": [1] * rows, "y": [1] * good + [0] * (rows - good), "x": list(range(rows))}
    )


def _monitoring(ws, folder):
    olga = ws.act_as("olga").monitoring
    for name in ("accuracy", "other"):
        yield Act(
            f"define the monitor {name}",
            lambda name=name: olga.define(
                name,
                SYSTEM,
                thresholds={"accuracy": {"min": 0.8}},
                schema=LOG,
                window=40,
                minimum_rows=10,
                persistence=(1, 1),
            ),
            ("monitoring.MonitorDefined",),
        )
    yield Act(
        "measure, and breach",
        lambda: olga.run("accuracy", predictions(0.2)),
        ("monitoring.MonitoringRun", "core.ThresholdBreached"),
        repeats=True,
    )
    yield Act(
        "measure, and be back",
        lambda: olga.run("accuracy", pd.concat([predictions(0.2), predictions(1.0)])),
        ("monitoring.MonitoringRun", "monitoring.BreachEnded"),
        repeats=True,
    )
    path = folder / "log.parquet"
    predictions(0.9).to_parquet(path)
    yield Act(
        "schedule a monitor",
        lambda: olga.schedule("other", every="month", data=str(path)),
        ("monitoring.MonitorScheduled",),
    )
    yield Act("run what is due", olga.run_due, ("monitoring.MonitoringRun",), repeats=True)
    yield Act(
        "stop a monitor",
        lambda: olga.stop("other", reason="one is enough"),
        ("monitoring.MonitorStopped",),
    )


def _breach(ws, value, number):
    with ws.act_as("olga").writing() as tx:
        tx.record(
            ThresholdBreached(
                system_id=SYSTEM,
                monitor_id="accuracy",
                metric="f1",
                value=value,
                threshold=0.8,
                direction="below",
                window=f"w{number}",
                severity="major" if value > 0.5 else "serious",
            )
        )


def _incidents(ws):
    imre, rita = ws.act_as("imre").incidents, ws.act_as("rita").incidents
    yield Act("be told of what was not told", ws.deliveries.replay)
    numbers = iter(range(1_000_000))
    for value in (0.6, 0.1):
        yield Act(
            f"tell of a breach, {value}",
            lambda value=value: _breach(ws, value, next(numbers)),
            ("core.ThresholdBreached",),
            repeats=True,
        )
    yield Act("be told again", ws.deliveries.replay)
    # Whatever failed while it was told was told again, and nothing was told twice.
    written = Counter(event.type for event in ws.audit.events())
    told = written["core.IncidentOpened"] + written["incidents.BreachRepeated"]
    assert told == written["core.ThresholdBreached"]
    yield Act(
        "open an incident",
        lambda: imre.open(SYSTEM, title="A fire", severity="serious"),
        ("core.IncidentOpened", "core.ResultRecorded"),
    )
    opened = next(i for i in imre.of(SYSTEM) if i.title == "A fire").incident_id
    yield Act("assign it", lambda: imre.assign(opened, "imre"), ("incidents.IncidentAssigned",))
    yield Act(
        "analyse it",
        lambda: imre.analyse(opened, cause="A cable."),
        ("incidents.IncidentAnalysed", "core.ResultRecorded"),
    )
    yield Act(
        "treat it",
        lambda: imre.treat(opened, treatment="A new cable."),
        ("incidents.IncidentTreated", "core.ResultRecorded"),
    )
    yield Act(
        "close it", lambda: rita.close(opened), ("core.IncidentClosed", "core.ResultRecorded")
    )


def _reportability(ws):
    imre = ws.act_as("imre").incidents
    rita, lea = (ws.act_as(name).incidents.reporting for name in ("rita", "lea"))
    found = [imre.open(SYSTEM, title=t, severity="serious").incident_id for t in ("X", "Y")]
    propose = Act(
        "propose to report it",
        lambda: rita.propose(found[0], reportable=True, reason="Art. 3(49)(a)."),
        ("incidents.ReportabilityProposed", "core.ResultRecorded"),
    )
    yield propose
    yield Act(
        "send it back",
        lambda: lea.decline(found[0], reason="Which right?"),
        ("incidents.ReportabilityDeclined", "core.ResultRecorded"),
    )
    yield propose
    yield Act(
        "confirm it",
        lambda: lea.confirm(found[0]),
        ("incidents.ReportabilityDecided", "core.ResultRecorded"),
    )
    later(ws, days=60)
    yield Act(
        "say that nobody decided",
        ws.act_as("carl").incidents.reporting.escalate,
        ("incidents.ReportabilityOverdue", "core.ResultRecorded") * 3,
    )


def _compliance(ws):
    carl = ws.act_as("carl").compliance
    include = {"applicable": True, "reason": "We run one."}
    controls = list(carl.controls()["control_id"])
    yield Act(
        "decide on a control",
        lambda: carl.decide(controls[0], **include),
        ("compliance.ControlDecided",),
    )
    yield Act(
        "decide on the others",
        lambda: carl.decide_many([{"control_id": c, **include} for c in controls[1:]]),
        ("compliance.ControlDecided",) * (len(controls) - 1),
    )
    yield Act("issue the statement", carl.issue, ("compliance.StatementIssued",))


def _reporting(ws, folder):
    aude = ws.act_as("aude").reporting
    yield Act(
        "issue a report",
        lambda: aude.issue(SYSTEM, path=folder / "report.html"),
        ("core.ReportIssued",),
        repeats=True,
    )
    report = aude.build(SYSTEM)
    yield Act(
        "save a report",
        lambda: aude.save(report, path=folder / "saved.html"),
        ("core.ReportIssued",),
        repeats=True,
    )
    ws.audit.keys.make()
    # Of a system with few records: the sections of one with many were tried when it was issued.
    yield Act(
        "build a report on a checkpoint",
        lambda: aude.build("b"),
        ("core.CheckpointMade", "core.CheckpointAnchored"),
        repeats=True,
    )
