"""Every route that changes something answers, in order, on a web process that cannot open the vault."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.desk import Desk

NUMBERS = (
    "workspace_id",
    "credential_id",
    "posting_id",
    "application_id",
    "orphan_id",
    "cohort_id",
    "credential",
    "endpoint_id",
    "budget_id",
    "profile_id",
    "pool_id",
    "snapshot_id",
    "image_id",
    "mail_id",
    "delivery_id",
    "token_id",
    "request_id",
    "session_id",
    "user_id",
    "company_id",
    "invitation_id",
    "passkey_id",
    "domain_id",
)
FILLED = dict.fromkeys(NUMBERS, 1)
CHOICES = {
    "kind": "person",
    "verb": "stop",
    "choice": "demand",
    "verdict": "disable",
    "decision": "ignore",
    "who": "provider",
    "bundle_id": "wsb-1",
}


@pytest.mark.parametrize("is_seeker", [False, True])
def test_no_changing_route_needs_the_private_key(
    app: Flask, desk: Desk, sign_in: Callable[[str], FlaskClient], is_seeker: bool
) -> None:
    desk.available()
    email = desk.add_seeker().email if is_seeker else desk.provider.email
    assert app.extensions["berth"].settings.credential_private_keys == ()
    app.config["WTF_CSRF_ENABLED"] = False
    rules = [rule for rule in app.url_map.iter_rules() if rule.methods and "POST" in rule.methods]
    assert len(rules) > 20

    for rule in rules:
        browser = sign_in(email)
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(
                rule.endpoint, {name: (FILLED | CHOICES)[name] for name in rule.arguments}, method="POST"
            )
        answer = browser.post(path, json={}) if path.startswith("/api/") else browser.post(path, data={})
        assert answer.status_code < 500 or answer.status_code == 503, (path, answer.status_code)
