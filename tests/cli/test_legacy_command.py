"""`aims systems register` for a system that runs already."""

DESCRIBED = (
    *("systems", "register", "old", "--name", "Old", "--use-case", "Sorts mail"),
    *("--owner", "olga", "--origin", "in_house", "--risk-category", "minimal"),
)


def test_a_running_system_is_registered_with_the_date_of_its_evidence(aims):
    said = aims(
        *DESCRIBED,
        *("--legacy-stage", "operation_and_monitoring", "--evidence-due", "2099-12-31"),
        by="ines",
    ).stdout

    assert "in operation_and_monitoring" in said
    shown = aims("systems", "show", "old").stdout
    assert "entered as legacy, no gate was passed here" in shown
    assert "due by 2099-12-31" in shown


def test_who_may_not_import_is_told_so(aims):
    words = (*DESCRIBED, "--legacy-stage", "deployment")

    assert "holds no role that allows this" in aims(*words, by="olga", code=2).stderr
    assert "no stage" in aims(*DESCRIBED, "--legacy-stage", "flying", by="ines", code=2).stderr
