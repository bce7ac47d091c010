"""The core's tables, the naming convention of constraints, and column types that keep data honest.

Table names are singular and start with ``aims_``; a plugin's start with its component name.
"""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from aims_core.canonical import canonical_json, utc_text

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, stored as text in UTC: the same bytes on every database, sortable."""

    impl = sa.String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the stored text; a time without zone is refused."""
        return None if value is None else utc_text(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - same
        """Return the aware time."""
        if value is None:
            return None
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


class JsonText(TypeDecorator[Any]):
    """A JSON value, stored as canonical text so that digests mean the same on every database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return canonical JSON; values without JSON form are refused."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:  # noqa: ARG002 - same
        """Return the decoded value."""
        return None if value is None else json.loads(value)


_ID = sa.String(64)
_DIGEST = sa.String(64)
_WORD = sa.String(40)
_REASON = sa.Text

actor = sa.Table(
    "aims_actor",
    metadata,
    sa.Column("actor_id", _ID, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("kind", _WORD, nullable=False),
    sa.Column("person", _ID, nullable=False),
    sa.Column("added_at", UtcTime, nullable=False),
    sa.Column("added_by", _ID, nullable=False),
)

grant = sa.Table(
    "aims_grant",
    metadata,
    sa.Column("grant_id", _ID, primary_key=True),
    sa.Column("actor", _ID, sa.ForeignKey("aims_actor.actor_id"), nullable=False, index=True),
    sa.Column("role", _WORD, nullable=False),
    sa.Column("scope_kind", _WORD, nullable=False),
    sa.Column("scope", sa.String(200), nullable=False),
    sa.Column("granted_by", _ID, nullable=False),
    sa.Column("granted_at", UtcTime, nullable=False),
    sa.Column("revoked_by", _ID),
    sa.Column("revoked_at", UtcTime),
    sa.Column("revoke_reason", _REASON),
)

system = sa.Table(
    "aims_system",
    metadata,
    sa.Column("system_id", _ID, primary_key=True),
    sa.Column("name", sa.String(500), nullable=False),
    sa.Column("use_case", sa.Text, nullable=False),
    sa.Column("owner", _ID, nullable=False, index=True),
    sa.Column("origin", _WORD, nullable=False),
    sa.Column("declared_risk_category", _WORD, nullable=False),
    sa.Column("unit", sa.String(200), nullable=False, index=True),
    sa.Column("intended_use", sa.Text, nullable=False),
    sa.Column("supplier", sa.String(500), nullable=False),
    sa.Column("human_oversight", sa.Text, nullable=False),
    sa.Column("incident_contact", sa.String(500), nullable=False),
    sa.Column("attributes", JsonText, nullable=False),
    sa.Column("components", JsonText, nullable=False),
    sa.Column("stage", _WORD, nullable=False, index=True),
    sa.Column("status", _WORD, nullable=False),
    sa.Column("tier", _WORD, nullable=False, index=True),
    sa.Column("approval_state", _WORD, nullable=False),
    sa.Column("entry", _WORD, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("digest", _DIGEST, nullable=False),
    sa.Column("registered_at", UtcTime, nullable=False),
    sa.Column("revised_at", UtcTime, nullable=False),
    sa.Column("search", sa.Text, nullable=False),
)

system_revision = sa.Table(
    "aims_system_revision",
    metadata,
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", JsonText, nullable=False),
    sa.Column("digest", _DIGEST, nullable=False),
    sa.Column("author", _ID, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

component = sa.Table(
    "aims_component",
    metadata,
    sa.Column("component_id", _ID, primary_key=True),
    sa.Column("kind", _WORD, nullable=False),
    sa.Column("name", sa.String(500), nullable=False),
    sa.Column("version", sa.String(100), nullable=False),
    sa.Column("supplier", sa.String(500), nullable=False),
    sa.Column("attributes", JsonText, nullable=False),
    sa.Column("registered_at", UtcTime, nullable=False),
    sa.Column("registered_by", _ID, nullable=False),
)

system_component = sa.Table(
    "aims_system_component",
    metadata,
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), primary_key=True),
    sa.Column(
        "component_id",
        _ID,
        sa.ForeignKey("aims_component.component_id"),
        primary_key=True,
        index=True,
    ),
)

approval = sa.Table(
    "aims_approval",
    metadata,
    sa.Column("approval_id", _ID, primary_key=True),
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), nullable=False, index=True),
    sa.Column("transition", _WORD, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("digest", _DIGEST, nullable=False),
    sa.Column("requested_by", _ID, nullable=False),
    sa.Column("requested_at", UtcTime, nullable=False),
    sa.Column("reason", _REASON, nullable=False),
    sa.Column("status", _WORD, nullable=False, index=True),
    sa.Column("machine_version", _WORD, nullable=False),
    sa.Column("closed_at", UtcTime),
)

vote = sa.Table(
    "aims_vote",
    metadata,
    sa.Column("vote_id", _ID, primary_key=True),
    sa.Column(
        "approval_id", _ID, sa.ForeignKey("aims_approval.approval_id"), nullable=False, index=True
    ),
    sa.Column("actor", _ID, nullable=False),
    sa.Column("person", _ID, nullable=False),
    sa.Column("role", _WORD, nullable=False),
    sa.Column("decision", _WORD, nullable=False),
    sa.Column("reason", _REASON, nullable=False),
    sa.Column("digest", _DIGEST, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.UniqueConstraint("approval_id", "person", "role"),
)

waiver = sa.Table(
    "aims_waiver",
    metadata,
    sa.Column("waiver_id", _ID, primary_key=True),
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), nullable=False, index=True),
    sa.Column("condition", _WORD, nullable=False),
    sa.Column("reason", _REASON, nullable=False),
    sa.Column("compensating_measure", _REASON, nullable=False),
    # The last day on which it holds, in UTC.
    sa.Column("expires_on", sa.String(10), nullable=False),
    sa.Column("tier", _WORD, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("status", _WORD, nullable=False),
    sa.Column("proposed_by", _ID, nullable=False),
    sa.Column("proposed_at", UtcTime, nullable=False),
    sa.Column("granted_at", UtcTime),
    sa.Column("closed_by", _ID),
    sa.Column("closed_at", UtcTime),
    sa.Column("close_reason", _REASON),
)

waiver_vote = sa.Table(
    "aims_waiver_vote",
    metadata,
    sa.Column(
        "waiver_id", _ID, sa.ForeignKey("aims_waiver.waiver_id"), primary_key=True, nullable=False
    ),
    sa.Column("person", _ID, primary_key=True),
    sa.Column("actor", _ID, nullable=False),
    sa.Column("decision", _WORD, nullable=False),
    sa.Column("reason", _REASON, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

separation_exception = sa.Table(
    "aims_exception",
    metadata,
    sa.Column("exception_id", _ID, primary_key=True),
    sa.Column("rule", _WORD, nullable=False),
    sa.Column("reason", _REASON, nullable=False),
    sa.Column("compensating_control", _REASON, nullable=False),
    sa.Column("scope_kind", _WORD, nullable=False),
    sa.Column("scope", sa.String(200), nullable=False),
    sa.Column("pairs", JsonText, nullable=False),
    sa.Column("expires_on", sa.String(10)),
    sa.Column("recorded_by", _ID, nullable=False),
    sa.Column("recorded_at", UtcTime, nullable=False),
    sa.Column("approved_by", _ID),
    sa.Column("approved_at", UtcTime),
    sa.Column("ended_by", _ID),
    sa.Column("ended_at", UtcTime),
    sa.Column("end_reason", _REASON),
)

role_change = sa.Table(
    "aims_role_change",
    metadata,
    sa.Column("change_id", _ID, primary_key=True),
    sa.Column("actor", _ID, sa.ForeignKey("aims_actor.actor_id"), nullable=False),
    sa.Column("role", _WORD, nullable=False),
    sa.Column("scope_kind", _WORD, nullable=False),
    sa.Column("scope", sa.String(200), nullable=False),
    sa.Column("reason", _REASON, nullable=False),
    sa.Column("proposed_by", _ID, nullable=False),
    sa.Column("proposed_at", UtcTime, nullable=False),
    sa.Column("status", _WORD, nullable=False, index=True),
    sa.Column("closed_by", _ID),
    sa.Column("closed_at", UtcTime),
    sa.Column("grant_id", _ID, index=True),
)

periodic_review = sa.Table(
    "aims_periodic_review",
    metadata,
    sa.Column("review_id", _ID, primary_key=True),
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), nullable=False, index=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("outcome", _WORD, nullable=False),
    sa.Column("note", _REASON, nullable=False),
    sa.Column("unmet", JsonText, nullable=False),
    sa.Column("due_on", sa.String(10), nullable=False),
    sa.Column("reviewed_by", _ID, nullable=False),
    sa.Column("reviewed_at", UtcTime, nullable=False),
)

review_reminder = sa.Table(
    "aims_review_reminder",
    metadata,
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), primary_key=True),
    sa.Column("due_on", sa.String(10), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
)

transition = sa.Table(
    "aims_transition",
    metadata,
    sa.Column("transition_id", _ID, primary_key=True),
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), nullable=False, index=True),
    sa.Column("transition", _WORD, nullable=False),
    sa.Column("from_stage", _WORD, nullable=False),
    sa.Column("to_stage", _WORD, nullable=False),
    sa.Column("from_status", _WORD, nullable=False),
    sa.Column("to_status", _WORD, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("digest", _DIGEST, nullable=False),
    sa.Column("approval_id", _ID, nullable=False),
    sa.Column("actor", _ID, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("machine_version", _WORD, nullable=False),
    sa.Column("reason", _REASON, nullable=False),
    sa.Column("conditions", JsonText, nullable=False),
)

evidence = sa.Table(
    "aims_evidence",
    metadata,
    sa.Column("evidence_id", _ID, primary_key=True),
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), nullable=False),
    sa.Column("kind", _WORD, nullable=False),
    sa.Column("title", sa.String(500), nullable=False),
    sa.Column("digest", _DIGEST, nullable=False),
    sa.Column("media_type", sa.String(100), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("location", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("collected_at", UtcTime, nullable=False),
    sa.Column("added_at", UtcTime, nullable=False),
    sa.Column("added_by", _ID, nullable=False),
    sa.Index(None, "system_id", "kind"),
)

result_schema = sa.Table(
    "aims_result_schema",
    metadata,
    sa.Column("digest", _DIGEST, primary_key=True),
    sa.Column("schema", JsonText, nullable=False),
)

result = sa.Table(
    "aims_result",
    metadata,
    sa.Column("result_id", _ID, primary_key=True),
    sa.Column("kind", _WORD, nullable=False),
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("provider", sa.String(100), nullable=False),
    sa.Column("distribution", sa.String(200), nullable=False),
    sa.Column("version", sa.String(100), nullable=False),
    sa.Column("fingerprint", sa.String(100), nullable=False),
    sa.Column("input_digest", _DIGEST, nullable=False),
    sa.Column("schema_digest", _DIGEST, sa.ForeignKey("aims_result_schema.digest"), nullable=False),
    sa.Column("payload", JsonText, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("tier", _WORD),
    sa.Column("recorded_by", _ID, nullable=False),
    sa.Column("recorded_at", UtcTime, nullable=False),
    sa.Column("valid_until", UtcTime),
    sa.Column("in_force", sa.Boolean, nullable=False),
    sa.Index(None, "system_id", "kind", "in_force"),
    sa.Index(None, "kind", "in_force"),
)

event = sa.Table(
    "aims_event",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("event_id", _ID, nullable=False, unique=True),
    sa.Column("type", sa.String(100), nullable=False),
    sa.Column("at", sa.String(27), nullable=False),
    sa.Column("actor", _ID, nullable=False),
    sa.Column("assurance", _WORD, nullable=False),
    sa.Column("system_id", _ID, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("nonce", sa.String(32), nullable=False),
    sa.Column("leaf", _DIGEST, nullable=False),
    sa.Column("chain", _DIGEST, nullable=False),
    sa.Index(None, "system_id", "sequence"),
)

trail_head = sa.Table(
    "aims_trail_head",
    metadata,
    sa.Column("name", _WORD, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("chain", _DIGEST, nullable=False),
)

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
)

delivery = sa.Table(
    "aims_delivery",
    metadata,
    sa.Column("event_id", _ID, sa.ForeignKey("aims_event.event_id"), primary_key=True),
    sa.Column("listener", sa.String(100), primary_key=True),
    sa.Column("version", sa.String(100), nullable=False),
    sa.Column("status", _WORD, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index(None, "status"),
)

schema_component = sa.Table(
    "aims_schema_component",
    metadata,
    sa.Column("component", _WORD, primary_key=True),
    sa.Column("distribution", sa.String(200), nullable=False),
    sa.Column("version", sa.String(100), nullable=False),
    sa.Column("revision", sa.String(32)),
    sa.Column("requires", JsonText, nullable=False),
)
