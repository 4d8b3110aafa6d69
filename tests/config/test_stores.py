"""Database and queue on another host: reached encrypted in production, or plain by a written choice."""

import pytest

from tests.cases import each_case
from tests.config.test_settings import COMMON, _refusal
from webapp.config import Settings

POSTGRES = "postgresql+psycopg://berth:canary@"


def read(**changes: str) -> Settings:
    return Settings.from_env(COMMON | changes, process="scheduler")


@each_case(
    "url",
    [
        "sqlite:////srv/berth.sqlite3",
        "postgresql+psycopg:///berth?host=/run/postgresql",
        POSTGRES + "/berth",
        POSTGRES + "localhost/berth",
        POSTGRES + "127.0.0.1:5433/berth",
        POSTGRES + "[::1]/berth",
        POSTGRES + "db.example/berth?sslmode=verify-full",
        POSTGRES + "db.example/berth?sslmode=verify-ca",
        POSTGRES + "db.example/berth?sslmode=require",
        POSTGRES + "db.example/berth?sslmode=disable",
        POSTGRES + "/berth?host=db1:5432&host=db2:5432&sslmode=verify-full",
    ],
)
def test_a_database_here_or_with_a_chosen_protection_is_taken(url: str) -> None:
    assert read(DATABASE_URL=url).database_url == url


@each_case(
    "url",
    [
        POSTGRES + "db.example/berth",
        POSTGRES + "10.0.0.8/berth",
        POSTGRES + "db.example/berth?sslmode=prefer",
        POSTGRES + "db.example/berth?sslmode=allow",
        POSTGRES + "/berth?host=/run/postgresql&host=db2:5432",
        POSTGRES + "localhost/berth?host=db.example",
        POSTGRES + "localhost/berth?hostaddr=10.0.0.8",
        POSTGRES + "127.0.0.1.example/berth",
    ],
)
def test_production_takes_no_database_elsewhere_that_might_be_spoken_to_in_the_clear(url: str) -> None:
    said = _refusal(COMMON | {"DATABASE_URL": url}, process="scheduler")

    assert "DATABASE_URL must say sslmode=verify-full" in said
    assert "canary" not in said
    assert read(DATABASE_URL=url, BERTH_ENV="development").database_url == url


@each_case(
    ("written", "used"),
    [
        ("unix:///run/valkey/valkey.sock", None),
        ("redis://127.0.0.1:6379/0", None),
        ("redis://localhost", None),
        ("redis://[::1]:6379", None),
        ("rediss://:canary@queue.example:6380/0", None),
        ("redis+insecure://:canary@queue.example:6379/0", "redis://:canary@queue.example:6379/0"),
    ],
)
def test_a_queue_here_or_protected_or_plain_in_writing_is_taken(written: str, used: str | None) -> None:
    assert read(REDIS_URL=written).redis_url == (used or written)


@pytest.mark.parametrize("url", ["redis://:canary@queue.example", "redis://10.0.0.8:6379", "redis://[bad"])
def test_production_takes_no_queue_elsewhere_that_is_spoken_to_in_the_clear(url: str) -> None:
    said = _refusal(COMMON | {"REDIS_URL": url}, process="scheduler")

    assert "REDIS_URL must begin with rediss://" in said
    assert "canary" not in said
    assert read(REDIS_URL=url, BERTH_ENV="development").redis_url == url
