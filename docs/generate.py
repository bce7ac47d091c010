"""Write the tables of the reference that follow from the code; ``--check`` only says which are stale.

Run ``python docs/generate.py`` after a change of commands, events, terms, roles, metrics or the lifecycle,
and after ``python benchmarks/faults.py --noted``.
A block stands between ``<!-- generated: name -->`` and ``<!-- end -->``; everything else is written by hand.
"""  # noqa: INP001 - a script beside the pages it writes, no package

import ast
import enum
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from aims_monitoring.metrics.listing import listed

from aims_core import PluginHost, default_machine
from aims_core import terms as vocabulary
from aims_core.cli import main as aims
from aims_core.cli.session import Session
from aims_core.lifecycle import Slot, Stage, Transition
from aims_core.roles import PERSONAL_ROLES, ROLES

DOCS = Path(__file__).resolve().parent
SOURCES = (DOCS.parent / "aims_core", *sorted((DOCS.parent / "plugins").glob("*/aims_*")))
_BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z_]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_NOTHING = "-"
_FAULTS: Mapping[str, tuple[str, ...]] = {
    "writers killed | 0 of 200": (
        "{kills of a writer} kills, {acts acknowledged before a kill} acts acknowledged:",
        "**{acknowledged acts lost, or acts torn}** lost or torn",
    ),
    "server killed | 0 of 20": (
        "{kills of the server} kills,",
        "{acts acknowledged before a kill of the server} acts acknowledged:",
        "**{acts lost or torn by a kill of the server}** lost or torn",
    ),
    "server's disk full | 0 of 20": (
        "{times that the server's disk was full} times,",
        "in {times that its log found no room, and it gave up} of them the server gave up;",
        "{acts acknowledged while the server's disk ran full} acts acknowledged,",
        "{acts refused because the server's disk was full} refused:",
        "**{acts lost or torn by a full disk of the server}** lost or torn,",
        "{refusals by a full disk of the server not in plain words, or untrue} not told plainly and truly",
    ),
    "power cuts, write-ahead log | 0 of 1,000": (
        "{wal: power cuts}: **{wal: discs with a loss, torn or corrupt}** lost, torn or corrupt",
    ),
    "power cuts, rollback journal | 0 of 1,000": (
        "{truncate: power cuts}:",
        "**{truncate: discs with a loss, torn or corrupt}** lost, torn or corrupt",
    ),
    "Stop while writing | 0 locks": (
        "{signals while writing} signals: **{locks left behind}** locks left;",
        "{interrupted acts told that they are committed} acts told that they are committed",
    ),
    "stopped just after the act, and told nothing | counted": (
        "{stopped just after the act, and told nothing} of {signals while writing}",
    ),
    "eight decide at once | 0": (
        "{rounds of 8 on one decision} rounds:",
        "**{rounds without exactly one winner}** without exactly one winner",
    ),
    "acts failed at a statement or at their commit | 0": (
        "{acts that failed} acts at {moments at which an act failed} moments:",
        "**{half written, done twice, or locked}** half written, done twice, or locked",
    ),
    "migrations killed before each statement, from nothing and from every earlier revision | 0": (
        "{migrations killed} kills:",
        "**{migrations left in between, or not gone through again}** in between, or not gone through again",
    ),
}
"""What came of each fault, by the names of figures in faults.json, under the fault and its goal."""
_FAMILIES: Mapping[str, str] = {
    "performance": "Performance",
    "regression": "Performance where quantities are predicted",
    "fairness": "Fairness",
    "estimate": "Estimates while no labels have come",
    "drift": "Drift and quality of data",
    "": "Only where a threshold asks",
}
"""Heading of the metrics of a family."""
_Asked = TypeVar("_Asked")


def stages() -> Iterator[str]:
    """Yield the table of stages, with what must hold in each."""
    titles = ("stage", "title", "filled in", "must hold while a system stands there", "approved by")
    yield from _head(*titles)
    for stage in default_machine().stages:
        title = f"{stage.title} (the end)" if stage.terminal else stage.title
        fields = ", ".join(_tiered(stage.required, stage.required_by_tier)) or _NOTHING
        standing, approved_by = _standing(stage), _codes(stage.approved_by)
        yield _row(_code(stage.name), title, fields, standing, approved_by)


def transitions() -> Iterator[str]:
    """Yield the table of transitions."""
    titles = ("transition", "from", "to", "asked by", "approved by", "apart", "conditions")
    yield from _head(*titles)
    for step in default_machine().transitions:
        apart = ", ".join(f"{a} ≠ {b}" for a, b in step.apart) or _NOTHING
        approvals = ", ".join(_slot(s) for s in step.approvals) or _NOTHING
        yield _row(
            _code(step.name),
            _codes(step.sources),
            _target(step),
            _codes(step.asked_by),
            approvals,
            apart,
            _conditions(step),
        )


