"""Import runs and the rows they refused."""

import sqlalchemy as sa
from alembic import op

revision = "discovery0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discovery_import_run",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.String(length=500), nullable=False),
        sa.Column("mapping_digest", sa.String(length=64), nullable=False),
        sa.Column("delimiter", sa.String(length=1), nullable=False),
        sa.Column("encoding", sa.String(length=40), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("revised", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("imported_by", sa.String(length=64), nullable=False),
        sa.Column("imported_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_discovery_import_run")),
        sa.UniqueConstraint("content", name=op.f("uq_discovery_import_run_content")),
    )
    op.create_table(
        "discovery_refused_row",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("system_id", sa.Text(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["discovery_import_run.run_id"],
            name=op.f("fk_discovery_refused_row_run_id"),
        ),
        sa.PrimaryKeyConstraint("run_id", "row", name=op.f("pk_discovery_refused_row")),
    )


def downgrade() -> None:
    op.drop_table("discovery_refused_row")
    op.drop_table("discovery_import_run")
