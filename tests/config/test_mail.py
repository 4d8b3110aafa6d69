"""The settings of mail: all or none, the server's password for one process, encryption unless said."""

import pytest

from tests.cases import each_case
from tests.config.test_settings import BACKGROUND, WEB, WORKER, _refusal
from webapp.config import Process, Settings
from webapp.domain.smtp_address import Security, Sender, SmtpServer

URL = "smtps://berth%40example.com:p%3Ass@mail.example.com"
PUBLIC = {"MAIL_FROM": "Berth <berth@example.com>", "PUBLIC_URL": "https://portal.example.com/berth/"}
SENDS = BACKGROUND | PUBLIC | {"SMTP_URL": URL}


def test_the_process_that_sends_knows_the_server_and_the_others_only_that_there_is_mail() -> None:
    sends = Settings.from_env(SENDS, process="background").mail
    web = Settings.from_env(WEB | PUBLIC).mail

    assert sends.server == SmtpServer("mail.example.com", 465, Security.TLS, "berth@example.com", "p:ss")
    assert (web.server, web.is_set_up) == (None, True)
    assert web.sender == sends.sender == Sender("berth@example.com", "Berth")
    assert web.public_url == "https://portal.example.com/berth"
    assert "p:ss" not in repr(sends)
    assert not Settings.from_env(WEB).mail.is_set_up


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://m.example:4465", SmtpServer("m.example", 4465, Security.TLS)),
        ("smtp+starttls://a:b@m.example", SmtpServer("m.example", 587, Security.STARTTLS, "a", "b")),
        ("smtp://127.0.0.1:1025", SmtpServer("127.0.0.1", 1025, Security.NONE)),
        ("smtp://[::1]", SmtpServer("::1", 25, Security.NONE)),
        ("smtp+insecure://m.example", SmtpServer("m.example", 25, Security.NONE)),
    ],
)
def test_the_address_says_how_the_connection_is_protected(url: str, server: SmtpServer) -> None:
    assert Settings.from_env(SENDS | {"SMTP_URL": url}, process="background").mail.server == server


@each_case(
    "url",
    [
        "mail.example.com",
        "https://mail.example.com",
        "smtps://",
        "smtps://user:hunter2@mail.example.com:port",
        "smtps://user:hunter2@mail.example.com/path",
        "smtps://user@mail.example.com",
        "smtp://user:hunter2@mail.example.com",
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_without_its_password(url: str) -> None:
    said = _refusal(SENDS | {"SMTP_URL": url}, process="background")

    assert "SMTP_URL must" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("missing", ["SMTP_URL", "MAIL_FROM", "PUBLIC_URL"])
def test_the_three_belong_together(missing: str) -> None:
    said = _refusal({name: value for name, value in SENDS.items() if name != missing}, process="background")

    assert f"{missing} is missing" in said


@pytest.mark.parametrize(("process", "environ"), [("web", WEB), ("worker", WORKER)])
def test_production_refuses_the_servers_password_elsewhere(process: Process, environ: dict[str, str]) -> None:
    said = _refusal(environ | PUBLIC | {"SMTP_URL": URL}, process=process)

    assert "SMTP_URL belongs to the background workers" in said
