"""The way to the company's issuer and back: once, in the same browser, with a token that is verified."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import both_databases
from tests.desk import Desk
from tests.pages.reader import Reader, Visitor
from tests.pages.single_sign_on.issuer import Issuer, rsa_key
from tests.pages.single_sign_on.names import Names
from tests.pages.single_sign_on.traveller import Traveller, set_up
from webapp.models import Identity, TrailEntry, User, UserSession
from webapp.services import issuer_session
from webapp.services.identity_provider import ProviderRequest, save_provider


def people(desk: Desk) -> tuple[int, int, int]:
    """How many people, links and sessions there are."""
    desk.session.rollback()
    found = [
        desk.session.scalar(select(func.count()).select_from(one)) for one in (User, Identity, UserSession)
    ]
    desk.session.rollback()
    return found[0] or 0, found[1] or 0, found[2] or 0


def test_somebody_of_the_company_signs_in_by_its_issuer(traveller: Traveller) -> None:
    answer = traveller.sign_in()

    assert answer.status_code == 303
    assert answer.location == "/start/"
    assert "Ada Byron" in traveller.name() and "ada@example.com" in traveller.name()


def test_the_issuer_is_asked_for_a_code_with_pkce_state_and_nonce(traveller: Traveller, company: int) -> None:
    address = traveller.go()
    asked = {name: found[0] for name, found in parse_qs(urlsplit(address).query).items()}

    assert asked["redirect_uri"] == f"http://localhost/sign-in/company/back/{company}"
    assert (asked["code_challenge_method"], asked["login_hint"]) == ("S256", "ada@example.com")
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert traveller.issuer.count("/authorize") == 0


def test_a_sign_in_leaves_one_line_that_says_what_came_of_it(
    desk: Desk, traveller: Traveller, company: int
) -> None:
    traveller.sign_in()
    traveller.issuer.person = {"sub": "2"}
    traveller.another().refusal()

    with desk.sessions.begin() as session:
        lines = session.scalars(
            select(TrailEntry).where(TrailEntry.action == "single_sign_on.back").order_by(TrailEntry.id)
        ).all()
        done, refused = ((one.outcome, one.code, one.company_id, one.actor) for one in lines)
        changed = {change["table"] for change in lines[0].changes}
    assert done == ("done", "", company, "ada@example.com")
    assert refused == ("refused", "no_email", company, "")
    assert changed == {"users", "identities"}


def test_whoever_comes_back_without_an_attempt_leaves_no_line(desk: Desk, traveller: Traveller) -> None:
    traveller.come_back("/sign-in/company/back/1?code=x&state=y")

    with desk.sessions.begin() as session:
        assert (
            session.scalars(select(TrailEntry).where(TrailEntry.action == "single_sign_on.back")).all() == []
        )


def test_each_attempt_has_its_own_state_nonce_and_challenge(traveller: Traveller) -> None:
    both = [parse_qs(urlsplit(traveller.go()).query) for _ in range(2)]

    assert all(both[0][name] != both[1][name] for name in ("state", "nonce", "code_challenge"))


def test_a_link_of_a_company_needs_one_press_more(traveller: Traveller) -> None:
    """So that no link alone signs anybody in."""
    page = Visitor(traveller.browser).read("/sign-in/company?domain=Example.COM&next=/people/")
    chosen = {one["name"]: one.get("value") for one in page.find("input", type="hidden")}
    with traveller.browser.session_transaction() as session:
        assert "single_sign_on" not in session

    back = traveller.sign_in_there(traveller.go(str(chosen["email"]), next=chosen["next"]))
    assert traveller.come_back(back).location == "/people/"


def test_one_comes_back_to_the_page_that_one_wanted(traveller: Traveller) -> None:
    assert traveller.sign_in(next="/people/").location == "/people/"


def test_nobody_is_sent_elsewhere_afterwards(traveller: Traveller) -> None:
    assert traveller.sign_in(next="https://evil.example/").location == "/start/"


def test_an_unknown_domain_is_answered_alike_whoever_is_known_there(desk: Desk, traveller: Traveller) -> None:
    rival = desk.add_provider("rival@elsewhere.example", company="Rival").email

    answers = [
        Visitor(traveller.browser).post("/sign-in/company", {"email": email})
        for email in (
            rival,
            "nobody@elsewhere.example",
            "nobody@nowhere.example",
            "elsewhere.example",
            "nobody",
        )
    ]

    assert {one.status_code for one in answers} == {422}
    assert (
        len({Reader(one.text).find("p", id="email-error") and Reader(one.text).text for one in answers}) == 1
    )


def test_only_the_page_that_leads_to_an_issuer_has_a_form_that_may(traveller: Traveller) -> None:
    visitor = Visitor(traveller.browser)
    policies = {
        path: visitor.get(path).headers["Content-Security-Policy"]
        for path in ("/sign-in", "/sign-in/company")
    }

    assert "form-action 'self';" in policies["/sign-in"]
    assert "form-action 'self' https:" in policies["/sign-in/company"]


def test_who_signs_out_reads_that_the_issuer_may_still_know_the_browser(
    desk: Desk, traveller: Traveller
) -> None:
    traveller.sign_in()
    visitor = Visitor(traveller.browser)

    visitor.post("/sign-out")

    assert "may still know this browser" in visitor.read("/sign-in").text
    assert not traveller.is_in()


def test_what_comes_back_twice_is_refused(desk: Desk, traveller: Traveller) -> None:
    traveller.go()
    back = traveller.sign_in_there(traveller.go())
    traveller.come_back(back)
    Visitor(traveller.browser).post("/sign-out")

    assert "Begin again" in Reader(traveller.come_back(back).text).text
    assert not traveller.is_in()


def test_a_kept_cookie_makes_no_second_way_in(desk: Desk, traveller: Traveller) -> None:
    """Also with a new code: the attempt itself is used up."""
    address = traveller.go()
    with traveller.browser.session_transaction() as session:
        kept = dict(session)
    traveller.come_back(traveller.sign_in_there(address))
    thief = traveller.another()
    with thief.browser.session_transaction() as session:
        session.update(kept)
    before = people(desk)

    assert thief.come_back(thief.sign_in_there(address)).status_code == 422
    assert not thief.is_in()
    assert people(desk) == before
    assert len(traveller.issuer.tokens_given) == 1


def test_another_browser_cannot_finish_what_this_one_began(desk: Desk, traveller: Traveller) -> None:
    """Nobody can make somebody else sign in as themselves."""
    back, victim, before = traveller.sign_in_there(traveller.go()), traveller.another(), people(desk)

    assert victim.come_back(back).status_code == 422
    victim.go()
    assert victim.come_back(back).status_code == 422
    assert not victim.is_in()
    assert (people(desk), traveller.issuer.tokens_given) == (before, [])


def test_an_attempt_lasts_ten_minutes(desk: Desk, traveller: Traveller) -> None:
    back = traveller.sign_in_there(traveller.go())
    desk.clock.pause(600)

    assert traveller.come_back(back).status_code == 422
    assert traveller.issuer.tokens_given == []


def test_a_code_of_another_issuer_is_not_sent_to_this_one(traveller: Traveller) -> None:
    back = traveller.sign_in_there(traveller.go()) + "&iss=https%3A%2F%2Fevil.example"

    assert traveller.come_back(back).status_code == 422
    assert traveller.issuer.count("/token") == 0


def test_what_another_companys_issuer_sends_on_is_not_taken_for_its_own(
    desk: Desk, traveller: Traveller, company: int
) -> None:
    """The other company cannot have a code of this one sent to its own issuer: each has an address here."""
    back = traveller.sign_in_there(traveller.go())
    elsewhere = back.replace(f"/back/{company}?", f"/back/{company + 1}?")

    assert traveller.come_back(elsewhere).status_code == 422
    assert (people(desk)[2], traveller.issuer.count("/token")) == (people(desk)[2], 0)
    assert not traveller.is_in()


def test_an_attempt_ends_when_the_company_changes_its_issuer(
    desk: Desk, traveller: Traveller, company: int
) -> None:
    back = traveller.sign_in_there(traveller.go())
    other = Issuer(desk.clock.now)
    server = other.start()
    save_provider(desk.context, ProviderRequest(other.url, "x"), company_id=company, by=desk.provider)

    assert traveller.come_back(back).status_code == 422
    assert (other.count("/token"), traveller.issuer.count("/token")) == (0, 0)
    server.shutdown()
    server.server_close()


def test_the_issuer_may_say_no(traveller: Traveller) -> None:
    state = parse_qs(urlsplit(traveller.go()).query)["state"][0]

    answer = traveller.come_back(f"/sign-in/company/back/1?error=access_denied&state={state}")

    assert "did not let you in" in Reader(answer.text).text
    assert traveller.issuer.count("/token") == 0


WRONG: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "another audience": {"claims": {"aud": "another"}},
    "a second audience without its name": {"claims": {"aud": ["berth-of-quayside", "another"]}},
    "for another party": {"claims": {"azp": "another"}},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "expired": {"claims": {"exp": 1}},
    "without an end": {"claims": {"exp": None}},
    "made in the future": {"claims": {"iat": 4_000_000_000}},
    "nobody": {"claims": {"sub": None}},
    "a key that the issuer does not name": {"key": rsa_key("other")},
    "not signed": {"algorithm": "none"},
    "signed with the public key as a password": {"algorithm": "HS256"},
}


@pytest.mark.parametrize("what", WRONG)
def test_a_token_is_refused_that_is(desk: Desk, traveller: Traveller, what: str) -> None:
    for name, value in WRONG[what].items():
        setattr(traveller.issuer, name, value)
    before = people(desk)

    assert "is not valid" in traveller.refusal()
    assert people(desk) == before


TOO_LONG = (200, {"Content-Type": "application/json"}, b'{"id_token": "' + b"x" * 400_000 + b'"}')
AWAY = (302, {"Location": "http://127.0.0.1:1/"}, b"")


@pytest.mark.parametrize("path", ["/token", "/keys"])
@pytest.mark.parametrize(
    "answer",
    [TOO_LONG, AWAY, (500, {}, b""), (200, {}, b"<html>"), (200, {}, b"[]"), (200, {}, b"{}")],
    ids=["too long", "a redirect", "an error", "no JSON", "a list", "empty"],
)
def test_a_strange_answer_lets_nobody_in(
    desk: Desk, traveller: Traveller, path: str, answer: tuple[int, dict[str, str], bytes]
) -> None:
    traveller.issuer.answers[path] = answer
    before = people(desk)

    assert "sign-in service" in traveller.refusal()
    assert people(desk) == before


def test_an_issuer_that_never_answers_is_left(
    desk: Desk, traveller: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_session, "LIMIT_S", 0.3)
    traveller.issuer.silent.add("/token")

    assert "cannot be reached" in traveller.refusal()


def test_the_client_secret_is_sent_if_there_is_one(
    desk: Desk, issuer: Issuer, names: Names, app: Flask
) -> None:
    issuer.client_secret = "s3cret of the client"
    company_id = set_up(desk, issuer, names, secret=issuer.client_secret)

    assert Traveller(app, issuer).sign_in().status_code == 303
    issuer.document["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    save_provider(
        desk.context,
        ProviderRequest(issuer.url, "berth-of-quayside"),
        company_id=company_id,
        by=desk.provider,
    )
    assert Traveller(app, issuer).sign_in().status_code == 303
    assert ["client_secret" in one for one in issuer.tokens_given] == [False, True]


def test_whoever_is_signed_in_already_is_signed_out_first(desk: Desk, traveller: Traveller) -> None:
    with traveller.browser.session_transaction() as session:
        session["_user_id"] = desk.session_token("provider@example.com")
    before = people(desk)

    traveller.sign_in()

    assert "Ada Byron" in traveller.name()
    assert people(desk)[2] == before[2]


def test_an_issuer_that_is_slow_occupies_only_a_few_threads(desk: Desk, issuer: Issuer) -> None:
    issuer.silent.add("/keys")
    url = f"{issuer.url}/keys"

    def ask() -> int:
        with issuer_session.open_session(desk.settings) as session:
            return int(session.get(url, withhold_token=True).status_code)

    with ThreadPoolExecutor(issuer_session.AT_ONCE) as threads:
        waiting = [threads.submit(ask) for _ in range(issuer_session.AT_ONCE)]
        for _ in waiting:
            assert issuer.arrived.acquire(timeout=20)
        with pytest.raises(issuer_session.NotReached) as refused:
            ask()
        issuer.over.set()
        answers = [one.result(timeout=20) for one in waiting]

    assert refused.value.reason == "busy"
    assert (answers, issuer.count("/keys")) == ([200] * issuer_session.AT_ONCE, issuer_session.AT_ONCE)
    assert ask() == 200


@both_databases
def test_two_who_come_for_the_first_time_at_the_same_moment_make_one_member(
    desk: Desk, traveller: Traveller
) -> None:
    both = (traveller, traveller.another())
    backs = [one.sign_in_there(one.go()) for one in both]
    before, begin = people(desk), threading.Barrier(2)

    def come_back(one: Traveller, back: str) -> int:
        begin.wait(timeout=20)
        return one.come_back(back).status_code

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(come_back, both, backs))

    assert answers == [303, 303]
    assert people(desk) == (before[0] + 1, before[1] + 1, before[2] + 2)


@both_databases
def test_one_attempt_that_comes_back_twice_at_the_same_moment_lets_in_once(
    desk: Desk, traveller: Traveller
) -> None:
    address = traveller.go()
    with traveller.browser.session_transaction() as session:
        kept = dict(session)
    thief = traveller.another()
    with thief.browser.session_transaction() as session:
        session.update(kept)
    backs = [traveller.sign_in_there(address) for _ in range(2)]
    begin = threading.Barrier(2)

    def come_back(one: Traveller, back: str) -> int:
        begin.wait(timeout=20)
        return one.come_back(back).status_code

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(come_back, (traveller, thief), backs))

    assert (answers, len(traveller.issuer.tokens_given)) == ([303, 422], 1)


@pytest.mark.parametrize("path", ["/token", "/keys", "/.well-known/openid-configuration"])
def test_addresses_are_judged_with_each_request_and_not_only_when_they_are_saved(
    desk: Desk, issuer: Issuer, path: str
) -> None:
    in_production = replace(desk.settings, local_issuers=frozenset())

    with (
        issuer_session.open_session(in_production) as session,
        pytest.raises(issuer_session.NotReached) as refused,
    ):
        session.get(issuer.url + path, withhold_token=True)

    assert (refused.value.reason, issuer.asked) == ("address_refused", [])


def needs_proof(traveller: Traveller) -> bool:
    answer = Visitor(traveller.browser).post("/tokens/", {"name": "x", "scope": "read", "days": "30"})
    return answer.status_code == 303


def test_an_issuer_that_lets_in_whoever_sits_there_proves_nothing(desk: Desk, traveller: Traveller) -> None:
    traveller.sign_in()

    assert needs_proof(traveller)


def test_it_proves_as_much_as_the_issuer_says(desk: Desk, traveller: Traveller) -> None:
    for ago_s, is_asked in ((30, False), (660, True)):
        traveller.issuer.claims = {"auth_time": int(desk.clock.now().timestamp()) - ago_s}
        one = traveller.another()
        one.sign_in()
        assert needs_proof(one) is is_asked, ago_s


def test_for_a_proof_the_issuer_is_asked_to_make_sure(desk: Desk, traveller: Traveller) -> None:
    asked = parse_qs(urlsplit(traveller.go(proof="1")).query)
    assert (asked["max_age"], asked["prompt"]) == (["600"], ["login"])

    traveller.sign_in(proof="1")

    assert not needs_proof(traveller)
