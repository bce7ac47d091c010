"""Tables of the incident register: incidents, and the breaches that opened or repeated them."""

from dataclasses import replace

import sqlalchemy as sa

from aims_core import (
    JsonText,
    ResultRule,
    UtcTime,
    history_table,
    metadata,
    protect,
    protect_results,
)

incident = sa.Table(
    "incidents_incident",
    metadata,
    sa.Column("incident_id", sa.String(64), primary_key=True),
    sa.Column(
        "system_id",
        sa.String(64),
        sa.ForeignKey("aims_system.system_id"),
        nullable=False,
        index=True,
    ),
    sa.Column("kind", sa.String(100), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    # Set while the incident is not closed, so that no two can be open on one subject at a time.
    sa.Column("open_key", sa.String(64), unique=True),
    sa.Column("title", sa.String(500), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("severity", sa.String(40), nullable=False),
    sa.Column("status", sa.String(40), nullable=False, index=True),
    sa.Column("suspends", sa.Boolean, nullable=False),
    sa.Column("assigned_to", sa.String(64), nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("cause_kind", sa.String(40), nullable=False),
    sa.Column("treatment", sa.Text, nullable=False),
    sa.Column("treated_by", sa.String(64), nullable=False),
    sa.Column("treaters", JsonText, nullable=False),
    sa.Column("cause_event", sa.String(64), nullable=False, index=True),
    sa.Column("occurred_at", UtcTime, nullable=False),
    sa.Column("opened_at", UtcTime, nullable=False),
    sa.Column("opened_by", sa.String(64), nullable=False),
    sa.Column("closed_at", UtcTime),
    sa.Column("closed_by", sa.String(64), nullable=False),
    # Since when the row is as it is; the database keeps it, and the states before.
    sa.Column("valid_from", UtcTime, nullable=False, server_default=sa.text("''")),
)
incident_history = history_table(incident)
"""Every former state of incidents, written by triggers."""

breach = sa.Table(
    "incidents_breach",
    metadata,
    sa.Column("event_id", sa.String(64), primary_key=True),
    sa.Column(
        "incident_id",
        sa.String(64),
        sa.ForeignKey("incidents_incident.incident_id"),
        nullable=False,
        index=True,
    ),
    sa.Column("severity", sa.String(40), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    # When it was counted here, which may be long after it happened.
    sa.Column("taken_at", UtcTime, nullable=False, server_default=sa.text("''")),
)
"""Events already told: each opens or repeats one incident, however often it is delivered."""

# Of a secured database: who may see the system handles its incidents, in their own name.
protect(
    incident,
    unit_via="system_id",
    signed=["opened_by", "closed_by"],
    resigned=["closed_by"],
    update=[
        c.name
        for c in incident.columns
        if c.name not in {"incident_id", "system_id", "opened_by", "valid_from"}
    ],
)
protect(breach, unit_via="incident_id", through="incidents_incident")

# Whether an incident is reportable (rule R9): the second line proposes, legal decides, the owner neither.
_DECLINED = ResultRule(
    status="declined",
    permission="confirm_reporting",
    signed="decided_by",
    decides=True,
    not_owner=True,
    follows="proposed",
    proposer="proposed_by",
    keeps="reportable",
    exception="R9",
    stand_in="propose_reporting",
)
protect_results(
    "reportability",
    ResultRule(
        status="proposed",
        permission="propose_reporting",
        signed="proposed_by",
        not_owner=True,
        unless="decided",
    ),
    _DECLINED,
    replace(_DECLINED, status="decided", another=True),
)
