"""Rules of separation of duties as data, and exceptions to them; pure."""

from aims_core.rules.exceptions import SeparationException, as_it_stood, covering, in_force_on
from aims_core.rules.rule import Rule, load_rules, rule_of

__all__ = [
    "Rule",
    "SeparationException",
    "as_it_stood",
    "covering",
    "in_force_on",
    "load_rules",
    "rule_of",
]
