"""An order for many people: looked at first, sent once, watched while it fills up."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from sandbox.demo import DEMO_QUOTA
from tests.desk import UBUNTU, Desk
from tests.pages.counting import counted_queries
from tests.pages.reader import Reader, Visitor
from tests.pages.weight import page_weight
from webapp.domain.lifecycle import State
from webapp.domain.roles import ApplicationStatus, Role
from webapp.models import Application, CloudCredential, CohortRow, Inquiry, User, Workspace
from webapp.queueing import JobName
from webapp.services import cohorts
from webapp.services.cohort_plan import Entry
from webapp.services.context import ServiceContext

SIGNED_IN_HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaA"


@pytest.fixture(autouse=True)
def bundles(desk: Desk, provider: Visitor) -> None:
    """The list of bundles is known, as it is after anybody has looked at it."""
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")


def hire(desk: Desk, names: list[str], *, is_approved: bool = True) -> list[int]:
    """Applications of people with these names; without their passwords, which cost time."""
    made = []
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        for number, name in enumerate(names):
            address = f"{re.sub('[^a-z]', '', name.lower())}{number}@people.example"
            person = User(
                email=address,
                name=name,
                role=Role.SEEKER,
                password_hash=SIGNED_IN_HASH,
                is_active=True,
                created_at=now,
            )
            session.add(person)
            session.flush()
            status = ApplicationStatus.APPROVED if is_approved else ApplicationStatus.SUBMITTED
            application = Application(
                company_id=desk.provider.company_id,
                job_posting_id=desk.posting_id,
                seeker_id=person.id,
                message="",
                status=status,
                created_at=now,
                decided_at=now if is_approved else None,
                decided_by_id=desk.provider.id if is_approved else None,
            )
            session.add(application)
            session.flush()
            made.append(application.id)
    return made


def letters(number: int) -> str:
    """A name of its own for every number."""
    return f"{chr(97 + number // 26)}{chr(97 + number % 26)}"


def choice(desk: Desk, **changes: object) -> dict[str, object]:
    return {
        "name": "March intake",
        "job": desk.posting_id,
        "credential_id": desk.credential_id,
        "bundle_id": UBUNTU,
        "pattern": "{first}.{last}",
        **changes,
    }


def sent_on(page: Reader, **changes: object) -> dict[str, object]:
    """The form of a dry run as a browser sends it."""
    fields: dict[str, list[str]] = {}
    for one in page.find("input"):
        if one.get("type") == "checkbox" and "checked" not in one:
            continue
        fields.setdefault(str(one["name"]), []).append(str(one["value"]))
    return {**fields, **changes}


def ordered(desk: Desk) -> list[Workspace]:
    with desk.sessions.begin() as session:
        rows = session.scalars(select(Workspace).order_by(Workspace.id)).all()
        session.expunge_all()
    return list(rows)


def refusals(desk: Desk) -> list[str]:
    with desk.sessions.begin() as session:
        return list(session.scalars(select(CohortRow.code).where(CohortRow.code.is_not(None))))


@pytest.fixture
def hundred(desk: Desk) -> Iterator[dict[str, object]]:
    """A hundred rows, seven of them bad in a way of their own."""
    good = hire(desk, [f"Person Q{letters(number)}" for number in range(94)])
    [waiting] = hire(desk, ["Wanda Waiting"], is_approved=False)
    [served, long, twin] = hire(desk, ["Sera Served", "Maximiliana Featherstonehaugh", "Person Qaa"])
    desk.order(application_id=served, username="sera.served")
    desk.session.commit()
    pasted = ["nobody@elsewhere.example", "Wanda Waiting", "Wanda Waiting, wanda.two"]
    yield choice(desk, application_id=[*good[:93], served, long, twin, good[0]], pasted="\n".join(pasted))
    assert waiting


def test_of_a_hundred_with_seven_bad_rows_93_are_ordered_and_7_explained_and_once(
    desk: Desk, provider: Visitor, hundred: dict[str, object]
) -> None:
    dry = Reader(provider.post("/cohorts/check", hundred).text)
    assert dry.headings == ["93 of 100 can be ordered"]
    assert len(ordered(desk)) == 1, "a dry run orders nothing"
    form = sent_on(dry)

    first = provider.post("/cohorts/", form)
    made = len(ordered(desk))
    again = provider.post("/cohorts/", form)

    page = provider.read(first.location)
    assert (first.status_code, again.location) == (303, first.location)
    assert made == len(ordered(desk)) == 1 + 93
    assert sorted(refusals(desk)) == sorted(
        [
            "person_unknown",
            "application_not_approved",
            "application_not_approved",
            "workspace_exists",
            "username_invalid",
            "username_taken",
            "listed_twice",
        ]
    )
    assert page.headings == ["March intake"]
    assert "93 being created, 7 not ordered" in page.text
    assert page.text.count("Not ordered") == 7
    assert page_weight(provider, first.location) < 100_000
    assert page_weight(provider, "/workspaces/") < 100_000


def test_the_dry_run_says_what_would_happen_to_each_and_takes_other_names(
    desk: Desk, provider: Visitor
) -> None:
    ids = hire(desk, ["Maximiliana Featherstonehaugh", "Ada Byron"])
    dry = Reader(provider.post("/cohorts/check", choice(desk, application_id=ids)).text)
    assert dry.headings == ["1 of 2 can be ordered"]
    assert "User names can have up to 20 characters" in dry.text
    assert dry.by_id("username-2")["value"] == "ada.byron"

    fixed = sent_on(dry, username=["maxi.feather", "ada.byron"])
    again = Reader(provider.post("/cohorts/check", fixed).text)

    assert again.headings == ["2 of 2 can be ordered"]
    assert again.find("input", name="key")[0]["value"] == dry.find("input", name="key")[0]["value"]


def test_a_pasted_list_finds_people_by_name_and_address_and_may_bring_names(
    desk: Desk, provider: Visitor
) -> None:
    hire(desk, ["Ada Byron", "Alan Turing"])
    pasted = "adabyron0@people.example; ada\nALAN TURING\n\n"

    dry = Reader(provider.post("/cohorts/check", choice(desk, pasted=pasted)).text)

    assert dry.headings == ["2 of 2 can be ordered"]
    assert [one["value"] for one in dry.find("input", name="username")] == ["ada", "alan.turing"]
    assert "2 desktops at 160 hours of use each: about" in dry.text and "a month together" in dry.text


def test_two_people_of_one_name_are_not_guessed_between(desk: Desk, provider: Visitor) -> None:
    hire(desk, ["Sam Okafor", "Sam Okafor"])

    dry = Reader(provider.post("/cohorts/check", choice(desk, pasted="Sam Okafor")).text)

    assert "Several people have this name" in dry.text


def test_what_is_missing_is_said_and_what_was_typed_stays(desk: Desk, provider: Visitor) -> None:
    [one] = hire(desk, ["Ada Byron"])
    wrong = choice(desk, application_id=[one], pattern="{nick}", name="", pasted="Somebody Else")

    answer = provider.post("/cohorts/check", wrong)
    nobody = provider.post("/cohorts/check", choice(desk))

    page = Reader(answer.text)
    assert answer.status_code == 422
    assert page.error_of("pattern")
    assert page.by_id("pattern")["value"] == "{nick}"
    assert "Somebody Else" in answer.text
    assert nobody.status_code == 422
    assert "Select at least one person" in Reader(nobody.text).text


def test_only_what_failed_is_tried_again_with_its_new_name(desk: Desk, provider: Visitor) -> None:
    ids = hire(desk, ["Maximiliana Featherstonehaugh", "Ada Byron"])
    dry = Reader(provider.post("/cohorts/check", choice(desk, application_id=ids)).text)
    address = provider.post("/cohorts/", sent_on(dry)).location
    field = provider.read(address).find("input", aria_label="User name of Maximiliana Featherstonehaugh")[0]

    provider.post(f"{address}retry", {str(field["name"]): "maxi.feather"})
    provider.post(f"{address}retry")

    assert sorted(one.username for one in ordered(desk)) == ["ada.byron", "maxi.feather"]
    assert refusals(desk) == []
    assert "0 of 2 ready" in provider.read(address).text


def test_the_cohort_fills_up_and_its_poll_ends(desk: Desk, provider: Visitor) -> None:
    desk.sandbox.set_users("d-99670be001", ["ada.byron", "alan.turing"])
    ids = hire(desk, ["Ada Byron", "Alan Turing"])
    dry = Reader(provider.post("/cohorts/check", choice(desk, application_id=ids)).text)
    address = provider.post("/cohorts/", sent_on(dry)).location
    moving = provider.read(address).by_id("cohort")

    for one in ordered(desk):
        desk.live_until(one.id, State.AVAILABLE)

    settled = provider.read(address)
    assert moving["hx-trigger"] == "every 5s, look"
    assert settled.by_id("cohort")["hx-trigger"] == "look"
    assert "2 of 2 ready" in settled.text


def test_a_server_that_died_in_the_middle_goes_on_with_what_was_not_begun(
    desk: Desk, provider: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order and row are one transaction: what died with it, the next press orders."""
    ids = hire(desk, ["Ada Byron", "Alan Turing"])
    form = sent_on(Reader(provider.post("/cohorts/check", choice(desk, application_id=ids)).text))
    write = cohorts._write

    def die(*_args: object, **_values: object) -> None:
        raise SystemExit

    monkeypatch.setattr(cohorts, "_write", die)
    with pytest.raises(SystemExit):
        provider.post("/cohorts/", form)
    monkeypatch.setattr(cohorts, "_write", write)

    page = provider.read(provider.post("/cohorts/", form).location)

    assert [one.username for one in ordered(desk)] == ["ada.byron", "alan.turing"]
    assert "2 being created" in page.text


