"""The page of running modes: what the company wants, and what another mode would save."""

from sqlalchemy import update

from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from webapp.domain.roles import CompanyRole
from webapp.models import CloudCredential, User

SAVING = {"mode": "ALWAYS_ON", "hours": 300, "saves_minor": 6475, "currency": "USD"}


def keep(desk: Desk, *savings: dict[str, object]) -> None:
    with desk.sessions.begin() as session:
        kept = {"month": "2026-10-01", "desktops": list(savings)}
        session.execute(update(CloudCredential).values(mode_savings=kept))


def test_an_owner_chooses_and_sees_what_would_be_saved_and_why_something_is_left(
    desk: Desk, provider: Visitor
) -> None:
    first, second = desk.available(), desk.available()
    desk.session.commit()
    keep(
        desk,
        SAVING | {"workspace_id": first, "why_not": None},
        SAVING | {"workspace_id": second, "why_not": "counts_more"},
    )

    off = provider.get("/costs/modes/").text
    advise = provider.post("/costs/modes/", {"switching": "advise"})
    advised = provider.read("/costs/modes/").text
    provider.post("/costs/modes/", {"switching": "switch"})
    switched = provider.read("/costs/modes/").text

    assert "would have been saved" not in off and 'value="off" checked' in off
    assert advise.status_code == 303
    assert "$129.50 would have been saved in October 2026" in advised
    assert "by the hour while in use" in advised and "nothing: you only want to know" in advised
    assert "changed, if this month agrees" in switched and "budgets would count more" in switched
    assert "/costs/modes/" in provider.read("/costs/").links()


def test_what_has_the_cheaper_mode_by_now_is_not_listed(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    desk.session.commit()
    keep(desk, SAVING | {"workspace_id": workspace_id, "mode": "AUTO_STOP", "why_not": None})
    provider.post("/costs/modes/", {"switching": "advise"})

    assert "Nothing to save" in provider.read("/costs/modes/").text


def test_only_an_owner_chooses_and_another_company_sees_its_own(
    desk: Desk, provider: Visitor, rival: Visitor, sign_in: SignIn
) -> None:
    workspace_id = desk.available()
    desk.session.commit()
    keep(desk, SAVING | {"workspace_id": workspace_id, "why_not": None})
    provider.post("/costs/modes/", {"switching": "advise"})
    with desk.sessions.begin() as session:
        own = update(User).where(User.email == "provider@example.com")
        session.execute(own.values(company_role=CompanyRole.FINANCE))
    finance = Visitor(sign_in("provider@example.com"))

    page = finance.read("/costs/modes/").text

    assert "$64.75 would have been saved" in page and "What Berth does" not in page
    assert finance.post("/costs/modes/", {"switching": "switch"}).status_code == 403
    assert "would have been saved" not in rival.read("/costs/modes/").text
    assert rival.post("/costs/modes/", {"switching": "sometimes"}).status_code == 422
