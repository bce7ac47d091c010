"""fairlearn: rates by two attributes and their intersection, and the differences between groups."""

from job import GROUPS, Job


def main() -> None:
    """Measure what `aims_monitoring` measures under fairness."""
    job = Job()
    import pandas as pd
    from fairlearn import metrics as fl
    from sklearn.metrics import accuracy_score, precision_score

    job.mark()
    log = pd.read_parquet(job.current, columns=["label", "prediction", *GROUPS])
    job.mark()
    rates = {
        "selection_rate": fl.selection_rate,
        "true_positive_rate": fl.true_positive_rate,
        "false_positive_rate": fl.false_positive_rate,
        "false_negative_rate": fl.false_negative_rate,
        "group_precision": precision_score,
        "group_accuracy": accuracy_score,
    }
    compared = {
        "demographic_parity_difference": fl.demographic_parity_difference,
        "demographic_parity_ratio": fl.demographic_parity_ratio,
        "equal_opportunity_difference": fl.equal_opportunity_difference,
        "equalized_odds_difference": fl.equalized_odds_difference,
        "equalized_odds_ratio": fl.equalized_odds_ratio,
    }
    sides = {"y_true": log["label"], "y_pred": log["prediction"]}
    values = {}
    for attributes in (*([group] for group in GROUPS), GROUPS):
        frame = fl.MetricFrame(metrics=rates, sensitive_features=log[attributes], **sides)
        for group, row in frame.by_group.iterrows():
            names = group if isinstance(group, tuple) else (group,)
            subject = f"{' x '.join(attributes)}={' x '.join(names)}"
            values |= {f"{rate} {subject}": value for rate, value in row.items()}
    for group in GROUPS:
        for name, measure in compared.items():
            values[f"{name} {group}"] = measure(**sides, sensitive_features=log[group])
    job.done(values, ["fairlearn", "scikit-learn", "pandas"])


if __name__ == "__main__":
    main()
