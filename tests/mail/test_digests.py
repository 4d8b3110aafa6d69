"""The daily digest: once a person and day, in the morning of their zone, of what their role lets them see."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from tests.conftest import both_databases
from tests.cost_days import add_day
from tests.desk import Desk
from tests.killing import die_at
from tests.mail.conftest import Postman
from tests.mail.office import PUBLIC_URL, Office
from tests.mail.test_texts import SETTINGS, body, read
from tests.windows import DAY, have_window
from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.digests import MOST_LINES, Line, Section, Topic, bounded, morning_of
from webapp.domain.mails import DIGEST
from webapp.domain.roles import CompanyRole, Role
from webapp.engine.digests import EVERY, write_digests
from webapp.engine.mail_texts import compose
from webapp.models import Application, Installation, Mail, User
from webapp.services import budgets, colleagues
from webapp.services.budgets import BudgetRequest

BERLIN = "Europe/Berlin"


@pytest.fixture
def news(desk: Desk, postman: Postman) -> Iterator[int]:
    """A desktop whose contract ends in some days, with a provider in Berlin."""
    workspace_id = desk.available()
    have_window(desk, desk.row(workspace_id).application_id, ends=5 * DAY)
    live_in(desk, BERLIN)
    yield workspace_id


def live_in(desk: Desk, zone: str | None) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(User).where(User.role == Role.PROVIDER).values(time_zone=zone))


def go_to(desk: Desk, at: datetime) -> None:
    """Later on."""
    desk.clock.pause((at - desk.clock.now()).total_seconds())


def tomorrow(desk: Desk, hour: int, minute: int = 0, zone: str = BERLIN) -> datetime:
    local = desk.clock.now().astimezone(ZoneInfo(zone)) + DAY
    return local.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC)


def look(desk: Desk) -> None:
    """As a scheduler would have it done, also if it has just been done."""
    with desk.sessions.begin() as session:
        session.execute(update(Installation).values(digests_due_at=None))
    write_digests(desk.engine, 1)


def digests(desk: Desk) -> list[Mail]:
    with desk.sessions() as session:
        return list(session.scalars(select(Mail).where(Mail.kind == "digest").order_by(Mail.id)))


def topics(mail: Mail) -> dict[str, int]:
    return {one["topic"]: one["total"] for one in mail.parameters["sections"]}


def add_colleague(desk: Desk, role: CompanyRole, *, posting_id: int | None = None) -> None:
    person = desk.add_provider(f"{role.value}@example.com", company="Quayside")
    colleagues.change_role(
        desk.context,
        person.id,
        role,
        posting_ids=None if posting_id is None else [posting_id],
        company_id=person.company_id or 0,
        by=desk.provider,
    )


@both_databases
def test_one_mail_comes_in_the_morning_and_none_again_that_day(desk: Desk, news: int) -> None:
    go_to(desk, tomorrow(desk, 6, 59))
    look(desk)
    assert digests(desk) == []

    for minutes in (0, 15, 120):
        go_to(desk, desk.clock.now() + timedelta(minutes=minutes, seconds=60))
        look(desk)
        assert len(digests(desk)) == 1

    mail = digests(desk)[0]
    assert (mail.address, topics(mail)) == ("provider@example.com", {"ending": 1})


def test_the_sweep_looks_every_quarter_of_an_hour_and_the_mail_arrives(
    desk: Desk, postman: Postman, office: Office, news: int
) -> None:
    go_to(desk, tomorrow(desk, 7))

    desk.sweep()
    postman.work()

    arrived = [one for one in office.arrived if "Needs your attention" in one.header("Subject")]
    assert len(arrived) == 1 and "1 contract ends within 7 days" in arrived[0].text("plain")
    with desk.sessions() as session:
        assert session.get_one(Installation, 1).digests_due_at == desk.clock.now() + EVERY


def test_the_next_day_brings_the_next_one(desk: Desk, news: int) -> None:
    for number in (1, 2, 3):
        go_to(desk, tomorrow(desk, 8))
        look(desk)
        assert len(digests(desk)) == number


def test_who_has_nothing_to_do_gets_no_mail_also_if_something_happens_that_day(
    desk: Desk, postman: Postman
) -> None:
    workspace_id = desk.available()
    live_in(desk, BERLIN)
    go_to(desk, tomorrow(desk, 8))
    look(desk)
    have_window(desk, desk.row(workspace_id).application_id, ends=DAY)
    look(desk)

    assert digests(desk) == []


def test_a_morning_that_is_missed_is_left_out(desk: Desk, news: int) -> None:
    go_to(desk, tomorrow(desk, 12))
    look(desk)

    assert digests(desk) == []


def test_what_is_not_wanted_is_not_written(desk: Desk, news: int) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(User).values(wants_digest=False))
    go_to(desk, tomorrow(desk, 8))
    look(desk)

    assert digests(desk) == []


def test_a_mail_that_waits_all_morning_for_the_mail_server_is_not_sent_the_day_after(
    desk: Desk, postman: Postman, office: Office, news: int
) -> None:
    go_to(desk, tomorrow(desk, 8))
    look(desk)
    postman.later(DAY.total_seconds())

    assert digests(desk)[0].failure_code == "expired"
    assert "Needs your attention" not in " ".join(office.subjects())


@pytest.mark.crash
@both_databases
@pytest.mark.parametrize("point", ["digest_taken", "digest_written"])
def test_a_killed_worker_writes_it_once_or_leaves_it_to_the_next(
    desk: Desk, postman: Postman, news: int, point: str
) -> None:
    go_to(desk, tomorrow(desk, 8))
    desk.session.close()
    desk.database.dispose()

    die_at(desk, point, lambda engine: write_digests(engine, 1))
    look(desk)
    look(desk)

    assert len(digests(desk)) == 1


@both_databases
def test_workers_at_the_same_moment_write_one(desk: Desk, news: int) -> None:
    go_to(desk, tomorrow(desk, 8))
    desk.session.close()
    start = Barrier(4)

    def work() -> None:
        start.wait()
        look(desk)

    workers = [Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    assert len(digests(desk)) == 1


@pytest.mark.parametrize("change", ["2026-10-25", "2027-03-28"])
def test_on_the_days_of_the_clock_change_there_is_one_too(change: str) -> None:
    day = date.fromisoformat(change)
    begins = datetime.combine(day - DAY, datetime.min.time(), UTC)
    quarters = [begins + number * EVERY for number in range(3 * 96)]

    found = [(one, morning_of(one, BERLIN)) for one in quarters]

    assert {of for _, of in found if of} == {day - DAY, day, day + DAY}
    first = min(at for at, of in found if of == day)
    assert first.astimezone(ZoneInfo(BERLIN)).hour == 7


def test_who_moves_to_another_zone_gets_no_second_one_for_a_day(desk: Desk, news: int) -> None:
    live_in(desk, "Asia/Tokyo")
    go_to(desk, tomorrow(desk, 8, zone="Asia/Tokyo"))
    look(desk)
    live_in(desk, "America/Los_Angeles")
    for _ in range(24):  # eight o'clock in Tokyo is four in the afternoon of the day before there
        go_to(desk, desk.clock.now() + timedelta(hours=1))
        look(desk)

    assert len(digests(desk)) == 1


def test_each_role_reads_only_what_it_may_see(desk: Desk, news: int) -> None:
    request = BudgetRequest(Subject.COMPANY, None, "USD", Limits(month_minor=1, total_minor=None))
    budgets.add_budget(desk.context, request, company_id=desk.provider.company_id or 0)
    add_day(desk, news, estimated=700)
    add_colleague(desk, CompanyRole.FINANCE)
    add_colleague(desk, CompanyRole.AUDITOR)
    add_colleague(desk, CompanyRole.RECRUITER, posting_id=desk.open_posting(desk.provider))
    desk.session.commit()
    live_in(desk, BERLIN)
    go_to(desk, tomorrow(desk, 8))
    look(desk)

    found = {one.address: topics(one) for one in digests(desk)}
    assert found == {
        "provider@example.com": {"ending": 1, "budgets": 1},
        "auditor@example.com": {"ending": 1, "budgets": 1},
        "finance@example.com": {"budgets": 1},
    }


def test_who_is_limited_to_a_job_reads_of_its_people_alone(desk: Desk, news: int) -> None:
    mine = desk.row(news).application_id
    with desk.sessions() as session:
        posting_id = session.get_one(Application, mine).job_posting_id
    desk.add_application(is_approved=False)
    desk.session.commit()
    add_colleague(desk, CompanyRole.RECRUITER, posting_id=posting_id)
    live_in(desk, BERLIN)
    go_to(desk, tomorrow(desk, 8))
    look(desk)

    found = {one.address: topics(one) for one in digests(desk)}
    assert found["recruiter@example.com"] == found["provider@example.com"] == {"ending": 1, "undecided": 1}


def test_a_long_list_is_cut_and_says_how_many_more_there_are() -> None:
    lines = tuple(Line(f"Person {number}") for number in range(30))
    sections = bounded([Section(one, lines, 30) for one in Topic])

    assert sum(len(one.lines) for one in sections) == MOST_LINES
    assert sections[0].as_parameter()["left_out"] == 25 and sections[-1].as_parameter()["left_out"] == 30
    assert bounded([Section(Topic.HELP, (), 0)]) == []


def test_a_count_that_stops_says_so(desk: Desk, news: int) -> None:
    go_to(desk, tomorrow(desk, 8))
    look(desk)
    mail, lines = digests(desk)[0], (Line("Mina Park"), Line("Leo Brandt"))
    sections = [Section(Topic.UNSERVED, lines, 1001, 1000), Section(Topic.ORPHANS, lines, 1001)]
    mail.parameters = mail.parameters | {"sections": [one.as_parameter() for one in sections]}

    text = body(read(compose(mail, DIGEST, SETTINGS)), "plain")

    assert "1,000+ people are approved and have no desktop" in text and "and 998+ more" in text
    assert "1001 desktops in your cloud account" in text and "and 999 more" in text


def test_mail_programs_can_turn_it_off_in_one_press(
    desk: Desk, postman: Postman, office: Office, news: int
) -> None:
    go_to(desk, tomorrow(desk, 8))
    look(desk)
    postman.work()

    arrived = next(one for one in office.arrived if "Needs your attention" in one.header("Subject"))
    address = f"{PUBLIC_URL}/account/digest/stop?mail={digests(desk)[0].message_id.replace('@', '%40')}"
    # Neither folded nor encoded.
    assert f"List-Unsubscribe: <{address}>" in arrived.content.decode().splitlines()
    assert arrived.header("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    assert f"{PUBLIC_URL}/account/#digest" in arrived.text("plain")
