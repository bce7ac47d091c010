"""whylogs: a profile of either side, and drift scores from the two."""

from job import FEATURES, WORDS, Job


def main() -> None:
    """Measure the drift of all columns."""
    job = Job()
    import pandas as pd
    import whylogs
    from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

    job.mark()
    before, now = (pd.read_parquet(p, columns=FEATURES) for p in (job.reference, job.current))
    for side in (before, now):
        # Its present release fails on pandas' own texts.
        side[WORDS] = side[WORDS].astype(object)
    job.mark()
    views = [whylogs.log(pandas=side).view() for side in (now, before)]
    scores = calculate_drift_scores(
        target_view=views[0], reference_view=views[1], with_thresholds=True
    )
    values = {f"ks {n}": s["statistic"] for n, s in scores.items() if s and "statistic" in s}
    job.done(values, ["whylogs", "pandas", "numpy"])


if __name__ == "__main__":
    main()
