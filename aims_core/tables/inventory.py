"""Tables of systems, what they are made of, and changes on their way in."""

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

system = sa.Table(
    "aims_system",
    metadata,
    sa.Column("system_id", ID, primary_key=True),
    sa.Column("name", sa.String(500), nullable=False),
    sa.Column("use_case", sa.Text, nullable=False),
    sa.Column("owner", ID, nullable=False),
    sa.Column("origin", WORD, nullable=False),
    sa.Column("declared_risk_category", WORD, nullable=False),
    sa.Column("unit", sa.String(200), nullable=False),
    sa.Column("intended_use", sa.Text, nullable=False),
    sa.Column("supplier", sa.String(500), nullable=False),
    sa.Column("human_oversight", sa.Text, nullable=False),
    sa.Column("incident_contact", sa.String(500), nullable=False),
    sa.Column("attributes", JsonText, nullable=False),
    sa.Column("components", JsonText, nullable=False),
    sa.Column("stage", WORD, nullable=False),
    sa.Column("status", WORD, nullable=False),
    sa.Column("tier", WORD, nullable=False),
    sa.Column("approval_state", WORD, nullable=False),
    sa.Column("entry", WORD, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("digest", DIGEST, nullable=False),
    sa.Column("registered_at", UtcTime, nullable=False),
    sa.Column("revised_at", UtcTime, nullable=False),
    sa.Column("search", sa.Text, nullable=False),
    valid_from(),
    sa.Index(None, "valid_from", "registered_at"),
    sa.Index(None, "registered_at"),
    # In the order of the pages, so that the first page of a large register costs no more than of a small one;
    # and with the time since which a row is as it is, so that a page of then can be read along them as well.
    sa.Index(None, "name", "system_id", "valid_from"),
    sa.Index(None, "owner", "system_id", "valid_from"),
    sa.Index(None, "unit", "system_id", "valid_from"),
    sa.Index(None, "stage", "system_id", "valid_from"),
    sa.Index(None, "tier", "system_id", "valid_from"),
    sa.Index(None, "unit", "stage", "system_id"),
)

system_revision = sa.Table(
    "aims_system_revision",
    metadata,
    sa.Column("system_id", ID, sa.ForeignKey("aims_system.system_id"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", JsonText, nullable=False),
    sa.Column("digest", DIGEST, nullable=False),
    sa.Column("author", ID, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

legacy = sa.Table(
    "aims_legacy",
    metadata,
    sa.Column("system_id", ID, sa.ForeignKey("aims_system.system_id"), primary_key=True),
    sa.Column("evidence_due", UtcTime, nullable=False),
    sa.Column("entered_at", UtcTime, nullable=False),
    sa.Column("entered_by", ID, nullable=False),
)

change_set = sa.Table(
    "aims_change_set",
    metadata,
    sa.Column("change_set_id", ID, primary_key=True),
    sa.Column("digest", DIGEST, nullable=False),
    sa.Column("changes", JsonText, nullable=False),
    sa.Column("systems", sa.Integer, nullable=False),
    sa.Column("reason", REASON, nullable=False),
    sa.Column("status", WORD, nullable=False, index=True),
    sa.Column("proposed_by", ID, nullable=False),
    sa.Column("proposed_at", UtcTime, nullable=False),
    sa.Column("closed_by", ID),
    sa.Column("closed_at", UtcTime),
)

component = sa.Table(
    "aims_component",
    metadata,
    sa.Column("component_id", ID, primary_key=True),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("name", sa.String(500), nullable=False),
    sa.Column("version", sa.String(100), nullable=False),
    sa.Column("supplier", sa.String(500), nullable=False),
    sa.Column("attributes", JsonText, nullable=False),
    sa.Column("registered_at", UtcTime, nullable=False),
    sa.Column("registered_by", ID, nullable=False),
)

system_component = sa.Table(
    "aims_system_component",
    metadata,
    sa.Column("system_id", ID, sa.ForeignKey("aims_system.system_id"), primary_key=True),
    sa.Column(
        "component_id",
        ID,
        sa.ForeignKey("aims_component.component_id"),
        primary_key=True,
        index=True,
    ),
)
