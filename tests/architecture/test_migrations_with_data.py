"""The newest migrations go down and up with data in every table, on both databases; with --whole, all do."""

from itertools import pairwise

import flask_migrate
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from tests.architecture.test_migrations import MIGRATIONS, _app, _tables
from tests.conftest import both_databases
from tests.desk import Desk
from tests.every_table import fill_every_table
from webapp.domain.actor import Actor
from webapp.extensions import db
from webapp.models import Event
from webapp.services import tokens
from webapp.services.orders import order_workspace

NEWEST = 6
"""Of these, some are not released yet; the others were played when they were new, and change no more."""


@both_databases
def test_each_migration_goes_down_and_up_with_data(desk: Desk, pytestconfig: pytest.Config) -> None:
    """A step up and down again changes no value, and a step down loses no row of a table that stays."""
    fill_every_table(desk)
    desk.session.close()
    desk.database.dispose()
    with _app(desk.settings.database_url).app_context():
        full = _contents()
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        chain = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()]
        steps = list(pairwise([*chain, "base"]))
        walked = {}
        for upper, lower in steps if pytestconfig.getoption("--whole") else steps[:NEWEST]:
            before = _contents()
            flask_migrate.downgrade(directory=str(MIGRATIONS), revision=lower)
            below = _contents()
            flask_migrate.upgrade(directory=str(MIGRATIONS), revision=upper)
            flask_migrate.downgrade(directory=str(MIGRATIONS), revision=lower)
            counts = {name: len(rows) for name, rows in below.items()}
            walked[upper] = (below, counts) == (_contents(), {name: len(before[name]) for name in below})
        db.engine.dispose()

    assert sorted(name for name, rows in full.items() if not rows) == []
    assert [revision for revision, is_right in walked.items() if not is_right] == []


def _contents() -> dict[str, list[str]]:
    """Every row of every table; on SQLite no reference may lead nowhere."""
    tables = _tables()
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None
        return {
            name: sorted(
                str(dict(row)) for row in connection.execute(text(f"SELECT * FROM {name}")).mappings()
            )
            for name in tables
        }


@both_databases
def test_events_of_before_find_the_people_who_caused_them(desk: Desk) -> None:
    """By the address, also of a token's label; those of a person who has another one now stay unknown."""
    tokens.issue_token(desk.context, user=desk.provider, name="Night job")
    company, email = desk.provider.company_id or 0, desk.provider.email
    labels = (email, f"token:Night job ({email})", "former@example.com")
    for number, label in enumerate(labels):
        request = desk.order_request(username=f"person.{number}")
        order_workspace(desk.context, request, company_id=company, actor=Actor(label, desk.provider.id))
    desk.session.close()
    desk.database.dispose()
    with _app(desk.settings.database_url).app_context():
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision=_before("0040"))
        flask_migrate.upgrade(directory=str(MIGRATIONS))
        db.engine.dispose()

    ordered = select(Event.actor, Event.actor_id).where(Event.event == "ordered").order_by(Event.id)
    people = [desk.provider.id, desk.provider.id, None]
    assert [tuple(row) for row in desk.session.execute(ordered)] == list(zip(labels, people, strict=True))


def _before(revision: str) -> str:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return str(ScriptDirectory.from_config(config).get_revision(revision).down_revision)
