import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from aims_core import Ref, SectionSpec, Workspace, hookimpl

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> & \"'"


class Offering:
    """A plugin with the given sections."""

    def __init__(self, *specs: SectionSpec) -> None:
        self.specs = specs

    @hookimpl
    def aims_report_sections(self) -> tuple[SectionSpec, ...]:
        return self.specs


@pytest.fixture
def offer(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[..., Any]], None]:
    """Give a function that installs a plugin `acme` with one section for each scope."""

    def install(build: Callable[..., Any], *, title: str = "Acme", order: int = 50) -> None:
        module = ModuleType("acme_sections")
        module.build = build
        monkeypatch.setitem(sys.modules, "acme_sections", module)
        specs = [
            SectionSpec(
                id=f"acme.{scope}",
                title=title,
                order=order,
                scope=scope,
                build=Ref("acme_sections:build"),
            )
            for scope in ("system", "portfolio")
        ]
        workspace.host.register(Offering(*specs), "acme", distribution="acme-bias", version="2.3.1")

    return install


@pytest.fixture
def hostile(workspace: Workspace) -> Workspace:
    """Give the workspace with a system that holds markup in every field."""
    workspace.act_as("olga").inventory.register(
        "hostile",
        name=HOSTILE,
        use_case=HOSTILE,
        owner="olga",
        origin="third_party",
        declared_risk_category="high",
        unit=HOSTILE,
        intended_use=HOSTILE,
        supplier=HOSTILE,
        human_oversight=HOSTILE,
        incident_contact=HOSTILE,
        attributes={HOSTILE: HOSTILE},
    )
    return workspace
