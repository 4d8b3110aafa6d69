"""The text of a mail, in plain text and HTML, from the templates of its kind.

What people have written themselves is one line of plain text, in subject and body, and escaped in HTML.
"""

from collections.abc import Mapping
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, Policy
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from webapp import languages
from webapp.domain import catalogue
from webapp.domain.mails import LANGUAGE, MailKind
from webapp.domain.redaction import one_line
from webapp.domain.sentences import Sentence
from webapp.domain.smtp_address import MailSettings, Sender
from webapp.models import Mail

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates" / "mail"


class CannotAddress(Exception):
    """The address cannot be that of a mail."""


class CannotCompose(Exception):
    """The row lacks something that the templates of this release need."""


class _OneLine(UnstructuredHeader, BaseHeader):
    """Python folds what is longer than a line by encoding it, and no program finds an address in that."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _OneLine)


@lru_cache
def _environment(language: str) -> Environment:
    """One for each language, so that a template need not say in which one it is."""
    made = Environment(
        extensions=["jinja2.ext.i18n"],
        finalize=lambda value: languages.said(value, language) if isinstance(value, Sentence) else value,
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        lambda text: languages.catalogue(language).gettext(text),
        lambda one, many, count: languages.catalogue(language).ngettext(one, many, count),
        newstyle=True,
    )
    made.filters["code_words"] = catalogue.entry
    return made


def compose(mail: Mail, kind: MailKind, settings: MailSettings, *, token: str = "") -> bytes:
    """The whole message as it is sent: the same in every attempt. Raises CannotAddress, CannotCompose."""
    try:
        return _compose(mail, kind, settings, token)
    except (TemplateError, KeyError) as error:
        raise CannotCompose(f"{type(error).__name__}: {error}") from None


def _compose(mail: Mail, kind: MailKind, settings: MailSettings, token: str) -> bytes:
    sender = settings.sender or Sender("")
    known: dict[str, Any] = dict.fromkeys(kind.added, "")
    known |= {name: _plain(value) for name, value in mail.parameters.items()}
    known |= {name: _plain_parts(mail.parameters[name]) for name in kind.lists}
    # A mail that was written by an older release has no language.
    language = known.get(LANGUAGE, "")
    language = language if language in languages.LANGUAGES else languages.ENGLISH
    known |= {name: languages.catalogue(language).gettext(known[name]) for name in kind.words}
    known[LANGUAGE] = language
    link = settings.public_url + kind.path_for(known, token=token)
    subject = kind.subject_for(known, said=lambda text: languages.said(text, language))
    values = known | {"subject": subject, "link": link, "base": settings.public_url}
    message = EmailMessage(
        policy=(SMTP if mail.address.isascii() else SMTPUTF8).clone(header_factory=_HEADERS)
    )
    if kind.stop_path:
        values["stop_link"] = settings.public_url + "/account/#digest"
    try:
        message["To"] = Address(known["name"], addr_spec=mail.address)
    except (ValueError, IndexError, MessageError):
        raise CannotAddress from None
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["Subject"] = subject
    message["Date"] = _whole_second(mail.created_at)
    message["Message-ID"] = f"<{mail.message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    _let_stop(message, mail, kind, settings)
    message.set_content(_render(f"{kind.name}.txt", values, language), cte="quoted-printable")
    message.add_alternative(
        _render(f"{kind.name}.html", values, language), subtype="html", cte="quoted-printable"
    )
    # Without this, the boundary between the parts would be random in each attempt.
    message.set_boundary(f"berth-{mail.message_id.partition('@')[0]}")
    return message.as_bytes()


def _render(template: str, values: Mapping[str, object], language: str) -> str:
    return _environment(language).get_template(template).render(values)


def _let_stop(message: EmailMessage, mail: Mail, kind: MailKind, settings: MailSettings) -> None:
    """One press in a mail program, without signing in: whoever has the mail knows its Message-ID."""
    if kind.stop_path and settings.public_url.startswith("https://"):
        address = f"{settings.public_url}{kind.stop_path}?mail={quote(mail.message_id)}"
        message["List-Unsubscribe"] = f"<{address}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _plain(value: object) -> str:
    return one_line(str(value))


def _plain_parts(value: object) -> object:
    """Numbers stay what they are."""
    if isinstance(value, list):
        return [_plain_parts(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain_parts(one) for name, one in value.items()}
    return value if isinstance(value, int) else _plain(value)


def _whole_second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
