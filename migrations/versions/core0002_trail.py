"""The trail's Merkle tree, its checkpoints and their anchors, and erasure by the decision of two people."""

import sqlalchemy as sa
from alembic import op

revision = "core0002"
down_revision = "core0001"
branch_labels = None
depends_on = None

EMPTY_ROOT = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
KEPT = ("aims_leaf", "aims_tree_node", "aims_checkpoint", "aims_anchoring", "aims_erasure")
COLUMNS = ("sequence", "event_id", "type", "at", "actor", "assurance", "system_id", "leaf", "chain")
# Two people, one as administrator and one as auditor, both asked for it.
DECIDED = (
    "EXISTS (SELECT 1 FROM aims_erasure a JOIN aims_erasure b "
    "ON b.event_id = a.event_id AND b.person <> a.person "
    "WHERE a.event_id = OLD.event_id AND a.role = 'administrator' AND b.role = 'auditor')"
)


def upgrade() -> None:
    op.create_table(
        "aims_leaf",
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sequence"], ["aims_event.sequence"], name=op.f("fk_aims_leaf_sequence")
        ),
        sa.PrimaryKeyConstraint("leaf_index", name=op.f("pk_aims_leaf")),
        sa.UniqueConstraint("sequence", name=op.f("uq_aims_leaf_sequence")),
    )
    op.create_table(
        "aims_unsealed",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["sequence"], ["aims_event.sequence"], name=op.f("fk_aims_unsealed_sequence")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_aims_unsealed")),
    )
    op.create_table(
        "aims_tree",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("peaks", sa.Text(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_aims_tree")),
    )
    op.create_table(
        "aims_tree_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name=op.f("pk_aims_tree_node")),
    )
    op.create_table(
        "aims_checkpoint",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_aims_checkpoint")),
    )
    op.create_table(
        "aims_anchoring",
        sa.Column("anchoring_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.String(length=200), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["aims_checkpoint.number"], name=op.f("fk_aims_anchoring_number")
        ),
        sa.PrimaryKeyConstraint("anchoring_id", name=op.f("pk_aims_anchoring")),
    )
    op.create_index(op.f("ix_aims_anchoring_number"), "aims_anchoring", ["number"], unique=False)
    op.create_table(
        "aims_erasure",
        sa.Column("erasure_id", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["aims_event.event_id"], name=op.f("fk_aims_erasure_event_id")
        ),
        sa.PrimaryKeyConstraint("erasure_id", name=op.f("pk_aims_erasure")),
    )
    op.create_index(op.f("ix_aims_erasure_event_id"), "aims_erasure", ["event_id"], unique=False)
    op.execute(
        f"INSERT INTO aims_tree (name, size, peaks, root) VALUES ('main', 0, '[]', '{EMPTY_ROOT}')"
    )
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        _number_events()
    for statement in (*forgotten(dialect), *guards(dialect)):
        op.execute(statement)


def _number_events() -> None:
    """On PostgreSQL a sequence numbers events from here on, and those there are wait to be sealed."""
    op.execute("CREATE SEQUENCE aims_event_sequence OWNED BY aims_event.sequence")
    op.execute(
        "SELECT setval('aims_event_sequence', coalesce(max(sequence), 0) + 1, false) FROM aims_event"
    )
    op.execute("INSERT INTO aims_unsealed (sequence) SELECT sequence FROM aims_event")


def forgotten(dialect: str) -> list[str]:
    """Return the statements that take away the old guard of events, which knew no erasure."""
    if dialect == "sqlite":
        return ["DROP TRIGGER aims_event_keeps_update"]
    return ["DROP TRIGGER aims_event_append_only ON aims_event"]


def guards(dialect: str) -> list[str]:
    """Return the statements that keep the trail append-only, but for what two people had erased."""
    if dialect == "sqlite":
        same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in COLUMNS)
        return [
            (
                "CREATE TRIGGER aims_event_keeps_update BEFORE UPDATE ON aims_event "
                f"WHEN NOT ({same} AND NEW.payload = '' AND NEW.nonce = '' AND {DECIDED}) "
                "BEGIN SELECT RAISE(ABORT, 'aims_event is append-only'); END"
            ),
            # INSERT OR REPLACE would delete without a trigger being asked.
            (
                "CREATE TRIGGER aims_event_keeps_insert BEFORE INSERT ON aims_event "
                "WHEN NEW.sequence <= (SELECT max(sequence) FROM aims_event) "
                "OR EXISTS (SELECT 1 FROM aims_event WHERE event_id = NEW.event_id) "
                "BEGIN SELECT RAISE(ABORT, 'aims_event is append-only'); END"
            ),
            *(
                f"CREATE TRIGGER {table}_keeps_{act} BEFORE {act.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                for table in KEPT
                for act in ("update", "delete")
            ),
        ]
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in COLUMNS)
    return [
        (
            "CREATE FUNCTION aims_event_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'UPDATE' AND {same} AND NEW.payload = '' AND NEW.nonce = '' AND {DECIDED} "
            "THEN RETURN NEW; END IF; "
            "RAISE EXCEPTION 'aims_event is append-only'; END $$"
        ),
        (
            "CREATE TRIGGER aims_event_append_only BEFORE UPDATE OR DELETE ON aims_event "
            "FOR EACH ROW EXECUTE FUNCTION aims_event_only_erased()"
        ),
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION aims_append_only()"
            for table in KEPT
        ),
    ]


def downgrade() -> None:
    connection = op.get_bind()
    unchained = connection.execute(sa.text("SELECT count(*) FROM aims_event WHERE chain = ''"))
    if unchained.scalar_one():
        raise RuntimeError(
            "core0002 cannot be taken back: events were written since that no chain holds together"
        )
    dialect = connection.dialect.name
    if dialect == "sqlite":
        op.execute("DROP TRIGGER aims_event_keeps_insert")
        op.execute("DROP TRIGGER aims_event_keeps_update")
        op.execute(
            "CREATE TRIGGER aims_event_keeps_update BEFORE UPDATE ON aims_event "
            "BEGIN SELECT RAISE(ABORT, 'aims_event is append-only'); END"
        )
    else:
        op.execute("DROP TRIGGER aims_event_append_only ON aims_event")
        op.execute("DROP FUNCTION aims_event_only_erased()")
        op.execute(
            "CREATE TRIGGER aims_event_append_only BEFORE UPDATE OR DELETE ON aims_event "
            "FOR EACH ROW EXECUTE FUNCTION aims_append_only()"
        )
        op.execute("DROP SEQUENCE aims_event_sequence")
    for table in ("anchoring", "checkpoint", "erasure", "tree_node", "tree", "unsealed", "leaf"):
        op.drop_table(f"aims_{table}")
