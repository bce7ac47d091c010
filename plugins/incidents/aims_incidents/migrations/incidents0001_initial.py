"""The incident register: incidents and the breaches behind them."""

import sqlalchemy as sa
from alembic import op

revision = "incidents0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incidents_incident",
        sa.Column("incident_id", sa.String(64), nullable=False),
        sa.Column("system_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("open_key", sa.String(64), nullable=True),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("suspends", sa.Boolean(), nullable=False),
        sa.Column("assigned_to", sa.String(64), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_kind", sa.String(40), nullable=False),
        sa.Column("treatment", sa.Text(), nullable=False),
        sa.Column("treated_by", sa.String(64), nullable=False),
        sa.Column("treaters", sa.Text(), nullable=False),
        sa.Column("cause_event", sa.String(64), nullable=False),
        sa.Column("occurred_at", sa.String(27), nullable=False),
        sa.Column("opened_at", sa.String(27), nullable=False),
        sa.Column("opened_by", sa.String(64), nullable=False),
        sa.Column("closed_at", sa.String(27), nullable=True),
        sa.Column("closed_by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incidents_incident")),
        sa.UniqueConstraint("open_key", name=op.f("uq_incidents_incident_open_key")),
        sa.ForeignKeyConstraint(
            ["system_id"],
            ["aims_system.system_id"],
            name=op.f("fk_incidents_incident_system_id"),
        ),
    )
    for column in ("system_id", "status", "cause_event"):
        op.create_index(op.f(f"ix_incidents_incident_{column}"), "incidents_incident", [column])
    op.create_table(
        "incidents_breach",
        sa.Column("event_id", sa.String(64), nullable=False),
        sa.Column("incident_id", sa.String(64), nullable=False),
        sa.Column("severity", sa.String(40), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_incidents_breach")),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents_incident.incident_id"],
            name=op.f("fk_incidents_breach_incident_id"),
        ),
    )
    op.create_index(op.f("ix_incidents_breach_incident_id"), "incidents_breach", ["incident_id"])


def downgrade() -> None:
    op.drop_table("incidents_breach")
    op.drop_table("incidents_incident")
