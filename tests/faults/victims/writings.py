"""Every writing of a file by AIMS and its plugins, for ``full_disk.py``: how it is done, when it is whole."""

import csv
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from aims_core import (
    Problem,
    RefusedRow,
    WorkspaceError,
    back_up,
    check_backup,
    create_workspace,
    open_workspace,
    restore,
)
from aims_core.anchors import folder as folder_anchor
from aims_core.anchors import mail as mail_anchor
from aims_core.checkpoints import keys
from aims_core.checkpoints.exporting import exported_leaves
from aims_core.cli import main
from aims_core.inventory.refused_rows import keep_refused
from aims_core.recovery.moving import with_url
from aims_core.scaffold import new_plugin
from aims_core.settings import FILE as SETTINGS
from aims_core.settings import read_settings, replace_settings, write_settings
from aims_core.testing import PEOPLE
from aims_core.testing.fixtures import TICKET_TRIAGE

_SYSTEMS = 60
_MAPPING = {
    "id": {"template": "{title}"},
    "fields": {
        "name": {"column": "title"},
        "use_case": {"column": "purpose"},
        "owner": {"constant": "olga"},
        "origin": {"constant": "in_house"},
        "declared_risk_category": {"constant": "minimal"},
        "incident_contact": {"constant": "a@example.org"},
    },
}


@dataclass(frozen=True, kw_only=True)
class Writing:
    """One writing: `write` does it in a folder, `older` is what lies at `target` before."""

    name: str
    write: Callable[[Path], object]
    target: str
    whole: Callable[[Path], bool]
    older: bytes | None = None
    heavy: bool = False
    may_stay: Callable[[str, dict[str, bytes | None]], bool] = lambda _name, _files: False


def writings(folder):
    """Found a workspace below `folder`, which has room, and return all that it writes."""
    os.environ["AIMS_AUDIT_KEY"] = str(folder / "keys" / "checkpoint.key")
    ada = _founded(folder)
    olga, aude = ada.act_as("olga"), ada.act_as("aude")
    checkpoint, events = ada.audit.checkpoint(), ada.audit.head()[0]
    mail = {"name": "mail", "to": "a@example.org", "from": "b@example.org"}
    yield Writing(
        name="folder anchor",
        write=lambda place: folder_anchor.keep(checkpoint, {"name": "f", "folder": str(place)}),
        target=folder_anchor.file_name(checkpoint),
        whole=lambda path: path.read_text(encoding="utf-8") == checkpoint.note,
    )
    for older in (None, b"an older message"):
        yield Writing(
            name=_named("mail anchor", older),
            write=lambda place: mail_anchor.keep(checkpoint, {**mail, "folder": str(place)}),
            target=f"{Path(folder_anchor.file_name(checkpoint)).stem}.eml",
            whole=lambda path: path.read_bytes().count(b"\n") > 20,
            older=older,
        )
    yield Writing(
        name="signing key",
        write=lambda place: keys.new_key(place / "checkpoint.key", "example.org/aims"),
        target="checkpoint.key",
        whole=lambda path: keys.load_key(path).public == keys.key_in_file(path),
    )
    last = keys.LastSigned(size=events, root=checkpoint.root)
    for older in (None, b'{"size": 1, "root": "00"}\n'):
        yield Writing(
            name=_named("what a key signed last", older),
            write=lambda place: keys.note_signed(place / "checkpoint.key", last),
            target="checkpoint.key.last",
            whole=lambda path: keys.last_signed(path.with_suffix("")) == last,
            older=older,
        )
    yield from _exports(olga, aude)
    yield Writing(
        name="trail export",
        write=lambda place: aude.audit.export(place / "trail"),
        target="trail",
        whole=lambda path: len(exported_leaves(path)) == aude.audit.head()[0],
    )
    yield Writing(
        name="audit proof",
        write=lambda place: _aims(ada, "audit", "prove", 1, "--out", place / "proof.json"),
        target="proof.json",
        whole=lambda path: bool(json.loads(path.read_bytes())),
    )
    yield _refused_rows()
    yield from _settings(folder)
    yield from _backups(ada, folder)
    yield Writing(
        name="new plugin",
        write=lambda place: new_plugin("Bias Audit", place),
        target="aims-bias-audit",
        whole=lambda path: (path / "pyproject.toml").read_bytes().endswith(b"\n"),
    )
    yield from _of_plugins(ada, olga, folder)


def _founded(folder):
    ada = create_workspace(folder / "workspace", organisation="Example", administrator="ada")
    for person, role in PEOPLE.items():
        ada.staffing.add(person, person.title())
        ada.staffing.grant(person, role)
    olga = ada.act_as("olga")
    for number in range(_SYSTEMS):
        described = {**TICKET_TRIAGE, "name": f"Triage {number}", "intended_use": "x" * 600}
        olga.inventory.register(f"triage-{number}", **described)
    for number in range(4):
        text = f"{number} " * 5_000
        olga.evidence.add(f"triage-{number}", "validation", f"Found {number}", text=text)
    ada.audit.keys.make()
    return ada


def _named(name, older):
    return name if older is None else f"{name}, replaced"


