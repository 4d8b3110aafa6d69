"""The demo's mailbox: every mail arrives, its links can be followed, and foreign HTML can do nothing."""

import http.client
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from sandbox.mail.mailbox import Mailbox
from sandbox.mail.server import Handle, start

LINK = "https://portal.example/reset/abc?x=1&y=2"


@pytest.fixture
def demo() -> Iterator[Handle]:
    with start() as handle:
        yield handle


def send(demo: Handle, subject: str = "Hello") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "berth@portal.example", "sam@example.com", subject
    message.set_content(f"<b>Look</b>: {LINK}.")
    page = f'<script>alert(1)</script><a href="{LINK}">Go</a><img src="https://elsewhere.example/x">'
    message.add_alternative(page, subtype="html")
    with smtplib.SMTP("127.0.0.1", demo.smtp_port, local_hostname="tests") as smtp:
        smtp.send_message(message)


def get(demo: Handle, path: str, *, host: str = "localhost") -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection(demo.url.removeprefix("http://"), timeout=10)
    connection.request("GET", path, headers={"Host": host})
    answer = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    body = answer.read().decode()
    connection.close()
    return answer.status, headers, body


def test_what_arrives_is_listed_and_its_link_can_be_followed(demo: Handle) -> None:
    assert "No mail has arrived yet" in get(demo, "/")[2]
    send(demo, "First <one>")
    send(demo, "Second")

    listed, mail = get(demo, "/")[2], get(demo, "/1")[2]

    assert listed.index("Second") < listed.index("First &lt;one&gt;")
    assert 'href="https://portal.example/reset/abc?x=1&amp;y=2"' in mail
    assert "&lt;b&gt;Look&lt;/b&gt;" in mail
    assert get(demo, "/3")[0] == get(demo, "/1/raw")[0] == 404


def test_the_html_of_a_mail_can_do_nothing_but_open_a_link(demo: Handle) -> None:
    send(demo)

    status, headers, page = get(demo, "/1/html")

    policy = headers["content-security-policy"]
    assert status == 200 and '<a target="_blank"' in page
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "default-src 'none'" in policy and "script-src" not in policy
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in get(demo, "/1")[2]


def test_a_stranger_whose_name_leads_here_reads_nothing(demo: Handle) -> None:
    send(demo, "Secret link")

    status, _, said = get(demo, "/", host="rebound.example")

    assert status == 403 and "Secret link" not in said


def test_the_mailbox_forgets_the_oldest() -> None:
    mailbox = Mailbox(most_kept=2)
    for number in range(3):
        mailbox.add("", [f"{number}@example.com"], b"")

    assert [one.number for one in mailbox.mails()] == [2, 3]


def test_the_mailbox_listens_on_this_machine_only() -> None:
    with pytest.raises(ValueError, match="127"):
        start(host="0.0.0.0")


def test_only_desktops_that_are_there_have_a_window(demo: Handle) -> None:
    for path in ("/desktops/aws/ws-1", "/desktops/nowhere/ws-1", "/desktops/", "/desktops/aws/a/b"):
        assert get(demo, path)[0] == 404, path
