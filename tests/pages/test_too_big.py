"""A desktop that is too big: what its page of costs says, and when it says nothing."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from sandbox import demo
from tests.desk import Desk
from tests.engine.test_costs import to_the_middle_of_a_month
from tests.pages.conftest import SignIn
from tests.pages.reader import Visitor
from tests.pages.test_costs import page_of
from webapp.models import CloudCredential, DesktopLoad, UseDay, Workspace

DAY = timedelta(days=1)
POWER = demo.bundle_id(demo.DEMO_REGION, "Power with Windows Server 2025 (WSP)")
SAYS = "It is bigger than its use needs."


@pytest.fixture
def workspace_id(desk: Desk) -> int:
    to_the_middle_of_a_month(desk)
    made = desk.available(bundle_id=POWER, workspace_type="windows")
    desk.session.commit()
    return made


def set_load(
    desk: Desk,
    workspace_id: int,
    *,
    cpu: float | None = 22.4,
    memory: float | None = 31.0,
    days: int = 12,
    used_days: int = 12,
    read_at: datetime | None = None,
) -> None:
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        session.add(
            DesktopLoad(
                workspace_id=workspace_id,
                days=days,
                cpu_percent=cpu,
                memory_percent=memory,
                read_at=read_at or now,
            )
        )
        session.add_all(
            UseDay(workspace_id=workspace_id, day=(now - number * DAY).date()) for number in range(used_days)
        )


def test_the_page_says_which_size_is_enough_by_what_it_was_judged_and_what_it_saves(
    desk: Desk, sign_in: SignIn, workspace_id: int
) -> None:
    set_load(desk, workspace_id)

    text = page_of(desk, sign_in, workspace_id)

    assert SAYS in text
    assert f"In the 14 days before {desk.clock.now():%-d %B}, 12 of them measured" in text
    assert "its CPU was at 23 % and its memory at 31 % in their busiest hours." in text
    assert "The size Performance (2 vCPU, 8 GiB) would have stayed below 70 %, and would save" in text
    assert "Change the size…" in text
    assert "Berth cannot change it" not in text
    assert "Terminate…" not in text


def test_without_a_reading_or_with_one_of_nothing_the_page_says_nothing(
    desk: Desk, sign_in: SignIn, workspace_id: int
) -> None:
    assert SAYS not in page_of(desk, sign_in, workspace_id)
    set_load(desk, workspace_id, cpu=None, memory=None, days=0)

    assert SAYS not in page_of(desk, sign_in, workspace_id)


@pytest.mark.parametrize(
    "changes",
    [{"cpu": 36.0}, {"memory": 36.0}, {"days": 9}, {"used_days": 9}],
    ids=lambda one: next(iter(one)),
)
def test_a_busy_hour_or_too_few_days_say_nothing(
    desk: Desk, sign_in: SignIn, workspace_id: int, changes: dict[str, float]
) -> None:
    set_load(desk, workspace_id, **changes)  # pyright: ignore[reportArgumentType]

    assert SAYS not in page_of(desk, sign_in, workspace_id)


def test_an_old_reading_says_nothing(desk: Desk, sign_in: SignIn, workspace_id: int) -> None:
    set_load(desk, workspace_id, read_at=desk.clock.now() - 14 * DAY - timedelta(seconds=1))

    assert SAYS not in page_of(desk, sign_in, workspace_id)


def test_what_was_measured_of_another_size_says_nothing_of_this_one(
    desk: Desk, sign_in: SignIn, workspace_id: int
) -> None:
    set_load(desk, workspace_id)
    with desk.sessions.begin() as session:
        session.execute(update(Workspace).values(compute_type="POWERPRO"))

    assert SAYS not in page_of(desk, sign_in, workspace_id)


def test_the_account_says_that_its_key_may_not_see_it(desk: Desk, sign_in: SignIn, workspace_id: int) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(CloudCredential).values(loads_hidden_at=desk.clock.now()))
    desk.session.commit()

    text = Visitor(sign_in("provider@example.com")).read(f"/credentials/{desk.credential_id}/").text

    assert "How busy desktops are" in text and "not visible" in text
