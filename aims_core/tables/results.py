"""Tables of what governance functions found out."""

import sqlalchemy as sa

from aims_core.tables.columns import DIGEST, ID, WORD, JsonText, UtcTime, metadata

result_schema = sa.Table(
    "aims_result_schema",
    metadata,
    sa.Column("digest", DIGEST, primary_key=True),
    sa.Column("schema", JsonText, nullable=False),
)

result = sa.Table(
    "aims_result",
    metadata,
    sa.Column("result_id", ID, primary_key=True),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("system_id", ID, sa.ForeignKey("aims_system.system_id"), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("provider", sa.String(100), nullable=False),
    sa.Column("distribution", sa.String(200), nullable=False),
    sa.Column("version", sa.String(100), nullable=False),
    sa.Column("fingerprint", sa.String(100), nullable=False),
    sa.Column("input_digest", DIGEST, nullable=False),
    sa.Column("schema_digest", DIGEST, sa.ForeignKey("aims_result_schema.digest"), nullable=False),
    sa.Column("payload", JsonText, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("tier", WORD),
    sa.Column("recorded_by", ID, nullable=False),
    sa.Column("recorded_at", UtcTime, nullable=False),
    sa.Column("valid_until", UtcTime),
    sa.Column("in_force", sa.Boolean, nullable=False),
    sa.Index(None, "system_id", "kind", "in_force"),
    sa.Index(None, "kind", "in_force"),
)
