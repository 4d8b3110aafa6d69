"""Who may call what: one line a route, and the test fails when a route has none."""

from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.world import Callers, World
from webapp.extensions import db
from webapp.models import ApiToken

CALLERS = ("nobody", "made up", "read-only", "other provider", "seeker", "provider")
"""No token, a bad token, a read-only token of the provider, another company, a seeker, the provider."""

EXPECTED: dict[tuple[str, str], tuple[int, ...]] = {
    # Route: one status for each of CALLERS.
    ("POST", "/workspaces/"): (401, 401, 403, 422, 403, 201),
    ("GET", "/workspaces/"): (401, 401, 200, 200, 200, 200),
    ("GET", "/workspaces/{w}/"): (401, 401, 200, 404, 200, 200),
    ("PUT", "/workspaces/{w}/"): (401, 401, 403, 404, 403, 200),
    ("DELETE", "/workspaces/{w}/"): (401, 401, 403, 404, 403, 202),
    ("POST", "/workspaces/{w}/start/"): (401, 401, 403, 404, 403, 409),
    ("POST", "/workspaces/{w}/stop/"): (401, 401, 403, 404, 403, 409),
    ("POST", "/workspaces/{w}/restart/"): (401, 401, 403, 404, 403, 409),
    ("POST", "/workspaces/{w}/rebuild/"): (401, 401, 403, 404, 403, 409),
    ("POST", "/workspaces/{w}/restore/"): (401, 401, 403, 404, 403, 409),
    ("POST", "/workspaces/{w}/terminate/"): (401, 401, 403, 404, 403, 202),
    ("POST", "/workspaces/{w}/undo/"): (401, 401, 403, 404, 403, 202),
    ("POST", "/workspaces/{w}/hand-over/"): (401, 401, 403, 404, 403, 201),
    ("POST", "/workspaces/{w}/bring-back/"): (401, 401, 403, 404, 403, 409),  # it is not gone
    ("POST", "/workspaces/{w}/give-back/"): (401, 401, 403, 404, 403, 409),
    ("GET", "/workspaces/{w}/move/"): (401, 401, 200, 404, 403, 200),
    ("POST", "/workspaces/{w}/move/"): (401, 401, 403, 404, 403, 409),  # it is not ready
    ("DELETE", "/workspaces/{w}/move/"): (401, 401, 403, 404, 403, 202),
    ("POST", "/workspaces/{w}/create-now/"): (401, 401, 403, 404, 403, 409),  # it waits for no contract
    ("POST", "/workspaces/{w}/retry/"): (401, 401, 403, 404, 403, 409),
    ("POST", "/workspaces/{w}/refresh/"): (401, 401, 403, 404, 403, 503),
    ("GET", "/workspaces/{w}/connection/"): (401, 401, 409, 404, 409, 409),
    ("GET", "/workspaces/{w}/logs/"): (401, 401, 200, 404, 403, 200),
    ("GET", "/workspaces/{w}/metrics/"): (401, 401, 200, 404, 403, 200),
    ("GET", "/workspaces/{w}/costs/"): (401, 401, 200, 404, 403, 200),
    ("GET", "/workspaces/{w}/record/"): (401, 401, 404, 404, 403, 404),  # it has not ended
    ("GET", "/records/"): (401, 401, 200, 200, 403, 200),
    ("GET", "/workspaces/{w}/troubleshoot/"): (401, 401, 200, 404, 403, 200),
    ("GET", "/bundles/{c}/"): (401, 401, 200, 404, 403, 200),
    ("PUT", "/bundles/{c}/wsb-nameless1/system/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/cloud-credentials/"): (401, 401, 403, 201, 403, 201),
    ("GET", "/cloud-credentials/"): (401, 401, 200, 200, 403, 200),
    ("GET", "/cloud-credentials/{c}/"): (401, 401, 200, 404, 403, 200),
    ("PUT", "/cloud-credentials/{c}/"): (401, 401, 403, 404, 403, 409),
    ("DELETE", "/cloud-credentials/{c}/"): (401, 401, 403, 404, 403, 409),
    ("POST", "/cloud-credentials/{c}/test/"): (401, 401, 403, 404, 403, 503),
    ("GET", "/cloud-credentials/{c}/pools/"): (401, 401, 200, 404, 403, 200),
    ("PUT", "/cloud-credentials/{c}/pools/wsb-nameless1/"): (401, 401, 403, 404, 403, 409),  # of Amazon
    ("POST", "/cloud-credentials/{c}/pools/wsb-nameless1/start/"): (401, 401, 403, 404, 403, 404),
    ("GET", "/workspaces/{w}/disk-snapshots/"): (401, 401, 200, 404, 403, 200),
    ("GET", "/cloud-credentials/{c}/disk-snapshots/"): (401, 401, 200, 404, 403, 200),
    ("PUT", "/cloud-credentials/{c}/disk-snapshots/"): (401, 401, 403, 404, 403, 409),  # of Amazon
    ("DELETE", "/cloud-credentials/{c}/disk-snapshots/1/"): (401, 401, 403, 404, 403, 404),
    ("GET", "/workspaces/{w}/system-images/"): (401, 401, 200, 404, 403, 200),
    ("POST", "/workspaces/{w}/system-images/"): (401, 401, 403, 404, 403, 409),  # it does not run
    ("DELETE", "/workspaces/{w}/system-images/1/"): (401, 401, 403, 404, 403, 404),
    ("POST", "/budgets/"): (401, 401, 403, 201, 403, 201),
    ("GET", "/budgets/"): (401, 401, 200, 200, 403, 200),
    ("GET", "/budgets/{b}/"): (401, 401, 200, 404, 403, 200),
    ("PUT", "/budgets/{b}/"): (401, 401, 403, 404, 403, 200),
    ("DELETE", "/budgets/{b}/"): (401, 401, 403, 404, 403, 204),
    ("POST", "/budgets/{b}/lift/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/profiles/"): (401, 401, 403, 422, 403, 201),
    ("GET", "/profiles/"): (401, 401, 200, 200, 403, 200),
    ("GET", "/profiles/{f}/"): (401, 401, 200, 404, 403, 200),
    ("PUT", "/profiles/{f}/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/profiles/{f}/archive/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/applications/{a}/order/"): (401, 401, 403, 404, 403, 409),
    ("POST", "/job-postings/"): (401, 401, 403, 201, 403, 201),
    ("GET", "/job-postings/"): (401, 401, 200, 200, 403, 200),
    ("GET", "/job-postings/{p}/"): (401, 401, 200, 404, 403, 200),
    ("PUT", "/job-postings/{p}/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/job-postings/{p}/open/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/job-postings/{p}/close/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/applications/"): (401, 401, 403, 404, 403, 202),
    ("GET", "/applications/"): (401, 401, 200, 200, 403, 200),
    ("GET", "/applications/{a}/"): (401, 401, 200, 404, 403, 200),
    ("PUT", "/applications/{a}/window/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/applications/{a}/approve/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/applications/{a}/reject/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/invitations/"): (401, 401, 403, 404, 403, 201),
    ("GET", "/invitations/"): (401, 401, 200, 200, 403, 200),
    ("GET", "/invitations/{i}/"): (401, 401, 200, 404, 403, 200),
    ("POST", "/invitations/{i}/send-again/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/invitations/{i}/revoke/"): (401, 401, 403, 404, 403, 200),
    ("GET", "/people/"): (401, 401, 200, 200, 403, 200),
    ("GET", "/people/{u}/"): (401, 401, 200, 404, 403, 200),
    ("POST", "/people/{u}/disable/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/people/{u}/enable/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/webhooks/"): (401, 401, 403, 201, 403, 201),
    ("GET", "/webhooks/"): (401, 401, 200, 200, 403, 200),
    ("GET", "/webhooks/settings/"): (401, 401, 200, 200, 403, 200),
    ("PUT", "/webhooks/settings/"): (401, 401, 403, 200, 403, 200),
    ("GET", "/webhooks/{h}/"): (401, 401, 200, 404, 403, 200),
    ("PUT", "/webhooks/{h}/"): (401, 401, 403, 404, 403, 200),
    ("DELETE", "/webhooks/{h}/"): (401, 401, 403, 404, 403, 204),
    ("POST", "/webhooks/{h}/rotate/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/webhooks/{h}/test/"): (401, 401, 403, 404, 403, 202),
    ("GET", "/webhooks/{h}/deliveries/"): (401, 401, 200, 404, 403, 200),
    ("POST", "/cohorts/"): (401, 401, 403, 422, 403, 201),
    ("POST", "/cohorts/check/"): (401, 401, 403, 422, 403, 200),
    ("GET", "/cohorts/"): (401, 401, 200, 200, 403, 200),
    ("GET", "/cohorts/{g}/"): (401, 401, 200, 404, 403, 200),
    ("GET", "/costs/"): (401, 401, 200, 200, 403, 200),
    ("GET", "/capacity/"): (401, 401, 200, 200, 403, 200),
    ("GET", "/running-modes/"): (401, 401, 200, 200, 403, 200),
    ("PUT", "/running-modes/"): (401, 401, 403, 200, 403, 200),
    ("GET", "/orphans/"): (401, 401, 200, 200, 403, 200),
    ("GET", "/orphans/{o}/"): (401, 401, 200, 404, 403, 200),
    ("POST", "/orphans/{o}/adopt/"): (401, 401, 403, 404, 403, 422),
    ("POST", "/orphans/{o}/ignore/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/orphans/{o}/watch/"): (401, 401, 403, 404, 403, 200),
    ("POST", "/orphans/{o}/terminate/"): (401, 401, 403, 404, 403, 202),
    ("GET", "/openapi.json"): (200, 200, 200, 200, 200, 200),
}
CLOSED = sorted(route for route, statuses in EXPECTED.items() if statuses[0] == 401)
FOR_SEEKERS = {route for route in CLOSED if EXPECTED[route][CALLERS.index("seeker")] != 403}
INVALID = ("made up", "expired", "revoked", "disabled")
COHORT = {
    "name": "Analysts",
    "cloud_credential_id": 1,
    "workspace_type": "ubuntu",
    "bundle_id": "wsb-ubuntu001",
    "people": [{"application_id": 2}],
}
BODIES = {
    ("POST", "/workspaces/"): {
        "application_id": 2,
        "cloud_credential_id": 1,
        "workspace_type": "ubuntu",
        "bundle_id": "wsb-ubuntu001",
        "username": "someone",
    },
    ("PUT", "/workspaces/{w}/"): {"username": "someone.else"},
    ("POST", "/workspaces/{w}/hand-over/"): {"application_id": 5, "username": "tess.next"},
    ("POST", "/workspaces/{w}/give-back/"): {"application_id": 2},
    ("POST", "/workspaces/{w}/move/"): {"bundle_id": "wsb-ubuntu001"},
    ("PUT", "/cloud-credentials/{c}/pools/wsb-nameless1/"): {"floor": 1, "ceiling": 2},
    ("PUT", "/cloud-credentials/{c}/disk-snapshots/"): {
        "is_on": True,
        "daily": 7,
        "weekly": 4,
        "days_after_end": 14,
    },
    ("POST", "/budgets/"): {"subject": "company", "currency": "EUR", "month_minor": 100},
    ("PUT", "/budgets/{b}/"): {"total_minor": 100_000},
    ("POST", "/budgets/{b}/lift/"): {"until": "2026-12-01T00:00:00Z", "reason": "A new team"},
    ("POST", "/profiles/"): {
        "name": "Clerks",
        "cloud_credential_id": 1,
        "workspace_type": "ubuntu",
        "bundle_id": "wsb-ubuntu001",
    },
    ("PUT", "/profiles/{f}/"): {"name": "Readers"},
    ("POST", "/applications/{a}/order/"): {"profile_version": 1},
    ("POST", "/job-postings/"): {"title": "Analyst", "description": "Reads\nnumbers."},
    ("PUT", "/job-postings/{p}/"): {"title": "Senior analyst"},
    ("POST", "/applications/"): {"job_posting_id": 1, "email": "mina@people.example", "name": "Mina Park"},
    ("PUT", "/applications/{a}/window/"): {"starts_at": None, "ends_at": "2027-06-30T22:00:00Z"},
    ("POST", "/invitations/"): {"kind": "hire", "job_posting_id": 1, "email": "mina@people.example"},
    ("POST", "/webhooks/"): {"url": "https://hooks.example.com/two", "kinds": ["workspace.error"]},
    ("PUT", "/webhooks/settings/"): {"idle_days": 7},
    ("PUT", "/running-modes/"): {"switching": "advise"},
    ("PUT", "/webhooks/{h}/"): {"kinds": ["workspace.available"]},
    ("POST", "/cohorts/"): COHORT,
    ("POST", "/cohorts/check/"): COHORT,
    ("POST", "/orphans/{o}/adopt/"): {"application_id": 9999},
    ("POST", "/orphans/{o}/terminate/"): {"confirm": "ws-forgotten1"},
    ("POST", "/cloud-credentials/"): {
        "name": "Another",
        "cloud_provider": "aws",
        "region": "eu-central-1",
        "directory_id": "d-99670be001",
        "access_key_id": "AKIACANARYCANARY0001",
        "secret_access_key": "CANARYcanaryCANARYcanaryCANARYcanary1234",
    },
    ("PUT", "/bundles/{c}/wsb-nameless1/system/"): {"workspace_type": "windows"},
    ("PUT", "/cloud-credentials/{c}/"): {
        "name": "New",
        "region": "eu-west-1",
        "directory_id": "d-99670be001",
    },
}


