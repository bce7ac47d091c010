"""aequitas: rates by two attributes and the disparities to a reference group; no intersections."""

from job import GROUPS, Job

RATES = {
    "tpr": "true_positive_rate",
    "fpr": "false_positive_rate",
    "fnr": "false_negative_rate",
    "pprev": "selection_rate",
    "precision": "group_precision",
}


def main() -> None:
    """Measure rates, disparities and fairness by group."""
    job = Job()
    import pandas as pd
    from aequitas.bias import Bias
    from aequitas.fairness import Fairness
    from aequitas.group import Group

    job.mark()
    log = pd.read_parquet(job.current, columns=["label", "prediction", *GROUPS])
    log = log.rename(columns={"prediction": "score", "label": "label_value"})
    log[GROUPS] = log[GROUPS].astype(object)
    job.mark()
    table, _ = Group().get_crosstabs(log, attr_cols=GROUPS)
    chosen = {"sex": "M", "age_band": "36-50"}
    unlike = Bias().get_disparity_predefined_groups(
        table, original_df=log, ref_groups_dict=chosen, alpha=0.05, mask_significance=False
    )
    Fairness().get_group_value_fairness(unlike)
    values = {
        f"{name} {row['attribute_name']}={row['attribute_value']}": row[rate]
        for _, row in table.iterrows()
        for rate, name in RATES.items()
    }
    job.done(values, ["aequitas", "pandas", "numpy"])


if __name__ == "__main__":
    main()
