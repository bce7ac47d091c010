"""NannyML: univariate drift of every column, or performance estimated without labels (CBPE)."""

from typing import Any

from job import FEATURES, WORDS, Job

NUMERIC = {"kolmogorov_smirnov": "ks", "jensen_shannon": "js", "wasserstein": "wasserstein"}
CATEGORICAL = {"chi2": "chi_square", "jensen_shannon": "js"}
ESTIMATED = ["roc_auc", "f1", "precision", "recall", "accuracy"]


def main() -> None:
    """Do ``drift`` or ``estimate``, the whole window as one chunk."""
    job = Job()
    import nannyml as nml
    import pandas as pd

    job.mark()
    drift = job.asked == "drift"
    columns = FEATURES if drift else ["score", "prediction", "label"]
    before, now = (pd.read_parquet(p, columns=columns) for p in (job.reference, job.current))
    job.mark()
    values = drifted(nml, before, now) if drift else estimated(nml, before, now)
    job.done(values, ["nannyml", "pandas", "numpy"])


def drifted(nml: Any, before: Any, now: Any) -> dict[str, float]:
    """Return the drift of each column by each method."""
    calculator = nml.UnivariateDriftCalculator(
        column_names=FEATURES,
        treat_as_categorical=WORDS,
        continuous_methods=list(NUMERIC),
        categorical_methods=list(CATEGORICAL),
        chunk_number=1,
    )
    calculator.fit(before)
    frame = calculator.calculate(now).filter(period="analysis").to_df()
    return {
        f"{short} {name}": frame[name][method]["value"].iloc[0]
        for name in FEATURES
        for method, short in (CATEGORICAL if name in WORDS else NUMERIC).items()
    }


def estimated(nml: Any, before: Any, now: Any) -> dict[str, float]:
    """Return the estimated performance."""
    estimator = nml.CBPE(
        y_pred_proba="score",
        y_pred="prediction",
        y_true="label",
        problem_type="classification_binary",
        metrics=ESTIMATED,
        chunk_number=1,
    )
    estimator.fit(before)
    frame = estimator.estimate(now).filter(period="analysis").to_df()
    return {f"estimated_{name}": frame[name]["value"].iloc[0] for name in ESTIMATED}


if __name__ == "__main__":
    main()
