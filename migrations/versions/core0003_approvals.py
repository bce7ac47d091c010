"""Requests that expire, approvals that end or lapse, and the tier they were given for."""

import sqlalchemy as sa
from alembic import op

revision = "core0003"
down_revision = "core0001"
branch_labels = None
depends_on = None

# Approvals given before this revision get the tier that was assessed when they were decided.
_TIERS = """
UPDATE aims_approval SET tier = COALESCE(
  (SELECT r.tier FROM aims_result r
   WHERE r.system_id = aims_approval.system_id AND r.tier IS NOT NULL
     AND r.recorded_at <= aims_approval.closed_at
   ORDER BY r.recorded_at DESC, r.result_id LIMIT 1),
  'undetermined')
WHERE status = 'carried_out'
"""


def upgrade() -> None:
    for name, kind in (
        ("expires_at", sa.String(length=27)),
        ("valid_until", sa.String(length=27)),
        ("lapsed_at", sa.String(length=27)),
        ("tier", sa.String(length=40)),
    ):
        op.add_column("aims_approval", sa.Column(name, kind, nullable=True))
    op.execute(_TIERS)


def downgrade() -> None:
    for name in ("tier", "lapsed_at", "valid_until", "expires_at"):
        op.drop_column("aims_approval", name)
