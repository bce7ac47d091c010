from collections.abc import Callable
from pathlib import Path

import pytest

MAPPING = {
    "id": {"template": "{office}-{title}", "apart_by": ["bureau"]},
    "fields": {
        "name": {"column": "title"},
        "use_case": [{"column": "purpose"}, {"column": "outputs"}],
        "owner": {"template": "unit-{office}", "slug": True},
        "unit": {"column": "office"},
        "origin": [
            {"column": "maker", "values": {"us": "in_house", "them": "third_party", "-": ""}},
            {"constant": "unknown"},
        ],
        "declared_risk_category": {"constant": "undetermined"},
        "stage": {"column": "state", "values": {"live": "operation_and_monitoring"}},
    },
    "attributes": {"bureau": "bureau", "outputs": "outputs"},
    "required": ["stage"],
}
HEADER = "title,purpose,outputs,office,bureau,maker,state"
ROW = "Triage,Sorts tickets,ranks,Ops,North,us,live"


@pytest.fixture
def mapping() -> dict:
    """A small mapping that uses every kind of step."""
    return MAPPING


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """Give a function that writes a CSV file of rows or bytes under the small mapping's header."""

    def write(*rows: str, content: bytes | None = None, name: str = "inventory.csv") -> Path:
        path = tmp_path / name
        text = "\n".join((HEADER, *(rows or (ROW,)))) + "\n"
        path.write_bytes(text.encode() if content is None else content)
        return path

    return write
