"""The core's tables, the naming convention of constraints, and column types that keep data honest.

Table names are singular and start with ``aims_``; a plugin's start with its component name.
"""

from aims_core.tables.columns import (
    DIGEST,
    EMPTY,
    ID,
    REASON,
    WORD,
    JsonText,
    UtcTime,
    metadata,
    valid_from,
)
from aims_core.tables.components import (
    schema_component,
)
from aims_core.tables.concerns import (
    concern,
    concern_access,
)
from aims_core.tables.decisions import (
    approval,
    periodic_review,
    review_reminder,
    transition,
    vote,
)
from aims_core.tables.deliveries import (
    delivery,
    outbox,
)
from aims_core.tables.evidence_records import (
    evidence,
    evidence_disposal,
    evidence_hold,
)
from aims_core.tables.inventory import (
    change_set,
    component,
    legacy,
    system,
    system_component,
    system_revision,
)
from aims_core.tables.people import (
    actor,
    delegation,
    grant,
    role_change,
)
from aims_core.tables.results import (
    result,
    result_schema,
)
from aims_core.tables.trail import (
    anchoring,
    checkpoint,
    erasure,
    event,
    leaf,
    trail_head,
    tree,
    tree_node,
    unsealed,
)
from aims_core.tables.waivers import (
    separation_exception,
    waiver,
    waiver_vote,
)

__all__ = [
    "DIGEST",
    "EMPTY",
    "ID",
    "REASON",
    "WORD",
    "JsonText",
    "UtcTime",
    "actor",
    "anchoring",
    "approval",
    "change_set",
    "checkpoint",
    "component",
    "concern",
    "concern_access",
    "delegation",
    "delivery",
    "erasure",
    "event",
    "evidence",
    "evidence_disposal",
    "evidence_hold",
    "grant",
    "leaf",
    "legacy",
    "metadata",
    "outbox",
    "periodic_review",
    "result",
    "result_schema",
    "review_reminder",
    "role_change",
    "schema_component",
    "separation_exception",
    "system",
    "system_component",
    "system_revision",
    "trail_head",
    "transition",
    "tree",
    "tree_node",
    "unsealed",
    "valid_from",
    "vote",
    "waiver",
    "waiver_vote",
]
