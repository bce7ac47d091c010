"""evidently: the drift preset as it comes, or with PSI for every column."""

from job import FEATURES, NUMBERS, WORDS, Job

METHODS = {
    "psi": "psi",
    "Jensen-Shannon distance": "js",
    "Wasserstein distance (normed)": "wasserstein",
}


def main() -> None:
    """Measure the drift of all columns by ``default`` or ``psi``."""
    job = Job()
    import pandas as pd
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    job.mark()
    before, now = (pd.read_parquet(p, columns=FEATURES) for p in (job.reference, job.current))
    job.mark()
    meaning = DataDefinition(numerical_columns=NUMBERS, categorical_columns=WORDS)
    preset = DataDriftPreset(method="psi") if job.asked == "psi" else DataDriftPreset()
    sides = (Dataset.from_pandas(side, meaning) for side in (now, before))
    found = Report([preset]).run(*sides).dict()["metrics"]
    values = {}
    for metric in found:
        column = metric["config"].get("column")
        if column and isinstance(metric["value"], int | float):
            method = metric["config"]["method"]
            values[f"{METHODS.get(method, method)} {column}"] = metric["value"]
    job.done(values, ["evidently", "pandas", "numpy"])


if __name__ == "__main__":
    main()
