"""Every route declares who may enter, and none needs the private key."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.conftest import both_databases
from tests.desk import PASSWORD, Desk, RecordingNotifier, make_settings
from webapp.domain.costs.budgets import Limits, Subject
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models import Application, User
from webapp.queries.profiles import list_profiles
from webapp.services import budgets, calendar_feeds, tokens
from webapp.services.budgets import BudgetRequest
from webapp.services.profiles import ProfileRequest, create_profile
from webapp.vault.box import Opener

OPEN_TO_ALL = {"static": "Flask's own view; it serves files that are public by their place"}
ASSET = "berth.css"
ID = re.compile(r"<[^>]*(?:_id|:credential)>")
POST_FORM = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.DOTALL)


BARE = create_app(make_settings("sqlite://"), notifier=RecordingNotifier())
"""Only its routes are read."""
RULES = sorted(BARE.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
NO_PAGES = ("static", "assets.show", "health.ready")
"""Files, and the probe that answers 503 here because no worker lives."""
GETS = [rule for rule in RULES if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES]


@pytest.fixture
def keyless(desk: Desk, app: Flask) -> Flask:
    """The web application as it is in production: without anything that opens a secret."""
    app.extensions["berth"].clock.work = desk.work
    return app


def _browser(app: Flask, session_token: str) -> FlaskClient:
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["_user_id"] = session_token
        session["_fresh"] = True
    return browser


def _addresses(app: Flask, ids: dict[str, object]) -> list[str]:
    adapter = app.url_map.bind("localhost")
    return [adapter.build(rule.endpoint, {name: ids[name] for name in rule.arguments}) for rule in GETS]


def _ids(desk: Desk, workspace_id: int) -> dict[str, object]:
    return {
        "budget_id": _budget(desk),
        "profile_id": _profile(desk),
        "workspace_id": workspace_id,
        "credential_id": desk.credential_id,
        "credential": desk.credential_id,
        "posting_id": desk.posting_id,
        "application_id": desk.row(workspace_id).application_id,
        "cohort_id": 1,
        "orphan_id": next((one.id for one in desk.orphans()), 1),
        "kind": "person",
        "token": calendar_feeds.make_feed(desk.context, desk.provider),
        "user_id": desk.provider.id,
        "company_id": desk.provider.company_id,
        **dict.fromkeys(("endpoint_id", "token_id", "delivery_id", "invitation_id"), 1),
        **dict.fromkeys(("snapshot_id", "image_id"), 1),
    }


def _budget(desk: Desk) -> int:
    """The first one; there is one in the end."""
    company = desk.provider.company_id or 0
    found = [one.budget.id for one in budgets.state_of(desk.context, company_id=company)]
    limits = Limits(month_minor=100_000, total_minor=None)
    request = BudgetRequest(Subject.COMPANY, None, "USD", limits)
    budget_id = found[0] if found else budgets.add_budget(desk.context, request, company_id=company).id
    desk.session.commit()
    return budget_id


def _profile(desk: Desk) -> int:
    """The first one; there is one in the end."""
    company = desk.provider.company_id or 0
    found = [one.id for one in list_profiles(desk.session, company_id=company)]
    wanted = ProfileRequest("Analysts", desk.credential_id, desk.stage.workspace_type, desk.stage.bundle_id)
    profile_id = found[0] if found else create_profile(desk.context, wanted, company_id=company).id
    desk.session.commit()
    return profile_id


def test_every_route_says_who_may_enter() -> None:
    unguarded = [
        f"{rule.endpoint} {rule.rule}"
        for rule in RULES
        if rule.endpoint not in OPEN_TO_ALL and not getattr(BARE.view_functions[rule.endpoint], "guard", "")
    ]

    assert len(RULES) > 250
    assert unguarded == [], "add @requires or @public"


def test_a_public_route_gives_its_reason() -> None:
    for rule in RULES:
        guard = getattr(BARE.view_functions[rule.endpoint], "guard", "")
        assert not guard.startswith("public") or len(guard) > len("public: ") + 4


def test_nothing_in_the_web_application_can_open_a_secret(keyless: Flask) -> None:
    context = keyless.extensions["berth"]

    assert context.settings.credential_private_keys == ()
    parts = [getattr(context, name) for name in type(context).__slots__]
    assert not [part for part in parts if isinstance(part, Opener) or hasattr(part, "open")]


def test_every_page_is_served_without_the_private_key_and_each_form_carries_a_token(
    desk: Desk, keyless: Flask
) -> None:
    workspace_id = desk.available()
    answers = {}
    for email in ("provider@example.com", _seeker_of(desk, workspace_id)):
        browser = _browser(keyless, desk.session_token(email))
        for address in _addresses(keyless, _ids(desk, workspace_id)):
            answers[email, address] = browser.get(address)

    assert {asked: one.status_code for asked, one in answers.items() if one.status_code >= 500} == {}
    # Some are of one of the two only, and some need the link of a mail.
    assert sum(one.status_code == 200 for one in answers.values()) > len(GETS) * 0.8
    forms = [
        form
        for one in answers.values()
        if one.mimetype == "text/html"
        for form in POST_FORM.findall(one.get_data(as_text=True))
    ]
    assert len(forms) > 20
    assert [form[:200] for form in forms if 'name="csrf_token"' not in form] == []


NO_EFFECT = (
    *("SELECT", "BEGIN", "PRAGMA"),
    *(
        "UPDATE calendar_feeds SET last_used_at",
        "UPDATE user_sessions SET last_seen_at",
        "INSERT INTO trail_entries",
    ),
)


def test_no_link_has_an_effect(desk: Desk, keyless: Flask) -> None:
    """Anybody's page may hold it: all that is written is the last use of a session or a calendar, and who
    saw a connection."""
    workspace_id = desk.available()
    browsers = [
        _browser(keyless, desk.session_token(email))
        for email in ("provider@example.com", _seeker_of(desk, workspace_id))
    ]
    addresses = _addresses(keyless, _ids(desk, workspace_id))
    desk.clock.pause(3600)
    desk.notifier.notifications.clear()
    written: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(NO_EFFECT):
            written.append(statement)

    with keyless.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    for browser in browsers:
        for address in addresses:
            browser.get(address)

    assert (written, desk.notifier.notifications) == ([], [])


def test_the_api_reads_and_writes_without_the_private_key(desk: Desk, keyless: Flask) -> None:
    with keyless.app_context():
        _, token = tokens.issue_token(keyless.extensions["berth"], user=desk.provider, name="walk")
    caller, headers = keyless.test_client(), {"Authorization": f"Bearer {token}"}

    tested = caller.post(
        f"/api/workspaces/cloud-credentials/{desk.credential_id}/test/", headers=headers, json={}
    )

    assert tested.status_code == 200, tested.get_data(as_text=True)
    assert tested.get_json()["ok"] is True


@both_databases
def test_a_number_that_no_row_can_have_is_simply_not_found(desk: Desk, keyless: Flask) -> None:
    browser = _browser(keyless, desk.session_token("provider@example.com"))
    paths = [
        ID.sub(str(number), rule.rule) for rule in GETS if ID.search(rule.rule) for number in (2**31, 10**30)
    ]

    answers = {path: browser.get(path).status_code for path in paths}

    assert len(answers) > 30
    # 403: a page of the other role, whatever its number.
    assert {path: code for path, code in answers.items() if code not in (403, 404)} == {}


@pytest.mark.own_app
def test_signing_in_works_when_the_queue_is_unavailable(desk: Desk, keyless: Flask) -> None:
    """The limiter's counters live in Redis; without it they are kept in the process."""
    assert desk.settings.redis_url == "unix:///nowhere"
    keyless.config["WTF_CSRF_ENABLED"] = False

    answer = keyless.test_client().post("/sign-in", data={"email": desk.provider.email, "password": PASSWORD})

    assert answer.status_code == 303, answer.get_data(as_text=True)


def test_a_stranger_sees_no_page_that_is_not_public(keyless: Flask) -> None:
    adapter = keyless.url_map.bind("localhost")
    numbers = (
        "workspace_id",
        "credential_id",
        "credential",
        "posting_id",
        "application_id",
        "orphan_id",
        "cohort_id",
        "endpoint_id",
        "budget_id",
        "profile_id",
        "user_id",
        "company_id",
        "application_id",
        "invitation_id",
        "snapshot_id",
        "image_id",
    )
    ids: dict[str, object] = {**dict.fromkeys(numbers, 1), "kind": "person", "token": "x"}
    for rule in GETS:
        guard = keyless.view_functions[rule.endpoint].guard  # type: ignore[attr-defined]
        answer = keyless.test_client().get(
            adapter.build(rule.endpoint, {name: ids[name] for name in rule.arguments})
        )
        if not guard.startswith("public"):
            assert answer.status_code in (302, 303, 401), rule.rule


def _seeker_of(desk: Desk, workspace_id: int) -> str:
    with desk.sessions.begin() as session:
        application = session.get_one(Application, desk.row(workspace_id).application_id)
        return session.get_one(User, application.seeker_id).email