def _exports(olga, aude):
    def rows(path):
        with path.open(encoding="utf-8-sig", newline="") as file:
            return len(list(csv.DictReader(file)))

    whole = {
        "csv": lambda path: rows(path) == _SYSTEMS,
        "xlsx": _sound,
        "json": lambda path: len(json.loads(path.read_bytes())["systems"]) == _SYSTEMS,
    }
    for form, is_whole in whole.items():
        for older in (None, b"an older export"):
            yield Writing(
                name=_named(f"register as {form}", older),
                write=lambda place, form=form, older=older: olga.inventory.export(
                    place / f"register.{form}", replace=older is not None
                ),
                target=f"register.{form}",
                whole=is_whole,
                older=older,
            )
    for older in (None, b"an older bundle"):
        yield Writing(
            name=_named("bundle of evidence", older),
            write=lambda place: aude.evidence.export_bundle(place / "evidence.zip"),
            target="evidence.zip",
            whole=_sound,
            older=older,
        )


def _sound(path):
    with zipfile.ZipFile(path) as archive:
        return archive.testzip() is None


def _aims(workspace, *arguments):
    """Run a command as people do; what it tells them is raised."""
    folder = str(workspace.settings.folder)
    done = CliRunner().invoke(main, ["--workspace", folder, "--as", "olga", *map(str, arguments)])
    if done.exit_code == 2:
        raise WorkspaceError(done.output)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception


def _refused_rows():
    problem = Problem(field="name", reason="it is missing", remedy="give one")
    rows = [
        RefusedRow(row=n, system_id="", cells={"title": "x" * 200}, problems=(problem,))
        for n in range(80)
    ]

    def write(place):
        _, problem = keep_refused(place, "list.csv", rows)
        if problem:
            raise WorkspaceError(problem)

    def whole(path):
        [file] = path.iterdir()
        return file.read_bytes().count(b"\r\n") == len(rows) + 1

    return Writing(name="refused rows", write=write, target="refused", whole=whole)


def _settings(folder):
    yield Writing(
        name="settings",
        write=lambda place: write_settings(
            place, organisation="Example " * 1_000, database_url="", actor="ada"
        ),
        target=SETTINGS,
        whole=lambda path: read_settings(path.parent).actor == "ada",
    )
    older = (folder / "workspace" / SETTINGS).read_text(encoding="utf-8")
    newer = with_url(older, f"sqlite:////{'x' * 9_000}")
    yield Writing(
        name="settings, replaced",
        write=lambda place: replace_settings(place, newer),
        target=SETTINGS,
        whole=lambda path: path.read_text(encoding="utf-8") == newer,
        older=older.encode(),
    )


def _backups(ada, folder):
    for name in ("backup", "backup.zip"):
        yield Writing(
            name=name,
            write=lambda place, name=name: back_up(ada, place / name),
            target=name,
            whole=lambda path: check_backup(path).events > 0,
            heavy=True,
        )
    made = back_up(ada, folder / "kept").path

    def evidence_that_is_whole(name, files):
        kept = made / Path(name).relative_to("restored")
        return "/evidence/" in name and kept.is_file() and kept.read_bytes() == files[name]

    yield Writing(
        name="restored workspace",
        write=lambda place: restore(made, place / "restored", actor="ada"),
        target="restored",
        whole=_opens,
        heavy=True,
        may_stay=evidence_that_is_whole,
    )


def _opens(folder):
    workspace = open_workspace(folder, actor="ada")
    try:
        return workspace.audit.verify().intact and workspace.evidence.verify().empty
    finally:
        workspace.close()


def _of_plugins(ada, olga, folder):
    from aims_monitoring.samples import CALIFORNIA_HOUSING_SCHEMA, california_housing

    listed = folder / "list.csv"
    rows = "".join(f"Title {n},\n" for n in range(150))
    listed.write_text(f"title,purpose\n{rows}", encoding="utf-8")
    ines, housing = ada.act_as("ines").discovery, california_housing()
    assert len(ines.import_file(listed, _MAPPING).refused) == 150
    yield Writing(
        name="refused rows of a run",
        write=lambda place: ines.export_refused(place / "refused.csv"),
        target="refused.csv",
        whole=lambda path: path.read_bytes().count(b"\r\n") == 151,
    )
    olga.monitoring.define(
        "housing",
        "triage-1",
        thresholds={"accuracy": {"min": 0.75}},
        schema=CALIFORNIA_HOUSING_SCHEMA,
        reference=housing.reference,
    )
    olga.monitoring.run("housing", housing.analysis, housing.labels)
    yield Writing(
        name="picture of a series, replaced",
        write=lambda place: _aims(ada, "monitor", "show", "housing", "--svg", place / "series.svg"),
        target="series.svg",
        whole=lambda path: path.read_bytes().rstrip().endswith(b"</svg>"),
        older=b"<svg/>",
        heavy=True,
    )
    built = olga.reporting.build()
    for older in (None, b"an older report"):
        yield Writing(
            name=_named("report", older),
            write=lambda place: olga.reporting.save(built, path=place / "report.html"),
            target="report.html",
            whole=lambda path: path.read_bytes().rstrip().endswith(b"</html>"),
            older=older,
        )