class QuickWorker:
    """Works on an order before the page that placed it is back; once, the same form arrives meanwhile."""

    def __init__(self, desk: Desk, again: Callable[[], object]) -> None:
        self.desk, self.again = desk, [again]

    def notify(self, name: JobName, subject_id: int) -> None:
        self.desk.notifier.notify(name, subject_id)
        self.desk.work()
        if self.again:
            self.again.pop()()

    def acknowledge(self, name: JobName, subject_id: int) -> None: ...


def test_the_same_form_orders_nothing_again_when_the_first_order_has_failed_at_once(
    desk: Desk, provider: Visitor
) -> None:
    ids = hire(desk, ["Ada Byron", "Alan Turing"])
    desk.refuse_users("ada.byron")
    request = cohorts.CohortRequest("the form's key", "March", desk.credential_id, "ubuntu", UBUNTU)
    entries = [Entry(ids[0], "", "ada.byron"), Entry(ids[1], "", "alan.turing")]
    company_id, actor = desk.provider.company_id or 0, desk.actor
    desk.session.close()

    def press(context: ServiceContext) -> None:
        cohorts.order_cohort(context, request, entries, company_id=company_id, actor=actor)
        context.session.close()

    with desk.sessions() as first, desk.sessions() as second:
        again = replace(desk.context, session=second)
        press(replace(desk.context, session=first, notifier=QuickWorker(desk, lambda: press(again))))

    assert [(one.username, one.error_code) for one in ordered(desk)] == [
        ("ada.byron", "user_renamed"),
        ("alan.turing", None),
    ]
    assert refusals(desk) == []


