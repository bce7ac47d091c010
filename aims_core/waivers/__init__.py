"""Waivers (rule R8): two persons let a condition count as met for a time, with a reason and a measure."""

from aims_core.waivers.register import COLUMNS, WaiverRegister

__all__ = ["COLUMNS", "WaiverRegister"]
