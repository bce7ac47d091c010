"""Importing a file: each row is taken or refused with its reasons, and all of it happens or none of it."""

import json

import pytest
import sqlalchemy as sa

from aims_core import (
    Draft,
    ImportBatch,
    ImporterSpec,
    InvalidRecord,
    NotPermitted,
    PluginError,
    Problem,
    ProviderChoice,
    RefusedRow,
    SystemsImported,
    WorkspaceError,
    digest_text,
    hookimpl,
)
from aims_core.testing import at_hand
from aims_core.testing.fixtures import TICKET_TRIAGE

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])


def read_lines(path, mapping):
    """Read one JSON object per line; a line that is none is a row refused by the importer."""
    text = path.read_text(encoding="utf-8")
    drafts, refused = [], []
    for row, line in enumerate(text.splitlines(), start=1):
        try:
            drafts.append(Draft(row=row, values={**(mapping or {}), **json.loads(line)}))
        except ValueError as error:
            problem = Problem(field="line", row=row, reason=str(error))
            refused.append(RefusedRow(row=row, cells={"line": line}, problems=(problem,)))
    return ImportBatch(
        source=path.name,
        source_digest=digest_text(text),
        drafts=tuple(drafts),
        refused=tuple(refused),
    )


class Lines:
    """An importer of JSON lines."""

    def __init__(self, read, name="lines", suffix=".jsonl"):
        self.spec = ImporterSpec(
            id=f"{name}.importer", title="Lines", read=read, suffixes=(suffix,)
        )

    @hookimpl
    def aims_importers(self):
        return [self.spec]


@pytest.fixture
def inventory(workspace):
    """The inventory as its steward, with an importer for JSON lines."""
    workspace.host.register(Lines(at_hand(read_lines)), "lines")
    return workspace.act_as("ines").inventory


@pytest.fixture
def file(tmp_path):
    """Give the writer of a file with one row per mapping or text."""

    def write(*rows, name="systems.jsonl"):
        path = tmp_path / name
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


def row(system_id, **changes):
    return {**TICKET_TRIAGE, "system_id": system_id, **changes}


def newest_import(workspace):
    return workspace.audit.events(event_type="core.SystemsImported", limit=1)[0].payload


def test_every_row_is_taken_or_refused_and_the_figures_add_up(inventory, workspace, file):
    inventory.import_file(file(row("a"), row("b")))
    path = file(
        row("a"),
        row("b", name="Renamed"),
        row("c"),
        row("d", origin="heaven", stage="limbo"),
        "no json",
        row("B!"),
    )

    outcome = inventory.import_file(path)

    assert (outcome.read, outcome.registered, outcome.revised, outcome.unchanged) == (6, 1, 1, 1)
    assert [(r.row, {p.field for p in r.problems}) for r in outcome.refused] == [
        (4, {"origin", "stage"}),
        (5, {"line"}),
        (6, {"system_id"}),
    ]
    assert outcome.refused[0].cells["name"] == "Ticket triage"
    assert all(p.row == r.row for r in outcome.refused for p in r.problems)
    assert inventory.get("b").name == "Renamed"
    recorded = newest_import(workspace)
    assert recorded == {
        **SystemsImported(
            source="systems.jsonl",
            source_digest=digest_text(path.read_text(encoding="utf-8")),
            importer="lines.importer",
            read=6,
            registered=1,
            revised=1,
            unchanged=1,
            refused=3,
        ).payload()
    }


def test_a_second_run_of_the_same_file_changes_nothing(inventory, workspace, file):
    path = file(row("a"), row("b", stage="operation_and_monitoring"))
    inventory.import_file(path)
    before = workspace.audit.head()

    again = inventory.import_file(path)

    assert (again.registered, again.revised, again.unchanged) == (0, 0, 2)
    assert workspace.audit.head() == before


