"""The inventory of AI systems (NIST AI RMF, GOVERN 1.6; ISO/IEC 42001, A.4.2)."""

from aims_core.inventory.inventory import Inventory

__all__ = ["Inventory"]
