import inspect
import re
from pathlib import Path

import pytest

from aims_core.hookspecs import AimsSpecs

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "hooks.md"
HOOKS = sorted(name for name in vars(AimsSpecs) if name.startswith("aims_"))


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_an_example_in_its_docstring(hook):
    doc = inspect.getdoc(getattr(AimsSpecs, hook)) or ""

    assert "Example:" in doc
    assert re.search(r"\w+Spec\(", doc)


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_stands_in_the_reference(hook):
    assert hook in PAGE.read_text(encoding="utf-8")


def test_the_reference_names_no_hook_that_does_not_exist():
    named = set(
        re.findall(r"^#+ .*?`?(aims_[a-z_]+)`?", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert named <= set(HOOKS)


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_used_by_a_shipped_plugin_or_the_core(hook):
    modules = [*ROOT.glob("plugins/*/aims_*/plugin.py"), ROOT / "aims_core" / "checks.py"]

    assert any(f"def {hook}(" in m.read_text(encoding="utf-8") for m in modules)
