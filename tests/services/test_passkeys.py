"""Passkeys: added, used in the place of a password or after it, and removed."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tests.authenticator import Authenticator, Bent
from tests.conftest import both_databases
from tests.desk import PASSWORD
from tests.services.conftest import StandingClock
from tests.services.passkey_steps import ELSEWHERE, SITE, add, asked, count, enter, refusal
from webapp.domain.errors import Conflict, NotFound
from webapp.models import Company, Passkey, RecoveryCode, SignInFailure, User, UserSession
from webapp.services import fresh_proof, passkeys, second_factor, sign_in
from webapp.services.context import ServiceContext
from webapp.services.passkey_challenges import Purpose, new_challenge
from webapp.services.passkeys import MOST_PASSKEYS, Answer, Site
from webapp.services.sign_in import NeedsSecondFactor


@both_databases
def test_a_passkey_signs_in_without_password_and_code(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    codes = add(office, provider, device)

    assert enter(office, device).id == provider.id

    [passkey] = office.session.scalars(select(Passkey)).all()
    assert (passkey.name, passkey.host, passkey.sign_count) == ("Phone", "localhost", 1)
    assert passkey.last_used_at == office.clock.now()
    assert len(set(codes)) == 10
    assert count(office, UserSession) == 1
    assert count(office, SignInFailure) == 0


def test_a_device_is_asked_to_keep_the_key_and_to_verify_its_owner(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    add(office, provider, device)
    challenge = new_challenge(office, Purpose.ADD, user_id=provider.id)
    new = json.loads(passkeys.options_for_new(office, provider, challenge=challenge, site=SITE))
    _, options = asked(office)
    known = json.loads(options)

    assert new["rp"] == {"id": "localhost", "name": "Berth"}
    assert new["attestation"] == "none"
    assert new["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert len(new["excludeCredentials"]) == 1
    assert (known["userVerification"], known["allowCredentials"]) == ("required", [])
    assert new["challenge"] != known["challenge"]


def test_a_passkey_alone_is_a_second_factor_that_the_password_asks_for(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    assert not second_factor.has_second_factor(office, provider)
    add(office, provider, device)

    assert second_factor.has_second_factor(office, provider)
    with pytest.raises(NeedsSecondFactor):
        sign_in.sign_in(office, email=provider.email, password=PASSWORD)

    challenge, options = asked(office, Purpose.SECOND_FACTOR, provider.id)
    answer = Answer(device.use(options), challenge, SITE)
    user, _ = sign_in.sign_in_with_passkey(office, answer, user_id=provider.id)
    assert user.id == provider.id
    assert count(office, UserSession) == 1


def test_a_disabled_person_uses_no_passkey(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    add(office, provider, device)
    provider.is_active = False
    office.session.commit()

    assert refusal(lambda: enter(office, device)).code == "wrong_passkey"
    challenge, options = asked(office, Purpose.SECOND_FACTOR, provider.id)
    half = Answer(device.use(options), challenge, SITE)
    assert (
        refusal(lambda: sign_in.sign_in_with_passkey(office, half, user_id=provider.id)).code
        == "wrong_passkey"
    )
    assert count(office, UserSession) == 0


def test_nobody_has_more_than_ten(office: ServiceContext, provider: User, device: Authenticator) -> None:
    challenge = new_challenge(office, Purpose.ADD, user_id=provider.id)
    early = passkeys.options_for_new(office, provider, challenge=challenge, site=SITE)
    for _ in range(MOST_PASSKEYS):
        add(office, provider, device)

    assert refusal(lambda: add(office, provider, device)).code == "too_many_passkeys"
    late = Answer(device.make(early), challenge, SITE)
    assert refusal(lambda: passkeys.add(office, provider, late, name="Late")).code == "too_many_passkeys"
    assert count(office, Passkey) == MOST_PASSKEYS == 10


@both_databases
def test_a_passkey_belongs_to_one_person(
    office: ServiceContext, provider: User, other_provider: User, device: Authenticator
) -> None:
    add(office, provider, device)
    twin = Bent(credential_id=device.keys[0].credential_id)

    error = refusal(lambda: add(office, other_provider, Authenticator(), bent=twin))

    assert (type(error), error.code) == (Conflict, "passkey_exists")
    assert office.session.scalars(select(Passkey.user_id)).all() == [provider.id]
    assert not second_factor.has_second_factor(office, other_provider)


def test_it_is_good_for_the_host_where_it_was_made(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    elsewhere = Authenticator(origin=ELSEWHERE.origin)
    add(office, provider, elsewhere, site=ELSEWHERE)
    challenge, options = asked(office, Purpose.SECOND_FACTOR, provider.id)

    assert json.loads(options)["allowCredentials"] == []
    answer = Answer(elsewhere.use(options), challenge, SITE)
    assert (
        refusal(lambda: sign_in.sign_in_with_passkey(office, answer, user_id=provider.id)).code
        == "wrong_passkey"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "192.0.2.7", ""])
def test_an_address_of_digits_has_no_passkeys(office: ServiceContext, provider: User, host: str) -> None:
    site = Site(host, f"http://{host}")
    challenge = new_challenge(office, Purpose.ADD, user_id=provider.id)

    for options in (
        lambda: passkeys.options_for_new(office, provider, challenge=challenge, site=site),
        lambda: passkeys.options_for_answer(office, challenge=challenge, site=site),
    ):
        assert refusal(options).code == "passkeys_need_a_name"


def test_a_removed_passkey_signs_nobody_in(
    office: ServiceContext, seeker: User, provider: User, device: Authenticator
) -> None:
    add(office, seeker, device)
    [passkey_id] = office.session.scalars(select(Passkey.id)).all()

    assert isinstance(refusal(lambda: passkeys.remove(office, provider, passkey_id)), NotFound)
    assert enter(office, device).id == seeker.id
    passkeys.remove(office, seeker, passkey_id)

    assert refusal(lambda: enter(office, device)).code == "wrong_passkey"
    assert isinstance(refusal(lambda: passkeys.remove(office, seeker, passkey_id)), NotFound)
    assert count(office, RecoveryCode) == 0, "codes alone are no second factor"
    assert sign_in.sign_in(office, email=seeker.email, password=PASSWORD)[0].id == seeker.id


@both_databases
def test_the_last_factor_stays_while_the_company_demands_one(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    add(office, provider, device)
    add(office, provider, device)
    company = office.session.get_one(Company, provider.company_id)
    company.needs_second_factor = True
    office.session.commit()
    query = select(User).options(joinedload(User.company)).where(User.id == provider.id)
    user = office.session.scalars(query.execution_options(populate_existing=True)).one()
    first, second = office.session.scalars(select(Passkey.id).order_by(Passkey.id)).all()

    passkeys.remove(office, user, first)
    error = refusal(lambda: passkeys.remove(office, user, second))

    assert (type(error), error.code) == (Conflict, "second_factor_demanded")
    assert office.session.scalars(select(Passkey.id)).all() == [second]
    assert count(office, RecoveryCode) == 10


def test_whoever_has_a_passkey_does_not_prove_it_with_the_password(
    office: ServiceContext, provider: User, device: Authenticator, standing_clock: StandingClock
) -> None:
    sign_in.sign_in(office, email=provider.email, password=PASSWORD)
    row = office.session.scalars(select(UserSession)).one()
    add(office, provider, device)
    standing_clock.pause(fresh_proof.LASTS.total_seconds())

    error = refusal(
        lambda: fresh_proof.prove_with_password(office, provider, password=PASSWORD, session_row=row)
    )

    assert error.code == "second_factor_needed"
    assert not fresh_proof.is_fresh(office, row)


def test_a_recovery_code_stands_in_for_a_lost_passkey(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    codes = add(office, provider, device)
    assert add(office, provider, device) == [], "the codes of the first one still work"

    user, _ = sign_in.sign_in_with_code(office, provider.id, code=codes[3])

    assert user.id == provider.id
    assert second_factor.count_recovery_codes(office, provider) == 9


def test_an_operator_removes_passkeys_from_whoever_lost_everything(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    add(office, provider, device)

    second_factor.remove_by_operator(office, email=provider.email)

    assert [count(office, one) for one in (Passkey, RecoveryCode)] == [0, 0]
    assert sign_in.sign_in(office, email=provider.email, password=PASSWORD)[0].id == provider.id
