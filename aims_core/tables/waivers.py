"""Tables of conditions set aside and rules not kept."""

import sqlalchemy as sa

from aims_core.tables.columns import ID, REASON, WORD, JsonText, UtcTime, metadata

waiver = sa.Table(
    "aims_waiver",
    metadata,
    sa.Column("waiver_id", ID, primary_key=True),
    sa.Column("system_id", ID, sa.ForeignKey("aims_system.system_id"), nullable=False, index=True),
    sa.Column("condition", WORD, nullable=False),
    sa.Column("reason", REASON, nullable=False),
    sa.Column("compensating_measure", REASON, nullable=False),
    # The last day on which it holds, in UTC.
    sa.Column("expires_on", sa.String(10), nullable=False),
    sa.Column("tier", WORD, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("status", WORD, nullable=False),
    sa.Column("proposed_by", ID, nullable=False),
    sa.Column("proposed_at", UtcTime, nullable=False),
    sa.Column("granted_at", UtcTime),
    sa.Column("closed_by", ID),
    sa.Column("closed_at", UtcTime),
    sa.Column("close_reason", REASON),
    # When it was proposed, granted and ended in fact, where somebody says so: not the time of entry.
    sa.Column("fact_at", UtcTime),
    sa.Column("granted_fact_at", UtcTime),
    sa.Column("closed_fact_at", UtcTime),
)

waiver_vote = sa.Table(
    "aims_waiver_vote",
    metadata,
    sa.Column(
        "waiver_id", ID, sa.ForeignKey("aims_waiver.waiver_id"), primary_key=True, nullable=False
    ),
    sa.Column("person", ID, primary_key=True),
    sa.Column("actor", ID, nullable=False),
    sa.Column("decision", WORD, nullable=False),
    sa.Column("reason", REASON, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("fact_at", UtcTime),
)

separation_exception = sa.Table(
    "aims_exception",
    metadata,
    sa.Column("exception_id", ID, primary_key=True),
    sa.Column("rule", WORD, nullable=False),
    sa.Column("reason", REASON, nullable=False),
    sa.Column("compensating_control", REASON, nullable=False),
    sa.Column("scope_kind", WORD, nullable=False),
    sa.Column("scope", sa.String(200), nullable=False),
    sa.Column("pairs", JsonText, nullable=False),
    sa.Column("expires_on", sa.String(10)),
    sa.Column("recorded_by", ID, nullable=False),
    sa.Column("recorded_at", UtcTime, nullable=False),
    sa.Column("approved_by", ID),
    sa.Column("approved_at", UtcTime),
    sa.Column("ended_by", ID),
    sa.Column("ended_at", UtcTime),
    sa.Column("end_reason", REASON),
    sa.Column("fact_at", UtcTime),
    sa.Column("approved_fact_at", UtcTime),
    sa.Column("ended_fact_at", UtcTime),
)
