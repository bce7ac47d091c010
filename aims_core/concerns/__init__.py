"""Concerns that people raise, heard by somebody whom they do not concern."""

from aims_core.concerns.concern import Concern
from aims_core.concerns.concerns import COLUMNS, Concerns

__all__ = ["COLUMNS", "Concern", "Concerns"]
