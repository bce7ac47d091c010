"""What is known of an installed plugin."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class PluginInfo:
    """A plugin as the host sees it: active, failed, blocked, with its reason."""

    name: str
    distribution: str
    version: str
    fingerprint: str
    status: str
    reason: str = ""
    hooks: tuple[str, ...] = ()
