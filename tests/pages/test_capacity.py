"""“Capacity”: who starts in the next 30 days against quota, addresses, caps, budget and rate."""

from datetime import timedelta

from sqlalchemy import update

from sandbox import demo
from tests.conftest import both_databases
from tests.desk import Desk
from tests.pages.counting import counted_queries
from tests.pages.reader import Reader, Visitor
from tests.pages.test_posting_limit import recruiter, split
from tests.windows import DAY, HOUR, set_grace, set_window
from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.digests import Topic
from webapp.domain.lifecycle import Action, State
from webapp.models import CloudCredential, User, Workspace
from webapp.queries.digest import read_digest
from webapp.services import budgets
from webapp.services.budgets import BudgetRequest

__all__ = ["recruiter", "split"]
PAGE = "/capacity/"


def starting(desk: Desk, *days: int) -> None:
    """Approved people without a desktop whose contracts start in so many days."""
    for one in days:
        set_window(desk, desk.add_application().id, starts=one * DAY)
    desk.session.commit()


def known(desk: Desk, **columns: object) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(CloudCredential).values(**columns))


def put(desk: Desk, **columns: object) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(Workspace).values(**columns))


def limits(page: Reader) -> list[str]:
    return [str(one["data-limit"]) for one in page.find("li") if "data-limit" in one]


def test_a_test_of_the_account_keeps_quota_and_addresses_with_their_time(desk: Desk) -> None:
    account = desk.credential()
    assert account.quota_limit is not None and account.quota_left == account.quota_limit
    assert account.free_addresses == 500  # two subnets with 250 each
    assert account.addresses_checked_at == account.quota_checked_at is not None


@both_databases
def test_starts_that_fit_are_shown_by_day_with_what_is_left(desk: Desk, provider: Visitor) -> None:
    starting(desk, 3, 3, 5)
    quota = desk.credential().quota_left or 0

    page = provider.read(PAGE)

    assert limits(page) == [] and "Everybody who starts in the next 30 days fits." in page.text
    assert f"{desk.clock.now() + 3 * DAY:%a, %-d %B}" in page.text
    assert str(quota - 3) in page.text and "497" in page.text
    assert "Ask for more quota" not in page.text


@both_databases
def test_what_does_not_fit_is_said_with_its_first_day_and_a_text_to_send(
    desk: Desk, provider: Visitor
) -> None:
    known(desk, quota_left=1, quota_limit=4, free_addresses=2)
    starting(desk, 3, 6, 9)

    page = provider.read(PAGE)

    assert limits(page) == ["quota", "addresses"]
    assert f"From {desk.clock.now() + 6 * DAY:%A, %-d %B}" in page.text
    request = page.text
    assert "Service: Amazon WorkSpaces (workspaces)" in request and "WorkSpaces (L-34278094)" in request
    assert "Present value: 4 desktops" in request and "Requested value: 10 desktops" in request
    assert f"Region: {demo.DEMO_REGION}" in request
    assert "3 people start work with us" in request
    assert any("servicequotas" in one for one in page.links())


def test_what_was_made_since_the_reading_is_taken_off_it(desk: Desk, provider: Visitor) -> None:
    desk.clock.pause(60)
    known(desk, quota_left=5, quota_limit=5, free_addresses=9)
    desk.available()

    page = provider.read(PAGE)

    assert "4 desktops of 5" in page.text
    assert desk.credential().quota_left == 5  # the reading itself is kept


def test_a_machine_counts_also_where_it_is_in_error_before_anybody_could_use_it(
    desk: Desk, provider: Visitor
) -> None:
    before = desk.clock.now()
    desk.clock.pause(60)
    desk.sandbox.add_fault("stuck", operation="CreateWorkspaces", times=1)
    workspace_id = desk.order()
    desk.live(desk.settings.provision_timeout_of(desk.stage.cloud) + 2 * desk.settings.poll_interval_s)
    assert desk.row(workspace_id).state is State.ERROR
    known(
        desk,
        quota_left=5,
        quota_limit=5,
        free_addresses=9,
        quota_checked_at=before,
        addresses_checked_at=before,
    )

    assert "4 desktops of 5" in provider.read(PAGE).text


