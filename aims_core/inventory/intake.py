"""What an importer read from a file: what the register can take, and why not the rest."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aims_core.canonical import Written, digest_text, spelt
from aims_core.contributions import Offer
from aims_core.errors import PluginError, ProviderChoice, WorkspaceError
from aims_core.inventory.components import link_problems, unregistered
from aims_core.inventory.content import check_content, check_id
from aims_core.lifecycle import Machine
from aims_core.plugin_host import PluginHost
from aims_core.records import Draft, ImportBatch, Problem, RefusedRow
from aims_core.store import Transaction
from aims_core.terms import Entry, OperationalStatus

_AROUND = ("system_id", "stage", "status", "owner_name")
"""Values of a draft that are not content: its id, where it stands already, its owner's name."""
_STATUSES = tuple(map(str, OperationalStatus))


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadFile:
    """What an importer read from a file, and which importer it was."""

    batch: ImportBatch
    importer: str


def read_file(host: PluginHost, path: Path, mapping: Any, importer: str) -> ReadFile:
    """Return what an importer reads from a file.

    Raises
    ------
    ProviderChoice
        No importer, or several, can read it.
    PluginError
        The importer failed or answered something else than a batch.
    """
    if not path.is_file():
        raise WorkspaceError(f"import {path}: there is no such file")
    offer = _importer(host, path.suffix.lower(), importer)
    batch = host.ask(offer, offer.spec.read, path, mapping, may_refuse=True)
    if wrong := _nonsense(batch):
        raise PluginError(offer.plugin.name, offer.spec.id, f"answered {wrong}")
    return ReadFile(batch=batch, importer=offer.spec.id)


def sort_out(
    tx: Transaction, drafts: Sequence[Draft], machine: Machine
) -> tuple[list[dict[str, Any]], list[RefusedRow]]:
    """Return the drafts that can be taken, and the others with everything that is wrong in them."""
    times = Counter([spelt(d.values.get("system_id") or "") for d in drafts])
    checked = [check_content(_inner(d), row=d.row) for d in drafts]
    absent = unregistered(tx, [c for content, _ in checked for c in content["components"]])
    stages = [stage.name for stage in machine.stages]
    sound: list[dict[str, Any]] = []
    refused: list[RefusedRow] = []
    for draft, (content, problems) in zip(drafts, checked, strict=True):
        around = {name: draft.values.get(name) or "" for name in _AROUND}
        found = [
            *problems,
            *_around_problems(around, stages, times[spelt(around["system_id"])]),
            *link_problems(content["components"], absent),
        ]
        if found:
            placed = tuple(
                replace(p, row=draft.row, cell=draft.places.get(p.field, "")) for p in found
            )
            refused.append(
                RefusedRow(
                    row=draft.row,
                    cells=dict(draft.values),
                    problems=placed,
                    system_id=spelt(around["system_id"]),
                )
            )
        else:
            sound.append(_taken(draft, around, content, machine))
    return sound, refused


def _importer(host: PluginHost, suffix: str, named: str) -> Offer:
    offers = host.contributions("aims_importers")
    fitting = [o for o in offers if suffix in o.spec.suffixes]
    wanted = named or (host.providers.get("importer", "") if len(fitting) > 1 else "")
    if wanted:
        fitting = [o for o in offers if o.spec.id == wanted]
    if len(fitting) == 1:
        return fitting[0]
    by_name = "name one with --importer (importer= in Python)"
    if fitting:
        remedy = f"{by_name}, or choose one in aims.toml under [providers]"
        raise ProviderChoice("importer", "", [o.spec.id for o in fitting], remedy=remedy)
    known = [o.spec.id for o in offers]
    raise ProviderChoice("importer", wanted or suffix, known, remedy=by_name)


def _nonsense(batch: Any) -> str:
    if not isinstance(batch, ImportBatch):
        return f"{type(batch).__name__}, not an ImportBatch"
    for listed, kind in ((batch.drafts, Draft), (batch.refused, RefusedRow)):
        if not isinstance(listed, tuple) or not all(isinstance(one, kind) for one in listed):
            return f"{type(listed).__name__} with something else than {kind.__name__}s"
    return ""


def _inner(draft: Draft) -> dict[str, Any]:
    return {name: value for name, value in draft.values.items() if name not in _AROUND}


def _around_problems(
    around: Mapping[str, Any], stages: Collection[str], times: int
) -> list[Problem]:
    problems = check_id("system_id", around["system_id"])
    if around["system_id"] and times > 1:
        problems.append(
            Problem(
                field="system_id",
                value=spelt(around["system_id"]),
                reason="occurs more than once in this file",
                remedy="make the ids differ",
            )
        )
    for name, words in (("stage", stages), ("status", _STATUSES)):
        value = around[name]
        if value and value not in words:
            problems.append(
                Problem(
                    field=name,
                    value=spelt(value),
                    reason=f"{spelt(value)!r} is not a {name} of the lifecycle",
                    remedy=f"use one of {', '.join(words)}",
                )
            )
    return problems


def _taken(
    draft: Draft, around: Mapping[str, Any], content: Mapping[str, Any], machine: Machine
) -> dict[str, Any]:
    stage = around["stage"] or machine.initial
    written = Written(content)
    return {
        "row": draft.row,
        "places": draft.places,
        "values": draft.values,
        "stated_stage": around["stage"],
        "system_id": around["system_id"],
        "content": written,
        "digest": digest_text(written.text),
        "stage": stage,
        "status": around["status"] or str(OperationalStatus.ACTIVE),
        "entry": str(Entry.NEW if stage == machine.initial else Entry.LEGACY),
        "owner_name": spelt(around["owner_name"] or "", 200).strip(),
    }
