"""The workbench: thin widgets over the services. The only room of the core with ipywidgets.

Presenters hold what is shown and decide nothing; views bind, format and escape. Every button calls
the same function that a notebook cell would call, and shows the same message.
"""

from typing import TYPE_CHECKING, Any

__all__ = ["PanelContext", "Workbench"]

if TYPE_CHECKING:
    from aims_core.workbench.app import Workbench
    from aims_core.workbench.context import PanelContext


def __getattr__(name: str) -> Any:
    # Lazy, so that `aims lab` can start a server without loading widgets.
    if name == "Workbench":
        from aims_core.workbench.app import Workbench

        return Workbench
    if name == "PanelContext":
        from aims_core.workbench.context import PanelContext

        return PanelContext
    raise AttributeError(f"module 'aims_core.workbench' has no attribute {name!r}")