def test_a_dry_run_says_what_would_happen_and_writes_nothing(inventory, workspace, file):
    inventory.import_file(file(row("a")))
    before, told = workspace.audit.head(), []

    outcome = inventory.import_file(
        file(row("a", name="New"), row("b", owner="Unit of X"), row("?")),
        dry_run=True,
        progress=lambda done, total: told.append((done, total)),
    )

    assert outcome.dry_run
    assert (outcome.registered, outcome.revised, len(outcome.refused)) == (1, 1, 1)
    assert workspace.audit.head() == before
    assert inventory.find()[1] == 1
    assert "Unit of X" not in workspace.staffing.frame().actor_id.tolist()


@ONE_DATABASE
def test_ids_that_occur_twice_in_a_file_are_all_refused(inventory, file):
    outcome = inventory.import_file(file(row("a"), row("b"), row("a", name="Other")))

    assert [r.row for r in outcome.refused] == [1, 3]
    assert all("more than once" in r.problems[0].reason for r in outcome.refused)
    assert inventory.frame().system_id.tolist() == ["b"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stage": "limbo"}, "stage"),
        ({"stage": ["inception"]}, "stage"),
        ({"status": "asleep"}, "status"),
        ({"name": "n" * 501}, "name"),
        ({"owner": "o" * 65}, "owner"),
        ({"owner": ""}, "owner"),
        ({"use_case": None}, "use_case"),
        ({"attributes": "text"}, "attributes"),
        ({"components": 7}, "components"),
        ({"components": ["unheard-of"]}, "components"),
        ({"colour": "red"}, "colour"),
        ({"system_id": None}, "system_id"),
        ({"system_id": {"a": 1}}, "system_id"),
        ({"name": "half\x00"}, "name"),
    ],
)
@ONE_DATABASE
def test_a_row_with_one_wrong_value_is_refused_for_it_and_the_others_are_taken(
    inventory, file, changes, field
):
    outcome = inventory.import_file(file({**row("bad"), **changes}, row("good")))

    assert [{p.field for p in r.problems} for r in outcome.refused] == [{field}]
    assert inventory.frame().system_id.tolist() == ["good"]


def test_a_system_that_runs_already_enters_as_legacy_and_was_never_approved(
    inventory, workspace, file
):
    inventory.import_file(
        file(row("old", stage="operation_and_monitoring", status="suspended"), row("new"))
    )

    old = inventory.get("old")
    assert (old.entry, old.stage, old.status) == ("legacy", "operation_and_monitoring", "suspended")
    assert (old.approval_state, old.tier) == ("none", "undetermined")
    assert inventory.get("new").entry == "new"
    found = {(f.system_id, f.condition) for f in workspace.reviews.run().findings}
    assert ("old", "approval_in_force") in found
    assert "new" not in {system_id for system_id, _ in found}


def test_an_unknown_owner_becomes_a_unit_and_no_person(inventory, workspace, file):
    inventory.import_file(
        file(
            row("a", owner="Unit of X", owner_name="The Unit of X"),
            row("b", owner="Unit of X"),
            row("c", owner="olga", owner_name="Somebody Else"),
        )
    )

    unit = workspace.staffing.actor("Unit of X")
    assert (unit.kind, unit.name in {"The Unit of X", "Unit of X"}) == ("unit", True)
    assert workspace.staffing.actor("olga").name == "Olga"
    owned = next(c for c in workspace.reviews.conditions("a") if c.name == "owner_assigned")
    assert not owned.met
    assert "is a unit" in owned.reason


@pytest.mark.parametrize("name", ["n" * 300, 7, None, ["a"]])
@ONE_DATABASE
def test_a_strange_name_of_an_owner_is_cut_or_replaced(inventory, workspace, file, name):
    inventory.import_file(file(row("a", owner="unit-x", owner_name=name)))

    assert 0 < len(workspace.staffing.actor("unit-x").name) <= 200


def test_components_of_imported_systems_are_linked(inventory, file):
    inventory.register_component("bert", kind="model", name="BERT")
    inventory.register_component("gpt", kind="service", name="GPT")
    inventory.import_file(file(row("a", components=["bert"]), row("b", components=["bert"])))

    inventory.import_file(file(row("a", components=["gpt"])))

    systems = inventory.components().set_index("component_id").systems
    assert systems.to_dict() == {"bert": 1, "gpt": 1}


