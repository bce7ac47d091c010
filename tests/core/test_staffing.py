"""Who is known and who may do what: nobody makes themselves mighty, and somebody always can administer."""

import pytest
import sqlalchemy as sa

from aims_core import (
    InvalidRecord,
    NotPermitted,
    RecordNotFound,
    RequestRefused,
    ScopeKind,
    SegregationOfDuties,
    role_changes,
    spellings,
    tables,
)
from aims_core.events import ActorAdded
from aims_core.staffing import COLUMNS
from aims_core.testing.intruder import granted_past_the_rules

ONE_DATABASE = pytest.mark.parametrize("aims_database", ["sqlite"])


def grant_of(workspace, actor_id, role):
    return next(g for g in workspace.staffing.roles_of(actor_id) if g.role == role)


def test_nobody_grants_a_role_to_themselves_under_any_of_their_ids(workspace):
    workspace.staffing.add("ada-2", "Ada again", person="ada")

    for actor_id in ("ada", "ada-2"):
        with pytest.raises(SegregationOfDuties, match="nobody grants a role to themselves"):
            workspace.staffing.grant(actor_id, "system_owner")

    assert [g.role for g in workspace.staffing.roles_of("ada")] == ["administrator"]


def test_two_administrators_can_grant_to_each_other(workspace):
    workspace.staffing.add("bert", "Bert")
    workspace.staffing.grant("bert", "administrator")

    workspace.staffing.add("cleo", "Cleo")
    with pytest.raises(SegregationOfDuties, match="confirmed by ada"):
        workspace.act_as("bert").staffing.grant("cleo", "administrator")
    workspace.staffing.confirm(
        workspace.act_as("bert").staffing.propose("cleo", "administrator").change_id
    )

    asked = workspace.act_as("bert").staffing.propose("ada", "committee_member")
    granted = workspace.act_as("cleo").staffing.confirm(asked.change_id)

    assert (granted.actor, granted.granted_by) == ("ada", "cleo")


def test_the_last_administrator_stays(workspace):
    mine = grant_of(workspace, "ada", "administrator")

    with pytest.raises(RequestRefused, match="last administrator"):
        workspace.staffing.revoke(mine.grant_id, reason="enough")

    workspace.staffing.add("bert", "Bert")
    workspace.staffing.grant("bert", "administrator")
    workspace.staffing.revoke(mine.grant_id, reason="enough")
    with pytest.raises(NotPermitted):
        workspace.staffing.add("carol", "Carol")


@pytest.mark.parametrize(
    ("kind", "scope"),
    [("person", {"unit": "Support"}), ("service", {}), ("unit", {}), ("plugin", {})],
)
@ONE_DATABASE
def test_an_administrator_who_cannot_grant_does_not_count_as_another(workspace, kind, scope):
    workspace.staffing.add("other", "Other", kind=kind)
    workspace.staffing.grant("other", "administrator", **scope)
    mine = grant_of(workspace, "ada", "administrator")

    with pytest.raises(RequestRefused, match="last administrator"):
        workspace.staffing.revoke(mine.grant_id, reason="enough")


@ONE_DATABASE
def test_only_administrators_staff(workspace):
    target = grant_of(workspace, "carl", "committee_member")
    for actor in ("olga", "rita", "aude", "carl"):
        staffing = workspace.act_as(actor).staffing
        with pytest.raises(NotPermitted, match="administrator"):
            staffing.add("mallory", "Mallory")
        with pytest.raises(NotPermitted, match="administrator"):
            staffing.grant("cora", "auditor")
        with pytest.raises(NotPermitted, match="administrator"):
            staffing.revoke(target.grant_id, reason="rival")


def test_somebody_is_added_once_and_found_again(workspace):
    first = workspace.staffing.add("grace", " Grace Hopper ")
    before = workspace.audit.head()

    again = workspace.staffing.add("grace", "Grace Hopper")

    assert again == first
    assert (first.name, first.person, first.kind) == ("Grace Hopper", "grace", "person")
    assert workspace.audit.head() == before
    with pytest.raises(InvalidRecord, match="'grace' is Grace Hopper"):
        workspace.staffing.add("grace", "Somebody Else")


@pytest.mark.parametrize(
    ("actor_id", "name", "options"),
    [
        ("", "Name", {}),
        ("two words", "Name", {}),
        ("tab\t", "Name", {}),
        ("a" * 65, "Name", {}),
        ("half\x00", "Name", {}),
        ("half\ud800", "Name", {}),
        ("ok", "", {}),
        ("ok", "  ", {}),
        ("ok", "n" * 201, {}),
        ("ok", "half\x00", {}),
        ("ok", "half\ud800", {}),
        ("ok", "two\nlines", {}),
        ("ok", "Name", {"person": "p" * 65}),
        ("ok", "Name", {"person": "half\x00"}),
        ("ok", "Name", {"person": "two words"}),
    ],
)
@ONE_DATABASE
def test_an_id_or_name_that_cannot_be_kept_is_refused(workspace, actor_id, name, options):
    people = workspace.staffing.people()

    with pytest.raises(InvalidRecord):
        workspace.staffing.add(actor_id, name, **options)

    assert workspace.staffing.people() == people
    assert workspace.audit.events(limit=1)[0].type == "core.ActRefused"


