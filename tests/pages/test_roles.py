"""Each role may do what the table says, no more and no less, and its pages offer nothing else."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.architecture.test_posts_without_key import CHOICES
from tests.desk import Desk
from tests.every_table import fill_every_table
from tests.pages.conftest import SignIn
from tests.pages.reader import Reader, Visitor
from webapp.domain.permissions import PERMISSIONS, Permission
from webapp.domain.roles import CompanyRole, Role
from webapp.models import (
    Application,
    Base,
    Budget,
    CloudCredential,
    Cohort,
    Company,
    CompanyDomain,
    DiskSnapshot,
    HelpRequest,
    Invitation,
    JobPosting,
    Mail,
    Orphan,
    Passkey,
    Profile,
    SystemImage,
    User,
    UserSession,
    WarmPool,
    WebhookDelivery,
    WebhookEndpoint,
    Workspace,
)
from webapp.services import tokens

ROOT = Path(__file__).parents[2]
ROLES = (*CompanyRole, Role.SEEKER)
MODELS: dict[str, type[Base]] = {
    "company_id": Company,
    "workspace_id": Workspace,
    "credential_id": CloudCredential,
    "credential": CloudCredential,
    "posting_id": JobPosting,
    "application_id": Application,
    "orphan_id": Orphan,
    "cohort_id": Cohort,
    "endpoint_id": WebhookEndpoint,
    "budget_id": Budget,
    "profile_id": Profile,
    "pool_id": WarmPool,
    "snapshot_id": DiskSnapshot,
    "image_id": SystemImage,
    "mail_id": Mail,
    "delivery_id": WebhookDelivery,
    "request_id": HelpRequest,
    "session_id": UserSession,
    "user_id": User,
    "invitation_id": Invitation,
    "passkey_id": Passkey,
    "domain_id": CompanyDomain,
}
AnyRole = CompanyRole | Role
METHODS = ("GET", "POST", "PUT", "DELETE")
NO_ROW = 987_654
NOTES = ("user_sessions", "api_tokens", "trail_entries")
VARYING = re.compile(r'csrf[-_]token"[^>]*|[0-9a-f]{32}|data-(ticket|etag)="[^"]*"')


def rules(app: Flask, *, method: str) -> list[tuple[Rule, tuple[Permission, ...]]]:
    """The guarded ones."""
    return [
        (rule, app.view_functions[rule.endpoint].permissions)  # type: ignore[attr-defined]
        for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint))
        if method in (rule.methods or ()) and hasattr(app.view_functions[rule.endpoint], "permissions")
    ]


@pytest.fixture
def is_whole(pytestconfig: pytest.Config) -> bool:
    """Each role asks each route; else each route is asked by one of the roles, in turn."""
    return bool(pytestconfig.getoption("--whole"))


def in_turn(roles: Sequence[AnyRole], place: int) -> Sequence[AnyRole]:
    return [roles[place % len(roles)]] if roles else []


def path_of(app: Flask, rule: Rule, ids: dict[str, Any], *, method: str) -> str:
    values = {name: (CHOICES | {"token_id": NO_ROW} | ids)[name] for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=method)


class Person:
    """Somebody with this role, in a browser and with a token."""

    def __init__(self, app: Flask, desk: Desk, sign_in: SignIn, user: User) -> None:
        self.app, self.user, self.browser = app, user, sign_in(user.email)
        _, token = tokens.issue_token(desk.context, user=user, name="program")
        self.headers = {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str) -> TestResponse:
        if path.startswith("/api/"):
            client: FlaskClient = self.app.test_client()
            return client.open(
                path, method=method, json={} if method != "GET" else None, headers=self.headers
            )
        answer = self.browser.open(path, method=method, data={} if method != "GET" else None)
        answer.get_data()
        answer.close()
        return answer


@pytest.fixture
def app_without_csrf(app: Flask) -> Iterator[Flask]:
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    app.config["WTF_CSRF_ENABLED"] = True


def person_of(role: CompanyRole | Role, app: Flask, desk: Desk, sign_in: SignIn, *, company: str) -> Person:
    if role is Role.SEEKER:
        return Person(app, desk, sign_in, desk.add_seeker())
    user = desk.add_provider(f"{role}@example.com", company=company)
    user.company_role = CompanyRole(role)
    desk.session.commit()
    return Person(app, desk, sign_in, user)


def first_ids(session: Session) -> dict[str, int]:
    found = {name: session.scalars(select(model.id).limit(1)).one() for name, model in MODELS.items()}  # type: ignore[attr-defined]
    session.rollback()
    return found


def everything(desk: Desk) -> dict[str, list[str]]:
    """All rows but those of sessions and tokens, which note their own use, and the trail's."""
    desk.session.rollback()
    names = [one for one in Base.metadata.tables if one not in NOTES]
    found = {
        name: [str(row) for row in desk.session.execute(text(f"SELECT * FROM {name}"))] for name in names
    }
    desk.session.rollback()
    return found


def test_each_permission_is_needed_somewhere_and_held_by_somebody(app: Flask) -> None:
    needed = {one for method in METHODS for _, some in rules(app, method=method) for one in some}

    assert needed == set(Permission)
    assert set().union(*PERMISSIONS.values()) == set(Permission)


def test_the_documented_table_is_the_one_in_use() -> None:
    lines = (ROOT / "docs/roles.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| `")]
    columns = (*CompanyRole, Role.SEEKER, Role.ADMIN)

    documented = {
        role: {row[0].strip("`") for row in rows if row[place] == "✓"}
        for place, role in enumerate(columns, start=2)
    }

    assert documented == {role: set(held) for role, held in PERMISSIONS.items()}


