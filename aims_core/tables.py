"""The core's tables, the naming convention of constraints, and column types that keep data honest.

Table names are singular and start with ``aims_``; a plugin's start with its component name.
"""

import json
from datetime import datetime
from typing import Any, ClassVar

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
    _last: ClassVar[tuple[datetime | None, str]] = (None, "")

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the stored text; a time without zone is refused."""
        if value is None:
            return None
        # Rows of one transaction carry the very same time; it need not be spelt for each of them.
        known, text = self._last
        if value is not known:
            text = utc_text(value)
            UtcTime._last = (value, text)
        return text

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - same
        """Return the aware time."""
        if value is None:
            return None
        return datetime.fromisoformat(value)


_EMPTY: dict[str | None, type] = {"{}": dict, "[]": list}


class JsonText(TypeDecorator[Any]):
    """A JSON value, stored as canonical text so that digests mean the same on every database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return canonical JSON; values without JSON form are refused."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:  # noqa: ARG002 - same
        """Return the decoded value."""
        if value in _EMPTY:  # which most are; the decoder takes long to say so
            return _EMPTY[value]()
        return None if value is None else json.loads(value)


_ID = sa.String(64)
_DIGEST = sa.String(64)
_WORD = sa.String(40)
_REASON = sa.Text


def _valid_from() -> sa.Column[datetime]:
    """Since when a row is as it is; triggers keep it, and the row before it in the history table."""
    return sa.Column("valid_from", UtcTime, nullable=False, server_default=sa.text("''"))