@pytest.mark.parametrize("name", ["نی\u200cلوفر", "Jean\u00a0Dupont", "O'Neill", "张伟 🙂", "=1+1"])
@ONE_DATABASE
def test_a_name_may_hold_whatever_names_hold(workspace, name):
    assert workspace.staffing.add("somebody", name).name == name


def test_a_grant_is_found_again_not_doubled(workspace):
    first = workspace.staffing.grant("devi", "developer", unit="Support")
    again = workspace.staffing.grant("devi", "developer", unit="Support")
    wider = grant_of(workspace, "devi", "developer")

    assert again == first
    assert wider.grant_id != first.grant_id
    assert len(workspace.staffing.roles_of("devi")) == 2


@ONE_DATABASE
def test_a_grant_needs_somebody_known_a_role_and_one_scope(registered):
    with pytest.raises(RecordNotFound, match="Did you mean olga"):
        registered.staffing.grant("olgaa", "auditor")
    with pytest.raises(InvalidRecord, match="'emperor' is not a role"):
        registered.staffing.grant("olga", "emperor")
    with pytest.raises(InvalidRecord, match="unit"):
        registered.staffing.grant("olga", "auditor", unit="u" * 201)
    with pytest.raises(RecordNotFound, match="AI system 'absent'"):
        registered.staffing.grant("olga", "auditor", system_id="absent")
    with pytest.raises(ValueError, match="not both"):
        registered.staffing.grant("olga", "auditor", unit="Support", system_id="ticket-triage")


def test_a_revoked_role_is_gone_at_once_and_stays_on_record(workspace):
    olga = workspace.act_as("olga")
    grant = grant_of(workspace, "olga", "system_owner")

    with pytest.raises(RequestRefused, match="say why"):
        workspace.staffing.revoke(grant.grant_id, reason=" ")
    revoked = workspace.staffing.revoke(grant.grant_id, reason="moved on")
    again = workspace.staffing.revoke(grant.grant_id, reason="moved on")

    assert revoked.revoked_at is not None
    assert again == revoked
    assert workspace.staffing.roles_of("olga") == ()
    with pytest.raises(NotPermitted):
        olga.inventory.register_component("bert", kind="model", name="BERT")
    event = workspace.audit.events(event_type="core.RoleRevoked")[0]
    assert (event.actor, event.payload["reason"]) == ("ada", "moved on")


@ONE_DATABASE
def test_a_grant_that_is_not_there_cannot_be_revoked(workspace):
    with pytest.raises(RecordNotFound, match="grant 'grt-0'"):
        workspace.staffing.revoke("grt-0", reason="gone")


def test_the_frame_shows_everybody_with_and_without_a_role(workspace):
    workspace.staffing.add("nemo", "Nemo")

    frame = workspace.staffing.frame()

    assert frame.dtypes.astype(str).to_dict() == COLUMNS
    assert frame[frame.actor_id == "nemo"].role.isna().all()
    assert frame.set_index("actor_id").role.to_dict()["rita"] == "risk_reviewer"


def test_acting_as_somebody_unknown_is_refused_with_near_names(workspace):
    with pytest.raises(RecordNotFound, match="Did you mean olga"):
        workspace.act_as("olgo")


@pytest.mark.parametrize(
    ("person", "says"),
    [
        ("Olga", r"nobody is known as 'Olga'\. Did you mean olga\?"),
        ("olga-2", r"nobody is known as 'olga-2'\. Did you mean olga"),
        ("support", r"nobody is known as 'support'\. Name the person of an account"),
    ],
)
def test_an_account_stands_for_itself_or_for_a_person_who_is_known(workspace, person, says):
    workspace.staffing.add("support", "Support", kind="unit")
    workspace.staffing.add("olga-2", "Olga again", person="olga")

    with pytest.raises(InvalidRecord, match=says):
        workspace.staffing.add("olga-3", "Olga Brandt", person=person)

    with pytest.raises(RecordNotFound):
        workspace.staffing.actor("olga-3")


def test_two_accounts_of_one_person_are_added_the_first_one_first(workspace):
    with pytest.raises(InvalidRecord, match="nobody is known as 'zoe'"):
        workspace.staffing.add("zoe-2", "Zoe again", person="zoe")
    workspace.staffing.add("zoe", "Zoe")

    second = workspace.staffing.add("zoe-2", "Zoe again", person="zoe")

    assert workspace.staffing.add("zoe-2", "Zoe again", person="zoe") == second
    assert second.person == "zoe"


