"""What is done by a command is in the trail of the company, as what is done on a page."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from tests.cli.test_commands import EMAIL, _add_user, _make, _run
from tests.desk import PASSWORD, make_settings
from webapp.domain.trail_words import WORDS
from webapp.extensions import db
from webapp.models import TrailEntry, User


@pytest.fixture
def office(database_url: str) -> Iterator[Flask]:
    app = _make(make_settings(database_url))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _trail(app: Flask) -> list[TrailEntry]:
    with app.app_context():
        found = list(db.session.scalars(select(TrailEntry).order_by(TrailEntry.id)))
        db.session.expunge_all()
    return found


def _company_id(app: Flask) -> int | None:
    with app.app_context():
        return db.session.scalars(select(User.company_id).where(User.email == EMAIL)).one()


@pytest.mark.parametrize(
    ("arguments", "action"),
    [
        (("user", "make-owner", EMAIL), "command.user.make-owner"),
        (("user", "reset", EMAIL), "command.user.reset"),
        (("user", "sign-out", EMAIL), "command.user.sign-out"),
        (("token", "add", EMAIL, "--name", "ci"), "command.token.add"),
    ],
)
def test_a_command_about_a_person_leaves_a_line_in_the_trail_of_the_company(
    office: Flask, arguments: tuple[str, ...], action: str
) -> None:
    _add_user(office)
    company = ("--company", "Quayside", "--company-role", "auditor", "--password-stdin")
    added = _run(
        office, "user", "add", "b@example.com", "--role", "provider", *company, typed=f"{PASSWORD}\n"
    )
    assert added.exit_code == 0

    result = _run(office, *arguments)

    assert result.exit_code == 0, result.output
    lines = _trail(office)
    assert [one.action for one in lines] == ["command.user.add", "command.user.add", action]
    assert {one.company_id for one in lines} == {_company_id(office)}
    assert all(one.actor.startswith("command (") and one.outcome == "done" for one in lines)
    assert all(one.action in WORDS for one in lines)


def test_the_line_says_what_was_there_before_and_no_secret(office: Flask) -> None:
    company = ("--company", "Quayside", "--company-role", "auditor", "--password-stdin")
    _run(office, "user", "add", EMAIL, "--role", "provider", *company, typed=f"{PASSWORD}\n")
    _run(office, "user", "make-owner", EMAIL)
    token = _run(office, "token", "add", EMAIL, "--name", "ci").output.strip()

    lines = _trail(office)

    [change] = [one for one in lines[1].changes if one["table"] == "users"]
    assert (change["before"]["company_role"], change["after"]["company_role"]) == ("auditor", "owner")
    assert lines[2].changes[0]["table"] == "api_tokens"
    said = str([one.changes for one in lines])
    assert token not in said and "argon2" not in said


def test_a_command_that_is_refused_changes_nothing_and_leaves_none(office: Flask) -> None:
    assert _run(office, "user", "make-owner", "nobody@example.com").exit_code != 0

    assert _trail(office) == []


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes somebody without a name")
def test_whoever_has_no_name_in_the_system_is_named_by_a_number() -> None:
    """As in a container that runs as a number: there no command worked."""
    asks = "import os; from webapp import cli_trail; os.setuid(54321); print(cli_trail.who_runs_it())"

    answer = subprocess.run([sys.executable, "-c", asks], env={}, capture_output=True, text=True, check=True)

    assert answer.stdout == "54321\n"
