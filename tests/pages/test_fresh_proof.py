"""Ten minutes after somebody last proved who they are, important changes ask for it again."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.authenticator import Authenticator, Bent
from tests.desk import PASSWORD, Desk
from tests.pages.reader import Program, Visitor
from tests.pages.test_passkeys import add, set_up_app
from webapp.models import ApiToken, AuthenticatorApp, Passkey, SignInFailure, UserSession
from webapp.services.fresh_proof import LASTS

PROVE = "/account/prove/"
TOKEN = {"name": "Laptop", "scope": "read", "days": "30"}
TO_TOKENS = f"{PROVE}?next=/tokens/&again=1"


@pytest.fixture
def stale(desk: Desk, provider: Visitor) -> Visitor:
    """The provider, who signed in more than ten minutes ago."""
    desk.clock.pause(LASTS.total_seconds())
    return provider


def count(desk: Desk, model: type) -> int:
    desk.session.rollback()
    found = desk.session.scalars(select(func.count()).select_from(model)).one()
    desk.session.rollback()
    return found


def test_for_ten_minutes_nothing_is_asked(desk: Desk, provider: Visitor) -> None:
    desk.clock.pause(LASTS.total_seconds() - 1)

    assert provider.post("/tokens/", TOKEN).status_code == 200
    assert count(desk, ApiToken) == 1


def test_then_a_token_is_not_made_and_the_way_leads_to_the_proof_and_back(desk: Desk, stale: Visitor) -> None:
    refused = stale.post("/tokens/", TOKEN)
    assert (refused.status_code, refused.location) == (303, TO_TOKENS)
    assert count(desk, ApiToken) == 0

    page = stale.read(TO_TOKENS)
    assert page.find("input", name="next")[0]["value"] == "/tokens/"
    back = stale.post(PROVE, {"current": PASSWORD, "next": "/tokens/", "again": "1"})

    assert (back.status_code, back.location) == (303, "/tokens/")
    assert "press the button again" in stale.read("/tokens/").text
    assert count(desk, ApiToken) == 0
    assert stale.post("/tokens/", TOKEN).status_code == 200
    assert count(desk, ApiToken) == 1


def test_the_way_back_is_the_page_that_the_browser_shows(stale: Visitor) -> None:
    token = stale.read("/tokens/").find("meta", name="csrf-token")[0]["content"]
    body = TOKEN | {"csrf_token": str(token)}

    def way_to(**headers: str) -> str:
        answer = stale.client.post(
            "/tokens/", data=body, headers={key.replace("_", "-"): value for key, value in headers.items()}
        )
        return str(answer.location)

    assert way_to(Referer="http://localhost/board/?q=a%20b") == f"{PROVE}?next=/board/?q%3Da%2520b&again=1"
    assert way_to(Referer="http://evil.example.com/board/") == TO_TOKENS
    assert way_to(Referer="//evil.example.com/board/") == TO_TOKENS
    assert way_to(Referer="http://localhost/account/second-factor/confirm") == (
        f"{PROVE}?next=/account/second-factor/&again=1"
    )
    assert way_to(Referer="http://localhost/no/such/page") == f"{PROVE}?next=/&again=1"
    assert way_to(Referer="http://[broken/") == TO_TOKENS
    assert way_to() == TO_TOKENS


def test_the_way_back_is_found_under_a_path_of_a_host_too(stale: Visitor) -> None:
    token = stale.read("/tokens/").find("meta", name="csrf-token")[0]["content"]
    body = TOKEN | {"csrf_token": str(token)}

    def way_to(**headers: str) -> str:
        under = {"SCRIPT_NAME": "/berth"}
        return str(
            stale.client.post("/tokens/", data=body, headers=headers, environ_overrides=under).location
        )

    assert way_to() == f"/berth{PROVE}?next=/berth/tokens/&again=1"
    assert way_to(Referer="http://localhost/berth/board/") == f"/berth{PROVE}?next=/berth/board/&again=1"


def test_a_press_that_htmx_sends_is_led_there_as_a_whole_page(desk: Desk, stale: Visitor) -> None:
    answer = stale.post("/tokens/", TOKEN, is_htmx=True)

    assert (answer.status_code, answer.headers["HX-Redirect"], answer.text) == (403, TO_TOKENS, "")
    assert count(desk, ApiToken) == 0


@pytest.mark.parametrize(
    "target", ["https://evil.example.com/", "//evil.example.com/", "/\\evil.example.com", "javascript:x"]
)
def test_the_way_back_never_leads_elsewhere(stale: Visitor, target: str) -> None:
    assert stale.post(PROVE, {"current": PASSWORD, "next": target}).location == "/start/"


def test_a_wrong_password_proves_nothing_and_is_counted_like_at_the_way_in(
    desk: Desk, stale: Visitor
) -> None:
    statuses = [stale.post(PROVE, {"current": "wrong"}).status_code for _ in range(10)]

    assert statuses == [422] * 10
    assert stale.post(PROVE, {"current": PASSWORD}).status_code == 429
    assert stale.post("/tokens/", TOKEN).location == TO_TOKENS
    assert count(desk, ApiToken) == 0


def test_the_proof_changes_the_cookie_so_that_a_copy_of_it_is_worthless(
    app: Flask, desk: Desk, stale: Visitor
) -> None:
    thief = app.test_client()
    with stale.client.session_transaction() as session, thief.session_transaction() as stolen:
        stolen.update(session)
    assert thief.get("/start/").status_code == 200

    stale.post(PROVE, {"current": PASSWORD})

    assert stale.get("/start/").status_code == 200
    assert thief.get("/start/").status_code == 302
    assert count(desk, UserSession) == 1


def test_it_is_one_browser_that_has_proven_it(app: Flask, desk: Desk, stale: Visitor) -> None:
    other = app.test_client()
    with other.session_transaction() as session:
        session["_user_id"] = desk.session_token(desk.provider.email)
    desk.clock.pause(LASTS.total_seconds())

    stale.post(PROVE, {"current": PASSWORD})

    assert stale.post("/tokens/", TOKEN).status_code == 200
    assert Visitor(other).post("/tokens/", TOKEN).location == TO_TOKENS


def test_whoever_has_a_second_factor_proves_it_with_that(desk: Desk, provider: Visitor) -> None:
    code = set_up_app(desk, provider)
    desk.clock.pause(LASTS.total_seconds())

    assert provider.post(PROVE, {"current": PASSWORD}).status_code == 422
    assert provider.post(PROVE, {"code": "000000"}).status_code == 422
    assert provider.post("/tokens/", TOKEN).location == TO_TOKENS
    assert provider.post(PROVE, {"code": code()}).status_code == 303

    assert provider.post("/tokens/", TOKEN).status_code == 200
    assert count(desk, SignInFailure) == 0


def test_a_passkey_proves_it_too(desk: Desk, provider: Visitor) -> None:
    device = Authenticator()
    add(provider, device)
    desk.clock.pause(LASTS.total_seconds())
    assert "One of your recovery codes" in provider.read(PROVE).text

    def prove(bent: Bent) -> int:
        options = provider.post(f"{PROVE}passkey/options").text
        return provider.post(f"{PROVE}passkey", {"answer": device.use(options, bent)}).status_code

    assert prove(Bent(is_verified=False)) == 422
    assert provider.post("/tokens/", TOKEN).location == TO_TOKENS
    assert prove(Bent()) == 303
    assert provider.post("/tokens/", TOKEN).status_code == 200


def test_a_passkey_of_somebody_else_proves_nothing(desk: Desk, provider: Visitor, rival: Visitor) -> None:
    device, theirs = Authenticator(), Authenticator()
    add(provider, device)
    add(rival, theirs)
    desk.clock.pause(LASTS.total_seconds())

    options = rival.post(f"{PROVE}passkey/options").text
    answer = rival.post(f"{PROVE}passkey", {"answer": device.use(options, key=device.keys[0])})

    assert answer.status_code == 422
    assert rival.post("/tokens/", TOKEN).location == TO_TOKENS


GUARDED = {
    "/account/passkeys/options": "/account/passkeys/",
    "/account/passkeys/": "/account/passkeys/",
    "/account/passkeys/1/remove": "/account/passkeys/",
    "/account/second-factor/begin": "/account/second-factor/",
    "/account/second-factor/confirm": "/account/second-factor/",
    "/account/second-factor/remove": "/account/second-factor/",
}


def test_passkeys_and_the_app_change_only_after_a_proof(desk: Desk, provider: Visitor) -> None:
    add(provider, Authenticator())
    desk.clock.pause(LASTS.total_seconds())

    answers = {path: provider.post(path).location for path in GUARDED}

    assert answers == {path: f"{PROVE}?next={page}&again=1" for path, page in GUARDED.items()}
    assert (count(desk, Passkey), count(desk, AuthenticatorApp)) == (1, 0)


def test_a_proof_is_asked_only_of_whoever_is_signed_in(app: Flask) -> None:
    guarded = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "needs_fresh_proof", False)
    }

    assert guarded >= {
        "tokens.create",
        "passkeys.create",
        "second_factor.remove",
        *(f"credentials.{one}" for one in ("new", "create", "edit", "update", "ask_delete", "delete")),
        *(f"webhooks.{one}" for one in ("create", "ask_delete", "destroy")),
        *(f"budgets.{one}" for one in ("ask_lift", "lift")),
        *(f"people.{one}" for one in ("invite_colleague", "enable", "role", "change_role", "second_factor")),
    }
    assert all(app.view_functions[one].guard.startswith("requires") for one in guarded)  # type: ignore[attr-defined]


def test_browsers_are_signed_out_only_after_a_proof(desk: Desk, stale: Visitor) -> None:
    before = count(desk, UserSession)

    for path in ("/account/sessions/1/end", "/account/sessions/end"):
        assert stale.post(path).location == f"{PROVE}?next=/account/&again=1", path

    assert count(desk, UserSession) == before
    desk.prove_everybody()
    assert stale.post("/account/sessions/end").location == "/account/"


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/credentials/1/delete", "/credentials/1/delete"),
        ("/webhooks/", "/webhooks/"),
        ("/costs/budgets/1/lift", "/costs/budgets/1/lift"),
        ("/costs/budgets/1/edit", "/costs/budgets/1/edit"),  # a higher limit lifts it for good
        ("/costs/budgets/1/delete", "/costs/budgets/1/delete"),
        ("/people/colleagues", "/people/"),
        ("/people/second-factor/demand", "/people/"),
    ],
)
def test_what_costs_or_opens_much_is_not_done_before_a_proof(stale: Visitor, path: str, page: str) -> None:
    assert stale.post(path).location == f"{PROVE}?next={page}&again=1"


def test_a_colleagues_new_link_is_not_shown_before_a_proof(desk: Desk, provider: Visitor) -> None:
    provider.post("/people/colleagues", {"email": "new@example.com", "role": "owner"})
    desk.clock.pause(LASTS.total_seconds())

    refused = provider.post("/people/invitations/1/again")

    assert refused.location == f"{PROVE}?next=/people/&again=1"
    desk.prove_everybody()
    assert "/invitation/?link=" in provider.post("/people/invitations/1/again").text


def test_a_form_that_will_ask_for_a_secret_asks_for_the_proof_before_it_is_filled_in(stale: Visitor) -> None:
    for path in ("/credentials/new?cloud=aws", "/credentials/1/edit"):
        assert str(stale.get(path).location).startswith(PROVE), path


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "cloud-credentials/1/"),
        ("POST", "invitations/"),
        ("POST", "invitations/1/send-again/"),
        ("POST", "people/1/enable/"),
        ("PUT", "budgets/1/"),
        ("DELETE", "budgets/1/"),
        ("POST", "webhooks/"),
        ("POST", "webhooks/1/rotate/"),
        ("DELETE", "webhooks/1/"),
    ],
)
def test_the_api_asks_a_browser_too(desk: Desk, stale: Visitor, method: str, path: str) -> None:
    token = str(stale.read("/tokens/").find("meta", name="csrf-token")[0]["content"])

    answer = stale.client.open(
        f"/api/workspaces/{path}", method=method, headers={"X-CSRFToken": token}, json={}
    )

    assert (answer.status_code, (answer.json or {}).get("code")) == (403, "proof_needed")


def test_a_program_with_a_token_is_not_asked(desk: Desk, program: Program) -> None:
    desk.clock.pause(24 * 3600)

    assert program.call("GET", "workspaces/").status_code == 200


def test_a_stranger_is_sent_to_sign_in_and_not_to_the_proof(client: FlaskClient, desk: Desk) -> None:
    assert Visitor(client).post("/tokens/", TOKEN).location == "/sign-in"
    assert str(Visitor(client).get(PROVE).location).startswith("/sign-in")
