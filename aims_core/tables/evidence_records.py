"""Tables of evidence, its holds and its disposal."""

import sqlalchemy as sa

from aims_core.tables.columns import DIGEST, ID, REASON, WORD, JsonText, UtcTime, metadata

evidence = sa.Table(
    "aims_evidence",
    metadata,
    sa.Column("evidence_id", ID, primary_key=True),
    sa.Column("system_id", ID, sa.ForeignKey("aims_system.system_id"), nullable=False),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("title", sa.String(500), nullable=False),
    sa.Column("digest", DIGEST, nullable=False),
    sa.Column("media_type", sa.String(100), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("location", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("collected_at", UtcTime, nullable=False),
    sa.Column("added_at", UtcTime, nullable=False),
    sa.Column("added_by", ID, nullable=False),
    # Below: absent in records made before core0005, except retain_until.
    sa.Column("marks", JsonText),
    sa.Column("retain_until", UtcTime),
    sa.Column("disposed_at", UtcTime),
    sa.Column("disposed_by", ID),
    sa.Column("run", JsonText),
    sa.Column("run_key", DIGEST),
    sa.Column("origin", JsonText),
    sa.Index(None, "system_id", "kind"),
    sa.Index(None, "digest"),
)

evidence_hold = sa.Table(
    "aims_evidence_hold",
    metadata,
    sa.Column("hold_id", ID, primary_key=True),
    sa.Column("system_id", ID, sa.ForeignKey("aims_system.system_id"), nullable=False, index=True),
    sa.Column("evidence_id", ID, sa.ForeignKey("aims_evidence.evidence_id")),
    sa.Column("reason", REASON, nullable=False),
    sa.Column("placed_by", ID, nullable=False),
    sa.Column("placed_at", UtcTime, nullable=False),
    sa.Column("release_proposed_by", ID),
    sa.Column("release_proposed_at", UtcTime),
    sa.Column("released_by", ID),
    sa.Column("released_at", UtcTime),
    sa.Column("release_reason", REASON),
    # When that was in fact, where somebody says so: not the time of entry.
    sa.Column("fact_at", UtcTime),
    sa.Column("release_proposed_fact_at", UtcTime),
    sa.Column("released_fact_at", UtcTime),
)

evidence_disposal = sa.Table(
    "aims_evidence_disposal",
    metadata,
    sa.Column("disposal_id", ID, primary_key=True),
    sa.Column(
        "evidence_id", ID, sa.ForeignKey("aims_evidence.evidence_id"), nullable=False, index=True
    ),
    sa.Column("reason", REASON, nullable=False),
    sa.Column("status", WORD, nullable=False, index=True),
    sa.Column("proposed_by", ID, nullable=False),
    sa.Column("proposed_at", UtcTime, nullable=False),
    sa.Column("decided_by", ID),
    sa.Column("decided_at", UtcTime),
    sa.Column("decision_reason", REASON),
)
