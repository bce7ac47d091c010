"""Separation of duties: the rules, the exceptions to them, and every breach as of any date."""

from aims_core.separation.breach import Breach
from aims_core.separation.separation import COLUMNS, EXCEPTION_COLUMNS, Separation

__all__ = ["COLUMNS", "EXCEPTION_COLUMNS", "Breach", "Separation"]
