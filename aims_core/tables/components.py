"""Table of the components whose schema the database has."""

import sqlalchemy as sa

from aims_core.tables.columns import WORD, JsonText, metadata

schema_component = sa.Table(
    "aims_schema_component",
    metadata,
    sa.Column("component", WORD, primary_key=True),
    sa.Column("distribution", sa.String(200), nullable=False),
    sa.Column("version", sa.String(100), nullable=False),
    sa.Column("revision", sa.String(32)),
    sa.Column("requires", JsonText, nullable=False),
)
