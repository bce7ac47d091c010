"""One transaction for a record, its audit entry and its tells; reads and writes go through here."""

from aims_core.store.interrupts import InterruptedAfterCommit
from aims_core.store.rows import system_from_row
from aims_core.store.store import Store
from aims_core.store.transaction import Transaction

__all__ = ["InterruptedAfterCommit", "Store", "Transaction", "system_from_row"]
