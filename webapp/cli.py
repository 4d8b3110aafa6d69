"""Commands for operators: `flask --app wsgi user|company|token|backup|rights|ready …`."""

import sys
from datetime import timedelta

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from webapp import database_rights
from webapp.cli_backups import backups
from webapp.cli_trail import note_command
from webapp.domain.errors import AppError
from webapp.domain.roles import CompanyRole, Role
from webapp.identity import service_context
from webapp.models import User
from webapp.services import (
    colleagues,
    founding,
    own_account,
    password_reset,
    people,
    second_factor,
    sso_demand,
    tokens,
)
from webapp.services.readiness import readiness

users = AppGroup("user", help="Manage people who can sign in.")
companies = AppGroup("company", help="Let companies in.")
api_tokens = AppGroup("token", help="Manage tokens for the JSON API.")


def register(app: Flask) -> None:
    for command in (users, companies, api_tokens, backups, print_rights, ready):
        app.cli.add_command(command)


@click.command("ready")
@with_appcontext
def ready() -> None:
    """Show every part of the installation and its state; exit 1 if a required one is dead."""
    found = readiness(service_context())
    for part in found.parts:
        click.echo(f"{part.name:18} {part.status.value:8} {part.message}")
    sys.exit(0 if found.is_ready else 1)


@users.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--company", "company_name", help="The provider's company; created if it does not exist.")
@click.option(
    "--company-role",
    type=click.Choice([role.value for role in CompanyRole]),
    default=CompanyRole.OWNER.value,
    help="What a provider may do in the company.",
)
@click.option("--name", default="", help="The person's name; by default the part before the @.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
def add_user(
    email: str, role: str, company_name: str | None, company_role: str, name: str, password_stdin: bool
) -> None:
    """Add EMAIL; the password never appears in the command line or the shell's history."""
    password = sys.stdin.readline().rstrip("\n")
    note_command("user.add", email=email)
    with _clear_refusals():
        user = people.add_user(
            service_context(),
            email=email,
            role=Role(role),
            password=password,
            company_name=company_name,
            name=name,
            company_role=CompanyRole(company_role),
        )
    click.echo(f"Added {user.role} {user.email}.")


@users.command("reset")
@click.argument("email")
def reset_password(email: str) -> None:
    """Print the address with which EMAIL chooses a new password; it works once, for half an hour."""
    note_command("user.reset", email=email)
    with _clear_refusals():
        link = password_reset.make_link(service_context(), email=email)
    _echo_path("passwords.choose", {"link": link}, lasts="30 minutes")


@users.command("make-owner")
@click.argument("email")
@with_appcontext
def make_owner(email: str) -> None:
    """Let EMAIL do everything in the company, when no owner is left who could say so."""
    note_command("user.make-owner", email=email)
    with _clear_refusals():
        user = colleagues.make_owner(service_context(), email=email)
    click.echo(f"{user.email} is an owner now.")


@users.command("remove-second-factor")
@click.argument("email")
def remove_second_factor(email: str) -> None:
    """For EMAIL who has lost the app and the recovery codes; make sure that it is they who ask."""
    note_command("user.remove-second-factor", email=email)
    with _clear_refusals():
        second_factor.remove_by_operator(service_context(), email=email)
    click.echo("Removed. The password alone signs in again.")


@users.command("sign-out")
@click.argument("email", required=False)
@click.option("--everybody", is_flag=True, help="All people of this installation.")
def sign_out(email: str | None, everybody: bool) -> None:
    """End every session of EMAIL at once, or of everybody; API tokens stay."""
    if (email is None) is not everybody:
        raise click.UsageError("Name one e-mail address, or --everybody.")
    note_command("user.sign-out", email=email or "")
    with _clear_refusals():
        count = own_account.end_sessions_by_operator(service_context(), email=email)
    click.echo(f"Signed out in {count} browser{'' if count == 1 else 's'}.")


@companies.command("invite")
@click.option("--days", type=click.IntRange(min=1, max=90), default=7, show_default=True)
def invite_company(days: int) -> None:
    """Print the address with which one company is created; it works once."""
    context = service_context()
    note_command("company.invite")
    with _clear_refusals():
        link = founding.make_set_up_link(context, lasts=timedelta(days=days))
    _echo_path("accounts.sign_up", {"kind": "company", "link": link}, lasts=f"{days} days")


@companies.command("allow-passwords")
@click.argument("name")
@with_appcontext
def allow_passwords(name: str) -> None:
    """Let people of company NAME sign in with passwords again, when its single sign-on and the owner with the
    emergency way in both fail."""
    note_command("company.allow-passwords", company_name=name)
    with _clear_refusals():
        sso_demand.waive_by_operator(service_context(), company_name=name)
    click.echo("Passwords sign people in again.")


def _echo_path(endpoint: str, values: dict[str, str], *, lasts: str) -> None:
    """Of a link; the command does not know under which name people reach this Berth."""
    path = current_app.url_map.bind("").build(endpoint, values)
    click.echo(f"{path}\nAdd it to the address of this Berth. It works once, for {lasts}.")


@api_tokens.command("add")
@click.argument("email")
@click.option("--name", required=True, help="The token's purpose.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(tokens.SCOPES), help="Default: all.")
@click.option("--days", type=click.IntRange(min=1), help="Days until it expires; by default never.")
def add_token(email: str, name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Print a new token for EMAIL, once."""
    user = service_context().session.scalar(select(User).where(User.email == people.normal_email(email)))
    if user is None:
        raise click.ClickException(f"No person has the e-mail address {email}.")
    note_command("token.add", email=email)
    _, token = tokens.issue_token(
        service_context(),
        user=user,
        name=name,
        scopes=scopes or tokens.SCOPES,
        lasts=timedelta(days=days) if days else None,
    )
    click.echo(token)


@click.command("rights")
@click.option("--web", default="berth", show_default=True, help="The web server's user of the database.")
@click.option("--worker", default="berth-worker", show_default=True, help="That of workers on accounts.")
@click.option("--background", default="berth-background", show_default=True, help="That of the others.")
@click.option("--live", default="berth-live", show_default=True, help="That of the process `live`.")
@click.option("--backup", default="berth-backup", show_default=True, help="That of the backup.")
def print_rights(web: str, worker: str, background: str, live: str, backup: str) -> None:
    """Print the SQL that gives the users of the PostgreSQL database their rights; for psql, as the owner."""
    names = {"web": web, "worker": worker, "background": background, "live": live, "backup": backup}
    for statement in database_rights.rights(**names):
        click.echo(f"{statement};")


class _clear_refusals:  # noqa: N801  # reads as a statement
    """An error of a service ends the command with its message, not with a traceback."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, AppError):
            raise click.ClickException(error.message) from None
