"""The core's first tables: people, systems, requests, evidence, results, the audit trail and the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "core0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "aims_actor",
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.String(length=27), nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_aims_actor")),
    )
    op.create_table(
        "aims_component",
        sa.Column("component_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=False),
        sa.Column("supplier", sa.String(length=500), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.String(length=27), nullable=False),
        sa.Column("registered_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("component_id", name=op.f("pk_aims_component")),
    )
    op.create_table(
        "aims_event",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("assurance", sa.String(length=40), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_aims_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_aims_event_event_id")),
    )
    op.create_index(
        op.f("ix_aims_event_system_id_sequence"),
        "aims_event",
        ["system_id", "sequence"],
        unique=False,
    )
    op.create_table(
        "aims_result_schema",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("schema", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_aims_result_schema")),
    )
    op.create_table(
        "aims_schema_component",
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("distribution", sa.String(length=200), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=False),
        sa.Column("revision", sa.String(length=32), nullable=True),
        sa.Column("requires", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("component", name=op.f("pk_aims_schema_component")),
    )
    op.create_table(
        "aims_system",
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("use_case", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("declared_risk_category", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("intended_use", sa.Text(), nullable=False),
        sa.Column("supplier", sa.String(length=500), nullable=False),
        sa.Column("human_oversight", sa.Text(), nullable=False),
        sa.Column("incident_contact", sa.String(length=500), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("components", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.String(length=40), nullable=False),
        sa.Column("approval_state", sa.String(length=40), nullable=False),
        sa.Column("entry", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("registered_at", sa.String(length=27), nullable=False),
        sa.Column("revised_at", sa.String(length=27), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("system_id", name=op.f("pk_aims_system")),
    )
    op.create_index(op.f("ix_aims_system_owner"), "aims_system", ["owner"], unique=False)
    op.create_index(op.f("ix_aims_system_stage"), "aims_system", ["stage"], unique=False)
    op.create_index(op.f("ix_aims_system_tier"), "aims_system", ["tier"], unique=False)
    op.create_index(op.f("ix_aims_system_unit"), "aims_system", ["unit"], unique=False)
    op.create_table(
        "aims_trail_head",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_aims_trail_head")),
    )
    op.create_table(
        "aims_approval",
        sa.Column("approval_id", sa.String(length=64), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("transition", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("requested_by", sa.String(length=64), nullable=False),
        sa.Column("requested_at", sa.String(length=27), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("machine_version", sa.String(length=40), nullable=False),
        sa.Column("closed_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_aims_approval_system_id")
        ),
        sa.PrimaryKeyConstraint("approval_id", name=op.f("pk_aims_approval")),
    )
    op.create_index(op.f("ix_aims_approval_status"), "aims_approval", ["status"], unique=False)
    op.create_index(
        op.f("ix_aims_approval_system_id"), "aims_approval", ["system_id"], unique=False
    )
    op.create_table(
        "aims_delivery",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("listener", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["aims_event.event_id"], name=op.f("fk_aims_delivery_event_id")
        ),
        sa.PrimaryKeyConstraint("event_id", "listener", name=op.f("pk_aims_delivery")),
    )
    op.create_index(op.f("ix_aims_delivery_status"), "aims_delivery", ["status"], unique=False)
    op.create_table(
        "aims_evidence",
        sa.Column("evidence_id", sa.String(length=64), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("collected_at", sa.String(length=27), nullable=False),
        sa.Column("added_at", sa.String(length=27), nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_aims_evidence_system_id")
        ),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_aims_evidence")),
    )
    op.create_index(
        op.f("ix_aims_evidence_system_id_kind"),
        "aims_evidence",
        ["system_id", "kind"],
        unique=False,
    )
    op.create_table(
        "aims_grant",
        sa.Column("grant_id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("scope_kind", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("granted_by", sa.String(length=64), nullable=False),
        sa.Column("granted_at", sa.String(length=27), nullable=False),
        sa.Column("revoked_by", sa.String(length=64), nullable=True),
        sa.Column("revoked_at", sa.String(length=27), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor"], ["aims_actor.actor_id"], name=op.f("fk_aims_grant_actor")
        ),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_aims_grant")),
    )
    op.create_index(op.f("ix_aims_grant_actor"), "aims_grant", ["actor"], unique=False)
    op.create_table(
        "aims_outbox",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["sequence"], ["aims_event.sequence"], name=op.f("fk_aims_outbox_sequence")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_aims_outbox")),
    )
    op.create_table(
        "aims_result",
        sa.Column("result_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("distribution", sa.String(length=200), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=100), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("schema_digest", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(length=40), nullable=True),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.String(length=27), nullable=False),
        sa.Column("valid_until", sa.String(length=27), nullable=True),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["schema_digest"],
            ["aims_result_schema.digest"],
            name=op.f("fk_aims_result_schema_digest"),
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_aims_result_system_id")
        ),
        sa.PrimaryKeyConstraint("result_id", name=op.f("pk_aims_result")),
    )
    op.create_index(
        op.f("ix_aims_result_kind_in_force"), "aims_result", ["kind", "in_force"], unique=False
    )
    op.create_index(
        op.f("ix_aims_result_system_id_kind_in_force"),
        "aims_result",
        ["system_id", "kind", "in_force"],
        unique=False,
    )
    op.create_table(
        "aims_system_component",
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("component_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["component_id"],
            ["aims_component.component_id"],
            name=op.f("fk_aims_system_component_component_id"),
        ),
        sa.ForeignKeyConstraint(
            ["system_id"],
            ["aims_system.system_id"],
            name=op.f("fk_aims_system_component_system_id"),
        ),
        sa.PrimaryKeyConstraint("system_id", "component_id", name=op.f("pk_aims_system_component")),
    )
    op.create_index(
        op.f("ix_aims_system_component_component_id"),
        "aims_system_component",
        ["component_id"],
        unique=False,
    )
    op.create_table(
        "aims_system_revision",
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_aims_system_revision_system_id")
        ),
        sa.PrimaryKeyConstraint("system_id", "revision", name=op.f("pk_aims_system_revision")),
    )
    op.create_table(
        "aims_transition",
        sa.Column("transition_id", sa.String(length=64), nullable=False),
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("transition", sa.String(length=40), nullable=False),
        sa.Column("from_stage", sa.String(length=40), nullable=False),
        sa.Column("to_stage", sa.String(length=40), nullable=False),
        sa.Column("from_status", sa.String(length=40), nullable=False),
        sa.Column("to_status", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("approval_id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("machine_version", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_aims_transition_system_id")
        ),
        sa.PrimaryKeyConstraint("transition_id", name=op.f("pk_aims_transition")),
    )
    op.create_index(
        op.f("ix_aims_transition_system_id"), "aims_transition", ["system_id"], unique=False
    )
    op.create_table(
        "aims_vote",
        sa.Column("vote_id", sa.String(length=64), nullable=False),
        sa.Column("approval_id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["aims_approval.approval_id"], name=op.f("fk_aims_vote_approval_id")
        ),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("pk_aims_vote")),
        sa.UniqueConstraint(
            "approval_id", "person", "role", name=op.f("uq_aims_vote_approval_id_person_role")
        ),
    )
    op.create_index(op.f("ix_aims_vote_approval_id"), "aims_vote", ["approval_id"], unique=False)
    op.execute(
        "INSERT INTO aims_trail_head (name, sequence, chain) VALUES ('main', 0, '" + "0" * 64 + "')"
    )
    for statement in guards(op.get_bind().dialect.name):
        op.execute(statement)


def guards(dialect: str) -> list[str]:
    """Return the statements that make records append-only: accidents and careless hands are stopped."""
    kept = ("aims_event", "aims_system_revision", "aims_transition", "aims_vote")
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_keeps_{act} BEFORE {act.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for table in kept
            for act in ("update", "delete")
        ]
    return [
        (
            "CREATE FUNCTION aims_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        ),
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION aims_append_only()"
            for table in kept
        ),
    ]


def downgrade() -> None:
    op.drop_table("aims_vote")
    op.drop_table("aims_transition")
    op.drop_table("aims_system_revision")
    op.drop_table("aims_system_component")
    op.drop_table("aims_result")
    op.drop_table("aims_outbox")
    op.drop_table("aims_grant")
    op.drop_table("aims_evidence")
    op.drop_table("aims_delivery")
    op.drop_table("aims_approval")
    op.drop_table("aims_trail_head")
    op.drop_table("aims_system")
    op.drop_table("aims_schema_component")
    op.drop_table("aims_result_schema")
    op.drop_table("aims_event")
    op.drop_table("aims_component")
    op.drop_table("aims_actor")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION aims_append_only()")