def test_another_company_neither_sees_nor_orders_for_these_people(
    desk: Desk, provider: Visitor, rival: Visitor
) -> None:
    ids = hire(desk, ["Ada Byron"])
    dry = Reader(provider.post("/cohorts/check", choice(desk, application_id=ids)).text)
    address = provider.post("/cohorts/", sent_on(dry)).location

    for path in (address, f"{address}rows"):
        assert rival.get(path).status_code == 404
    assert rival.post(f"{address}retry").status_code == 404
    assert rival.post("/cohorts/check", choice(desk, application_id=ids)).status_code in (409, 422)
    assert "March intake" not in rival.read("/cohorts/").text
    assert "March intake" in provider.read("/cohorts/").text


def test_a_dry_run_asks_a_constant_number_of_questions(desk: Desk, provider: Visitor) -> None:
    ids = hire(desk, [f"Person Q{letters(number)}" for number in range(30)])
    with counted_queries() as few:
        provider.post("/cohorts/check", choice(desk, application_id=ids[:2]))
    with counted_queries() as many:
        provider.post("/cohorts/check", choice(desk, application_id=ids))

    assert len(many) == len(few)


def test_a_dry_run_says_how_many_more_fit_into_the_quota_and_when_that_was_so(
    desk: Desk, provider: Visitor
) -> None:
    desk.clock.pause(50 * 60)
    ids = hire(desk, ["Ada Byron", "Alan Turing"])

    enough = provider.post("/cohorts/check", choice(desk, application_id=ids)).text
    with desk.sessions.begin() as session:
        session.execute(update(CloudCredential).values(quota_left=1))
    short = provider.post("/cohorts/check", choice(desk, application_id=ids)).text

    assert f"leaves room for {DEMO_QUOTA} more desktops of this size" in plain(enough)
    assert "checked 50 minutes ago" in plain(enough)
    assert "1 more than your quota allows. It leaves room for 1 more desktop of this size" in plain(short)


