"""Tables of concerns, and of who read them."""

import sqlalchemy as sa

from aims_core.tables.columns import ID, WORD, JsonText, UtcTime, metadata

concern = sa.Table(
    "aims_concern",
    metadata,
    sa.Column("concern_id", ID, primary_key=True),
    sa.Column("system_id", ID, sa.ForeignKey("aims_system.system_id")),
    sa.Column("about", JsonText, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("raised_by", ID, nullable=False),
    sa.Column("raised_at", UtcTime, nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("answered_by", ID),
    sa.Column("answered_at", UtcTime),
)

concern_access = sa.Table(
    "aims_concern_access",
    metadata,
    sa.Column("access_id", ID, primary_key=True),
    sa.Column(
        "concern_id", ID, sa.ForeignKey("aims_concern.concern_id"), nullable=False, index=True
    ),
    sa.Column("actor", ID, nullable=False),
    sa.Column("act", WORD, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)
