"""Where no mail is set up nobody can prove an address: an account counts there as good as any other."""

import pytest
from sqlalchemy import select

from tests.desk import Desk
from webapp.domain.errors import Conflict
from webapp.models import AuthenticatorApp, User
from webapp.services import founding, invitations, password_reset, people
from webapp.services.invitations import Wanted

EMAIL = "ada@bigcorp.example"
PASSWORD = "seven quiet barges at dawn"
NEXT_PASSWORD = "nine loud barges at dusk"


def test_no_company_destroys_the_account_of_a_seeker_by_an_invitation_whose_link_it_sees(desk: Desk) -> None:
    seeker_id = people.sign_up_seeker(desk.context, name="Ada Byron", email=EMAIL, password=PASSWORD).id

    [invited] = invitations.invite(
        desk.context,
        [Wanted(EMAIL)],
        company_id=desk.provider.company_id or 0,
        invited_by=desk.provider,
        tells_of_others=False,
    )
    with pytest.raises(Conflict):
        invitations.accept_as_new(desk.context, invited.token, name="Ada", password=NEXT_PASSWORD)
    desk.session.close()

    with desk.sessions() as session:
        assert session.scalars(select(User.id).where(User.email == EMAIL)).all() == [seeker_id]


def test_a_link_to_a_new_password_skips_no_second_factor_of_whoever_founded_a_company(desk: Desk) -> None:
    founder = founding.found_company(
        desk.context, company_name="Bigcorp", name="Ada Byron", email=EMAIL, password=PASSWORD
    )
    with desk.sessions.begin() as session:
        now = desk.clock.now()
        session.add(AuthenticatorApp(user_id=founder.id, sealed_key="k", made_at=now, confirmed_at=now))
    link = password_reset.make_link(desk.context, email=EMAIL)

    password_reset.choose_password(desk.context, token=link, password=NEXT_PASSWORD)

    with desk.sessions() as session:
        assert session.get(AuthenticatorApp, founder.id) is not None
