"""The tables that the code describes are the tables that the migrations make, on both databases."""

import uuid
from datetime import datetime, timedelta
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, bindparam, inspect, select, text

from tests.architecture.sources import ROOT
from tests.conftest import both_databases
from tests.desk import Desk, RecordingNotifier, make_settings
from webapp.database import UtcDateTime
from webapp.domain.duties import TAKE_INVENTORY
from webapp.domain.lifecycle import Action, CloudState, State
from webapp.domain.orphans import OrphanKind, OrphanStatus
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models import Base, CloudCredential, Duty, Orphan

MIGRATIONS = ROOT / "migrations"
sqlite_first = pytest.mark.parametrize(
    "database_url",
    [
        "sqlite",
        pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.campaign]),
    ],
    indirect=True,
)
"""For old migrations, which change no more: SQLite makes tables again; PostgreSQL plays the newest ones."""


def _app(database_url: str) -> Flask:
    return create_app(make_settings(database_url), notifier=RecordingNotifier())


def _tables() -> set[str]:
    names = inspect(db.engine).get_table_names()
    return {name for name in names if _is_in_models(name, "table", None)} - {"alembic_version"}


def test_there_is_one_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)

    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_migrations_are_numbered_without_gaps_in_the_order_in_which_they_are_made() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    chain = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    files = sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))

    assert chain == files == [f"{number:04d}" for number in range(1, len(files) + 1)]


def _is_in_models(name: str | None, _kind: str, _parents: object) -> bool:
    """All but the index for searching: an extension's on PostgreSQL, tables of its own on SQLite."""
    return not (name or "").startswith(("ix_workspaces_search", "workspace_search"))


@both_databases
def test_models_and_migrations_agree(database_url: str) -> None:
    with _app(database_url).app_context():
        with db.engine.connect() as connection:
            opts = {"compare_type": True, "include_name": _is_in_models}
            context = MigrationContext.configure(connection, opts=opts)
            differences = compare_metadata(context, Base.metadata)
        db.engine.dispose()

    assert differences == []


@both_databases
def test_migrations_go_down_and_up_again(database_url: str) -> None:
    with _app(database_url).app_context():
        before = _tables()
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision="base")
        emptied = _tables()
        flask_migrate.upgrade(directory=str(MIGRATIONS))
        after = _tables()
        with db.engine.connect() as connection:
            installations = connection.execute(text("SELECT uid FROM installation")).all()
        db.engine.dispose()

    assert emptied == set()
    assert before == after == set(Base.metadata.tables)
    assert len(installations) == 1


@both_databases
def test_constraints_are_in_the_database_too(database_url: str) -> None:
    with _app(database_url).app_context():
        found = {
            name: {str(check["name"]) for check in inspect(db.engine).get_check_constraints(name)}
            for name in Base.metadata.tables
        }
        db.engine.dispose()

    for table in Base.metadata.tables.values():
        wanted = {str(one.name) for one in table.constraints if type(one).__name__ == "CheckConstraint"}
        assert wanted <= found[table.name]


TRIGGERS = {
    *(f"tally_workspaces_{one}" for one in ("new", "shown", "state", "link", "gone")),
    *(f"tally_applications_{one}" for one in ("new", "changed", "gone")),
    *(f"sum_live_{one}" for one in ("new", "changed", "gone")),
    *(
        f"tally_{table}_{one}"
        for table in ("help_requests", "orphans", "cloud_credentials", "job_postings")
        for one in ("new", "changed")
    ),
    "tally_cohort_rows_changed",
    "copy_person",
    "moved_workspaces",
    "renamed_users",
    "renamed_job_postings",
    "renamed_cloud_credentials",
}
ON_POSTGRESQL = {"tell_events", "tell_company_tallies"}
"""On SQLite `live` reads."""
ON_SQLITE = {f"search_workspaces_{one}" for one in ("new", "changed", "gone")}


