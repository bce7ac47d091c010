from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from aims_core import RecordedEvent, ThresholdBreached
from aims_core.testing import tampering

BREACH = {
    "monitor_id": "accuracy",
    "metric": "accuracy",
    "value": 0.61,
    "threshold": 0.8,
    "direction": "below",
    "window": "2021-10",
    "severity": "major",
}


def tell(workspace: Any, **changes: Any) -> RecordedEvent:
    """Record a breach as monitoring does and return the event, after its listeners were told."""
    with workspace.act_as("olga").writing() as tx:
        tx.record(ThresholdBreached(system_id="ticket-triage", **{**BREACH, **changes}))
    return workspace.audit.events(event_type="core.ThresholdBreached", limit=1)[0]


@pytest.fixture
def breach() -> Callable[..., RecordedEvent]:
    """Give a function that records a breach of the running system."""
    return tell


@pytest.fixture
def running(registered: Any) -> Any:
    """Give the workspace with its system in operation; how it got there is another test's matter."""
    with tampering(registered) as connection:
        connection.execute(sa.text("UPDATE aims_system SET stage = 'operation_and_monitoring'"))
    return registered


@pytest.fixture
def imre(running: Any) -> Any:
    """Give the register as the incident manager sees it, over a running system."""
    return running.act_as("imre").incidents
