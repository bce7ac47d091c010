"""Keep by which name a log of rows goes, and the fingerprint that tells whether another goes on it."""

import sqlalchemy as sa
from alembic import op

revision = "monitoring0006"
down_revision = "monitoring0005"
branch_labels = None
depends_on = None

_ADDED = ("log", "fingerprint")


def upgrade() -> None:
    for name in _ADDED:
        op.add_column("monitoring_run", sa.Column(name, sa.String(length=16), nullable=True))


def downgrade() -> None:
    for name in reversed(_ADDED):
        op.drop_column("monitoring_run", name)
