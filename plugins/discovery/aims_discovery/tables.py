"""Tables of discovery: import runs, and the rows they refused with their original cells."""

import sqlalchemy as sa

from aims_core import UtcTime, metadata, protect

import_run = sa.Table(
    "discovery_import_run",
    metadata,
    sa.Column("run_id", sa.String(64), primary_key=True),
    sa.Column("content", sa.String(64), nullable=False, unique=True),
    sa.Column("source", sa.String(500), nullable=False),
    sa.Column("source_digest", sa.String(64), nullable=False),
    sa.Column("mapping", sa.String(500), nullable=False),
    sa.Column("mapping_digest", sa.String(64), nullable=False),
    sa.Column("delimiter", sa.String(1), nullable=False),
    sa.Column("encoding", sa.String(40), nullable=False),
    sa.Column("read", sa.Integer, nullable=False),
    sa.Column("registered", sa.Integer, nullable=False),
    sa.Column("revised", sa.Integer, nullable=False),
    sa.Column("unchanged", sa.Integer, nullable=False),
    sa.Column("refused", sa.Integer, nullable=False),
    sa.Column("imported_by", sa.String(64), nullable=False),
    sa.Column("imported_at", UtcTime, nullable=False),
)
"""`content` is the digest of source, mapping and refused rows, by which the same run is found again.

`delimiter` and `encoding` are what the mapping says, so that an export of refused rows is read by it.
"""

refused_row = sa.Table(
    "discovery_refused_row",
    metadata,
    sa.Column(
        "run_id", sa.String(64), sa.ForeignKey("discovery_import_run.run_id"), primary_key=True
    ),
    sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("system_id", sa.Text, nullable=False),
    # No JsonText: cells of others may hold NUL or half characters, which must not get lost.
    sa.Column("cells", sa.Text, nullable=False),
    sa.Column("problems", sa.Text, nullable=False),
)

# Of a secured database: a run is signed, and what it refused stays.
protect(import_run, signed=["imported_by"])
protect(refused_row)
