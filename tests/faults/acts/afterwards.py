"""What is there after a writer or the server was killed: all that was acknowledged, and nothing by halves."""

import sqlalchemy as sa

THERE = {
    "registered": "SELECT system_id FROM aims_system",
    "revised": "SELECT system_id FROM aims_system WHERE revision = 2",
    "evidenced": "SELECT system_id FROM aims_evidence",
    "requested": "SELECT system_id FROM aims_approval",
    "decided": "SELECT system_id FROM aims_transition",
}
# What an act writes, and the events that it writes with it.
WHOLE = {
    "aims_system": ["SystemRegistered"],
    "aims_system_revision": ["SystemRegistered", "SystemRevised"],
    "aims_evidence": ["EvidenceAdded"],
    "aims_approval": ["ApprovalRequested"],
    "aims_vote": ["VoteCast"],
    "aims_transition": ["TransitionDecided"],
}


def torn(connection):
    """Return the tables that hold another number of rows than the trail has events for them."""
    found = []
    for table, kinds in WHOLE.items():
        rows = connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar()
        named = ", ".join(f"'core.{kind}'" for kind in kinds)
        events = sa.text(f"SELECT count(*) FROM aims_event WHERE type IN ({named})")
        if rows != connection.execute(events).scalar():
            found.append(table)
    if connection.dialect.name == "sqlite":
        found += connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return found


def lost(connection, acknowledged):
    """Return what was acknowledged and is not there."""
    found = []
    for step, query in THERE.items():
        there = set(connection.execute(sa.text(query)).scalars())
        found += [f"{step} {s}" for at, s in acknowledged if at == step and s not in there]
    return found