def checks() -> Iterator[str]:
    """Yield the table of named checks that installed plugins answer."""
    yield from _head("check", "holds when", "answered by", "looks at")
    offers = PluginHost().contributions("aims_checks")
    for offer in sorted(offers, key=lambda o: (o.plugin.name != "core", o.spec.id)):
        looks = [*(f"result `{r}`" for r in offer.spec.results)]
        looks += [f"evidence `{e}`" for e in offer.spec.evidence]
        seen = ", ".join(looks) or "the register"
        yield _row(_code(offer.spec.name), offer.spec.title, _code(offer.spec.id), seen)


def metrics() -> Iterator[str]:
    """Yield the metrics that monitors measure, below the kind of monitor that shows them unasked."""
    found = listed(PluginHost())
    for family in dict.fromkeys(str(one["family"]) for one in found):
        yield from (f"## {_FAMILIES[family]}", "")
        yield from _head("metric", "title", "better", "range", "rows", "formula", "source")
        for one in (one for one in found if one["family"] == family):
            said = (str(one[part]) for part in ("title", "direction", "range", "minimum"))
            yield _row(_code(one["name"]), *said, one["formula"], one["source"])
        yield ""


def roles() -> Iterator[str]:
    """Yield the table of roles, who may hold each and what it allows."""
    yield from _head("role", "held by", "permissions")
    for role, held in ROLES.items():
        holder = "persons only" if role in PERSONAL_ROLES else "persons, software"
        yield _row(_code(role), holder, _codes(sorted(held)))


def terms() -> Iterator[str]:
    """Yield the closed vocabularies."""
    for name, words in vars(vocabulary).items():
        if not (inspect.isclass(words) and issubclass(words, enum.StrEnum)):
            continue
        if words is enum.StrEnum:
            continue
        yield from (f"### {name}", "", _prose(words), "")
        yield from (_codes(str(w) for w in words), "")


def events() -> Iterator[str]:
    """Yield the table of events, read from the sources so that nothing has to be imported."""
    yield from _head("event", "says", "fields")
    for name, says, fields in sorted(_events()):
        yield _row(_code(name), says, _codes(fields))


def commands() -> Iterator[str]:
    """Yield every command of the core and the installed plugins with its arguments and options."""
    root = click.Context(aims, info_name="aims", obj=Session())
    yield from ("## Global options", "")
    yield from _options(aims)
    yield from ("## Commands", "")
    for path, command in _commands(aims, root):
        yield from (f"### {' '.join(path)}", "")
        if not isinstance(command, click.Group):
            yield from ("```text", " ".join((*path, *_arguments(command))), "```", "")
        yield from (_prose_of(command), "")
        yield from _options(command)


def faults() -> Iterator[str]:
    """Yield the table of faults that were tried in long form, with the last figures of each."""
    noted = json.loads((DOCS / "faults.json").read_text(encoding="utf-8"))
    yield from _head("fault", "SQLite", "PostgreSQL", "run", "goal")
    for row, says in _FAULTS.items():
        told = [
            _came_of_it(noted, database, " ".join(says)) for database in ("sqlite", "postgresql")
        ]
        days = sorted({day for _, ran in told for day in ran})
        fault, goal = row.split(" | ")
        span = " to ".join(days[:1] + days[1:][-1:])
        yield _row(fault, *(cell for cell, _ in told), span or "not yet", goal)
    yield ""
    ran = {(n, v) for one in noted.values() for n, v in one["with"].items()}
    yield f"Run with {', '.join(f'{name} {version}' for name, version in sorted(ran))}."


BLOCKS: Mapping[str, Callable[[], Iterable[str]]] = {
    "checks": checks,
    "commands": commands,
    "events": events,
    "faults": faults,
    "metrics": metrics,
    "roles": roles,
    "stages": stages,
    "terms": terms,
    "transitions": transitions,
}


def written(text: str) -> str:
    """Return a page with its generated blocks as the code has them now."""

    def block(found: re.Match[str]) -> str:
        lines = "\n".join(BLOCKS[found["name"]]()).strip("\n")
        return f"{found[1]}\n{lines}\n\n{found[3]}"

    return _BLOCK.sub(block, text)


def run(*, check: bool) -> list[str]:
    """Write the stale pages, or with `check` leave them, and return their names."""
    stale = []
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        if (fresh := written(text)) != text:
            stale.append(page.relative_to(DOCS).as_posix())
            if not check:
                page.write_text(fresh, encoding="utf-8")
    return stale