def filled(route: tuple[str, str], world: World) -> str:
    return route[1].format(
        w=world.workspace_id,
        c=world.credential_id,
        o=world.orphan_id,
        b=world.budget_id,
        f=world.profile_id,
        p=world.posting_id,
        a=world.waiting_application_id,
        i=world.invitation_id,
        g=world.cohort_id,
        u=world.colleague_id,
        h=world.webhook_id,
    )


LETTERS = {
    "<int:workspace_id>": "{w}",
    "<int:credential_id>": "{c}",
    "<int:orphan_id>": "{o}",
    "<int:budget_id>": "{b}",
    "<int:profile_id>": "{f}",
    "<int:posting_id>": "{p}",
    "<int:cohort_id>": "{g}",
    "<int:user_id>": "{u}",
    "<int:endpoint_id>": "{h}",
    "<int:application_id>": "{a}",
    "<int:invitation_id>": "{i}",
    "<int:snapshot_id>": "1",
    "<int:image_id>": "1",
    "<bundle_id>": "wsb-nameless1",
}
"""Of the arguments of routes, as they stand in EXPECTED."""
NO_ROWS = dict.fromkeys("wcobfpaiuhg", 9999)


def call(api: Callers, route: tuple[str, str], *, by: str, path: str | None = None):
    body = BODIES.get(route)
    return api(route[0], path or filled(route, api.world), by=by, **({"json": body} if body else {}))


