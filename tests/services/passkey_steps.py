"""What people do with passkeys, at the services."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import sessionmaker

from tests.authenticator import HONEST, ORIGIN, Authenticator, Bent
from webapp.database import make_engine
from webapp.domain.errors import AppError
from webapp.models import User
from webapp.services import passkeys, sign_in
from webapp.services.context import ServiceContext
from webapp.services.passkey_challenges import Challenge, Purpose, new_challenge
from webapp.services.passkeys import Answer, Site

SITE = Site("localhost", ORIGIN)
ELSEWHERE = Site("desks.example.com", "https://desks.example.com")


def add(
    office: ServiceContext, user: User, device: Authenticator, *, bent: Bent = HONEST, site: Site = SITE
) -> list[str]:
    challenge = new_challenge(office, Purpose.ADD, user_id=user.id)
    options = passkeys.options_for_new(office, user, challenge=challenge, site=site)
    return passkeys.add(office, user, Answer(device.make(options, bent), challenge, site), name="Phone")


def asked(
    office: ServiceContext, purpose: Purpose = Purpose.SIGN_IN, user_id: int | None = None
) -> tuple[Challenge, str]:
    challenge = new_challenge(office, purpose, user_id=user_id)
    return challenge, passkeys.options_for_answer(office, challenge=challenge, site=SITE)


def enter(office: ServiceContext, device: Authenticator, bent: Bent = HONEST) -> User:
    challenge, options = asked(office)
    user, _ = sign_in.sign_in_with_passkey(office, Answer(device.use(options, bent), challenge, SITE))
    return user


def count(office: ServiceContext, model: type) -> int:
    found = office.session.scalars(select(func.count()).select_from(model)).one()
    office.session.rollback()
    return found


def refusal(attempt: Callable[[], object]) -> AppError:
    with pytest.raises(AppError) as caught:
        attempt()
    return caught.value


def enter_at_once(office: ServiceContext, answers: list[Answer]) -> int:
    """Each in a thread and a session of its own; how many were let in."""
    office.session.rollback()
    engine = make_engine(office.settings.database_url)
    sessions = sessionmaker(engine, expire_on_commit=False)
    begin, entered = threading.Barrier(len(answers)), list[str]()

    def enter_with(answer: Answer) -> None:
        with sessions() as session:
            begin.wait(timeout=30)
            with suppress(AppError):
                entered.append(sign_in.sign_in_with_passkey(replace(office, session=session), answer)[1])

    threads = [threading.Thread(target=enter_with, args=(answer,)) for answer in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    engine.dispose()
    return len(entered)
