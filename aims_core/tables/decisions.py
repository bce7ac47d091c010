"""Tables of requests, votes, steps of the lifecycle and reviews."""

import sqlalchemy as sa

from aims_core.tables.columns import (
    DIGEST,
    ID,
    REASON,
    WORD,
    JsonText,
    UtcTime,
    metadata,
    valid_from,
)

approval = sa.Table(
    "aims_approval",
    metadata,
    sa.Column("approval_id", ID, primary_key=True),
    sa.Column("system_id", ID, sa.ForeignKey("aims_system.system_id"), nullable=False, index=True),
    sa.Column("transition", WORD, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("digest", DIGEST, nullable=False),
    sa.Column("requested_by", ID, nullable=False),
    sa.Column("requested_at", UtcTime, nullable=False),
    sa.Column("reason", REASON, nullable=False),
    sa.Column("status", WORD, nullable=False, index=True),
    sa.Column("machine_version", WORD, nullable=False),
    sa.Column("closed_at", UtcTime),
    sa.Column("expires_at", UtcTime),
    sa.Column("valid_until", UtcTime),
    sa.Column("lapsed_at", UtcTime),
    sa.Column("closed_by", ID),
    sa.Column("close_reason", REASON),
    sa.Column("tier", WORD),
    # When it was asked and when it ended in fact, where somebody says so: not the time of entry.
    sa.Column("fact_at", UtcTime),
    sa.Column("closed_fact_at", UtcTime),
    valid_from(),
)

vote = sa.Table(
    "aims_vote",
    metadata,
    sa.Column("vote_id", ID, primary_key=True),
    sa.Column(
        "approval_id", ID, sa.ForeignKey("aims_approval.approval_id"), nullable=False, index=True
    ),
    sa.Column("actor", ID, nullable=False),
    sa.Column("person", ID, nullable=False),
    sa.Column("role", WORD, nullable=False),
    sa.Column("decision", WORD, nullable=False),
    sa.Column("reason", REASON, nullable=False),
    sa.Column("digest", DIGEST, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("on_behalf_of", ID, nullable=False),
    sa.Column("on_behalf_person", ID, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("fact_at", UtcTime),
    sa.UniqueConstraint("approval_id", "person", "role", "on_behalf_person", "ordinal"),
)

periodic_review = sa.Table(
    "aims_periodic_review",
    metadata,
    sa.Column("review_id", ID, primary_key=True),
    sa.Column("system_id", ID, sa.ForeignKey("aims_system.system_id"), nullable=False, index=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("outcome", WORD, nullable=False),
    sa.Column("note", REASON, nullable=False),
    sa.Column("unmet", JsonText, nullable=False),
    sa.Column("due_on", sa.String(10), nullable=False),
    sa.Column("reviewed_by", ID, nullable=False),
    sa.Column("reviewed_at", UtcTime, nullable=False),
)

review_reminder = sa.Table(
    "aims_review_reminder",
    metadata,
    sa.Column("system_id", ID, sa.ForeignKey("aims_system.system_id"), primary_key=True),
    sa.Column("due_on", sa.String(10), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
)

transition = sa.Table(
    "aims_transition",
    metadata,
    sa.Column("transition_id", ID, primary_key=True),
    sa.Column("system_id", ID, sa.ForeignKey("aims_system.system_id"), nullable=False, index=True),
    sa.Column("transition", WORD, nullable=False),
    sa.Column("from_stage", WORD, nullable=False),
    sa.Column("to_stage", WORD, nullable=False),
    sa.Column("from_status", WORD, nullable=False),
    sa.Column("to_status", WORD, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("digest", DIGEST, nullable=False),
    sa.Column("approval_id", ID, nullable=False),
    sa.Column("actor", ID, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("machine_version", WORD, nullable=False),
    sa.Column("reason", REASON, nullable=False),
    sa.Column("conditions", JsonText, nullable=False),
    sa.Column("fact_at", UtcTime),
)
