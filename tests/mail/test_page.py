"""The page of mails: what became of each, why one failed, how to send it again, and no other company's."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox.mail.receiver import Step
from tests.desk import Desk
from tests.mail.conftest import Postman
from tests.mail.office import Office
from tests.pages.reader import Visitor
from webapp.domain.smtp_address import MailSettings
from webapp.models import Mail
from webapp.services import mails


@pytest.fixture
def provider(desk: Desk, sign_in: Callable[[str], FlaskClient]) -> Visitor:
    return Visitor(sign_in("provider@example.com"))


@pytest.fixture
def rival(desk: Desk, sign_in: Callable[[str], FlaskClient]) -> Visitor:
    desk.add_provider("rival@example.com", company="Rival")
    return Visitor(sign_in("rival@example.com"))


def test_a_test_mail_goes_to_ones_own_address(office: Office, postman: Postman, provider: Visitor) -> None:
    assert "No mails yet" in provider.read("/mail/").text

    assert provider.post("/mail/test").status_code == 303
    waiting = provider.read("/mail/").text
    postman.work()

    assert "Waiting" in waiting and "Berth sends a test mail to provider@example.com now." in waiting
    assert office.arrived[0].recipients == ("provider@example.com",)
    assert "Sent" in provider.read("/mail/").text


def test_a_failed_mail_says_why_and_what_to_do_and_is_sent_again(
    office: Office, postman: Postman, provider: Visitor, rival: Visitor
) -> None:
    office.answer(Step.RCPT, "550 5.1.1 <script>No such user</script>")
    provider.post("/mail/test")
    postman.work()

    failed = provider.get("/mail/?show=failed").text
    assert "refused the recipient’s address" in failed
    assert "Check the address with the person." in failed
    assert "550 5.1.1 &lt;script&gt;No such user" in failed
    assert "Send again" in failed
    assert "Send again" not in rival.get("/mail/?show=failed").text
    assert rival.post("/mail/1/again").status_code == 404

    assert provider.post("/mail/1/again").status_code == 303
    postman.work()
    assert len(office.arrived) == 1
    assert provider.post("/mail/1/again").status_code == 409


def test_a_mail_that_is_tried_again_says_when(office: Office, postman: Postman, provider: Visitor) -> None:
    office.answer(Step.RCPT, "450 4.2.0 Greylisted")
    provider.post("/mail/test")
    postman.work()

    text = provider.read("/mail/").text

    assert "Retry scheduled" in text and "Berth tries again by itself." in text
    assert "at 24 Nov 2026" in text


def test_a_server_in_trouble_is_on_the_page(office: Office, postman: Postman, provider: Visitor) -> None:
    office.receiver.stop()
    provider.post("/mail/test")
    postman.work()

    text = provider.read("/mail/").text

    assert "The mail server could not be reached." in text
    assert "All mails wait and are sent as soon as it works again." in text


@pytest.mark.own_app
def test_without_settings_the_page_says_which_and_no_press_fails_badly(
    app: Flask, provider: Visitor, desk: Desk
) -> None:
    context = app.extensions["berth"]
    app.extensions["berth"] = replace(context, settings=replace(context.settings, mail=MailSettings()))

    text = provider.read("/mail/").text

    assert "Mail is not set up." in text and "SMTP_URL" in text and "MAIL_FROM" in text
    assert "Send a test mail" not in text
    assert provider.post("/mail/test").status_code == 409


def test_pages_of_many_mails_show_each_once(desk: Desk, provider: Visitor) -> None:
    for _ in range(120):
        mails.send_test(desk.context, desk.provider, company_id=desk.provider.company_id or 0)
    with desk.sessions.begin() as session:
        for mail in session.query(Mail):
            mail.address = f"person-{mail.id:03}@example.com"

    seen: list[str] = []
    path = "/mail/"
    while path:
        page = provider.read(path)
        seen += [word for word in page.text.split() if word.startswith("person-")]
        path = next((href for href in page.links() if "before=" in href), "")

    assert seen == [f"person-{number:03}@example.com" for number in range(120, 0, -1)]


@pytest.mark.own_app
def test_nobody_can_make_berth_write_without_end(app: Flask, provider: Visitor) -> None:
    app.config["MAIL_RATE"] = "3 per day"

    statuses = [provider.post("/mail/test").status_code for _ in range(4)]

    assert statuses == [303, 303, 303, 429]
