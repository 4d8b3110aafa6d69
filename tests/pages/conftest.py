"""Visitors of every kind, at a desk with real services, engine and cloud."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Undefined
from sqlalchemy import select

from tests.apps import without_rate_limit
from tests.desk import Desk
from tests.pages.reader import Program, Visitor
from webapp.domain.roles import Role
from webapp.models import User
from webapp.services import applications, tokens

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def stranger(client: FlaskClient, desk: Desk) -> Visitor:
    return Visitor(client)


@pytest.fixture
def provider(app: Flask, desk: Desk, sign_in: SignIn) -> Visitor:
    """The provider of the desk; workers come whenever a page waits for them."""
    app.extensions["berth"].clock.work = desk.work
    return Visitor(sign_in("provider@example.com"))


@pytest.fixture
def program(app: Flask, desk: Desk) -> Program:
    """A program of the provider; workers come whenever a call waits for them."""
    app.extensions["berth"].clock.work = desk.work
    _, token = tokens.issue_token(desk.context, user=desk.provider, name="program")
    return Program(app.test_client(), token)


@pytest.fixture
def rival(desk: Desk, sign_in: SignIn) -> Visitor:
    """A provider of another company."""
    desk.add_provider("rival@example.com", company="Rival")
    return Visitor(sign_in("rival@example.com"))


@pytest.fixture
def seeker(desk: Desk, sign_in: SignIn) -> Visitor:
    """The first seeker; applies for the first order that a test makes."""
    return Visitor(sign_in(desk.add_seeker().email))


class Hole(Undefined):
    """What a template does not know may be asked about, but printing it leaves a hole in the page."""

    def __str__(self) -> str:
        raise AssertionError(f"a hole in the page: {self._undefined_message}")


@pytest.fixture
def approved(desk: Desk) -> int:
    """The application of the first seeker."""
    seeker = desk.session.scalars(select(User).where(User.role == Role.SEEKER).order_by(User.id)).first()
    application = applications.apply(desk.context, desk.posting_id, seeker_id=seeker.id, message="")
    desk.approve(application)
    return application.id


@pytest.fixture
def hired(desk: Desk, approved: int) -> int:
    """A desktop of the first seeker."""
    return desk.available(application_id=approved)


@pytest.fixture(autouse=True)
def _without_holes(app: Flask) -> None:
    app.jinja_env.undefined = Hole


@pytest.fixture(autouse=True)
def _without_rate_limit(app: Flask) -> Iterator[None]:
    """Every test comes from the same address; the test of the limit turns it on again."""
    with without_rate_limit():
        yield
