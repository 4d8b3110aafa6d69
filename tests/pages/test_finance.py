"""Whoever has to do with money alone reads the costs: every link of these pages opens."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from sandbox import demo
from tests.cost_days import add_day, add_unpriced_day, later
from tests.desk import Desk
from tests.engine.test_costs import to_the_middle_of_a_month
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from webapp.domain.costs.bills import Remainder
from webapp.domain.roles import CompanyRole
from webapp.models import User

START = "/costs/"


@pytest.mark.parametrize("role", [CompanyRole.FINANCE, CompanyRole.AUDITOR])
def test_every_link_of_the_pages_of_costs_opens(
    desk: Desk, app: Flask, sign_in: SignIn, role: CompanyRole
) -> None:
    to_the_middle_of_a_month(desk)
    desk.sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["ce:*"])
    workspace_id = desk.available()
    later(desk, 25)
    add_day(desk, workspace_id, estimated=700, billed=650)
    add_day(
        desk, workspace_id, estimated=700, day=desk.clock.now().date() - timedelta(days=1), currency="EUR"
    )
    for remainder in Remainder:
        add_day(desk, remainder, billed=100)
    add_unpriced_day(desk, workspace_id)
    colleague = desk.add_provider(f"{role}@example.com", company="Quayside")
    with desk.sessions.begin() as session:
        session.execute(update(User).where(User.id == colleague.id).values(company_role=role))
    desk.session.commit()
    who = Visitor(sign_in(f"{role}@example.com"))

    seen, waiting, broken = set[str](), [START], list[tuple[str, int]]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = who.get(path)
        if answer.status_code != 200:
            broken.append((path, answer.status_code))
        elif path.startswith("/costs/") and answer.mimetype == "text/html":
            waiting += [
                one
                for one in who.read(path).links()
                if one.startswith(("/costs", "/workspaces", "/orphans", "/credentials"))
            ]

    assert broken == []
    assert any(one.startswith("/costs/desktops") for one in seen)
    assert any(one.startswith(f"/workspaces/{workspace_id}/") for one in seen)
