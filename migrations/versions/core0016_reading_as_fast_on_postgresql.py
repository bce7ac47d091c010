"""Words on PostgreSQL without an extension, and pages of then in their order on both databases.

The index of words that pg_trgm made goes. Indexes of the register and of its history get the times of the
states, so that what did not hold is passed over within them.
"""

from alembic import op

from aims_core import trigrams

revision = "core0016"
down_revision = "core0015"
branch_labels = None
depends_on = None

_PAGES = ("name", "owner", "unit", "stage", "tier")
_LOOKED_BACK_BY = ("unit", "owner")


def upgrade() -> None:
    for column in _LOOKED_BACK_BY:
        _drop("aims_system_history", column, "system_id")
    for column in _PAGES:
        _drop("aims_system", column, "system_id")
        _make("aims_system", column, "system_id", "valid_from")
        _make("aims_system_history", column, "system_id", "valid_from", "valid_to")
    _drop("aims_system", "valid_from")
    _make("aims_system", "valid_from", "registered_at")
    if op.get_bind().dialect.name == "postgresql":
        trigrams.make(op.get_bind())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        trigrams.drop(op.get_bind())
    _drop("aims_system", "valid_from", "registered_at")
    _make("aims_system", "valid_from")
    for column in _PAGES:
        _drop("aims_system_history", column, "system_id", "valid_from", "valid_to")
        _drop("aims_system", column, "system_id", "valid_from")
        _make("aims_system", column, "system_id")
    for column in _LOOKED_BACK_BY:
        _make("aims_system_history", column, "system_id")


def _make(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _drop(table: str, *columns: str) -> None:
    op.drop_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table_name=table)
