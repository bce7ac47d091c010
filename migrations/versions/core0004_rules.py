"""Waivers with their votes, exceptions to rules of separation, role changes by two, periodic reviews."""

import sqlalchemy as sa
from alembic import op

revision = "core0004"
down_revision = "core0003"
branch_labels = None
depends_on = None

# Votes and reviews are kept as they were given, as in core0001.
_KEPT = ("aims_waiver_vote", "aims_periodic_review")


def upgrade() -> None:
    _waivers()
    _exceptions()
    _role_changes()
    _reviews()
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("aims_review_reminder")
    op.drop_table("aims_periodic_review")
    op.drop_table("aims_role_change")
    op.drop_table("aims_exception")
    op.drop_table("aims_waiver_vote")
    op.drop_table("aims_waiver")


def _waivers() -> None:
    op.create_table(
        "aims_waiver",
        sa.Column("waiver_id", sa.String(length=64), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("condition", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("compensating_measure", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.String(length=10), nullable=False),
        sa.Column("tier", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.String(length=27), nullable=False),
        sa.Column("granted_at", sa.String(length=27), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("closed_at", sa.String(length=27), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_aims_waiver_system_id")
        ),
        sa.PrimaryKeyConstraint("waiver_id", name=op.f("pk_aims_waiver")),
    )
    op.create_index(op.f("ix_aims_waiver_system_id"), "aims_waiver", ["system_id"], unique=False)
    op.create_table(
        "aims_waiver_vote",
        sa.Column("waiver_id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["waiver_id"], ["aims_waiver.waiver_id"], name=op.f("fk_aims_waiver_vote_waiver_id")
        ),
        sa.PrimaryKeyConstraint("waiver_id", "person", name=op.f("pk_aims_waiver_vote")),
    )


def _exceptions() -> None:
    op.create_table(
        "aims_exception",
        sa.Column("exception_id", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("compensating_control", sa.Text(), nullable=False),
        sa.Column("scope_kind", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("pairs", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.String(length=10), nullable=True),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.Column("approved_by", sa.String(length=64), nullable=True),
        sa.Column("approved_at", sa.String(length=27), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("exception_id", name=op.f("pk_aims_exception")),
    )


def _role_changes() -> None:
    op.create_table(
        "aims_role_change",
        sa.Column("change_id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("scope_kind", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", sa.String(length=27), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("closed_at", sa.String(length=27), nullable=True),
        sa.Column("grant_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor"], ["aims_actor.actor_id"], name=op.f("fk_aims_role_change_actor")
        ),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_aims_role_change")),
    )
    op.create_index(
        op.f("ix_aims_role_change_status"), "aims_role_change", ["status"], unique=False
    )
    op.create_index(
        op.f("ix_aims_role_change_grant_id"), "aims_role_change", ["grant_id"], unique=False
    )


def _reviews() -> None:
    op.create_table(
        "aims_periodic_review",
        sa.Column("review_id", sa.String(length=64), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("unmet", sa.Text(), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("reviewed_by", sa.String(length=64), nullable=False),
        sa.Column("reviewed_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_aims_periodic_review_system_id")
        ),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_aims_periodic_review")),
    )
    op.create_index(
        op.f("ix_aims_periodic_review_system_id"),
        "aims_periodic_review",
        ["system_id"],
        unique=False,
    )
    op.create_table(
        "aims_review_reminder",
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_aims_review_reminder_system_id")
        ),
        sa.PrimaryKeyConstraint("system_id", "due_on", name=op.f("pk_aims_review_reminder")),
    )


def _guards(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_keeps_{act} BEFORE {act.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for table in _KEPT
            for act in ("update", "delete")
        ]
    return [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION aims_append_only()"
        for table in _KEPT
    ]