def test_each_reading_is_corrected_by_what_was_made_since_its_own_time(desk: Desk, provider: Visitor) -> None:
    """The quota may be read where the addresses may not be."""
    desk.clock.pause(60)
    known(desk, quota_left=5, quota_limit=5, free_addresses=9)
    desk.available()
    known(desk, quota_checked_at=desk.clock.now(), quota_left=4)

    page = provider.read(PAGE)

    assert "4 desktops of 5" in page.text and "Free addresses8read" in page.text


def test_an_order_without_a_desktop_counts_at_its_start_and_an_end_makes_room(
    desk: Desk, provider: Visitor
) -> None:
    workspace_id = desk.available()
    ended = desk.row(workspace_id).application_id
    known(desk, quota_left=0, quota_limit=1, quota_checked_at=desk.clock.now(), free_addresses=50)
    set_window(desk, ended, ends=2 * DAY)
    starting(desk, 20)

    assert limits(provider.read(PAGE)) == []  # its grace of 7 days is over by then

    starting(desk, 5)
    page = provider.read(PAGE)
    assert limits(page) == ["quota"]
    assert f"From {desk.clock.now() + 5 * DAY:%A, %-d %B}" in page.text


def test_a_desktop_that_was_ended_by_hand_makes_room_after_its_grace(desk: Desk, provider: Visitor) -> None:
    set_grace(desk)
    desk.press(desk.available(), Action.TERMINATE)
    known(desk, quota_left=0, quota_limit=1, quota_checked_at=desk.clock.now(), free_addresses=50)
    starting(desk, 20)

    assert limits(provider.read(PAGE)) == []

    starting(desk, 3)
    assert limits(provider.read(PAGE)) == ["quota"]


def test_a_desktop_that_ends_within_the_day_of_margin_makes_no_room(desk: Desk, provider: Visitor) -> None:
    workspace_id = desk.available()
    known(desk, quota_left=0, quota_limit=1, quota_checked_at=desk.clock.now(), free_addresses=50)
    set_window(desk, desk.row(workspace_id).application_id, ends=2 * DAY)  # and 7 days of grace
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=9 * DAY + HOUR)
    desk.session.commit()

    assert limits(provider.read(PAGE)) == ["quota"]
    desk.order(application_id=application_id, in_time=True)
    assert limits(provider.read(PAGE)) == ["quota"]
    set_window(desk, application_id, starts=10 * DAY + 3 * HOUR)
    assert limits(provider.read(PAGE)) == []


def test_an_order_that_is_made_at_once_takes_its_place_now_however_late_its_contract_begins(
    desk: Desk, provider: Visitor
) -> None:
    known(desk, quota_left=0, quota_limit=1, quota_checked_at=desk.clock.now(), free_addresses=50)
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=60 * DAY)
    desk.session.commit()

    desk.order(application_id=application_id, in_time=True)
    assert limits(provider.read(PAGE)) == []
    put(desk, make_at=None)
    assert limits(provider.read(PAGE)) == ["quota"]


def test_more_than_can_be_made_in_the_time_left_is_said(desk: Desk, provider: Visitor) -> None:
    first = desk.add_application()
    set_window(desk, first.id, starts=timedelta(minutes=30))
    desk.session.commit()

    page = provider.read(PAGE)

    assert limits(page) == ["rate"] and "1 desktop cannot be ready for its start" in page.text


def test_a_budget_that_the_starts_will_pass_is_said(desk: Desk, provider: Visitor) -> None:
    desk.available()
    company = desk.provider.company_id or 0
    request = BudgetRequest(Subject.COMPANY, None, "USD", Limits(6_000, None))
    budgets.add_budget(desk.context, request, company_id=company)
    with desk.sessions.begin() as session:
        session.execute(update(Workspace).values(month_price_minor=3_500, price_currency="USD"))
    starting(desk, 10, 12)

    page = provider.read(PAGE)

    assert "pass your company’s budget" in page.text and "of $60.00" in page.text


def test_people_for_whose_job_nothing_was_ordered_are_named_apart_where_there_are_two_accounts(
    desk: Desk, provider: Visitor
) -> None:
    desk.add_credential("Second")
    starting(desk, 4)

    page = provider.read(PAGE)

    assert "Starts without a known account" in page.text and "1 start" in page.text
    desk.available()
    assert "Starts without a known account" not in provider.read(PAGE).text


