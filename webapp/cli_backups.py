"""`flask --app wsgi backup create|verify|restore`: Berth's own backup."""

import sys
from datetime import timedelta
from pathlib import Path

import click
from alembic.script import ScriptDirectory
from flask.cli import AppGroup
from flask_migrate import upgrade
from sqlalchemy.engine import make_url

from webapp.config_values import database_url
from webapp.domain.access import AFTER_RESTORE
from webapp.extensions import db
from webapp.identity import service_context
from webapp.services.backups.creating import create_backup
from webapp.services.backups.manifest import BackupRefused, Manifest
from webapp.services.backups.postgres import Clients
from webapp.services.backups.restoring import Target, restore_backup
from webapp.services.backups.targets import Replacing
from webapp.services.backups.verifying import age_h, try_loading, verify_backup
from webapp.services.readiness import MIGRATIONS
from webapp.vault import keys

KEPT = 14
PATH = click.Path(path_type=Path, file_okay=False)

backups = AppGroup("backup", help="Back the database up, and put a backup in again.")
with_clients = click.option(
    "--clients",
    "clients_in",
    type=PATH,
    help="The folder with pg_dump, pg_restore and psql; by default where the system finds them.",
)


@backups.command("create")
@click.argument("folder", type=PATH)
@click.option("--keep", type=click.IntRange(min=1), default=KEPT, show_default=True, help="Backups to keep.")
@with_clients
def create(folder: Path, keep: int, clients_in: Path | None) -> None:
    """Make a backup in FOLDER while Berth works, and remove the oldest ones."""
    now = service_context().clock.now()
    with _clear_refusals():
        made = create_backup(db.engine, folder, keep=keep, now=now, clients=Clients(clients_in))
    click.echo(f"{made.path}: {said(made.manifest)}")
    for path in made.removed:
        click.echo(f"Removed {path.name}.")
    click.echo(made.manifest.keys_are_elsewhere)


@backups.command("verify")
@click.argument("path", type=PATH)
@click.option(
    "--into", "scratch", help="The address of an empty PostgreSQL database: load it there, and undo."
)
@with_clients
def verify(path: Path, scratch: str | None, clients_in: Path | None) -> None:
    """Read the backup at PATH, or the newest in it, and compare it with its manifest."""
    clients = Clients(clients_in)
    with _clear_refusals():
        backup, manifest = verify_backup(path, clients=clients)
        if scratch is not None:
            try_loading(backup, manifest, make_url(_checked(scratch)), clients=clients)
    old_h = age_h(manifest, service_context().clock.now())
    click.echo(f"{backup}: {said(manifest)} It is {old_h:.1f} h old.")
    click.echo("Loaded, counted and undone." if scratch else "As it was written.")


@backups.command("restore")
@click.argument("path", type=PATH)
@click.option("--replace", is_flag=True, help="Remove everything that is in the database now.")
@click.option(
    "--installation",
    metavar="UID",
    help="With --replace: the other installation whose database is replaced; the refusal names it.",
)
@with_clients
def restore(path: Path, replace: bool, installation: str | None, clients_in: Path | None) -> None:
    """Put the backup at PATH, or the newest in it, into the database, and migrate it to this release.

    Stop all processes first. Nothing is made in a cloud account before it was compared with it.
    """
    context = service_context()
    scripts = ScriptDirectory(str(MIGRATIONS))
    known = {one.revision for one in scripts.walk_revisions()}
    target = Target(
        make_url(context.settings.database_url), known, Replacing(installation) if replace else None
    )
    db.engine.dispose()
    with _clear_refusals():
        manifest = restore_backup(path, target, now=context.clock.now(), clients=Clients(clients_in))
    click.echo(f"Restored: {said(manifest)}")
    db.engine.dispose()
    upgrade(directory=str(MIGRATIONS))
    head = scripts.get_current_head()
    if head != manifest.migration:
        click.echo(f"Migrated from {manifest.migration} to {head}.")
    _say_what_is_next(
        manifest,
        {
            "CREDENTIAL_PRIVATE_KEYS": (manifest.keys.credential, context.settings.credential_public_key),
            "WEBHOOK_PRIVATE_KEYS": (manifest.keys.webhook, context.settings.webhook_public_key),
        },
    )


def said(manifest: Manifest) -> str:
    """What is in it, for people."""
    return (
        f"Berth {manifest.version}, migration {manifest.migration},"
        f" {manifest.created_at:%Y-%m-%d %H:%M:%S} UTC,"
        f" {manifest.rows:,} rows in {len(manifest.tables)} tables, {manifest.bytes / 1e6:,.1f} MB."
    )


def _say_what_is_next(manifest: Manifest, pairs: dict[str, tuple[tuple[str, ...], str]]) -> None:
    for name, (needed, public) in pairs.items():
        here = keys.key_id(keys.parse_public_key(public))
        others = [one for one in needed if one != here]
        if others:
            click.echo(
                "Its secrets were sealed with other keys than the one here: the workers need the private"
                f" keys {', '.join(others)} in {name}, too."
            )
    if manifest.database == "postgresql":
        click.echo("Run `flask rights` again: the rights of the database's users are not in a backup.")
    click.echo(
        "Start all processes. Everybody signs in again. Nothing is made in a cloud account before it was"
        " compared; decide about what was made since the backup under Desktops."
    )
    click.echo(
        f"No desktop ends in the next {AFTER_RESTORE // timedelta(hours=1)} hours by an end of before: it may"
        " have been undone or moved since the backup. Ask each company to look at “Starts and ends” by then;"
        " the operator does not see it."
    )


def _checked(url: str) -> str:
    try:
        return database_url(url)
    except ValueError as error:
        raise BackupRefused(f"The address of the database {error}.") from None


class _clear_refusals:  # noqa: N801  # reads as a statement
    """A refusal ends the command with its message, not with a traceback."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, BackupRefused):
            click.echo(f"Error: {error.message}", err=True)
            sys.exit(1)
