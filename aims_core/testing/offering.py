"""Plugins made within a test: what one offers, without a module to name or a package to install.

::

    from aims_core.testing import at_hand, metric_spec, plugin_of

    def test_a_figure_has_a_limit(registered):
        registered.host.register(plugin_of(metric_spec(share, id="bias_audit.share")), "bias_audit")
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aims_core.contributions import MetricSpec, Ref
from aims_core.hookspecs import hookimpl
from aims_core.plugin_host.host import KINDS


@dataclass(frozen=True)
class _AtHand(Ref):
    """A reference that has what it leads to."""

    thing: Any = None

    def load(self) -> Any:
        return self.thing


def at_hand(thing: Any) -> Ref:
    """Return a reference to something of the test itself, where a plugin would name a module."""
    return _AtHand("the test", thing)


def plugin_of(*specs: Any) -> object:
    """Return a plugin that offers these, to be registered by :meth:`PluginHost.register`.

    Parameters
    ----------
    specs : MetricSpec, CheckSpec or any other that a hook takes
        Each is offered through the hook of its kind.

    Raises
    ------
    TypeError
        No hook takes one of them.
    """
    offered: dict[str, list[Any]] = {}
    for spec in specs:
        hook = next((hook for hook, kind in KINDS.items() if isinstance(spec, kind)), None)
        if hook is None:
            takes = ", ".join(sorted(kind.__name__ for kind in KINDS.values()))
            raise TypeError(f"no hook takes a {type(spec).__name__}; offer one of {takes}")
        offered.setdefault(hook, []).append(spec)
    return type("PluginOfTheTest", (), {h: _answering(listed) for h, listed in offered.items()})()


def metric_spec(compute: Callable[..., Any] | Ref, /, **changes: Any) -> MetricSpec:
    """Return a metric with everything stated that a test does not care about.

    Parameters
    ----------
    compute : callable
        Takes a window, its reference and the minimum sample, and returns figures.
    **changes
        Fields of `MetricSpec` that matter; without them it is ``acme.hits``, of which a higher value is
        better, on 30 rows at least.
    """
    facts = {
        "id": "acme.hits",
        "title": "Hits",
        "compute": compute if isinstance(compute, Ref) else at_hand(compute),
        "formula": "hits / rows",
        "source": "house rule 7",
        "range": "0 to 1",
        "direction": "high",
        "minimum": 30,
    }
    return MetricSpec(**{**facts, **changes})


def _answering(specs: list[Any]) -> Any:
    def answer(_self: object) -> list[Any]:
        return list(specs)

    return hookimpl(answer)