def _came_of_it(noted: Mapping[str, Any], database: str, says: str) -> tuple[str, list[str]]:
    """Return a sentence with its figures on a database, and their days; nothing where one lacks."""
    days: list[str] = []
    for name in re.findall(r"{(.+?)}", says):
        # Some faults are tried in parts, each with a figure of its own.
        own = re.compile(rf"{database}(: |, |, .+: ){re.escape(name)}")
        figures = [one for at, one in noted.items() if own.fullmatch(at)]
        if not figures:
            return _NOTHING, []
        says = says.replace(f"{{{name}}}", f"{sum(one['value'] for one in figures):,}")
        days += [one["on"] for one in figures]
    return says, days


def _head(*titles: str) -> tuple[str, str]:
    return _row(*titles), "|" + " --- |" * len(titles)


def _row(*cells: str) -> str:
    return "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |"


def _code(word: str) -> str:
    return f"`{word}`"


def _codes(words: Iterable[str]) -> str:
    return ", ".join(map(_code, words)) or _NOTHING


def _tiered(plain: Iterable[str], by_tier: Mapping[str, Iterable[str]]) -> list[str]:
    more = [f"{_code(n)} (if {tier})" for tier, names in _said(by_tier).items() for n in names]
    return [*map(_code, plain), *more]


def _said(by_tier: Mapping[str, _Asked]) -> dict[str, _Asked]:
    """Leave out what `prohibited` takes over from `high`; the page says that it does."""
    same = by_tier.get("prohibited") == by_tier.get("high")
    return {tier: asked for tier, asked in by_tier.items() if not (same and tier == "prohibited")}


def _standing(stage: Stage) -> str:
    return ", ".join(_tiered(stage.standing, stage.standing_by_tier)) or _NOTHING


def _conditions(step: Transition) -> str:
    found = _tiered(step.checks, step.checks_by_tier)
    if step.needs_approval_of:
        found.append(f"approval of {_code(step.needs_approval_of)} for this revision")
    if step.needs_reason:
        found.append("a reason")
    return ", ".join(found) or _NOTHING


def _target(step: Transition) -> str:
    to = _code(step.target) if step.target else "same stage"
    if step.status is None:
        return to
    before, after = step.status
    return f"{to}, while {before}" if before == after else f"{to}, {before} → {after}"


def _slot(slot: Slot) -> str:
    more = "".join(f", {count} if {tier}" for tier, count in _said(slot.quorum_by_tier).items())
    return f"{_code(slot.role)} ({slot.quorum}{more})"


def _prose(documented: object) -> str:
    text = inspect.getdoc(documented) or ""
    return re.sub(r":[a-z]+:`([^`]+)`", r"`\1`", text).replace("``", "`").replace("\n\n", " ")


def _prose_of(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "").replace("``", "`")


def _events() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for package in SOURCES:
        component = package.name.removeprefix("aims_")
        for module in sorted(package.rglob("*.py")):
            for node in ast.parse(module.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and _is_event(node):
                    says = (ast.get_docstring(node) or "").split("\n\n")[0]
                    yield f"{component}.{node.name}", says.replace("``", "`"), _fields(node)


def _is_event(node: ast.ClassDef) -> bool:
    return any(isinstance(b, ast.Name) and b.id == "Event" for b in node.bases)


def _fields(node: ast.ClassDef) -> tuple[str, ...]:
    declared = [n for n in node.body if isinstance(n, ast.AnnAssign)]
    return tuple(
        n.target.id
        for n in declared
        if isinstance(n.target, ast.Name) and "ClassVar" not in ast.unparse(n.annotation)
    )


def _commands(
    group: click.Group, context: click.Context, path: tuple[str, ...] = ("aims",)
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        yield (*path, name), command
        if isinstance(command, click.Group):
            inner = click.Context(command, info_name=name, parent=context)
            yield from _commands(command, inner, (*path, name))


def _arguments(command: click.Command) -> Iterator[str]:
    # Spelled here and not by click, whose spelling differs between its versions.
    if any(isinstance(p, click.Option) for p in command.params):
        yield "[OPTIONS]"
    for one in command.params:
        if isinstance(one, click.Argument):
            choices = getattr(one.type, "choices", ())
            name = one.metavar or "|".join(choices) or str(one.name).upper()
            yield name if one.required or name.startswith("[") else f"[{name}]"


def _options(command: click.Command) -> Iterator[str]:
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if not options:
        return
    yield from _head("option", "meaning")
    yield from (_row(_codes((*o.opts, *o.secondary_opts)), _meaning(o)) for o in options)
    yield ""


def _meaning(option: click.Option) -> str:
    said = [option.help or ""]
    if choices := getattr(option.type, "choices", ()):
        said.append(f"One of {_codes(choices)}.")
    if option.required:
        said.append("Required.")
    if option.show_default and isinstance(option.default, int | str):
        said.append(f"Default: {_code(str(option.default))}.")
    return " ".join(filter(None, said)) or _NOTHING


def _main(arguments: list[str]) -> int:
    check = "--check" in arguments
    stale = run(check=check)
    for page in stale:
        sys.stdout.write(f"{page}: {'stale' if check else 'written'}\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
