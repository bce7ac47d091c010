"""Tables of actors, their roles and their deputies."""

import sqlalchemy as sa

from aims_core.tables.columns import ID, REASON, WORD, UtcTime, metadata, valid_from

actor = sa.Table(
    "aims_actor",
    metadata,
    sa.Column("actor_id", ID, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("person", ID, nullable=False),
    sa.Column("added_at", UtcTime, nullable=False),
    sa.Column("added_by", ID, nullable=False),
    valid_from(),
)

grant = sa.Table(
    "aims_grant",
    metadata,
    sa.Column("grant_id", ID, primary_key=True),
    sa.Column("actor", ID, sa.ForeignKey("aims_actor.actor_id"), nullable=False, index=True),
    sa.Column("role", WORD, nullable=False),
    sa.Column("scope_kind", WORD, nullable=False),
    sa.Column("scope", sa.String(200), nullable=False),
    sa.Column("granted_by", ID, nullable=False),
    sa.Column("granted_at", UtcTime, nullable=False),
    sa.Column("revoked_by", ID),
    sa.Column("revoked_at", UtcTime),
    sa.Column("revoke_reason", REASON),
    # When it was granted and taken back in fact, where somebody says so: not the time of entry.
    sa.Column("fact_at", UtcTime),
    sa.Column("revoked_fact_at", UtcTime),
    valid_from(),
)

delegation = sa.Table(
    "aims_delegation",
    metadata,
    sa.Column("delegation_id", ID, primary_key=True),
    sa.Column("delegator", ID, sa.ForeignKey("aims_actor.actor_id"), nullable=False),
    sa.Column("delegate", ID, sa.ForeignKey("aims_actor.actor_id"), nullable=False, index=True),
    sa.Column("role", WORD, nullable=False),
    sa.Column("scope_kind", WORD, nullable=False),
    sa.Column("scope", sa.String(200), nullable=False),
    sa.Column("starts_at", UtcTime, nullable=False),
    sa.Column("ends_at", UtcTime, nullable=False),
    sa.Column("reason", REASON, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("ended_at", UtcTime),
    sa.Column("ended_by", ID),
    sa.Column("end_reason", REASON),
)

role_change = sa.Table(
    "aims_role_change",
    metadata,
    sa.Column("change_id", ID, primary_key=True),
    sa.Column("actor", ID, sa.ForeignKey("aims_actor.actor_id"), nullable=False),
    sa.Column("role", WORD, nullable=False),
    sa.Column("scope_kind", WORD, nullable=False),
    sa.Column("scope", sa.String(200), nullable=False),
    sa.Column("reason", REASON, nullable=False),
    sa.Column("proposed_by", ID, nullable=False),
    sa.Column("proposed_at", UtcTime, nullable=False),
    sa.Column("status", WORD, nullable=False, index=True),
    sa.Column("closed_by", ID),
    sa.Column("closed_at", UtcTime),
    sa.Column("grant_id", ID, index=True),
    sa.Column("fact_at", UtcTime),
    sa.Column("closed_fact_at", UtcTime),
)