@pytest.mark.parametrize("kind", ["service", "plugin", "unit"])
@pytest.mark.parametrize(
    "role",
    ["risk_reviewer", "committee_member", "legal_counsel", "top_management", "concern_handler"],
)
@ONE_DATABASE
def test_a_role_that_decides_goes_to_persons_only(workspace, kind, role):
    workspace.staffing.add("robot", "Robot", kind=kind)
    says = f"robot is a {kind}, and only persons hold the role {role}.*rule R14.*incident_manager"

    with pytest.raises(SegregationOfDuties, match=says):
        workspace.staffing.grant("robot", role)
    with pytest.raises(SegregationOfDuties, match=says):
        workspace.staffing.propose("robot", role)

    assert workspace.staffing.roles_of("robot") == ()
    assert workspace.staffing.changes() == []
    assert [b.rule for b in workspace.separation.breaches() if not b.exception] == []


@pytest.mark.parametrize(
    "role", ["incident_manager", "inventory_steward", "developer", "system_owner", "administrator"]
)
@ONE_DATABASE
def test_a_role_that_drafts_goes_to_software_too(workspace, role):
    workspace.staffing.add("plugin:tell", "Tell", kind="plugin")

    assert workspace.staffing.grant("plugin:tell", role).role == role


def test_what_was_granted_before_the_rule_is_found_again_and_listed(workspace):
    workspace.staffing.add("robot", "Robot", kind="service")
    stood = granted_past_the_rules(workspace, "robot", "committee_member")

    assert workspace.staffing.grant("robot", "committee_member") == stood
    [found] = [b for b in workspace.separation.breaches() if b.rule == "R14"]
    assert (found.persons, found.records, found.exception) == (("robot",), (stood.grant_id,), "")
    assert found.what == "a service was granted committee_member, a role that decides"


def test_what_was_proposed_before_the_rule_is_not_confirmed(workspace):
    workspace.staffing.add("robot", "Robot", kind="service")
    workspace.staffing.add("bert", "Bert")
    workspace.staffing.grant("bert", "administrator")
    with workspace.writing() as tx:
        stood = role_changes.propose(
            tx, "robot", "committee_member", ScopeKind.ORGANISATION, "", reason=""
        )

    with pytest.raises(SegregationOfDuties, match="only persons hold the role committee_member"):
        workspace.act_as("bert").staffing.confirm(stood.change_id)


def test_a_role_that_is_held_is_not_proposed(workspace):
    grant = workspace.staffing.roles_of("rita")[0]

    with pytest.raises(RequestRefused, match=f"has held it since .*{grant.grant_id}.*nothing to"):
        workspace.staffing.propose("rita", grant.role)

    assert workspace.staffing.changes() == []


def test_a_role_that_was_granted_meanwhile_is_not_granted_twice(workspace):
    workspace.staffing.add("zoe", "Zoe")
    change = workspace.staffing.propose("zoe", "developer")
    grant = workspace.staffing.grant("zoe", "developer")
    workspace.staffing.add("bert", "Bert")
    workspace.staffing.grant("bert", "administrator")

    with pytest.raises(RequestRefused, match=f"granted it meanwhile .{grant.grant_id}.*decline"):
        workspace.act_as("bert").staffing.confirm(change.change_id)
    workspace.act_as("bert").staffing.decline(change.change_id, reason="It is there.")

    assert [g.grant_id for g in workspace.staffing.roles_of("zoe")] == [grant.grant_id]


@pytest.mark.parametrize(
    ("known", "spelt"),
    [
        ("zoe", "Zoe"),
        ("ÄNNE", "änne"),
        ("z.o", "Z.O"),
        ("mike", "mi\N{KELVIN SIGN}e"),
        ("mi\N{KELVIN SIGN}e", "Mike"),
    ],
)
def test_an_id_is_not_known_twice_in_small_and_large_letters(workspace, known, spelt):
    workspace.staffing.add(known, "Zoe")

    with pytest.raises(InvalidRecord, match=f"{known!r} is known, .* small and large letters only"):
        workspace.staffing.add(spelt, "Zoe")

    assert workspace.staffing.add(known, "Zoe").actor_id == known
    assert workspace.staffing.add("zoë", "Zoë").actor_id == "zoë"


def test_known_ids_are_found_by_an_index_whatever_their_letters(workspace):
    with workspace._desk.writing() as tx:
        rows = [
            {"actor_id": f"{name}.{n}", "name": "N", "kind": "unit", "person": f"{name}.{n}"}
            for n in range(3_000)
            for name in ("person", "männer")
        ]
        about = {"added_at": tx.now, "added_by": "ada"}
        tx.connection.execute(sa.insert(tables.actor), [{**r, **about} for r in rows])
        tx.record(ActorAdded(actor="many", name="Many", kind="unit", person="many"))

    with workspace.reading() as tx:
        plan = _plan(tx.connection, spellings._candidates(tx.connection.dialect.name, ["Männer.7"]))
        found = spellings.unknown_ids(tx.connection, ["Person.2999", "MÄNNER.7", "person.7", "x"])

    assert spellings.SPELLING_INDEX in plan
    assert spellings.BEYOND_ASCII_INDEX in plan
    assert found == {"Person.2999": "person.2999", "MÄNNER.7": "männer.7", "x": ""}


def _plan(connection, query):
    """Return how a database goes about a query, in its own words."""
    asked = query.compile(connection, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    return " ".join(map(str, connection.exec_driver_sql(f"{explain} {asked}")))
