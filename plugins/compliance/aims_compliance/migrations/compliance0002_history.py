"""Keep every former state of decisions on controls."""

from alembic import op

from aims_core import start_history, stop_history

revision = "compliance0002"
down_revision = "compliance0001"
branch_labels = None
depends_on = None

# A decision leaves force when the next one on its control is taken; nothing else about it changes.
_SINCE = """CASE WHEN in_force THEN decided_at ELSE coalesce(
    (SELECT min(later.decided_at) FROM compliance_decision later
     WHERE later.control_id = compliance_decision.control_id
     AND later.revision > compliance_decision.revision), decided_at) END"""
_FORMER = """INSERT INTO compliance_decision_history
    (decision_id, control_id, revision, applicable, reason, grounds, implementation, responsible,
     decided_by, decided_at, in_force, valid_from, valid_to)
SELECT decision_id, control_id, revision, applicable, reason, grounds, implementation, responsible,
    decided_by, decided_at, NOT in_force, decided_at, valid_from
FROM compliance_decision WHERE NOT in_force AND decided_at < valid_from"""


def upgrade() -> None:
    start_history("compliance_decision", since=_SINCE)
    op.execute(_FORMER)


def downgrade() -> None:
    stop_history("compliance_decision")
