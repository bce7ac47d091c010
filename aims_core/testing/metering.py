"""Whether the metrics that a plugin offers measure, on a plain log and on what is odd about real ones."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aims_core.contributions import MetricSpec
    from aims_core.workspace import Workspace

_CLASSES = {
    "feature": ["amount", "colour"],
    "prediction": "predicted",
    "score": "score",
    "label": "label",
    "group": ["part"],
    "id": "number",
}
_QUANTITIES = {**_CLASSES, "score": "", "task": "regression"}
_FEWEST = 100
_ANY = {"max": 1e300}


def faults_of_metrics(
    workspace: "Workspace", plugin: str, specs: Sequence["MetricSpec"]
) -> list[str]:
    """Return what the metrics of a plugin did wrong, by metric and window; nothing where all is well.

    They are measured by the monitoring plugin on a plain window, on one with a single class, on one in which
    every value is missing, and on one of three rows.

    Parameters
    ----------
    workspace : Workspace
        Of `aims_core.testing.fixtures.registered`, with ``workspace.monitoring``.
    """
    found = []
    for roles in (_CLASSES, _QUANTITIES):
        regression = roles is _QUANTITIES
        names = [spec.id for spec in specs if (spec.family == "regression") == regression]
        if names:
            rows = max(_FEWEST, *(spec.minimum for spec in specs))
            series = _measured(workspace.act_as("olga").monitoring, names, roles, rows)
            own = series[series["metric"].isin(names)]
            told = own[own["reason"].str.startswith(f"plugin {plugin} ")]
            found += [f"{one.metric}, {one.window}: {one.reason}" for one in told.itertuples()]
    return found


def _measured(monitoring: Any, names: Sequence[str], roles: dict[str, Any], rows: int) -> Any:
    monitor_id = f"metering-{roles.get('task', 'classification')}"
    monitoring.define(
        monitor_id,
        "ticket-triage",
        thresholds=dict.fromkeys(names, _ANY),
        schema={role: columns for role, columns in roles.items() if columns},
        reference=_log(rows, "plain"),
        window=rows,
    )
    windows = [
        _log(rows, "plain"),
        _log(rows, "one class"),
        _log(rows, "missing"),
        _log(3, "plain"),
    ]
    import pandas as pd

    monitoring.run(monitor_id, pd.concat(windows, ignore_index=True))
    return monitoring.series(monitor_id)


def _log(rows: int, form: str) -> Any:
    import pandas as pd

    places = range(rows)
    there = form != "missing"
    label = [1 if form == "one class" else place % 2 for place in places]
    log = pd.DataFrame(
        {
            "amount": [place * 7 % 101 / 10 for place in places],
            "colour": [("red", "green", "blue")[place % 3] for place in places],
            "predicted": [one if place % 5 else 1 - one for place, one in enumerate(label)],
            "score": [(place * 13 % 97) / 97 for place in places],
            "label": label,
            "part": ["north" if place % 4 else "south" for place in places],
            "number": [f"{form}-{place}" for place in places],
        }
    )
    return log if there else log.where(log["amount"] < 0)
