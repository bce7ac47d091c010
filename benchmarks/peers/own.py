"""AIMS: drift of all columns, fairness by group, performance without labels; reading included."""

from typing import Any

from job import FEATURES, GROUPS, Job


def main() -> None:
    """Do the job that is asked for."""
    job = Job()
    import pyarrow.compute
    import pyarrow.parquet  # noqa: F401 - same
    from aims_monitoring.layout import fit_layout
    from aims_monitoring.metrics.catalogue import METRICS, compute_metrics
    from aims_monitoring.metrics.distance import chi_square_of
    from aims_monitoring.metrics.drift import ks_bracket
    from aims_monitoring.profile import Profile, profile_source
    from aims_monitoring.schema import Schema
    from aims_monitoring.source import open_source

    job.mark()
    schema = Schema.of(roles(job.asked))
    before, now = job.reference, job.current
    layout = fit_layout(open_source(now if job.asked == "fairness" else before), schema)
    if job.asked == "fairness":
        # A monitor knows its groups and classes since it was defined; its peers' bins belong to drift alone.
        job.mark()
    window = profile_source(open_source(now), layout)
    if job.asked == "fairness":
        reference = Profile.empty(layout)
    else:
        reference = profile_source(open_source(before), layout)
    names = [name for name, metric in METRICS.items() if metric.family == job.asked]
    found = compute_metrics(names, window, reference)
    values = {f"{m.metric} {m.subject}".strip(): m.value for m in found if m.value is not None}
    if job.asked == "drift":
        for name in FEATURES:
            one, other = reference.columns[name], window.columns[name]
            if f"ks {name}" in values:
                values[f"ks_high {name}"] = ks_bracket(one, other)[1]
                values[f"deviation {name}"] = one.deviation
            else:
                values[f"chi_square {name}"] = chi_square_of(one, other)[0]
    job.done(values, ["aims-monitoring", "numpy", "pyarrow"])


def roles(asked: str) -> dict[str, Any]:
    """Return the roles of the columns that a job reads."""
    classes = {"label": "label", "prediction": "prediction"}
    return {
        "drift": {"feature": FEATURES},
        "fairness": {**classes, "group": GROUPS},
        "estimate": {**classes, "score": "score"},
    }[asked]


if __name__ == "__main__":
    main()
