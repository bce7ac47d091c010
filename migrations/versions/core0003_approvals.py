"""Requests that expire, approvals that end, votes that change, seats that are lent, evidence made up."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "core0003"
down_revision = "core0002"
branch_labels = None
depends_on = None

_LEGACY_EVIDENCE_WITHIN = timedelta(days=180)
# Approvals given before this revision get the tier that was assessed when they were decided.
_TIERS = """
UPDATE aims_approval SET tier = COALESCE(
  (SELECT r.tier FROM aims_result r
   WHERE r.system_id = aims_approval.system_id AND r.tier IS NOT NULL
     AND r.recorded_at <= aims_approval.closed_at
   ORDER BY r.recorded_at DESC, r.result_id LIMIT 1),
  'undetermined')
WHERE status = 'carried_out'
"""
_APPROVAL = (
    ("expires_at", sa.String(length=27)),
    ("valid_until", sa.String(length=27)),
    ("lapsed_at", sa.String(length=27)),
    ("closed_by", sa.String(length=64)),
    ("close_reason", sa.Text()),
    ("tier", sa.String(length=40)),
)
_OLD_VOTE = (
    ("vote_id", sa.String(length=64)),
    ("approval_id", sa.String(length=64)),
    ("actor", sa.String(length=64)),
    ("person", sa.String(length=64)),
    ("role", sa.String(length=40)),
    ("decision", sa.String(length=40)),
    ("reason", sa.Text()),
    ("digest", sa.String(length=64)),
    ("at", sa.String(length=27)),
)
# What earlier votes have in the new columns: given in a role of one's own, and never changed.
_NEW_VOTE = (
    ("on_behalf_of", sa.String(length=64), "''"),
    ("on_behalf_person", sa.String(length=64), "''"),
    ("ordinal", sa.Integer(), "1"),
)
_OLD_SEAT = ("approval_id", "person", "role")
_SEAT = (*_OLD_SEAT, "on_behalf_person", "ordinal")


def upgrade() -> None:
    for name, kind in _APPROVAL:
        op.add_column("aims_approval", sa.Column(name, kind, nullable=True))
    op.execute(_TIERS)
    _make_delegation()
    _make_legacy()
    if _on_sqlite():
        _rebuild((*_OLD_VOTE, *((n, k) for n, k, _ in _NEW_VOTE)), _SEAT)
        return
    op.drop_constraint(op.f(_unique(_OLD_SEAT)), "aims_vote", type_="unique")
    for name, kind, value in _NEW_VOTE:
        # A default fills the rows without an update, which the append-only guard would refuse.
        op.add_column(
            "aims_vote", sa.Column(name, kind, nullable=False, server_default=sa.text(value))
        )
        op.alter_column("aims_vote", name, server_default=None)
    op.create_unique_constraint(op.f(_unique(_SEAT)), "aims_vote", list(_SEAT))


def downgrade() -> None:
    """Go back; votes that were changed, or given for somebody else, have no place in the old table."""
    lost = "SELECT count(*) FROM aims_vote WHERE ordinal > 1 OR on_behalf_person <> ''"
    if op.get_bind().execute(sa.text(lost)).scalar():
        raise RuntimeError(
            "votes were changed or given on behalf of others; the earlier tables cannot hold them"
        )
    op.drop_table("aims_legacy")
    op.drop_table("aims_delegation")
    if _on_sqlite():
        _rebuild(_OLD_VOTE, _OLD_SEAT)
    else:
        op.drop_constraint(op.f(_unique(_SEAT)), "aims_vote", type_="unique")
        for name, _, _ in _NEW_VOTE:
            op.drop_column("aims_vote", name)
        op.create_unique_constraint(op.f(_unique(_OLD_SEAT)), "aims_vote", list(_OLD_SEAT))
    for name, _ in reversed(_APPROVAL):
        op.drop_column("aims_approval", name)


def _make_delegation() -> None:
    op.create_table(
        "aims_delegation",
        sa.Column("delegation_id", sa.String(length=64), nullable=False),
        sa.Column("delegator", sa.String(length=64), nullable=False),
        sa.Column("delegate", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("scope_kind", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("starts_at", sa.String(length=27), nullable=False),
        sa.Column("ends_at", sa.String(length=27), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delegate"], ["aims_actor.actor_id"], name=op.f("fk_aims_delegation_delegate")
        ),
        sa.ForeignKeyConstraint(
            ["delegator"], ["aims_actor.actor_id"], name=op.f("fk_aims_delegation_delegator")
        ),
        sa.PrimaryKeyConstraint("delegation_id", name=op.f("pk_aims_delegation")),
    )
    op.create_index(
        op.f("ix_aims_delegation_delegate"), "aims_delegation", ["delegate"], unique=False
    )


def _make_legacy() -> None:
    made = op.create_table(
        "aims_legacy",
        sa.Column("system_id", sa.String(length=64), nullable=False),
        sa.Column("evidence_due", sa.String(length=27), nullable=False),
        sa.Column("entered_at", sa.String(length=27), nullable=False),
        sa.Column("entered_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["system_id"], ["aims_system.system_id"], name=op.f("fk_aims_legacy_system_id")
        ),
        sa.PrimaryKeyConstraint("system_id", name=op.f("pk_aims_legacy")),
    )
    # Systems that entered as legacy before get the time that later ones get.
    entered = (
        "SELECT s.system_id, s.registered_at, r.author FROM aims_system s JOIN aims_system_revision r "
        "ON r.system_id = s.system_id AND r.revision = 1 "
        "WHERE s.entry = 'legacy' AND s.stage NOT IN ('retirement', 'rejected')"
    )
    rows = [
        {
            "system_id": row.system_id,
            "evidence_due": _later(row.registered_at, _LEGACY_EVIDENCE_WITHIN),
            "entered_at": row.registered_at,
            "entered_by": row.author,
        }
        for row in op.get_bind().execute(sa.text(entered))
    ]
    op.bulk_insert(made, rows)


def _later(moment: str, span: timedelta) -> str:
    form = "%Y-%m-%dT%H:%M:%S.%fZ"
    return f"{datetime.strptime(moment, form).replace(tzinfo=UTC) + span:{form}}"


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _unique(columns: tuple[str, ...]) -> str:
    return f"uq_aims_vote_{'_'.join(columns)}"


def _rebuild(
    columns: tuple[tuple[str, sa.types.TypeEngine[object]], ...], seat: tuple[str, ...]
) -> None:
    """Make the table of votes anew: SQLite cannot change a constraint. The guards are put back."""
    op.create_table(
        "aims_vote_anew",
        *(sa.Column(name, kind, nullable=False) for name, kind in columns),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["aims_approval.approval_id"], name=op.f("fk_aims_vote_approval_id")
        ),
        sa.PrimaryKeyConstraint("vote_id", name=op.f("pk_aims_vote")),
        sa.UniqueConstraint(*seat, name=op.f(_unique(seat))),
    )
    names = ", ".join(name for name, _ in columns)
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("aims_vote")}
    values = {name: value for name, _, value in _NEW_VOTE}
    taken = ", ".join(name if name in there else values[name] for name, _ in columns)
    op.execute(f"INSERT INTO aims_vote_anew ({names}) SELECT {taken} FROM aims_vote")
    op.drop_table("aims_vote")
    op.rename_table("aims_vote_anew", "aims_vote")
    op.create_index(op.f("ix_aims_vote_approval_id"), "aims_vote", ["approval_id"], unique=False)
    for act in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER aims_vote_keeps_{act} BEFORE {act.upper()} ON aims_vote "
            "BEGIN SELECT RAISE(ABORT, 'aims_vote is append-only'); END"
        )
