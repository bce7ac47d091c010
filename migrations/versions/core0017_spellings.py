"""Ids of actors that differ in small and large letters only are found by an index."""

from alembic import op

from aims_core import spellings

revision = "core0017"
down_revision = "core0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    spellings.make(op.get_bind())


def downgrade() -> None:
    spellings.drop(op.get_bind())
