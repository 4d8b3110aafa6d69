"""The demo's data: created once, its people can sign in, and production refuses it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sandbox import seed
from tests.desk import RecordingNotifier, key_pair, make_settings, webhook_key_pair
from webapp.database import make_engine
from webapp.domain.clock import SystemClock
from webapp.models import Application, CloudCredential, Company, User, Workspace
from webapp.services import sign_in
from webapp.services.context import ServiceContext
from webapp.vault.box import Sealer

ROOT = Path(__file__).parents[2]
SEEDED = (User, Company, Application, CloudCredential)
SIMULATED_AWS = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
"""Nothing listens there: seeding stores the credential and contacts no cloud."""


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    database = make_engine(database_url)
    with Session(database, expire_on_commit=False) as session:
        yield session
    database.dispose()


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    return tmp_path / "demo-password"


def _seed(database_url: str, password_file: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": os.environ["PATH"],
        "BERTH_ENV": "development",
        "DATABASE_URL": database_url,
        "REDIS_URL": "unix:///nowhere",
        "SECRET_KEY": "a secret of the tests, long enough for production",
        "CREDENTIAL_PUBLIC_KEY": key_pair()[0],
        "WEBHOOK_PUBLIC_KEY": webhook_key_pair()[0],
        "LOG_LEVEL": "ERROR",
        **more,
    }
    command = [sys.executable, "-m", "sandbox.seed", str(password_file)]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)


def _count(session: Session, model: type) -> int:
    found = session.scalar(select(func.count()).select_from(model)) or 0
    session.rollback()
    return found


def test_the_demo_is_seeded_once_and_its_people_can_sign_in(
    database_url: str, session: Session, password_file: Path
) -> None:
    first = _seed(database_url, password_file, **SIMULATED_AWS)
    counts = [_count(session, model) for model in SEEDED]

    again = _seed(database_url, password_file, **SIMULATED_AWS)

    assert (first.returncode, first.stderr, again.returncode) == (0, "", 0)
    assert again.stdout == first.stdout
    assert counts == [6, 1, 5, 1]
    assert [_count(session, model) for model in SEEDED] == counts
    assert _count(session, Workspace) == 0
    context = ServiceContext(
        session, SystemClock(), RecordingNotifier(), make_settings(database_url), Sealer(key_pair()[0])
    )
    password = password_file.read_text().strip()
    assert len(password) > 12 and password_file.stat().st_mode & 0o777 == 0o600
    for email in (seed.PROVIDER[1], seed.SEEKERS[0][1]):
        assert email in first.stdout
        assert sign_in.sign_in(context, email=email, password=password)


def test_the_demo_s_secret_is_sealed_like_any_other(
    database_url: str, session: Session, password_file: Path
) -> None:
    _seed(database_url, password_file, **SIMULATED_AWS)

    row = session.scalars(select(CloudCredential)).one()
    assert "berth+demo" not in "".join(str(value) for value in vars(row).values())


def test_without_a_simulated_cloud_there_is_no_demo_credential(
    database_url: str, session: Session, password_file: Path
) -> None:
    assert _seed(database_url, password_file).returncode == 0

    assert (_count(session, User), _count(session, CloudCredential)) == (6, 0)


def test_production_refuses_the_demo(database_url: str, session: Session, password_file: Path) -> None:
    refused = _seed(database_url, password_file, BERTH_ENV="production", TRUSTED_HOSTS="berth.example.com")

    assert refused.returncode == 1
    assert "not for production" in refused.stderr
    assert _count(session, User) == 0
