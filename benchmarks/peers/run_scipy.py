"""scipy called directly: KS, Wasserstein, chi-square, PSI and Jensen-Shannon of every column."""

from typing import Any

from job import FEATURES, NUMBERS, WORDS, Job


def main() -> None:
    """Measure the drift of all columns."""
    job = Job()
    import numpy as np
    import pandas as pd
    from scipy import stats
    from scipy.spatial.distance import jensenshannon

    job.mark()
    before, now = (pd.read_parquet(p, columns=FEATURES) for p in (job.reference, job.current))
    job.mark()
    values = {}

    def shares(name: str, p: Any, q: Any) -> None:
        p, q = p / p.sum(), q / q.sum()
        values[f"js {name}"] = jensenshannon(p, q, 2)
        p, q = np.maximum(p, 1e-4), np.maximum(q, 1e-4)
        values[f"psi {name}"] = ((q - p) * np.log(q / p)).sum()

    for name in NUMBERS:
        one, other = (side[name].dropna().to_numpy() for side in (before, now))
        values[f"ks {name}"] = stats.ks_2samp(one, other, method="asymp").statistic
        values[f"wasserstein {name}"] = stats.wasserstein_distance(one, other)
        edges = np.unique(np.quantile(one, np.linspace(0, 1, 11))[1:-1])
        edges = np.concatenate(([-np.inf], edges, [np.inf]))
        shares(name, np.histogram(one, edges)[0], np.histogram(other, edges)[0])
    for name in WORDS:
        counts = [side[name].value_counts() for side in (before, now)]
        table = pd.concat(counts, axis=1).fillna(0).to_numpy()
        values[f"chi_square {name}"] = stats.chi2_contingency(table, correction=False).statistic
        shares(name, table[:, 0], table[:, 1])
    job.done(values, ["scipy", "numpy", "pandas"])


if __name__ == "__main__":
    main()