def test_the_page_of_one_account_shows_that_account(desk: Desk, provider: Visitor) -> None:
    other = desk.add_credential("Second")

    page = provider.read(f"{PAGE}{other}/")

    assert "Capacity of Second" in page.text
    shown = [one.get("id") for one in page.find("section")]
    assert f"account-{other}" in shown and f"account-{desk.credential_id}" not in shown
    assert provider.get(f"{PAGE}999/").status_code == 404


def test_the_last_30_days_say_how_many_there_were_at_once(desk: Desk, provider: Visitor) -> None:
    desk.press(desk.available(), Action.TERMINATE)
    desk.live(HOUR.total_seconds())
    desk.available()
    desk.available()

    page = provider.read(PAGE)

    assert "3 desktops made, 2 at once at most" in page.text


def test_orders_that_were_never_sent_are_not_counted_at_once(desk: Desk, provider: Visitor) -> None:
    desk.available()
    for _ in range(3):
        application_id = desk.add_application().id
        set_window(desk, application_id, starts=20 * DAY)
        desk.order(application_id=application_id, in_time=True)

    assert "1 desktop made, 1 at once at most" in provider.read(PAGE).text


def test_a_desktop_of_an_order_that_waited_long_began_when_it_was_sent(desk: Desk, provider: Visitor) -> None:
    desk.available()
    put(desk, created_at=desk.clock.now() - 50 * DAY)

    assert "1 desktop made, 1 at once at most" in provider.read(PAGE).text


@both_databases
def test_many_starts_cost_no_more_questions_than_few(desk: Desk, provider: Visitor) -> None:
    starting(desk, 2)
    provider.read(PAGE)
    with counted_queries() as few:
        provider.read(PAGE)
    starting(desk, *range(3, 23))
    with counted_queries() as many:
        provider.read(PAGE)

    assert len(many) == len(few)


def test_no_cloud_is_asked(desk: Desk, provider: Visitor) -> None:
    starting(desk, 2)
    before = len(desk.notifier.notifications)

    provider.read(PAGE)

    assert len(desk.notifier.notifications) == before


def test_a_recruiter_does_not_see_it(recruiter: Visitor) -> None:
    assert recruiter.get(PAGE).status_code == 403


def test_what_does_not_fit_is_on_the_start_page_and_in_the_daily_mail_with_its_reason(
    desk: Desk, provider: Visitor
) -> None:
    known(desk, quota_left=1, quota_limit=4)
    starting(desk, 6, 9)
    desk.live(HOUR.total_seconds(), step_s=1800)

    page = provider.read("/start/")
    with desk.sessions() as session:
        person = session.get_one(User, desk.provider.id)
        company = desk.provider.company_id or 0
        sections = read_digest(session, person, company_id=company, now=desk.clock.now())

    assert "Not everybody who starts will have a desktop" in page.text
    assert "The quota falls short by 1 desktop." in page.text
    assert f"{PAGE}{desk.credential_id}/" in page.links()
    [short] = [one for one in sections if one.topic is Topic.SHORT_QUOTA]
    assert (short.lines[0].name, short.lines[0].about) == ("Cloud", "−1")


def test_an_order_in_time_says_when_it_is_created_and_does_not_count_as_slow(
    desk: Desk, provider: Visitor
) -> None:
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=20 * DAY)
    desk.session.commit()
    form = provider.read(f"/workspaces/new?application={application_id}&credential={desk.credential_id}")
    assert form.find("input", name="in_time") and "ready a day before the contract begins" in form.text

    workspace_id = desk.order(application_id=application_id, in_time=True)
    desk.live(3 * HOUR.total_seconds(), step_s=1800)
    page, start = provider.read(f"/workspaces/{workspace_id}/"), provider.read("/start/")

    assert "The desktop is created from" in page.text
    assert "What is wrong" not in page.text and "longer than usual" not in start.text
    capacity = provider.read(PAGE)
    assert "199" in capacity.text and "499" in capacity.text and limits(capacity) == []
