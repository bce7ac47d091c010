"""``aims db secure``, ``grant``, ``confirm``, ``revoke``, ``logins``, ``doctor``, ``work``: own logins."""

from typing import TYPE_CHECKING

import click

from aims_core.cli.output import cli_emit, cli_format, say
from aims_core.cli.session import FINDINGS, cli_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aims_core.logins import Login
    from aims_core.workspace import Workspace


@click.command()
@cli_workspace
def secure(workspace: "Workspace") -> None:
    """Have PostgreSQL itself enforce who may do what; run again, it puts everything back in place.

    Run it as an administrator, with the database login that owns the tables.
    """
    done = workspace.logins.secure()
    say(f"Secured ({done.number}), fingerprint {done.fingerprint[:16]}…")
    if done.closed:
        say(f"Closed to everybody, as nobody protects them: {', '.join(done.closed)}")
    for line in done.left:
        say(f"Added since it was secured before, and still there; look at it: {line}")
    say("Give people their logins with `aims db grant PERSON` and `aims db grant PERSON --decide`.")


@click.command()
@click.argument("person")
@click.option("--decide", is_flag=True, help="A decision credential, besides the one to work with.")
@click.option("--read-only", is_flag=True, help="To read only.")
@click.option("--service", is_flag=True, help="For the service that seals and delivers.")
@click.option("--login", default="", help="Name of the database role; the person's id by default.")
@cli_workspace
def grant(
    workspace: "Workspace",
    person: str,
    login: str,
    *,
    decide: bool,
    read_only: bool,
    service: bool,
) -> None:
    """Give PERSON a login of the database; a new role's password is shown once."""
    named = {"decide": decide, "read": read_only, "service": service}
    chosen = [credential for credential, wanted in named.items() if wanted] or ["work"]
    if len(chosen) > 1:
        raise click.UsageError("give one of --decide, --read-only, --service")
    made = workspace.logins.grant(person, chosen[0], login=login)
    say(_line(made))
    if made.password:
        say(f"Password, shown once: {made.password}")
    if made.waits:
        say(
            "It decides nothing until another administrator confirms it, with their login to decide: "
            f"`aims db confirm {made.login}`."
        )


@click.command()
@click.argument("login")
@cli_workspace
def confirm(workspace: "Workspace", login: str) -> None:
    """Confirm the decision LOGIN that another administrator gave themselves."""
    say(f"{_line(workspace.logins.confirm(login))} It decides from now on.")


@click.command()
@click.argument("person")
@click.option("--login", default="", help="Only this one.")
@cli_workspace
def revoke(workspace: "Workspace", person: str, login: str) -> None:
    """Shut PERSON's logins out of the database at once."""
    for one in workspace.logins.revoke(person, login=login):
        say(f"{one.login} ({one.credential}) is shut out.")


@click.command()
@cli_format
@cli_workspace
def logins(workspace: "Workspace", format_: str) -> None:
    """List the logins in force."""
    cli_emit(
        workspace.logins.all(),
        format_,
        columns=("login", "actor", "credential", "waits"),
        empty="The database is not secured.",
    )


@click.command()
@cli_format
@click.pass_context
@cli_workspace
def doctor(workspace: "Workspace", context: click.Context, format_: str) -> None:
    """Say whether the database still protects itself as it was secured; exit code 1 when not."""
    found = workspace.logins.examine()
    cli_emit(
        found,
        format_,
        columns=("subject", "finding", "remedy"),
        empty="The database protects itself as it was secured.",
    )
    context.exit(FINDINGS if found else 0)


@click.command()
@cli_workspace
def work(workspace: "Workspace") -> None:
    """Seal the audit trail and deliver tells, as the service of a secured database; for a job or a timer."""
    sealed, told = workspace.deliveries.work()
    say(f"{sealed} event(s) sealed, {told} told.")


def tell_logins(commands: "Sequence[str]") -> None:
    """Say that a database is not secured as the one it came from was, and how it is again."""
    if not commands:
        return
    say(
        "This database is not secured, as the one it comes from was: everybody may act as anybody. Run:"
    )
    for command in commands:
        say(f"  {command}")


def _line(one: "Login") -> str:
    return f"{one.login} acts as {one.actor} ({one.credential})."


COMMANDS = (secure, grant, confirm, revoke, logins, doctor, work)