def test_a_revision_by_import_is_recorded_by_what_changed_and_lapses_requests(
    inventory, workspace, file
):
    inventory.import_file(file(row("a")))
    olga = workspace.act_as("olga")
    request = olga.approvals.request("a", "start_development")

    inventory.import_file(file(row("a", supplier="ACME")))

    assert olga.approvals.get(request.approval_id).status == "lapsed"
    assert inventory.get("a").approval_state == "lapsed"
    revised = workspace.audit.events("a", event_type="core.SystemRevised")[0]
    assert revised.payload["changed"] == {"supplier": "ACME"}


def test_an_import_that_is_stopped_leaves_whole_portions_and_the_next_run_does_the_rest(
    inventory, workspace, file
):
    path = file(*(row(f"s{i}") for i in range(2_500)))

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        inventory.import_file(path, progress=stop)

    assert inventory.find()[1] == 1_000
    assert newest_type(workspace) != "core.SystemsImported"
    assert len(workspace.audit.events(event_type="core.ImportStarted")) == 1
    again = inventory.import_file(path)
    assert (again.registered, again.unchanged) == (1_500, 1_000)
    assert sum(inventory.counts().values()) == 2_500
    assert workspace.audit.verify().intact


def test_a_portion_that_fails_leaves_nothing_of_itself(inventory, workspace, file, monkeypatch):
    before = workspace.audit.head()

    def fail(*_):
        raise WorkspaceError("the disk is full")

    monkeypatch.setattr("aims_core.inventory.importing.write_portion", fail)
    with pytest.raises(WorkspaceError, match="disk is full"):
        inventory.import_file(file(row("a")))

    assert (inventory.find()[1], workspace.audit.head()) == (0, before)


def test_a_dry_run_shows_every_field_before_and_after(inventory, workspace, file):
    inventory.import_file(file(row("a", attributes={"office": "North", "old": 1}), row("b")))
    path = file(
        row("a", supplier="ACME", attributes={"office": "South"}),
        row("b"),
        row("c"),
        row("d", origin="heaven"),
    )

    outcome = inventory.import_file(path, dry_run=True)

    changed, same, new = outcome.changes
    assert (changed.kind, changed.revision, changed.row) == ("changed", 1, 1)
    assert changed.fields == {
        "supplier": ("", "ACME"),
        "attributes.office": ("North", "South"),
        "attributes.old": (1, None),
    }
    assert (same.kind, same.fields, new.kind) == ("unchanged", {}, "new")
    assert new.fields["name"] == (None, "Ticket triage")
    frame = outcome.frame()
    assert set(frame["what"]) == {"new", "changed", "unchanged", "refused"}
    assert frame[frame["field"] == "attributes.office"]["after"].tolist() == ["South"]
    assert inventory.import_file(path).revised == 1
    assert list(inventory.import_file(file(), dry_run=True).frame().columns) == list(frame.columns)


def test_a_system_whose_life_has_ended_is_not_revised_by_any_way(inventory, workspace, file):
    inventory.import_file(file(row("old", stage="retirement"), row("b")))

    outcome = inventory.import_file(file(row("old", supplier="ACME"), row("b", supplier="ACME")))

    assert (outcome.revised, [r.row for r in outcome.refused]) == (1, [1])
    assert "retirement" in outcome.refused[0].problems[0].reason
    with pytest.raises(InvalidRecord, match="in retirement"):
        inventory.revise("old", supplier="ACME")
    assert inventory.import_file(file(row("old", stage="retirement"))).unchanged == 1


def test_a_stage_that_the_register_does_not_follow_is_a_warning(inventory, file):
    inventory.import_file(file(row("a")))

    outcome = inventory.import_file(file(row("a", stage="deployment")))

    assert outcome.unchanged == 1
    assert [(w.field, w.row) for w in outcome.warnings] == [("stage", 1)]
    assert inventory.get("a").stage == "inception"
    assert "warning" in outcome.frame()["what"].tolist()


