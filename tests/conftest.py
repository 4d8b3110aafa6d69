"""The servers, a migrated database, and a whole Berth in one process on a clock that tests move."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings

from sandbox.control import Sandbox
from tests.apps import AppPool, replace_database
from tests.clouds.aws.stage import AwsStage
from tests.desk import Desk, RecordingNotifier, StoryClock, WaitingClock, make_settings, migrate
from tests.furnished import Template, make_template
from tests.memory import use_memory
from tests.servers.postgres import TEMPLATE, PostgresCluster
from tests.shared import make_once
from tests.stages import HAVE_STAGES
from webapp.clouds.aws_workspaces import sessions
from webapp.clouds.azure_avd import tokens
from webapp.config import Settings
from webapp.services.context import ServiceContext

use_memory()

pytest_plugins = [
    "tests.servers.fixtures",
    "tests.garbage",
    "tests.network",
    "tests.passwords",
    "tests.spread",
    "tests.templates",
    "tests.whole",
    *(f"tests.clouds.{name}.fixtures" for name in HAVE_STAGES),
]

hypothesis_settings.register_profile("long", max_examples=5000, deadline=None)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = make_once(tmp_path_factory, "migrated.sqlite3", lambda made: migrate(f"sqlite:///{made}"))
    # Everything into the one file, so that a copy of it is a whole database.
    for suffix in ("-wal", "-shm"):
        assert not Path(f"{path.with_name('unfinished-' + path.name)}{suffix}").exists()
    return path


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """The name of a migrated database in every cluster."""
    return TEMPLATE


@pytest.fixture(scope="session")
def database_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each test finds its SQLite database: one path, so that an application can serve many tests."""
    return tmp_path_factory.mktemp("database") / "berth.sqlite3"


@pytest.fixture(scope="session")
def apps() -> AppPool:
    return AppPool()


@pytest.fixture(autouse=True)
def no_kept_token() -> Iterator[None]:
    """What a worker keeps for its jobs ends with the test."""
    tokens._of_worker = sessions._of_worker = None
    yield
    tokens._of_worker = sessions._of_worker = None


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_file: Path) -> Iterator[str]:
    """A migrated database of this test alone; SQLite unless the test asks for both."""
    if getattr(request, "param", "sqlite") == "sqlite":
        replace_database(request.getfixturevalue("migrated_sqlite"), database_file)
        yield f"sqlite:///{database_file}"
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    template: str = request.getfixturevalue("postgres_template")
    yield cluster.create_database("test", template=template)
    cluster.drop_database("test")


both_databases = pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
    indirect=True,
)

postgres_first = pytest.mark.parametrize(
    "database_url",
    [
        pytest.param("postgresql", marks=pytest.mark.postgres),
        pytest.param("sqlite", marks=pytest.mark.campaign),
    ],
    indirect=True,
)
"""Both databases, where a case is long and the other one is played by shorter tests of the same."""


@pytest.fixture(scope="session")
def aws_template(
    migrated_sqlite: Path, sandbox_server: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Template:
    target = tmp_path_factory.mktemp("aws") / "berth.sqlite3"
    return make_template(migrated_sqlite, target, AwsStage(sandbox_server))


@pytest.fixture
def settings(database_url: str, sandbox: Sandbox) -> Settings:
    return make_settings(database_url, AwsStage(sandbox))


@pytest.fixture
def clock(sandbox: Sandbox) -> StoryClock:
    """Berth's time and the cloud's, moved together."""
    return StoryClock(sandbox)


@pytest.fixture
def notifier() -> RecordingNotifier:
    return RecordingNotifier()


@pytest.fixture
def desk(
    aws_template: Template,
    settings: Settings,
    clock: StoryClock,
    notifier: RecordingNotifier,
    sandbox: Sandbox,
) -> Iterator[Desk]:
    """Entry points, engine and cloud of one installation with one company and a tested credential."""
    made = aws_template.open_desk(settings, clock, notifier, AwsStage(sandbox))
    yield made
    made.close()


@pytest.fixture
def app(
    request: pytest.FixtureRequest,
    apps: AppPool,
    settings: Settings,
    clock: StoryClock,
    notifier: RecordingNotifier,
) -> Iterator[Flask]:
    # As in production: no page and no call of any test has the key that opens the vault.
    without_key = replace(settings, credential_private_keys=())
    is_own = request.node.get_closest_marker("own_app") is not None
    with apps.open(without_key, clock=WaitingClock(clock), notifier=notifier, is_own=is_own) as opened:
        yield opened


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def context(app: Flask) -> Iterator[ServiceContext]:
    with app.app_context():
        found: ServiceContext = app.extensions["berth"]
        yield found


@pytest.fixture
def sign_in(app: Flask, desk: Desk) -> Callable[[str], FlaskClient]:
    """`sign_in("provider@example.com")`: a browser of that person, made by the desk."""

    def enter(email: str) -> FlaskClient:
        browser = app.test_client()
        with browser.session_transaction() as session:
            session["_user_id"] = desk.session_token(email)
            session["_fresh"] = True
        return browser

    return enter
