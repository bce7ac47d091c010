"""Identifiers that the product chooses: short enough to type, random enough not to meet."""

import secrets

_BYTES = 6


def new_id(prefix: str) -> str:
    """Return a fresh identifier such as ``apr-3f9a0c51be72``."""
    return f"{prefix}-{secrets.token_hex(_BYTES)}"