def test_a_dry_run_renews_a_number_that_is_older_than_an_hour(desk: Desk, provider: Visitor) -> None:
    desk.clock.pause(61 * 60)
    ids = hire(desk, ["Ada Byron"])
    account_id = desk.credential().account_id
    desk.sandbox.add_account(account_id, quota=3)

    page = plain(provider.post("/cohorts/check", choice(desk, application_id=ids)).text)

    assert "leaves room for 3 more desktops of this size, checked just now" in page
    assert desk.credential().quota_left == 3


def test_without_a_worker_a_dry_run_shows_the_old_number_and_says_so(
    app: Flask, desk: Desk, provider: Visitor
) -> None:
    desk.clock.pause(5 * 3600)
    with desk.sessions.begin() as session:
        session.execute(update(Inquiry).values(answer_at=desk.clock.now()))  # the bundles are known
    app.extensions["berth"].clock.work = lambda: None
    ids = hire(desk, ["Ada Byron"])

    page = plain(provider.post("/cohorts/check", choice(desk, application_id=ids)).text)

    assert "checked 5 hours ago; Berth is checking it again, but no worker has answered yet" in page


def plain(html: str) -> str:
    """The words of a page on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_from_the_approval_to_the_order_are_two_presses(
    desk: Desk, provider: Visitor, seeker: Visitor
) -> None:
    """The first approves and opens the form, with everything chosen; the second orders."""
    seeker.post(f"/board/{desk.posting_id}/apply", {"message": ""})

    form = provider.read(provider.post("/applications/1/approve", {"then": "order"}).location)
    [picked] = [one for one in form.find("input", name="bundle_id") if "checked" in one]
    answer = provider.post(
        "/workspaces/",
        {
            "application_id": form.find("input", name="application_id")[0]["value"],
            "cloud_credential_id": form.find("input", name="cloud_credential_id")[0]["value"],
            "bundle_id": picked["value"],
            "username": form.by_id("username")["value"],
        },
    )

    assert answer.status_code == 303
    assert [one.bundle_id for one in ordered(desk)] == [picked["value"]]
