"""Who is known and who holds which role, within which scope; reached as ``workspace.staffing``."""

from aims_core.staffing.actors import COLUMNS, actor_problems, insert_actor
from aims_core.staffing.grants import insert_grant
from aims_core.staffing.staffing import Staffing

__all__ = ["COLUMNS", "Staffing", "actor_problems", "insert_actor", "insert_grant"]
