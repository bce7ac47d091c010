"""What is proven of the audit trail."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """Outcome of verifying the audit trail; `faults` names each place that does not fit.

    `remarks` is what a reader should know and is no fault: content erased by decision, events that
    wait for their place in the tree, a checkpoint key that was lost and replaced.
    """

    events: int
    head: str
    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """True when every event fits its hash and its neighbours."""
        return not self.faults


@dataclass(frozen=True, kw_only=True, slots=True)
class AnchorReceipt:
    """What an anchor has to show: where the checkpoint is kept, and a proof of it in text, if any."""

    location: str
    receipt: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchored:
    """How one anchor took a checkpoint: kept at `location` with its `receipt`, or failed with `error`."""

    number: int
    anchor: str
    kept: bool
    location: str = ""
    receipt: str = ""
    error: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A signed statement of the first `size` events of the trail; `note` is what is kept elsewhere.

    `number` counts from 1. `root` is 64 hexadecimal characters. `anchored` says where it went.
    """

    number: int
    origin: str
    size: int
    root: str
    note: str
    made_at: datetime
    made_by: str
    anchored: tuple[Anchored, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasure:
    """Consent to erase one event's content; `done` once an administrator and an auditor gave theirs."""

    event_id: str
    sequence: int
    asked_by: str
    role: str
    reason: str
    at: datetime
    done: bool
