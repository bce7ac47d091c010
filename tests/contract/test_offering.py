"""Authors of plugins make one within a test: what it offers is taken as from an installed package."""

import pytest

from aims_core import CheckSpec, Measurement, MetricSpec, PluginHost, Ref
from aims_core.testing import at_hand, metric_spec, plugin_of


def hits(_window, _reference, _minimum):
    return [Measurement(metric="acme.hits", value=0.5, n=100, direction="high")]


def test_each_spec_is_offered_through_the_hook_of_its_kind():
    host = PluginHost(discover=False)
    check = CheckSpec(id="acme.done", title="Done", name="acme_done", run=at_hand(len))
    others = [metric_spec(hits), metric_spec(hits, id="acme.others")]

    info = host.register(plugin_of(check, *others), "acme", distribution="acme", version="3")

    assert (info.status, set(info.hooks)) == ("active", {"aims_checks", "aims_metrics"})
    assert [o.spec for o in host.contributions("aims_metrics")] == others
    assert check in [o.spec for o in host.contributions("aims_checks")]


def test_a_reference_leads_to_the_thing_itself_and_passes_for_one_of_a_module():
    reference = at_hand(hits)

    assert isinstance(reference, Ref)
    assert reference.load() is hits
    assert reference != at_hand(len)


def test_a_metric_states_all_that_it_has_to_and_what_the_test_says_goes_first():
    made = metric_spec(hits, id="acme.lift", direction="low", minimum=7)

    assert isinstance(made, MetricSpec)
    assert (made.id, made.direction, made.minimum) == ("acme.lift", "low", 7)
    assert made.compute.load() is hits
    with pytest.raises(ValueError, match="direction is high or low"):
        metric_spec(hits, direction="up")


def test_what_no_hook_takes_is_named_with_what_they_take():
    with pytest.raises(TypeError, match=r"no hook takes a Measurement; offer one of .*MetricSpec"):
        plugin_of(*hits(None, None, 0))


def test_a_figure_of_such_a_metric_is_measured(registered):
    registered.host.register(plugin_of(metric_spec(hits)), "acme")
    monitoring = registered.act_as("olga").monitoring
    monitoring.define(
        "hits",
        "ticket-triage",
        thresholds={"acme.hits": {"min": 0.1}},
        schema={"prediction": "p"},
        window=50,
    )
    import pandas as pd

    run = monitoring.run("hits", pd.DataFrame({"p": [1] * 100}))

    assert [str(window.status) for window in run.windows] == ["ok", "ok"]
