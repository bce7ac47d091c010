"""The core's own commands: name, one line of help, and where each one is written."""

from collections.abc import Mapping
from dataclasses import dataclass

from aims_core.contributions import Ref


@dataclass(frozen=True, slots=True)
class CoreCommand:
    """A command of the core, as ``aims --help`` lists it without importing it."""

    help: str
    command: Ref


CORE: Mapping[str, CoreCommand] = {
    "approvals": CoreCommand(
        "List and close requests; lend one's seat to another person.",
        Ref("aims_core.cli.approvals:approvals"),
    ),
    "audit": CoreCommand(
        "Verify the audit trail, read, sign, prove or export it.", Ref("aims_core.cli.audit:audit")
    ),
    "backup": CoreCommand(
        "Back everything up while others work, and verify the copy.",
        Ref("aims_core.cli.recovery:backup"),
    ),
    "concerns": CoreCommand(
        "Raise, hear and answer concerns.", Ref("aims_core.cli.concerns:concerns")
    ),
    "db": CoreCommand(
        "Show, upgrade, copy and secure the database, and give logins to it.",
        Ref("aims_core.cli.db:db"),
    ),
    "decide": CoreCommand("Approve or refuse a request.", Ref("aims_core.cli.approvals:decide")),
    "demo": CoreCommand(
        "Run the whole life of an AI system on a real inventory.",
        Ref("aims_core.cli.demonstration:demo"),
    ),
    "evidence": CoreCommand(
        "Put evidence on record, list, verify, hold, dispose of, export and import it.",
        Ref("aims_core.cli.evidence:evidence"),
    ),
    "init": CoreCommand("Create a workspace in a folder.", Ref("aims_core.cli.init:init")),
    "lab": CoreCommand("Open the workbench in JupyterLab.", Ref("aims_core.cli.lab:lab")),
    "people": CoreCommand(
        "Add people, grant them roles, list both.", Ref("aims_core.cli.people:people")
    ),
    "plugins": CoreCommand(
        "List plugins, the failed ones included, and start new ones.",
        Ref("aims_core.cli.plugins:plugins"),
    ),
    "request": CoreCommand("Ask for a system's next step.", Ref("aims_core.cli.approvals:request")),
    "restore": CoreCommand(
        "Restore a backup, check it, or drill that.", Ref("aims_core.cli.recovery:restore")
    ),
    "review": CoreCommand(
        "Find systems that may not be where they are, and why.",
        Ref("aims_core.cli.review:review"),
    ),
    "separation": CoreCommand(
        "Show rules of separation of duties, breaches and exceptions.",
        Ref("aims_core.cli.separation:separation"),
    ),
    "systems": CoreCommand(
        "Import, register, list and show AI systems.", Ref("aims_core.cli.systems:systems")
    ),
    "waivers": CoreCommand(
        "Waive a condition for a time, by two persons.", Ref("aims_core.cli.waivers:waivers")
    ),
}