def test_every_route_has_its_line(api_app: Flask):
    found = {
        (method, rule.rule.removeprefix("/api/workspaces"))
        for rule in api_app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    for argument, letter in LETTERS.items():
        found = {(method, path.replace(argument, letter)) for method, path in found}

    assert found == set(EXPECTED)


@pytest.mark.parametrize("route", sorted(EXPECTED), ids=" ".join)
def test_every_route_answers_each_kind_of_caller_as_its_line_says(api: Callers, route):
    statuses = tuple(call(api, route, by=caller).status_code for caller in CALLERS)

    assert dict(zip(CALLERS, statuses, strict=True)) == dict(zip(CALLERS, EXPECTED[route], strict=True))


def test_every_view_carries_its_guard(api_app: Flask):
    unguarded = [
        rule.endpoint
        for rule in api_app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and not hasattr(api_app.view_functions[rule.endpoint], "guard")
    ]

    assert unguarded == []


# The next four refuse every call: nothing changes, and one world serves all routes.


def test_nobody_and_dead_tokens_are_asked_to_sign_in(api: Callers):
    for route, caller in product(CLOSED, ("nobody", *INVALID)):
        answer = call(api, route, by=caller)

        assert answer.status_code == 401, (route, caller)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer"), (route, caller)
        code = "not_signed_in" if caller == "nobody" else "invalid_token"
        assert answer.json["code"] == code, (route, caller)


def test_a_token_needs_the_scope(api: Callers):
    answers = {
        route: call(api, route, by="write-only" if route[0] == "GET" else "read-only") for route in CLOSED
    }

    refused = {route: (one.status_code, one.json["code"]) for route, one in answers.items()}
    assert refused == dict.fromkeys(CLOSED, (403, "insufficient_scope"))


def test_an_operator_of_no_company_enters_nowhere(api: Callers):
    statuses = {route: call(api, route, by="admin").status_code for route in CLOSED}

    assert statuses == dict.fromkeys(CLOSED, 403)


def test_what_belongs_to_others_looks_as_if_it_did_not_exist(api: Callers):
    for route in (route for route in CLOSED if "{" in route[1]):
        strangers = ["other provider"] + (["other seeker"] if route in FOR_SEEKERS else [])
        for stranger in strangers:
            theirs = call(api, route, by=stranger)
            nothing = call(api, route, by=stranger, path=route[1].format(**NO_ROWS))

            assert theirs.status_code == nothing.status_code == 404, (route, stranger)
            assert theirs.json | {"request_id": ""} == nothing.json | {"request_id": ""}, (route, stranger)


def test_lists_show_only_what_is_ones_own(api: Callers):
    ids = {
        caller: [one["id"] for one in api("GET", "/workspaces/", by=caller).json["workspaces"]]
        for caller in ("provider", "other provider", "seeker", "other seeker")
    }

    own = [api.world.workspace_id]
    assert ids == {"provider": own, "other provider": [], "seeker": own, "other seeker": []}


def test_a_bad_token_does_not_fall_back_to_the_session(api: Callers):
    answer = api("GET", "/workspaces/", by="browser", headers={"Authorization": "Bearer berth_x_y"})

    assert answer.status_code == 401


def test_a_token_in_the_address_is_not_looked_at(api: Callers):
    answer = api("GET", f"/workspaces/?token={api.world.tokens['provider']}", by="nobody")

    assert answer.status_code == 401


def test_a_session_reads_without_and_writes_only_with_the_csrf_header(api_app: Flask, api: Callers):
    path = f"/workspaces/{api.world.workspace_id}/terminate/"
    client = api_app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = api.world.session_token
        session["csrf_token"] = "0123456789abcdef"
    with api_app.test_request_context():
        from itsdangerous import URLSafeTimedSerializer

        signed = URLSafeTimedSerializer(api_app.secret_key, salt="wtf-csrf-token").dumps("0123456789abcdef")

    assert client.get("/api/workspaces/workspaces/").status_code == 200
    refused = client.post("/api/workspaces" + path)
    assert (refused.status_code, refused.json["code"]) == (400, "csrf_failed")
    assert client.post("/api/workspaces" + path, headers={"X-CSRFToken": signed}).status_code == 202


def test_the_use_of_a_token_is_written_down(api_app: Flask, api: Callers, frozen_clock):
    frozen_clock.pause(120)
    api("GET", "/workspaces/", by="read-only")

    with api_app.app_context():
        assert (
            db.session.scalar(select(ApiToken.last_used_at).where(ApiToken.name == "read"))
            == frozen_clock.now()
        )


@pytest.mark.own_app
def test_calls_are_counted_by_token_and_by_address(api_app: Flask, api: Callers):
    api_app.config["API_RATE"], api_app.config["API_ADDRESS_RATE"] = "3 per hour", "4 per hour"

    own = [api("GET", "/workspaces/") for _ in range(4)]
    other = api("GET", "/workspaces/", by="seeker")
    more = api("GET", "/workspaces/", by="other seeker")

    assert [answer.status_code for answer in own] == [200, 200, 200, 429]
    assert own[3].json["code"] == "too_many_requests"
    assert int(own[3].headers["Retry-After"]) > 0
    assert "Retry-After" not in own[0].headers
    assert (own[0].headers["X-RateLimit-Limit"], own[0].headers["X-RateLimit-Remaining"]) == ("3", "2")
    assert own[0].headers["RateLimit-Policy"] == '"calls";q=3;w=3600'
    assert own[0].headers["RateLimit"].startswith('"calls";r=2;t=3')
    assert own[3].headers["RateLimit"].startswith('"calls";r=0;t=3')
    assert (other.status_code, more.status_code) == (200, 429)


@pytest.mark.own_app
def test_one_token_is_one_caller_however_it_is_written(api_app: Flask, api: Callers):
    api_app.config["API_RATE"] = "2 per hour"
    token = api.world.tokens["provider"]

    statuses = [
        api("GET", "/workspaces/", by="nobody", headers={"Authorization": written}).status_code
        for written in (f"Bearer {token}", f"bearer  {token}", f"BEARER {token} ")
    ]

    assert statuses == [200, 200, 429]
