"""Evidence: what to mind about content, retention, legal hold, disposal by two people, runs of notebooks."""

import sqlalchemy as sa
from alembic import op

revision = "core0005"
down_revision = "core0004"
branch_labels = None
depends_on = None

# Ten years from the later of collection and entry, which is what is shipped; a 29 February becomes 1 March.
_SINCE = "CASE WHEN collected_at > added_at THEN collected_at ELSE added_at END"
_YEAR = f"CAST(CAST(SUBSTR({_SINCE}, 1, 4) AS INTEGER) + 10 AS VARCHAR(4))"
_REST = (
    f"CASE WHEN SUBSTR({_SINCE}, 5, 6) = '-02-29' THEN '-03-01' || SUBSTR({_SINCE}, 11) "
    f"ELSE SUBSTR({_SINCE}, 5) END"
)


def upgrade() -> None:
    for column in (
        sa.Column("marks", sa.Text(), nullable=True),
        sa.Column("retain_until", sa.String(length=27), nullable=True),
        sa.Column("disposed_at", sa.String(length=27), nullable=True),
        sa.Column("disposed_by", sa.String(length=64), nullable=True),
        sa.Column("run", sa.Text(), nullable=True),
        sa.Column("run_key", sa.String(length=64), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
    ):
        op.add_column("aims_evidence", column)
    op.execute(f"UPDATE aims_evidence SET retain_until = {_YEAR} || {_REST}")
    op.create_index(op.f("ix_aims_evidence_digest"), "aims_evidence", ["digest"], unique=False)
    op.create_table(
        "aims_evidence_hold",
        sa.Column("hold_id", sa.String(length=64), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("evidence_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.String(length=64), nullable=False),
        sa.Column("placed_at", sa.String(length=27), nullable=False),
        sa.Column("released_by", sa.String(length=64), nullable=True),
        sa.Column("released_at", sa.String(length=27), nullable=True),
        sa.Column("release_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            ["aims_evidence.evidence_id"],
            name=op.f("fk_aims_evidence_hold_evidence_id"),
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_aims_evidence_hold_system_id")
        ),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_aims_evidence_hold")),
    )
    op.create_index(
        op.f("ix_aims_evidence_hold_system_id"), "aims_evidence_hold", ["system_id"], unique=False
    )
    op.create_table(
        "aims_evidence_disposal",
        sa.Column("disposal_id", sa.String(length=64), nullable=False),
        sa.Column("evidence_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.String(length=27), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            ["aims_evidence.evidence_id"],
            name=op.f("fk_aims_evidence_disposal_evidence_id"),
        ),
        sa.PrimaryKeyConstraint("disposal_id", name=op.f("pk_aims_evidence_disposal")),
    )
    for column_name in ("evidence_id", "status"):
        op.create_index(
            op.f(f"ix_aims_evidence_disposal_{column_name}"),
            "aims_evidence_disposal",
            [column_name],
            unique=False,
        )


def downgrade() -> None:
    op.drop_table("aims_evidence_disposal")
    op.drop_table("aims_evidence_hold")
    op.drop_index(op.f("ix_aims_evidence_digest"), table_name="aims_evidence")
    for name in (
        "origin",
        "run_key",
        "run",
        "disposed_by",
        "disposed_at",
        "retain_until",
        "marks",
    ):
        op.drop_column("aims_evidence", name)
