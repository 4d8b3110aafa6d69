"""Whoever’s second factor changes is written to, also when it was a passkey."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tests.authenticator import Authenticator
from tests.desk import Desk
from tests.mail.conftest import Postman
from tests.mail.office import Office
from tests.services.passkey_steps import add
from webapp.domain.errors import Conflict
from webapp.models import Company, Passkey, User
from webapp.services import passkeys


def add_passkey(desk: Desk) -> int:
    add(desk.context, desk.provider, Authenticator())
    found = desk.session.scalars(select(Passkey.id)).one()
    desk.session.rollback()
    return found


def with_company(desk: Desk) -> User:
    """The provider, as a page loads them."""
    query = select(User).options(joinedload(User.company)).where(User.id == desk.provider.id)
    return desk.session.scalars(query.execution_options(populate_existing=True)).one()


def test_a_passkey_that_is_added_or_removed_is_written_to_its_owner(
    desk: Desk, postman: Postman, office: Office
) -> None:
    passkey_id = add_passkey(desk)
    passkeys.remove(desk.context, with_company(desk), passkey_id)
    postman.work()

    texts = [(one.header("Subject"), one.recipients) for one in office.arrived]
    assert texts == [
        ("Your second factor was changed: a passkey was added", ("provider@example.com",)),
        ("Your second factor was changed: a passkey was removed", ("provider@example.com",)),
    ]
    assert all("https://portal.example/berth/account/" in one.text("plain") for one in office.arrived)


def test_nothing_is_written_of_a_removal_that_was_refused(desk: Desk, postman: Postman) -> None:
    passkey_id = add_passkey(desk)
    company = desk.session.get_one(Company, desk.provider.company_id)
    company.needs_second_factor = True
    desk.session.commit()

    with pytest.raises(Conflict):
        passkeys.remove(desk.context, with_company(desk), passkey_id)

    assert len(postman.rows("second_factor_changed")) == 1