actor = sa.Table(
    "aims_actor",
    metadata,
    sa.Column("actor_id", _ID, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("kind", _WORD, nullable=False),
    sa.Column("person", _ID, nullable=False),
    sa.Column("added_at", UtcTime, nullable=False),
    sa.Column("added_by", _ID, nullable=False),
    _valid_from(),
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
    _valid_from(),
)

system = sa.Table(
    "aims_system",
    metadata,
    sa.Column("system_id", _ID, primary_key=True),
    sa.Column("name", sa.String(500), nullable=False),
    sa.Column("use_case", sa.Text, nullable=False),
    sa.Column("owner", _ID, nullable=False),
    sa.Column("origin", _WORD, nullable=False),
    sa.Column("declared_risk_category", _WORD, nullable=False),
    sa.Column("unit", sa.String(200), nullable=False),
    sa.Column("intended_use", sa.Text, nullable=False),
    sa.Column("supplier", sa.String(500), nullable=False),
    sa.Column("human_oversight", sa.Text, nullable=False),
    sa.Column("incident_contact", sa.String(500), nullable=False),
    sa.Column("attributes", JsonText, nullable=False),
    sa.Column("components", JsonText, nullable=False),
    sa.Column("stage", _WORD, nullable=False),
    sa.Column("status", _WORD, nullable=False),
    sa.Column("tier", _WORD, nullable=False),
    sa.Column("approval_state", _WORD, nullable=False),
    sa.Column("entry", _WORD, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("digest", _DIGEST, nullable=False),
    sa.Column("registered_at", UtcTime, nullable=False),
    sa.Column("revised_at", UtcTime, nullable=False),
    sa.Column("search", sa.Text, nullable=False),
    _valid_from(),
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
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", JsonText, nullable=False),
    sa.Column("digest", _DIGEST, nullable=False),
    sa.Column("author", _ID, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

legacy = sa.Table(
    "aims_legacy",
    metadata,
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), primary_key=True),
    sa.Column("evidence_due", UtcTime, nullable=False),
    sa.Column("entered_at", UtcTime, nullable=False),
    sa.Column("entered_by", _ID, nullable=False),
)

change_set = sa.Table(
    "aims_change_set",
    metadata,
    sa.Column("change_set_id", _ID, primary_key=True),
    sa.Column("digest", _DIGEST, nullable=False),
    sa.Column("changes", JsonText, nullable=False),
    sa.Column("systems", sa.Integer, nullable=False),
    sa.Column("reason", _REASON, nullable=False),
    sa.Column("status", _WORD, nullable=False, index=True),
    sa.Column("proposed_by", _ID, nullable=False),
    sa.Column("proposed_at", UtcTime, nullable=False),
    sa.Column("closed_by", _ID),
    sa.Column("closed_at", UtcTime),
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
    sa.Column("expires_at", UtcTime),
    sa.Column("valid_until", UtcTime),
    sa.Column("lapsed_at", UtcTime),
    sa.Column("closed_by", _ID),
    sa.Column("close_reason", _REASON),
    sa.Column("tier", _WORD),
    _valid_from(),
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
    sa.Column("on_behalf_of", _ID, nullable=False),
    sa.Column("on_behalf_person", _ID, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.UniqueConstraint("approval_id", "person", "role", "on_behalf_person", "ordinal"),
)

delegation = sa.Table(
    "aims_delegation",
    metadata,
    sa.Column("delegation_id", _ID, primary_key=True),
    sa.Column("delegator", _ID, sa.ForeignKey("aims_actor.actor_id"), nullable=False),
    sa.Column("delegate", _ID, sa.ForeignKey("aims_actor.actor_id"), nullable=False, index=True),
    sa.Column("role", _WORD, nullable=False),
    sa.Column("scope_kind", _WORD, nullable=False),
    sa.Column("scope", sa.String(200), nullable=False),
    sa.Column("starts_at", UtcTime, nullable=False),
    sa.Column("ends_at", UtcTime, nullable=False),
    sa.Column("reason", _REASON, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("ended_at", UtcTime),
    sa.Column("ended_by", _ID),
    sa.Column("end_reason", _REASON),
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
    # Below: absent in records made before core0005, except retain_until.
    sa.Column("marks", JsonText),
    sa.Column("retain_until", UtcTime),
    sa.Column("disposed_at", UtcTime),
    sa.Column("disposed_by", _ID),
    sa.Column("run", JsonText),
    sa.Column("run_key", _DIGEST),
    sa.Column("origin", JsonText),
    sa.Index(None, "system_id", "kind"),
    sa.Index(None, "digest"),
)

evidence_hold = sa.Table(
    "aims_evidence_hold",
    metadata,
    sa.Column("hold_id", _ID, primary_key=True),
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id"), nullable=False, index=True),
    sa.Column("evidence_id", _ID, sa.ForeignKey("aims_evidence.evidence_id")),
    sa.Column("reason", _REASON, nullable=False),
    sa.Column("placed_by", _ID, nullable=False),
    sa.Column("placed_at", UtcTime, nullable=False),
    sa.Column("release_proposed_by", _ID),
    sa.Column("release_proposed_at", UtcTime),
    sa.Column("released_by", _ID),
    sa.Column("released_at", UtcTime),
    sa.Column("release_reason", _REASON),
)

evidence_disposal = sa.Table(
    "aims_evidence_disposal",
    metadata,
    sa.Column("disposal_id", _ID, primary_key=True),
    sa.Column(
        "evidence_id", _ID, sa.ForeignKey("aims_evidence.evidence_id"), nullable=False, index=True
    ),
    sa.Column("reason", _REASON, nullable=False),
    sa.Column("status", _WORD, nullable=False, index=True),
    sa.Column("proposed_by", _ID, nullable=False),
    sa.Column("proposed_at", UtcTime, nullable=False),
    sa.Column("decided_by", _ID),
    sa.Column("decided_at", UtcTime),
    sa.Column("decision_reason", _REASON),
)

concern = sa.Table(
    "aims_concern",
    metadata,
    sa.Column("concern_id", _ID, primary_key=True),
    sa.Column("system_id", _ID, sa.ForeignKey("aims_system.system_id")),
    sa.Column("about", JsonText, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("raised_by", _ID, nullable=False),
    sa.Column("raised_at", UtcTime, nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("answered_by", _ID),
    sa.Column("answered_at", UtcTime),
)

concern_access = sa.Table(
    "aims_concern_access",
    metadata,
    sa.Column("access_id", _ID, primary_key=True),
    sa.Column(
        "concern_id", _ID, sa.ForeignKey("aims_concern.concern_id"), nullable=False, index=True
    ),
    sa.Column("actor", _ID, nullable=False),
    sa.Column("act", _WORD, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
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
    sa.Column("name", _WORD, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("peaks", JsonText, nullable=False),
    sa.Column("root", _DIGEST, nullable=False),
)

tree_node = sa.Table(
    "aims_tree_node",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", _DIGEST, nullable=False),
)

checkpoint = sa.Table(
    "aims_checkpoint",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("origin", sa.String(200), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("root", _DIGEST, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("made_by", _ID, nullable=False),
)

anchoring = sa.Table(
    "aims_anchoring",
    metadata,
    sa.Column("anchoring_id", _ID, primary_key=True),
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
    sa.Column("erasure_id", _ID, primary_key=True),
    sa.Column("event_id", _ID, sa.ForeignKey("aims_event.event_id"), nullable=False, index=True),
    sa.Column("actor", _ID, nullable=False),
    sa.Column("person", _ID, nullable=False),
    sa.Column("role", _WORD, nullable=False),
    sa.Column("reason", _REASON, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
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
    sa.Column("type", sa.String(100), nullable=False),
    sa.Index(None, "type", "sequence"),
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
