"""The talk with the mail server: encrypted, signed in, limited in time, its failures in plain words."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing

import pytest
import trustme

from sandbox.mail.receiver import Protection, Step
from tests.mail.office import Office
from webapp.domain.mail_failures import FAILURES
from webapp.domain.smtp_address import Security, SmtpServer
from webapp.engine.smtp import MailLine, NotSent

CONTENT = b"Subject: Hello\r\n\r\nFirst\r\n.\r\n..dots\r\n"
TO = "sam@example.com"
USER, PASSWORD = "berth", "pass word/%"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def of_server(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Somebody listens, and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening.getsockname()[1]


def line(office: Office, tls: ssl.SSLContext | None = None, **changes: object) -> MailLine:
    server = office.settings(**changes).server
    assert server is not None
    return MailLine(server, "portal.example", tls=tls or ssl.create_default_context())


def protected(of_server: ssl.SSLContext, security: Security) -> Office:
    has_starttls = security is Security.STARTTLS
    return Office(Protection(of_server, has_starttls=has_starttls, user=USER, password=PASSWORD))


def send(one: MailLine, to: str = TO) -> str | None:
    """The code of the failure; None if it was sent."""
    try:
        one.send("berth@portal.example", to, CONTENT)
    except NotSent as failure:
        assert failure.code in FAILURES
        return failure.code
    finally:
        one.close()
    return None


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_mail_arrives_whole_over_an_encrypted_connection(
    of_server: ssl.SSLContext, trusting: ssl.SSLContext, security: Security
) -> None:
    office = protected(of_server, security)

    failure = send(line(office, trusting, security=security, user=USER, password=PASSWORD))

    office.receiver.stop()
    assert failure is None
    assert [one.content for one in office.arrived] == [CONTENT]


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_server_with_a_strange_certificate_gets_neither_password_nor_mail(
    of_server: ssl.SSLContext, security: Security
) -> None:
    office = protected(of_server, security)

    failure = send(line(office, security=security, user=USER, password=PASSWORD))

    office.receiver.stop()
    assert (failure, office.arrived) == ("tls_failed", [])


def test_nothing_is_sent_in_the_clear_where_encryption_was_wanted(office: Office) -> None:
    assert send(line(office, security=Security.STARTTLS)) == "tls_failed"
    assert send(line(office, security=Security.TLS)) == "tls_failed"
    assert office.arrived == []


def test_a_wrong_password_is_the_servers_trouble_and_no_mails() -> None:
    office = Office(Protection(user=USER, password=PASSWORD))

    failure = send(line(office, user=USER, password="wrong"))

    office.receiver.stop()
    assert failure == "login_refused"
    assert FAILURES[failure].is_of_server


def test_a_server_that_wants_a_password_gets_none_from_a_berth_without_one() -> None:
    office = Office(Protection(user=USER, password=PASSWORD))

    failure = send(line(office))

    office.receiver.stop()
    assert failure == "sender_refused"


def test_a_server_that_is_not_there_is_reported_as_such() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
    gone = SmtpServer("127.0.0.1", port, Security.NONE)

    assert send(MailLine(gone, "portal.example")) == "server_unreachable"


def test_a_server_that_says_nothing_is_left_in_time(silent_port: int) -> None:
    silent = SmtpServer("127.0.0.1", silent_port, Security.NONE)

    assert send(MailLine(silent, "portal.example", step_s=0.1)) == "server_timed_out"


def test_a_mail_that_takes_too_long_ends_with_its_connection(office: Office) -> None:
    assert send(MailLine(_server(office), "portal.example", mail_s=0.0)) == "connection_lost"


def test_an_address_in_another_alphabet_is_sent_where_the_server_can(office: Office) -> None:
    assert send(line(office), "jörg@example.com") is None
    assert office.arrived[0].recipients == ("jörg@example.com",)


@pytest.mark.parametrize("address", ["x@y\r\nRCPT TO:<z@example.com>", "x@y\nDATA"])
def test_an_address_cannot_say_another_command(office: Office, address: str) -> None:
    assert send(line(office), address) == "address_unusable"
    assert office.arrived == []


def test_what_a_server_says_is_kept_short_and_without_secrets(office: Office) -> None:
    office.answer(Step.RCPT, "550 5.7.1 berth_0123abcd_" + "x" * 30 + " " + "y" * 400)

    with pytest.raises(NotSent) as caught:
        line(office).send("berth@portal.example", TO, CONTENT)

    assert "[redacted]" in caught.value.words
    assert len(caught.value.words) <= 200


def _server(office: Office) -> SmtpServer:
    server = office.settings().server
    assert server is not None
    return server