def test_names_that_mislead_the_eye_are_warnings_and_invisible_ones_are_refused(inventory, file):
    inventory.import_file(file(row("a", name="Credit")))
    rows = [
        row("b", name="\u0421redit"),
        row("c", name="Cred\u200bit"),
        row("d", name="Credit\u202etiderc"),
        row("e", name="\uff23redit"),
        row("f", name="Cafe\u0301"),
    ]

    outcome = inventory.import_file(file(*rows))

    assert [r.row for r in outcome.refused] == [2, 3]
    said = {(w.row, w.reason) for w in outcome.warnings}
    assert (1, "looks like the name of a") in said
    assert (4, "looks like the name of a") in said
    assert any("mixes Cyrillic and Latin" in reason for _, reason in said)
    assert inventory.get("f").name == "Caf\u00e9"


@ONE_DATABASE
def test_a_dry_run_cannot_write_even_by_mistake(inventory, workspace, file, monkeypatch):
    before = workspace.audit.head()
    monkeypatch.setattr(workspace._desk.store, "begin", None)

    assert inventory.import_file(file(row("a")), dry_run=True).registered == 1

    assert workspace.audit.head() == before


def test_progress_is_told_until_all_is_done(inventory, file):
    told = []

    inventory.import_file(
        file(*(row(f"s{i}") for i in range(1_200))),
        progress=lambda done, total: told.append((done, total)),
    )

    assert told == [(1_000, 1_200), (1_200, 1_200)]


@ONE_DATABASE
def test_only_those_who_may_import_do(workspace, inventory, file):
    for actor in ("olga", "aude", "carl"):
        with pytest.raises(NotPermitted, match="inventory_steward"):
            workspace.act_as(actor).inventory.import_file(file(row("a")))

    assert workspace.act_as("ada").inventory.import_file(file(row("a"))).registered == 1


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        ImportBatch(source="x", source_digest="", drafts=[{"a": 1}], refused=()),
        ImportBatch(source="x", source_digest="", drafts=(1,), refused=()),
        ImportBatch(source="x", source_digest="", drafts=(), refused=None),
    ],
)
@ONE_DATABASE
def test_an_importer_that_answers_nonsense_is_named(workspace, file, answer):
    workspace.host.register(Lines(at_hand(lambda *_: answer)), "lines")

    with pytest.raises(PluginError, match=r"lines.*answered"):
        workspace.inventory.import_file(file(row("a")))

    assert workspace.inventory.find()[1] == 0


@ONE_DATABASE
def test_an_importer_that_fails_is_named_and_nothing_is_written(inventory, workspace, file):
    with pytest.raises(PluginError, match=r"lines.*UnicodeDecodeError"):
        inventory.import_file(_bytes(file()))

    assert newest_type(workspace) != "core.SystemsImported"


def _bytes(path):
    path.write_bytes(b"\xff\xfe")
    return path


def newest_type(workspace):
    return workspace.audit.events(limit=1)[0].type


@ONE_DATABASE
def test_a_file_nobody_reads_or_that_is_not_there_is_refused(inventory, file, tmp_path):
    with pytest.raises(ProviderChoice, match=r"'\.xyz' is not available"):
        inventory.import_file(file(row("a"), name="a.xyz"))
    with pytest.raises(WorkspaceError, match="no such file"):
        inventory.import_file(tmp_path / "absent.jsonl")


@ONE_DATABASE
def test_two_importers_for_one_kind_of_file_and_no_choice_names_both(inventory, workspace, file):
    workspace.host.register(Lines(at_hand(read_lines), "other"), "other")
    path = file(row("a"))

    with pytest.raises(ProviderChoice, match=r"several.*lines\.importer, other\.importer"):
        inventory.import_file(path)

    assert inventory.import_file(path, importer="other.importer").registered == 1
    workspace.host.providers["importer"] = "lines.importer"
    assert inventory.import_file(path).unchanged == 1


@ONE_DATABASE
def test_what_the_mapping_says_reaches_the_importer(inventory, file):
    inventory.import_file(file({"system_id": "a"}), mapping=TICKET_TRIAGE)

    assert inventory.get("a").name == "Ticket triage"


