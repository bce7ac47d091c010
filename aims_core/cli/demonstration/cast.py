"""The people of the demo, all invented, and the roles they hold."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aims_core.workspace import Workspace

ORGANISATION = "Federal AI Office (demo)"
ADMINISTRATOR = "ada"

PEOPLE = (
    ("ines", "Inés Duarte", ("inventory_steward",)),
    # Olga sits on the committee too, so only the segregation of duties keeps her from her own case.
    ("olga", "Olga Brandt", ("system_owner", "committee_member")),
    ("devi", "Devi Rao", ("developer",)),
    ("vera", "Vera Lindqvist", ("risk_reviewer",)),
    ("rita", "Rita Moreau", ("risk_reviewer",)),
    ("carl", "Carl Jensen", ("committee_member",)),
    ("cora", "Cora Whitfield", ("committee_member",)),
    ("imre", "Imre Halász", ("incident_manager",)),
    ("aude", "Aude Martin", ("auditor",)),
)


def enter(workspace: "Workspace") -> None:
    """Add the people and grant their roles; the administrator acts."""
    for actor_id, name, roles in PEOPLE:
        workspace.staffing.add(actor_id, name)
        for role in roles:
            workspace.staffing.grant(actor_id, role)
