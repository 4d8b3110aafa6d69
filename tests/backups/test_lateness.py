"""A backup that is too old is said on the operator's page, by /readyz and by /metrics."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from tests.desk import PASSWORD, Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from tests.pages.test_metrics import scrape
from webapp.config import Settings
from webapp.domain.duties import TAKE_INVENTORY
from webapp.domain.roles import Role
from webapp.models import CloudCredential, Duty, Installation
from webapp.services import people
from webapp.services.readiness import Status, readiness

EMAIL = "operator@example.com"
DUE_H = 26


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, backup_due_h=DUE_H)


@pytest.fixture
def operator(desk: Desk, sign_in: SignIn) -> Visitor:
    people.add_user(desk.context, email=EMAIL, role=Role.ADMIN, password=PASSWORD, company_name=None)
    return Visitor(sign_in(EMAIL))


def note(desk: Desk, **values: object) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(Installation).values(values))


def status(desk: Desk) -> Status:
    with desk.sessions() as session:
        parts = readiness(replace(desk.context, session=session)).parts
    return next(part.status for part in parts if part.name == "backup")


def test_a_backup_that_is_too_old_is_said_everywhere(desk: Desk, app: Flask, operator: Visitor) -> None:
    note(desk, backed_up_at=desk.clock.now() - timedelta(hours=DUE_H))
    fresh = (operator.get("/operator/").text, status(desk))

    note(desk, backed_up_at=desk.clock.now() - timedelta(hours=DUE_H, seconds=60))
    page = operator.get("/operator/").text

    assert "backup" not in fresh[0] and fresh[1] is Status.OK
    assert "The newest backup of Berth" in page and "flask backup create" in page
    assert status(desk) is Status.LATE
    assert scrape(app)["berth_backup_age_seconds"] == DUE_H * 3600 + 60


def test_an_installation_without_one_is_warned_once_it_has_something_to_lose(
    desk: Desk, app: Flask, operator: Visitor
) -> None:
    young = operator.get("/operator/").text
    note(desk, created_at=desk.clock.now() - timedelta(hours=DUE_H + 1))

    assert "There is no backup" not in young
    assert "There is no backup of Berth" in operator.get("/operator/").text
    assert scrape(app)["berth_backup_age_seconds"] == (DUE_H + 1) * 3600


def test_until_each_account_was_compared_the_operator_sees_that_a_backup_was_restored(
    desk: Desk, operator: Visitor
) -> None:
    note(desk, restored_at=desk.clock.now())
    waiting = operator.get("/operator/").text
    after = desk.clock.now() + timedelta(seconds=desk.settings.settle_s)
    with desk.sessions.begin() as session:
        session.execute(update(Duty).where(Duty.kind == TAKE_INVENTORY).values(last_good_at=after))

    assert "A backup was restored" in waiting and "1 cloud account is not compared yet" in waiting
    assert "A backup was restored" not in operator.get("/operator/").text


def test_an_account_that_was_never_reached_is_not_waited_for(desk: Desk, operator: Visitor) -> None:
    note(desk, restored_at=desk.clock.now())
    with desk.sessions.begin() as session:
        session.execute(update(CloudCredential).values(account_id=None))

    assert "A backup was restored" not in operator.get("/operator/").text