def holders_of(needed: tuple[Permission, ...]) -> list[AnyRole]:
    return [role for role in ROLES if not PERMISSIONS[role].isdisjoint(needed)]


def test_what_a_role_lacks_is_refused_on_every_route_and_nothing_changes(
    app_without_csrf: Flask, desk: Desk, sign_in: SignIn, is_whole: bool
) -> None:
    fill_every_table(desk)
    ids, app = first_ids(desk.session), app_without_csrf
    people = {role: person_of(role, app, desk, sign_in, company="Quayside") for role in ROLES}
    before, refused = everything(desk), Counter[AnyRole]()

    for method in METHODS:
        for place, (rule, needed) in enumerate(rules(app, method=method)):
            path, holders = path_of(app, rule, ids, method=method), holders_of(needed)
            lacking = [one for one in ROLES if one not in holders]
            for role in lacking if is_whole else in_turn(lacking, place):
                assert people[role].call(method, path).status_code == 403, (role, method, path)
                refused[role] += 1

    assert everything(desk) == before
    assert set(refused) == {role for role in ROLES if set(Permission) - PERMISSIONS[role]}
    for place, (rule, needed) in enumerate(rules(app, method="GET")):
        path = path_of(app, rule, ids, method="GET")
        for role in holders_of(needed) if is_whole else in_turn(holders_of(needed), place):
            assert people[role].call("GET", path).status_code != 403, (role, path)


def test_another_companys_rows_are_answered_like_rows_that_are_not_there(
    app_without_csrf: Flask, desk: Desk, sign_in: SignIn, is_whole: bool
) -> None:
    fill_every_table(desk)
    ids, app = first_ids(desk.session), app_without_csrf
    people = {role: person_of(role, app, desk, sign_in, company="Elsewhere") for role in ROLES}
    before, compared = everything(desk), Counter[AnyRole]()

    for method in METHODS:
        for place, (rule, needed) in enumerate(rules(app, method=method)):
            if not rule.arguments & set(MODELS) or rule.endpoint.startswith("board."):
                continue  # the board is public
            # Whoever lacks the permission is refused before anybody looks for a row.
            for role in ROLES if is_whole else in_turn(holders_of(needed) or ROLES, place):
                _compare_answers(app, people[role], ids, rule, method)
                compared[role] += 1

    assert sum(compared.values()) > 90
    assert set(compared) == set(ROLES)
    assert everything(desk) == before


def _compare_answers(app: Flask, person: Person, ids: dict[str, int], rule: Rule, method: str) -> None:
    """The route answers alike with and without a row."""
    numbers, missing = {NO_ROW, *ids.values()}, dict.fromkeys(MODELS, NO_ROW)
    bodies = []
    for asked in (ids, missing):
        answer = person.call(method, path_of(app, rule, asked, method=method))
        shown = VARYING.sub("", answer.get_data(as_text=True))
        for number in numbers:
            shown = re.sub(rf"\b{number}\b", "N", shown)
        bodies.append((answer.status_code, shown))
    assert bodies[0] == bodies[1], (method, rule.rule)
    # 200: the live part of a page whose desktop is gone. 422: an empty body is refused before.
    is_gone = rule.endpoint == "workspaces.status" and "no longer listed" in bodies[0][1]
    assert is_gone or bodies[0][0] in (403, 404, 422), (method, rule.rule, bodies[0][0])


def test_pages_offer_nothing_that_the_role_does_not_allow(app: Flask, desk: Desk, sign_in: SignIn) -> None:
    fill_every_table(desk)
    own_id, email = desk.provider.id, desk.provider.email
    ids = first_ids(desk.session)
    for role in CompanyRole:
        with desk.sessions.begin() as session:
            session.execute(update(User).where(User.id == own_id).values(company_role=role))
        visitor = Visitor(sign_in(email))
        pages = {
            path: Reader(answer.text)
            for rule, _ in rules(app, method="GET")
            if not rule.rule.startswith("/api/")
            and (answer := visitor.get(path := path_of(app, rule, ids, method="GET"))).status_code == 200
            and answer.mimetype == "text/html"
        }

        refused = sorted(
            {
                f"{role} {path}: {method} {target}"
                for path, page in pages.items()
                for method, target in _offers(page)
                if not _is_allowed(app, role, method, target)
            }
        )

        assert "\n".join(refused) == ""
        assert len(pages) > (5 if role is CompanyRole.FINANCE else 20)


def _offers(page: Reader) -> Iterator[tuple[str, str]]:
    yield from (("GET", href) for href in page.links() if href.startswith("/"))
    for name in ("hx-get", "hx-post"):
        method = name.removeprefix("hx-").upper()
        yield from ((method, str(one[name])) for _, one in page.elements if one.get(name))
    for form in page.find("form"):
        yield str(form.get("method") or "get").upper(), str(form.get("action") or "")


def _is_allowed(app: Flask, role: CompanyRole, method: str, target: str) -> bool:
    try:
        endpoint, _ = app.url_map.bind("localhost").match(re.sub(r"[?#].*", "", target), method=method)
    except HTTPException:
        return True
    needed = getattr(app.view_functions[str(endpoint)], "permissions", ())
    return not needed or not PERMISSIONS[role].isdisjoint(needed)
