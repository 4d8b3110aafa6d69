"""What a mail says: every kind in text and HTML, foreign text harmless, links to pages that exist."""

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import cast

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from tests.cases import each_case
from tests.mail.office import PUBLIC_URL, SENDER
from webapp.domain import catalogue
from webapp.domain.digests import Line, Section, Topic
from webapp.domain.mail_failures import FAILURES
from webapp.domain.mails import KINDS, TEST, MailKind
from webapp.domain.smtp_address import MailSettings
from webapp.engine.mail_texts import TEMPLATES, CannotAddress, CannotCompose, compose
from webapp.models import Mail

SETTINGS = MailSettings(SENDER, PUBLIC_URL)
HOSTILE = "Eve\r\nBcc: all@example.com\u2028<script>alert(1)</script>\u202e&\"'"
EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
SAMPLES = {
    "code": "too_many_lost",
    "application_id": 5,
    "workspace_id": 7,
    "credential_id": 3,
}


def sections_of(words: str) -> list[dict[str, object]]:
    """One of each topic of the digest."""
    lines = (Line(words, words, words), Line(words))
    return [Section(one, lines, 3).as_parameter() for one in Topic]


def mail_of(kind: MailKind, words: str = "Ünïcode GmbH", **changes: object) -> Mail:
    parameters = {name: SAMPLES.get(name, words) for name in kind.parameters}
    parameters |= {name: sections_of(words) for name in kind.lists}
    return Mail(
        message_id="0123456789abcdef@portal.example",
        kind=kind.name,
        address="sam@example.com",
        parameters=parameters | {"name": words} | changes,
        created_at=datetime(2026, 11, 24, 10, 0, 0, 7, tzinfo=UTC),
    )


def read(content: bytes) -> EmailMessage:
    return cast(EmailMessage, email.message_from_bytes(content, policy=default))


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class _Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@EVERY_KIND
def test_every_kind_is_written_in_text_and_html(kind: MailKind) -> None:
    message = read(compose(mail_of(kind), kind, SETTINGS))

    text, page = body(message, "plain"), body(message, "html")
    link = PUBLIC_URL + kind.path_for(SAMPLES)
    assert link in text and f'href="{link}"' in page
    assert "Hello Ünïcode GmbH," in text and "Hello Ünïcode GmbH," in page
    assert str(message["Subject"]) in page
    assert "{{" not in text + page and "{%" not in text + page
    assert 'name="color-scheme" content="light dark"' in page and "prefers-color-scheme: dark" in page
    assert message["Auto-Submitted"] == "auto-generated"


@EVERY_KIND
def test_what_somebody_wrote_opens_no_header_and_no_tag(kind: MailKind) -> None:
    content = compose(mail_of(kind, HOSTILE), kind, SETTINGS)

    message = read(content)
    of_kind = {"list-unsubscribe", "list-unsubscribe-post"} if kind.stop_path else set()
    assert {name.lower() for name in message} == of_kind | {
        "to",
        "from",
        "subject",
        "date",
        "message-id",
        "auto-submitted",
        "x-auto-response-suppress",
        "mime-version",
        "content-type",
    }
    assert [one.addr_spec for one in message["To"].addresses] == ["sam@example.com"]
    tags = [tag for tag, _ in _Tags(body(message, "html")).found]
    assert "script" not in tags
    assert "\u202e" not in body(message, "plain") + body(message, "html") + message["Subject"]
    assert max(map(len, content.split(b"\r\n"))) <= 998


@EVERY_KIND
def test_a_kind_names_all_that_its_templates_need(kind: MailKind) -> None:
    for name in kind.parameters:
        mail = mail_of(kind)
        del mail.parameters[name]
        with pytest.raises(CannotCompose):
            compose(mail, kind, SETTINGS)


@EVERY_KIND
def test_every_link_leads_to_a_page(app: Flask, kind: MailKind) -> None:
    adapter = app.url_map.bind("portal.example")
    try:
        path = kind.path_for(SAMPLES, token="token").partition("?")[0]
        endpoint, _ = adapter.match(path, method="GET")
    except HTTPException as error:
        pytest.fail(f"{kind.name} leads to {error}")
    assert endpoint


@EVERY_KIND
def test_html_loads_nothing_and_fits_a_phone(kind: MailKind) -> None:
    page = body(read(compose(mail_of(kind), kind, SETTINGS)), "html")

    tags = _Tags(page).found
    assert {tag for tag, _ in tags} <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "table",
        "tr",
        "td",
        "h1",
        "p",
        "a",
        "br",
        "strong",
        "span",
    }
    assert "url(" not in page and "src=" not in page
    assert not [tag for tag, names in tags if (names.get("width") or "100%") != "100%"]


def test_no_template_is_of_no_kind() -> None:
    named = {path.stem for path in TEMPLATES.iterdir() if not path.name.startswith("_")}

    assert named == set(KINDS)


def test_an_alarm_says_what_happened_and_what_to_do_or_where_that_stands() -> None:
    kind, entry = KINDS["credential_alarm"], catalogue.entry("too_many_lost")

    known = body(read(compose(mail_of(kind), kind, SETTINGS)), "plain")
    unknown = body(read(compose(mail_of(kind, code=""), kind, SETTINGS)), "plain")

    assert entry.message in known and entry.remedy in known
    assert "Its latest test failed." in unknown


@each_case("address", ["", "nobody", "a@b@c", "a b@example.com", "x\r\ny@example.com", "@x"])
def test_what_is_no_address_is_not_sent_to(address: str) -> None:
    mail = mail_of(TEST)
    mail.address = address

    with pytest.raises(CannotAddress):
        compose(mail, TEST, SETTINGS)


def test_every_attempt_is_the_same_to_the_last_byte() -> None:
    assert compose(mail_of(TEST), TEST, SETTINGS) == compose(mail_of(TEST), TEST, SETTINGS)


def test_every_failure_has_a_sentence_and_a_remedy() -> None:
    for failure in FAILURES.values():
        assert failure.message.endswith(".") and failure.remedy.endswith(".")
        assert not (failure.is_final and failure.is_of_server)
