"""What code a plugin really is: a fingerprint of its installed files, for provenance."""

import hashlib
from importlib.metadata import Distribution


def fingerprint(distribution: Distribution) -> str:
    """Return 16 hexadecimal characters over the installed files, or ``editable`` for a checkout.

    An editable installation changes without its version changing, so a digest would promise too much.
    """
    if "editable" in (distribution.read_text("direct_url.json") or ""):
        return "editable"
    record = distribution.read_text("RECORD") or ""
    hashed = sorted(line for line in record.splitlines() if ",sha256=" in line)
    return hashlib.sha256("\n".join(hashed).encode()).hexdigest()[:16]
