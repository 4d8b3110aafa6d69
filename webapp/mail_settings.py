"""The settings of mail: where it goes, from whom it comes, and what its links begin with."""

import re
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import getaddresses
from urllib.parse import unquote, urlsplit

from webapp.config_reader import Reader
from webapp.domain.smtp_address import MailSettings, Security, Sender, SmtpServer

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SCHEMES = {
    "smtps": (Security.TLS, 465),
    "smtp+starttls": (Security.STARTTLS, 587),
    "smtp": (Security.NONE, 25),
    "smtp+insecure": (Security.NONE, 25),
}
_SHAPE = "must look like smtps://user:password@mail.example.com:465 or smtp+starttls://…:587"
_PUBLIC = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~/-]*)?")


def read_mail(reader: Reader, *, sends: bool, is_production: bool) -> MailSettings:
    """All three or none; only the process that `sends` reads the address of the server."""
    sender = reader.optional("MAIL_FROM", sender_of, default=None)
    url = reader.optional("PUBLIC_URL", public_url, default="")
    if is_production and url and not url.startswith("https://"):
        reader.problems.append("PUBLIC_URL must begin with https:// in production")
    if reader.text("MAIL_FROM") and not reader.text("PUBLIC_URL"):
        reader.problems.append("PUBLIC_URL is missing: without it, mails cannot link to Berth")
    if not sends:
        return MailSettings(sender, url)
    if reader.text("MAIL_FROM") and not reader.text("SMTP_URL"):
        reader.problems.append("SMTP_URL is missing: MAIL_FROM is set, so mails wait to be sent")
    if reader.text("SMTP_URL") and not reader.text("MAIL_FROM"):
        reader.problems.append("MAIL_FROM is missing: SMTP_URL is set")
    return MailSettings(sender, url, reader.optional("SMTP_URL", smtp_server, default=None))


def smtp_server(text: str) -> SmtpServer:
    """Raises ValueError; its text repeats nothing of the address, which has a password."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(_SHAPE) from None
    has_more = parts.path not in ("", "/") or parts.query or parts.fragment
    if parts.scheme not in _SCHEMES or not host or has_more:
        raise ValueError(_SHAPE)
    security, usual_port = _SCHEMES[parts.scheme]
    if parts.scheme == "smtp" and host not in _LOOPBACK:
        raise ValueError(
            "must begin with smtps:// or smtp+starttls://: smtp:// is not encrypted, for this machine only "
            "(smtp+insecure:// if you really mean it)"
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("must have both a user name and a password, or neither")
    return SmtpServer(host, port or usual_port, security, user, password)


def sender_of(text: str) -> Sender | None:
    found = getaddresses([text])
    name, address = found[0] if len(found) == 1 else ("", "")
    try:
        parsed = Address(display_name=name, addr_spec=address)
    except (ValueError, IndexError, MessageError):
        parsed = None
    if parsed is None or not parsed.username or not parsed.domain or not address.isascii():
        raise ValueError("must be one address, such as Berth <berth@example.com>")
    return Sender(address, name)


def public_url(text: str) -> str:
    if not _PUBLIC.fullmatch(text):
        raise ValueError("must look like https://berth.example.com")
    return text.rstrip("/")