def test_a_row_that_empties_a_field_its_stage_needs_is_refused_as_by_hand(inventory, file):
    inventory.import_file(file(row("a", stage="deployment"), row("b"), row("c")))
    path = file(row("a", intended_use="", name="New"), row("b", intended_use=""), row("c"))

    for dry_run in (True, False):
        outcome = inventory.import_file(path, dry_run=dry_run)

        assert (outcome.read, outcome.revised, outcome.unchanged) == (3, 1, 1)
        (refused,) = outcome.refused
        assert [(p.row, p.field) for p in refused.problems] == [(1, "intended_use")]
        assert refused.cells["name"] == "New"
    assert inventory.get("a").name == TICKET_TRIAGE["name"]
    assert inventory.get("b").intended_use == ""


def test_a_row_is_held_to_the_tier_that_it_declares(inventory, file):
    inventory.import_file(file(row("a", stage="deployment"), row("b", stage="deployment")))
    emptied = {"stage": "deployment", "human_oversight": ""}
    path = file(row("a", **emptied, declared_risk_category="high"), row("b", **emptied))

    outcome = inventory.import_file(path)

    (refused,) = outcome.refused
    assert [(p.row, p.field) for p in refused.problems] == [(1, "human_oversight")]
    assert inventory.get("b").human_oversight == ""


def test_a_row_that_makes_an_auditor_the_owner_is_refused_and_the_rest_is_taken(inventory, file):
    inventory.import_file(file(row("a"), row("b")))
    changed = file(row("a", owner="aude"), row("b", use_case="Other."), row("c", owner="aude"))
    planned = inventory.import_file(changed, dry_run=True)

    outcome = inventory.import_file(changed)

    for found in (planned, outcome):
        assert [(r.system_id, r.problems[0].field) for r in found.refused] == [
            ("a", "owner"),
            ("c", "owner"),
        ]
        assert "is an auditor" in found.refused[0].problems[0].reason
    assert outcome.revised == 1


def test_an_owner_who_differs_from_somebody_known_in_large_letters_is_refused_with_the_row(
    inventory, workspace, file
):
    workspace.staffing.add("änne", "Änne")
    rows = file(
        row("a", owner="Olga"),
        row("b", owner="olga"),
        row("c", owner="ÄNNE"),
        row("d", owner="Unit of X"),
        row("e", owner="unit of X"),
        row("f", owner="Unit of X"),
    )
    planned = inventory.import_file(rows, dry_run=True)

    outcome = inventory.import_file(rows)

    for found in (planned, outcome):
        problems = [(r.row, *r.problems) for r in found.refused]
        assert [(number, p.row, p.field, p.value) for number, p in problems] == [
            (1, 1, "owner", "Olga"),
            (3, 3, "owner", "ÄNNE"),
            (5, 5, "owner", "unit of X"),
        ]
        assert "'olga' is known, which differs from 'Olga' in small" in problems[0][1].reason
        assert "use 'änne' if they are the same" in problems[1][1].remedy
        assert "'Unit of X' stands in an earlier row" in problems[2][1].reason
    assert outcome.registered == 3
    assert set(workspace.staffing.frame()["actor_id"]) >= {"olga", "änne", "Unit of X"}
    assert not {"Olga", "ÄNNE", "unit of X"} & set(workspace.staffing.frame()["actor_id"])


def test_a_changed_row_is_refused_for_the_spelling_of_its_owner_and_the_system_keeps_its_own(
    inventory, file
):
    inventory.import_file(file(row("a", owner="unit-x"), row("b", owner="unit-x")))

    outcome = inventory.import_file(file(row("a", owner="Unit-X"), row("b", use_case="Other.")))

    assert [(r.system_id, r.problems[0].field) for r in outcome.refused] == [("a", "owner")]
    assert outcome.revised == 1
    assert inventory.get("a").owner == "unit-x"


def test_the_spelling_of_owners_takes_one_query_however_many_rows_there_are(
    inventory, workspace, file
):
    statements = []
    rows = file(*(row(f"s{n}", owner=f"Unit-{n}") for n in range(200)))
    engine = workspace._desk.store.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    assert inventory.import_file(rows, dry_run=True).registered == 200

    assert len([s for s in statements if "NOCASE" in s or "lower(actor_id" in s]) == 1
