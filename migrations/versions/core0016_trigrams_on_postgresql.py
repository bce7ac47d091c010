"""Find words on PostgreSQL by an index that needs no extension; pg_trgm's goes where it was made."""

from alembic import op

from aims_core import trigrams

revision = "core0016"
down_revision = "core0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        trigrams.make(op.get_bind())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        trigrams.drop(op.get_bind())