@both_databases
def test_no_migration_has_lost_a_trigger(database_url: str) -> None:
    """Batch mode on SQLite makes a table again, without them."""
    with _app(database_url).app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
        query = (
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            if is_sqlite
            else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        )
        with db.engine.connect() as connection:
            found = set(connection.scalars(text(query)))
        db.engine.dispose()

    assert found == TRIGGERS | (ON_SQLITE if is_sqlite else ON_POSTGRESQL)


def test_a_migration_names_no_model() -> None:
    for path in (MIGRATIONS / "versions").glob("*.py"):
        assert "webapp.models" not in Path(path).read_text(), "models change, migrations do not"


@sqlite_first
def test_rows_keep_everything_through_the_migration_that_rebuilds_their_table(desk: Desk) -> None:
    """SQLite changes a constraint by making the table again: nothing in it or beside it is lost."""
    workspace_id = desk.available()
    desk.session.close()
    desk.database.dispose()
    with _app(desk.settings.database_url).app_context():
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision="0008")  # later ones add columns
        before = _workspaces_as_they_are()
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision="0002")
        flask_migrate.upgrade(directory=str(MIGRATIONS), revision="0008")
        after = _workspaces_as_they_are()
        flask_migrate.upgrade(directory=str(MIGRATIONS))
        db.engine.dispose()

    assert before == after
    desk.press(workspace_id, Action.REBUILD)
    desk.work()
    assert desk.story(workspace_id)[0] == "ordered"
    assert desk.row(workspace_id).requested_action is Action.REBUILD


@sqlite_first
def test_a_database_with_inventories_of_before_duties_works_on(desk: Desk) -> None:
    """Up: the columns of the credential become the row of the duty. Down: they are what they were."""
    workspace_id = desk.available()
    desk.session.close()
    desk.database.dispose()
    due_at = desk.clock.now() + timedelta(minutes=5)
    began_at = desk.clock.now() - timedelta(minutes=10)
    with _app(desk.settings.database_url).app_context():
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision="0010")
        with db.engine.begin() as connection:
            connection.execute(WRITE_INVENTORY.bindparams(began_at=began_at, due_at=due_at))
            never: dict[str, object] = {"inventoried_at": None, "inventory_due_at": None}
            _copy_credential(connection, name="Never compared", **never)
            _copy_credential(connection, name="Untested", account_id=None, **never)
            _copy_credential(connection, name="Deleted", is_deleted=True)
        before = _inventories()
        flask_migrate.upgrade(directory=str(MIGRATIONS), revision="0011")
        duties = _duties()
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision="0010")
        after = _inventories()
        flask_migrate.upgrade(directory=str(MIGRATIONS))
        assert _duties() == duties
        db.engine.dispose()

    assert [(name, last) for name, _, last in duties] == [("Cloud", began_at), ("Never compared", None)]
    assert duties[0][1] == due_at
    assert duties[1][1] <= desk.clock.now(), "what was due at once still is"
    kept = ("Cloud", "Untested")
    assert [one for one in after if one[0] in kept] == [one for one in before if one[0] in kept]
    desk.live(360)
    last_good_at = desk.duty(TAKE_INVENTORY).last_good_at
    assert last_good_at is not None and last_good_at >= due_at
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)


WRITE_INVENTORY = text(
    "UPDATE cloud_credentials SET inventoried_at = :began_at, inventory_due_at = :due_at"
).bindparams(bindparam("began_at", type_=UtcDateTime()), bindparam("due_at", type_=UtcDateTime()))
"""As the version before wrote it."""


def _copy_credential(connection: Connection, **changes: object) -> None:
    """Another row beside the desk's credential, as a dump of the version before may hold it."""
    columns = [str(one["name"]) for one in inspect(connection).get_columns("cloud_credentials")]
    changes = {"uid": uuid.uuid4().hex, "lease_until": None} | changes
    copied = [f":{one}" if one in changes else one for one in columns if one != "id"]
    names = ", ".join(one for one in columns if one != "id")
    source = f"SELECT {', '.join(copied)} FROM cloud_credentials ORDER BY id LIMIT 1"
    connection.execute(text(f"INSERT INTO cloud_credentials ({names}) {source}"), changes)


