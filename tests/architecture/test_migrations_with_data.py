"""The newest migrations go down and up with data in every table, on both databases; with --whole, all do."""

from itertools import pairwise

import flask_migrate
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from tests.architecture.test_migrations import MIGRATIONS, _app, _tables
from tests.conftest import both_databases
from tests.desk import Desk
from tests.every_table import fill_every_table
from webapp.domain.actor import Actor
from webapp.domain.lifecycle import Action
from webapp.extensions import db
from webapp.models import Event, Workspace
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


@both_databases
def test_a_release_that_knows_no_restore_finds_none_and_takes_none(desk: Desk) -> None:
    """The check of the actions, the derived state with its indexes and triggers: down and up again."""
    workspace_id = desk.available()
    with desk.sessions.begin() as session:
        asked = {"requested_action": Action.RESTORE, "action_requested_at": desk.clock.now()}
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(asked))
        while_asked = session.scalars(select(Workspace.listed_state)).all()
    desk.session.close()
    desk.database.dispose()
    ask = text("UPDATE workspaces SET requested_action = 'restore', action_requested_at = updated_at")
    row = text("SELECT requested_action, listed_state FROM workspaces")
    with _app(desk.settings.database_url).app_context():
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision=_before("0070"))
        with db.engine.begin() as connection:
            below = connection.execute(row).all()
        with db.engine.connect() as connection, pytest.raises(IntegrityError):
            connection.execute(ask)
        flask_migrate.upgrade(directory=str(MIGRATIONS))
        with db.engine.begin() as connection:
            connection.execute(ask)
            above = connection.execute(row).all()
        db.engine.dispose()

    assert while_asked == ["MAINTENANCE"]
    assert [tuple(one) for one in below] == [(None, "AVAILABLE")]
    assert [tuple(one) for one in above] == [("restore", "MAINTENANCE")]


def _before(revision: str) -> str:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return str(ScriptDirectory.from_config(config).get_revision(revision).down_revision)


@both_databases
def test_what_lives_before_the_upgrade_is_in_the_sums(desk: Desk) -> None:
    """By account, job, currency and day of the order, as the triggers would have it."""
    desk.order()
    with desk.sessions.begin() as session:
        session.execute(update(Workspace).values(price_currency="USD", month_price_minor=7_500))
    desk.session.close()
    desk.database.dispose()
    with _app(desk.settings.database_url).app_context():
        before = _live_sums()
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision=_before("0086"))
        flask_migrate.upgrade(directory=str(MIGRATIONS))
        after = _live_sums()
        db.engine.dispose()

    assert len(before) == 3 and before == after


def _live_sums() -> list[tuple[object, ...]]:
    of = "company_id, key, currency, made_on"
    numbers = "SUM(desktops), SUM(month_prices_minor), SUM(month_fees_minor)"
    query = f"SELECT {of}, {numbers} FROM live_sums GROUP BY {of} HAVING SUM(desktops) <> 0 ORDER BY key"
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]
