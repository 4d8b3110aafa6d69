"""Which answers of a device count, and which never do."""

import json
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.authenticator import Authenticator, Bent
from tests.conftest import both_databases
from tests.services.conftest import StandingClock
from tests.services.passkey_steps import SITE, add, asked, count, enter, enter_at_once, refusal
from webapp.domain.errors import AppError, Invalid, TooMany
from webapp.models import Passkey, RecoveryCode, SignInFailure, SpentChallenge, User, UserSession
from webapp.services import passkeys, second_factor, sign_in
from webapp.services.context import ServiceContext
from webapp.services.passkey_challenges import LASTS, Purpose, new_challenge
from webapp.services.passkeys import Answer
from webapp.services.sign_in_throttle import FAILURE_LIMIT, IN_ACCOUNT


def test_after_the_password_a_device_need_not_say_whose_key_it_is(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    add(office, provider, device)
    challenge, options = asked(office, Purpose.SECOND_FACTOR, provider.id)

    answer = Answer(device.use(options, Bent(has_handle=False)), challenge, SITE)

    assert sign_in.sign_in_with_passkey(office, answer, user_id=provider.id)[0].id == provider.id


BENT = {
    "of another site": Bent(origin="http://localhost.example.com"),
    "of another port": Bent(origin="http://localhost:8000"),
    "for another host": Bent(host="example.com"),
    "to another challenge": Bent(challenge="b3RoZXI"),
    "without asking for its owner": Bent(is_verified=False),
    "without anybody there": Bent(is_present=False),
    "of a making": Bent(kind="webauthn.create"),
    "of another key": Bent(signer=generate_private_key(SECP256R1())),
    "with an old count": Bent(sign_count=1),
    "in the name of somebody else": Bent(handle=b"berth-999"),
    "in nobody's name": Bent(has_handle=False),
}


@pytest.mark.parametrize("bent", BENT.values(), ids=BENT.keys())
def test_an_answer_that_is_bent_signs_nobody_in(
    office: ServiceContext, provider: User, device: Authenticator, bent: Bent
) -> None:
    add(office, provider, device)
    enter(office, device)

    error = refusal(lambda: enter(office, device, bent))

    assert (type(error), error.code) == (Invalid, "wrong_passkey")
    assert count(office, UserSession) == 1
    assert count(office, SignInFailure) == 1
    assert office.session.scalars(select(Passkey.sign_count)).one() == 1


@pytest.mark.parametrize(
    "bent",
    [
        Bent(origin="https://evil.example.com"),
        Bent(host="example.com"),
        Bent(challenge="b3RoZXI"),
        Bent(is_verified=False),
        Bent(is_present=False),
        Bent(kind="webauthn.get"),
    ],
)
def test_a_making_that_is_bent_adds_nothing(
    office: ServiceContext, provider: User, device: Authenticator, bent: Bent
) -> None:
    assert refusal(lambda: add(office, provider, device, bent=bent)).code == "wrong_passkey"

    assert (count(office, Passkey), count(office, RecoveryCode)) == (0, 0)


@both_databases
def test_a_challenge_is_answered_once(office: ServiceContext, provider: User, device: Authenticator) -> None:
    device.counts = False  # so that only the challenge tells the second answer from the first
    add(office, provider, device)
    challenge, options = asked(office)
    text = device.use(options)
    sign_in.sign_in_with_passkey(office, Answer(text, challenge, SITE))

    error = refusal(lambda: sign_in.sign_in_with_passkey(office, Answer(text, challenge, SITE)))

    assert error.code == "wrong_passkey"
    assert count(office, UserSession) == 1


@both_databases
def test_of_answers_to_one_challenge_at_the_same_moment_one_counts(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    device.counts = False  # so that only the challenge tells one from the other
    add(office, provider, device)
    entered = []
    for _ in range(10):
        challenge, options = asked(office)
        answer = Answer(device.use(options), challenge, SITE)
        entered.append(enter_at_once(office, [answer] * 4))

    assert entered == [1] * 10
    assert count(office, UserSession) == 10


@both_databases
def test_of_copies_of_a_device_that_sign_at_the_same_moment_one_counts(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    add(office, provider, device)
    entered = []
    for number in range(1, 11):
        asks = [asked(office) for _ in range(4)]
        copies = [Answer(device.use(two, Bent(sign_count=number)), one, SITE) for one, two in asks]
        entered.append(enter_at_once(office, copies))

    assert entered == [1] * 10
    assert office.session.scalars(select(Passkey.sign_count)).one() == 10


def test_a_challenge_stays_spent_after_a_wrong_answer(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    add(office, provider, device)
    challenge, options = asked(office)
    wrong = Answer(device.use(options, Bent(is_verified=False)), challenge, SITE)
    refusal(lambda: sign_in.sign_in_with_passkey(office, wrong))

    right = Answer(device.use(options), challenge, SITE)
    assert refusal(lambda: sign_in.sign_in_with_passkey(office, right)).code == "wrong_passkey"
    assert count(office, UserSession) == 0


def test_a_challenge_lasts_five_minutes(
    office: ServiceContext, provider: User, device: Authenticator, standing_clock: StandingClock
) -> None:
    add(office, provider, device)
    challenge, options = asked(office)
    standing_clock.pause(LASTS.total_seconds() - 1)
    sign_in.sign_in_with_passkey(office, Answer(device.use(options), challenge, SITE))

    challenge, options = asked(office)
    standing_clock.pause(LASTS.total_seconds())
    late = Answer(device.use(options), challenge, SITE)
    assert refusal(lambda: sign_in.sign_in_with_passkey(office, late)).code == "wrong_passkey"
    assert count(office, UserSession) == 1


def test_a_challenge_answers_for_one_purpose_and_one_person(
    office: ServiceContext, provider: User, other_provider: User, device: Authenticator
) -> None:
    add(office, provider, device)
    theirs = Authenticator()
    add(office, other_provider, theirs)
    prove = asked(office, Purpose.PROVE, provider.id)
    for_them = asked(office, Purpose.SECOND_FACTOR, other_provider.id)
    answers = [
        Answer(device.use(prove[1]), prove[0], SITE),
        Answer(device.use(asked(office)[1]), None, SITE),
        Answer(device.use(for_them[1], key=device.keys[0]), for_them[0], SITE),
    ]

    refused = [refusal(lambda one=one: sign_in.sign_in_with_passkey(office, one)).code for one in answers]
    stolen = refusal(lambda: sign_in.sign_in_with_passkey(office, answers[2], user_id=other_provider.id))

    assert {*refused, stolen.code} == {"wrong_passkey"}
    assert count(office, UserSession) == 0


@both_databases
def test_a_copy_of_a_device_is_noticed_by_its_count(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    add(office, provider, device)
    enter(office, device)
    enter(office, device)

    assert refusal(lambda: enter(office, device, Bent(sign_count=2))).code == "wrong_passkey"
    assert refusal(lambda: enter(office, device, Bent(sign_count=0))).code == "wrong_passkey"
    assert enter(office, device, Bent(sign_count=7)).id == provider.id


def test_ten_failures_end_the_attempts_until_the_window_is_over(
    office: ServiceContext, provider: User, device: Authenticator, standing_clock: StandingClock
) -> None:
    add(office, provider, device)
    for _ in range(FAILURE_LIMIT):
        assert isinstance(refusal(lambda: enter(office, device, Bent(is_verified=False))), Invalid)

    assert isinstance(refusal(lambda: enter(office, device)), TooMany)
    assert count(office, UserSession) == 0
    standing_clock.pause(900)
    assert enter(office, device).id == provider.id


def test_unknown_passkeys_are_answered_like_wrong_ones(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    add(office, provider, device)
    stranger = Authenticator()
    stranger.make(passkeys.options_for_new(office, provider, challenge=asked(office)[0], site=SITE))

    wrong = refusal(lambda: enter(office, device, Bent(is_verified=False)))
    unknown = refusal(lambda: enter(office, stranger))

    assert (wrong.code, wrong.message, wrong.http_status) == (
        unknown.code,
        unknown.message,
        unknown.http_status,
    )


def test_wrong_passkeys_and_wrong_codes_of_a_person_are_counted_together(
    office: ServiceContext, provider: User, device: Authenticator
) -> None:
    add(office, provider, device)
    for _ in range(FAILURE_LIMIT):
        refusal(lambda: second_factor.check(office, provider, "000000", origin=IN_ACCOUNT))

    challenge, options = asked(office, Purpose.PROVE, provider.id)
    answer = Answer(device.use(options), challenge, SITE)

    assert isinstance(
        refusal(
            lambda: passkeys.check(office, answer, Purpose.PROVE, user_id=provider.id, origin=IN_ACCOUNT)
        ),
        TooMany,
    )


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
DEEP = "[" * 9_000


@hypothesis_settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=JUNK, place=st.sampled_from(["id", "rawId", "type", "response", *["inner"] * 6]), data=st.data())
def test_no_answer_however_strange_is_more_than_refused(
    office: ServiceContext, provider: User, junk: object, place: str, data: st.DataObject
) -> None:
    device = Authenticator()
    challenge = new_challenge(office, Purpose.ADD, user_id=provider.id)
    options = passkeys.options_for_new(office, provider, challenge=challenge, site=SITE)
    answer = json.loads(device.make(options))
    if place == "inner":
        name = data.draw(st.sampled_from(sorted(answer["response"])))
        whole = answer["response"][name]
        cut = data.draw(st.integers(0, len(whole) - 1))
        other = data.draw(st.sampled_from("Aaz9_-="))
        answer["response"][name] = data.draw(
            st.sampled_from([junk, whole[:cut], whole[:cut] + other + whole[cut + 1 :]])
        )
    else:
        answer[place] = junk

    with suppress(AppError):
        passkeys.add(office, provider, Answer(json.dumps(answer), challenge, SITE), name="x")
    for text in (json.dumps(answer), json.dumps(junk), DEEP, "", "9" * 5000):
        assert refusal(
            lambda text=text: passkeys.check(
                office,
                Answer(text, new_challenge(office, Purpose.SIGN_IN), SITE),
                Purpose.SIGN_IN,
                user_id=None,
                origin=sign_in.UNKNOWN,
            )
        ).code in ("wrong_passkey", "too_many_requests")
    office.session.query(Passkey).delete()
    office.session.commit()


def test_strangers_who_ask_for_challenges_fill_no_table(office: ServiceContext, provider: User) -> None:
    for _ in range(50):
        asked(office)

    assert count(office, SpentChallenge) == 0