def _inventories() -> list[tuple[object, ...]]:
    query = text("SELECT name, inventoried_at, inventory_due_at FROM cloud_credentials ORDER BY id")
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def _duties() -> list[tuple[str, datetime, datetime | None]]:
    query = (
        select(CloudCredential.name, Duty.due_at, Duty.last_good_at)
        .join(Duty, Duty.credential_id == CloudCredential.id)
        .where(Duty.kind == TAKE_INVENTORY)
        .order_by(Duty.id)
    )
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def _workspaces_as_they_are() -> tuple[object, ...]:
    found = inspect(db.engine)
    with db.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM workspaces ORDER BY id")).all()
        events = connection.execute(text("SELECT workspace_id, event FROM events ORDER BY id")).all()
    return (
        [tuple(row) for row in rows],
        [tuple(row) for row in events],
        sorted(str(one["name"]) for one in found.get_indexes("workspaces")),
        sorted((str(one["name"]), one["sqltext"]) for one in found.get_check_constraints("workspaces")),
        sorted(str(one["constrained_columns"]) for one in found.get_foreign_keys("workspaces")),
        sorted(str(one["referred_table"]) for one in found.get_foreign_keys("events")),
    )


@sqlite_first
def test_orphans_keep_everything_through_the_renaming_of_their_columns(desk: Desk) -> None:
    _add_orphan(desk, "ws-ended001", observations=3, has_end_sent=True)
    _add_orphan(desk, "ws-open00001", observations=1, has_end_sent=False)
    desk.session.close()
    desk.database.dispose()
    with _app(desk.settings.database_url).app_context():
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision="0010")  # later ones add indexes
        before = _orphans_as_they_are("observations", "end_sent_at")
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision="0009")
        under_former_names = _orphans_as_they_are("sightings", "told_at")
        flask_migrate.upgrade(directory=str(MIGRATIONS), revision="0010")
        after = _orphans_as_they_are("observations", "end_sent_at")
        flask_migrate.upgrade(directory=str(MIGRATIONS))
        db.engine.dispose()

    assert before == under_former_names == after
    ended, still_open = desk.orphan("ws-ended001"), desk.orphan("ws-open00001")
    assert (ended.observations, ended.end_sent_at) == (3, desk.clock.now() - timedelta(hours=1))
    assert (still_open.observations, still_open.end_sent_at) == (1, None)


def _add_orphan(desk: Desk, machine_id: str, *, observations: int, has_end_sent: bool) -> None:
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        session.add(
            Orphan(
                company_id=desk.provider.company_id,
                credential_id=desk.credential_id,
                account_id="111122223333",
                cloud_workspace_id=machine_id,
                claim=f"{desk.installation()}/unknown/1",
                kind=OrphanKind.UNKNOWN_ROW,
                username="sam.okafor",
                cloud_state=CloudState.AVAILABLE,
                cloud_word="AVAILABLE",
                first_seen_at=now - timedelta(days=1),
                last_seen_at=now,
                observations=observations,
                status=OrphanStatus.TERMINATING if has_end_sent else OrphanStatus.OPEN,
                end_sent_at=now - timedelta(hours=1) if has_end_sent else None,
            )
        )


def _orphans_as_they_are(*renamed: str) -> tuple[object, ...]:
    """Every value of every row, those of the renamed columns apart; indexes and checks of the table."""
    found = inspect(db.engine)
    columns = [str(one["name"]) for one in found.get_columns("orphans") if one["name"] not in renamed]
    with db.engine.connect() as connection:
        rows = connection.execute(
            text(f"SELECT {', '.join([*renamed, *columns])} FROM orphans ORDER BY id")
        ).all()
    return (
        columns,
        [tuple(row) for row in rows],
        sorted(str(one["name"]) for one in found.get_indexes("orphans")),
        sorted((str(one["name"]), one["sqltext"]) for one in found.get_check_constraints("orphans")),
    )
