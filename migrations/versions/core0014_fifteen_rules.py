"""Two people release a legal hold; concerns, and whom they reached."""

import sqlalchemy as sa
from alembic import op

revision = "core0014"
down_revision = "core0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "aims_evidence_hold", sa.Column("release_proposed_by", sa.String(length=64), nullable=True)
    )
    op.add_column(
        "aims_evidence_hold", sa.Column("release_proposed_at", sa.String(length=27), nullable=True)
    )
    op.create_table(
        "aims_concern",
        sa.Column("concern_id", sa.String(length=64), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_by", sa.String(length=64), nullable=False),
        sa.Column("raised_at", sa.String(length=27), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=64), nullable=True),
        sa.Column("answered_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_aims_concern_system_id")
        ),
        sa.PrimaryKeyConstraint("concern_id", name=op.f("pk_aims_concern")),
    )
    op.create_table(
        "aims_concern_access",
        sa.Column("access_id", sa.String(length=64), nullable=False),
        sa.Column("concern_id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["concern_id"],
            ["aims_concern.concern_id"],
            name=op.f("fk_aims_concern_access_concern_id"),
        ),
        sa.PrimaryKeyConstraint("access_id", name=op.f("pk_aims_concern_access")),
    )
    op.create_index(
        op.f("ix_aims_concern_access_concern_id"), "aims_concern_access", ["concern_id"]
    )
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("aims_concern_access")
    op.drop_table("aims_concern")
    op.drop_column("aims_evidence_hold", "release_proposed_at")
    op.drop_column("aims_evidence_hold", "release_proposed_by")


def _guards(dialect: str) -> list[str]:
    """Who read a concern stays on record."""
    table = "aims_concern_access"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_keeps_{act} BEFORE {act.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for act in ("update", "delete")
        ]
    trigger = f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
    return [trigger + "FOR EACH ROW EXECUTE FUNCTION aims_append_only()"]
