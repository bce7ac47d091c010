"""Keep every former state of incidents, and when a breach was counted."""

import sqlalchemy as sa
from alembic import op

from aims_core import start_history, stop_history

revision = "incidents0002"
down_revision = "incidents0001"
branch_labels = None
depends_on = None

# Each step published a result, so the newest one tells when the incident changed last.
_SINCE = """coalesce(
    (SELECT max(r.recorded_at) FROM aims_result r
     WHERE r.kind = 'incident' AND r.subject = incidents_incident.incident_id),
    closed_at, opened_at)"""


def upgrade() -> None:
    op.add_column(
        "incidents_breach",
        sa.Column("taken_at", sa.String(27), nullable=False, server_default=sa.text("''")),
    )
    op.execute('UPDATE incidents_breach SET taken_at = "at"')
    start_history("incidents_incident", since=_SINCE)


def downgrade() -> None:
    stop_history("incidents_incident")
    op.drop_column("incidents_breach", "taken_at")
