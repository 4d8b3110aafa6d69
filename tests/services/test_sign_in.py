"""Signing up, in and out: what is stored, what is said, and how long it lasts."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from tests.desk import PASSWORD
from tests.services.conftest import StandingClock
from webapp.domain.errors import AppError, Conflict, Invalid, TooMany
from webapp.domain.roles import Role
from webapp.models import SignInFailure, User, UserSession
from webapp.models.user import IDLE_LIMIT
from webapp.services import founding, people, sign_in
from webapp.services.context import ServiceContext
from webapp.services.sign_in import ABSOLUTE_LIMIT, WrongSignIn
from webapp.services.sign_in_throttle import FAILURE_LIMIT, FAILURE_WINDOW

EMAIL = "provider@example.com"
WRONG = "a password that is wrong"


def _refusal(office: ServiceContext, email: str, password: str) -> AppError:
    with pytest.raises(AppError) as caught:
        sign_in.sign_in(office, email=email, password=password)
    return caught.value


def _fail(office: ServiceContext, email: str, *, times: int) -> None:
    for _ in range(times):
        assert isinstance(_refusal(office, email, WRONG), WrongSignIn)


def test_the_database_holds_an_argon2id_hash_and_no_password(office: ServiceContext, provider: User) -> None:
    assert provider.password_hash.startswith("$argon2id$")
    assert PASSWORD not in "".join(str(value) for value in vars(provider).values())


def test_the_database_holds_a_hash_of_the_cookie_and_not_the_cookie(
    office: ServiceContext, provider: User
) -> None:
    _, token = sign_in.sign_in(office, email=EMAIL, password=PASSWORD)

    row = office.session.scalars(select(UserSession)).one()
    assert token not in "".join(str(value) for value in vars(row).values())
    assert len(token) >= 43


def test_the_address_is_the_same_in_any_spelling(office: ServiceContext, provider: User) -> None:
    user, _ = sign_in.sign_in(office, email="  Provider@EXAMPLE.com ", password=PASSWORD)

    assert user.id == provider.id


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(
    office: ServiceContext, provider: User
) -> None:
    wrong, unknown = _refusal(office, EMAIL, WRONG), _refusal(office, "nobody@example.com", PASSWORD)

    assert (wrong.message, wrong.code, wrong.http_status) == (
        unknown.message,
        unknown.code,
        unknown.http_status,
    )


def test_a_disabled_person_is_answered_like_a_stranger(office: ServiceContext, provider: User) -> None:
    provider.is_active = False
    office.session.commit()

    assert _refusal(office, EMAIL, PASSWORD).message == _refusal(office, "nobody@example.com", WRONG).message


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_ten_failures_lock_out_known_and_unknown_addresses_alike(
    office: ServiceContext, provider: User, email: str
) -> None:
    _fail(office, email, times=FAILURE_LIMIT)

    assert isinstance(_refusal(office, email, WRONG), TooMany)


def test_a_lockout_holds_for_the_right_password_too(office: ServiceContext, provider: User) -> None:
    _fail(office, EMAIL, times=FAILURE_LIMIT)

    refusal = _refusal(office, EMAIL, PASSWORD)

    assert isinstance(refusal, TooMany)
    assert refusal.retry_after_s == FAILURE_WINDOW.total_seconds()


def test_another_spelling_is_no_way_around_the_lockout(office: ServiceContext, provider: User) -> None:
    _fail(office, EMAIL, times=FAILURE_LIMIT)

    assert isinstance(_refusal(office, EMAIL.upper() + " ", PASSWORD), TooMany)


def test_the_lockout_of_one_person_does_not_lock_out_another(
    office: ServiceContext, provider: User, seeker: User
) -> None:
    _fail(office, EMAIL, times=FAILURE_LIMIT)

    assert sign_in.sign_in(office, email=seeker.email, password=PASSWORD)


def test_attempts_during_a_lockout_do_not_prolong_it(
    office: ServiceContext, provider: User, standing_clock: StandingClock
) -> None:
    _fail(office, EMAIL, times=FAILURE_LIMIT)
    standing_clock.elapsed += FAILURE_WINDOW - timedelta(seconds=1)
    assert isinstance(_refusal(office, EMAIL, PASSWORD), TooMany)

    standing_clock.elapsed += timedelta(seconds=2)

    assert sign_in.sign_in(office, email=EMAIL, password=PASSWORD)


def test_a_good_sign_in_forgets_the_failures(office: ServiceContext, provider: User) -> None:
    _fail(office, EMAIL, times=FAILURE_LIMIT - 1)
    sign_in.sign_in(office, email=EMAIL, password=PASSWORD)

    _fail(office, EMAIL, times=FAILURE_LIMIT - 1)


def test_the_count_is_in_the_database_so_that_a_wiped_queue_does_not_reset_it(
    office: ServiceContext, provider: User
) -> None:
    _fail(office, EMAIL, times=3)

    assert office.settings.redis_url == "unix:///nowhere"
    assert office.session.scalar(select(func.count()).select_from(SignInFailure)) == 3


def test_signing_out_makes_a_copied_cookie_worthless(office: ServiceContext, provider: User) -> None:
    _, copied = sign_in.sign_in(office, email=EMAIL, password=PASSWORD)
    _, other = sign_in.sign_in(office, email=EMAIL, password=PASSWORD)

    sign_in.sign_out(office, token=copied)

    assert sign_in.find_session(office, token=copied) is None
    assert sign_in.find_session(office, token=other) is not None


def test_a_person_who_is_disabled_is_out_at_once(office: ServiceContext, provider: User) -> None:
    _, token = sign_in.sign_in(office, email=EMAIL, password=PASSWORD)
    provider.is_active = False
    office.session.commit()

    assert sign_in.find_session(office, token=token) is None


def test_an_idle_session_ends_and_a_used_one_goes_on(
    office: ServiceContext, provider: User, standing_clock: StandingClock
) -> None:
    _, idle = sign_in.sign_in(office, email=EMAIL, password=PASSWORD)
    _, used = sign_in.sign_in(office, email=EMAIL, password=PASSWORD)
    standing_clock.elapsed += IDLE_LIMIT / 2
    found = sign_in.find_session(office, token=used)
    assert found is not None
    assert sign_in.is_seen_stale(office, found)
    sign_in.touch(office, session_id=found.id)

    standing_clock.elapsed += IDLE_LIMIT / 2 + timedelta(seconds=1)

    assert sign_in.find_session(office, token=idle) is None
    assert sign_in.find_session(office, token=used) is not None


def test_no_session_outlives_the_absolute_limit_however_much_it_is_used(
    office: ServiceContext, provider: User, standing_clock: StandingClock
) -> None:
    _, token = sign_in.sign_in(office, email=EMAIL, password=PASSWORD)
    step = IDLE_LIMIT - timedelta(minutes=1)
    while standing_clock.elapsed + step < ABSOLUTE_LIMIT:
        standing_clock.elapsed += step
        found = sign_in.find_session(office, token=token)
        assert found is not None
        sign_in.touch(office, session_id=found.id)

    standing_clock.elapsed = ABSOLUTE_LIMIT

    assert sign_in.find_session(office, token=token) is None


@pytest.mark.parametrize("token", ["", "x", "nobody's cookie", "\x00", "é" * 50])
def test_a_cookie_that_nobody_issued_is_nobody(office: ServiceContext, provider: User, token: str) -> None:
    assert sign_in.find_session(office, token=token) is None


def test_a_hash_of_old_strength_is_renewed_on_sign_in(
    strong_passwords: None, office: ServiceContext, provider: User
) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    provider.password_hash = weak
    office.session.commit()

    sign_in.sign_in(office, email=EMAIL, password=PASSWORD)

    office.session.refresh(provider)
    assert provider.password_hash != weak
    assert "m=19456,t=2,p=1" in provider.password_hash
    assert sign_in.sign_in(office, email=EMAIL, password=PASSWORD)


def test_a_password_from_before_the_rules_still_signs_in(office: ServiceContext, provider: User) -> None:
    provider.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("short")
    office.session.commit()

    assert sign_in.sign_in(office, email=EMAIL, password="short")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("x" * 129, "password_too_long"),
        ("aaaaaaaaaaaaaaa", "password_too_common"),
        ("Password1234", "password_too_common"),
        ("letmeinplease", "password_too_common"),
        ("Liverpool123456", "password_too_common"),
        ("longer.address", "password_is_known"),
        ("Berth-Lovelace-2026", "password_is_known"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(
    office: ServiceContext, password: str, code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        people.sign_up_seeker(
            office, name="Ada Lovelace", email="Longer.Address@example.com", password=password
        )

    assert (caught.value.code, caught.value.field) == (code, "password")
    assert password not in caught.value.message
    assert office.session.scalar(select(func.count()).select_from(User)) == 0


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "längere wörter ohne ziffern",
        "lovelace wrote it in 1843",
        "🦊🦉🐝 " * 3 + "fox",
    ],
)
def test_no_kinds_of_characters_are_demanded(office: ServiceContext, password: str) -> None:
    people.sign_up_seeker(office, name="Ada Lovelace", email="ada@example.com", password=password)

    assert sign_in.sign_in(office, email="ada@example.com", password=password)


def test_an_address_signs_up_once_in_any_spelling(office: ServiceContext, seeker: User) -> None:
    with pytest.raises(Conflict) as caught:
        people.sign_up_seeker(office, name="Eve", email=" SEEKER@example.com", password=PASSWORD)

    assert caught.value.code == "email_taken"


def test_a_company_signs_up_once(office: ServiceContext, provider: User) -> None:
    with pytest.raises(Conflict) as caught:
        founding.found_company(
            office, company_name="Quayside", name="Eve", email="eve@example.com", password=PASSWORD
        )

    assert caught.value.code == "company_exists"
    assert office.session.scalar(select(User).where(User.email == "eve@example.com")) is None


def test_a_sign_up_that_fails_leaves_no_company_behind(office: ServiceContext, seeker: User) -> None:
    with pytest.raises(Conflict):
        founding.found_company(
            office, company_name="Nobody's", name="Eve", email=seeker.email, password=PASSWORD
        )

    eve = founding.found_company(
        office, company_name="Nobody's", name="Eve", email="eve@example.com", password=PASSWORD
    )
    assert eve.company_id is not None


def test_a_provider_needs_a_company(office: ServiceContext) -> None:
    with pytest.raises(Invalid):
        people.add_user(
            office, email="x@example.com", role=Role.PROVIDER, password=PASSWORD, company_name=None
        )


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        ("\u202eevil\u202c Bob", "evil Bob"),
        ("Ann\u200bLee", "AnnLee"),
        (" Zo\u0065\u0308 ", "Zo\u00eb"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
    ],
)
def test_a_name_is_kept_as_it_is_seen(office: ServiceContext, entered: str, kept: str) -> None:
    user = people.sign_up_seeker(office, name=entered, email="seen@example.com", password=PASSWORD)

    assert user.name == kept


@pytest.mark.parametrize("field", ["name", "company_name"])
def test_a_name_that_nobody_can_see_is_refused(office: ServiceContext, field: str) -> None:
    names = {"name": "Ann", "company_name": "Quay", field: "\u200b\u202e"}

    with pytest.raises(Invalid) as caught:
        founding.found_company(office, email="seen@example.com", password=PASSWORD, **names)

    assert caught.value.field == field
