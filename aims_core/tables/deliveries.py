"""Tables of what listeners have yet to be told."""

import sqlalchemy as sa

from aims_core.tables.columns import ID, WORD, UtcTime, metadata

outbox = sa.Table(
    "aims_outbox",
    metadata,
    sa.Column(
        "sequence",
        sa.BigInteger,
        sa.ForeignKey("aims_event.sequence"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("type", sa.String(100), nullable=False),
    sa.Index(None, "type", "sequence"),
)

delivery = sa.Table(
    "aims_delivery",
    metadata,
    sa.Column("event_id", ID, sa.ForeignKey("aims_event.event_id"), primary_key=True),
    sa.Column("listener", sa.String(100), primary_key=True),
    sa.Column("version", sa.String(100), nullable=False),
    sa.Column("status", WORD, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index(None, "status"),
)
