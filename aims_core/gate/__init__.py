"""What gates look at: frozen facts of many systems, and the answers of the named checks about them."""

from aims_core.gate.answers import Asked, answer, find
from aims_core.gate.facts import Wanted, gather

__all__ = ["Asked", "Wanted", "answer", "find", "gather"]
