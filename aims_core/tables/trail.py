"""Tables of the trail of events, the tree over it, and its checkpoints."""

import sqlalchemy as sa

from aims_core.tables.columns import DIGEST, ID, REASON, WORD, JsonText, UtcTime, metadata

event = sa.Table(
    "aims_event",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("event_id", ID, nullable=False, unique=True),
    sa.Column("type", sa.String(100), nullable=False),
    sa.Column("at", sa.String(27), nullable=False),
    sa.Column("actor", ID, nullable=False),
    sa.Column("assurance", WORD, nullable=False),
    sa.Column("system_id", ID, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("nonce", sa.String(32), nullable=False),
    sa.Column("leaf", DIGEST, nullable=False),
    sa.Column("chain", DIGEST, nullable=False),
    sa.Index(None, "system_id", "sequence"),
)

trail_head = sa.Table(
    "aims_trail_head",
    metadata,
    sa.Column("name", WORD, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("chain", DIGEST, nullable=False),
)

leaf = sa.Table(
    "aims_leaf",
    metadata,
    sa.Column("leaf_index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column(
        "sequence", sa.BigInteger, sa.ForeignKey("aims_event.sequence"), nullable=False, unique=True
    ),
)

unsealed = sa.Table(
    "aims_unsealed",
    metadata,
    sa.Column(
        "sequence",
        sa.BigInteger,
        sa.ForeignKey("aims_event.sequence"),
        primary_key=True,
        autoincrement=False,
    ),
)

tree = sa.Table(
    "aims_tree",
    metadata,
    sa.Column("name", WORD, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("peaks", JsonText, nullable=False),
    sa.Column("root", DIGEST, nullable=False),
)

tree_node = sa.Table(
    "aims_tree_node",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", DIGEST, nullable=False),
)

checkpoint = sa.Table(
    "aims_checkpoint",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("origin", sa.String(200), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("root", DIGEST, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("made_by", ID, nullable=False),
)

anchoring = sa.Table(
    "aims_anchoring",
    metadata,
    sa.Column("anchoring_id", ID, primary_key=True),
    sa.Column(
        "number", sa.Integer, sa.ForeignKey("aims_checkpoint.number"), nullable=False, index=True
    ),
    sa.Column("anchor", sa.String(200), nullable=False),
    sa.Column("kept", sa.Boolean, nullable=False),
    sa.Column("location", sa.Text, nullable=False),
    sa.Column("receipt", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

erasure = sa.Table(
    "aims_erasure",
    metadata,
    sa.Column("erasure_id", ID, primary_key=True),
    sa.Column("event_id", ID, sa.ForeignKey("aims_event.event_id"), nullable=False, index=True),
    sa.Column("actor", ID, nullable=False),
    sa.Column("person", ID, nullable=False),
    sa.Column("role", WORD, nullable=False),
    sa.Column("reason", REASON, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)
