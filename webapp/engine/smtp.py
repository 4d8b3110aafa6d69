"""One conversation with the mail server, which may take several mails. The server's words decide nothing.

A refusal of the server itself (no connection, no login) differs from one of a mail. The answer to a complete
message may get lost: the mail is sent again then, and may arrive twice.
"""

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parseaddr

from webapp.domain.redaction import brief
from webapp.domain.smtp_address import Security, SmtpServer
from webapp.public_http import hung_up_after

STEP_S = 15.0
"""Limit for one answer of the server."""
MAIL_S = 45.0
"""Limit for one mail, once there is a connection."""
_OK, _FORWARDED = 250, 251


class NotSent(Exception):
    """`code` is a name of `domain.mail_failures.FAILURES`."""

    def __init__(self, code: str, words: bytes | str = "") -> None:
        super().__init__(code)
        self.code = code
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        self.words = brief(text)


@dataclass(slots=True)
class MailLine:
    """Connects when there is something to send; `close` it at the end."""

    server: SmtpServer
    own_name: str
    """What this machine calls itself; looking it up could take minutes."""
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    step_s: float = STEP_S
    mail_s: float = MAIL_S
    _smtp: smtplib.SMTP | None = None
    _carried: int = 0
    """Mails that this connection has carried."""

    def send(self, sender: str, recipient: str, content: bytes) -> None:
        """Returns once the server has accepted it. Raises NotSent."""
        if parseaddr(recipient)[1] != recipient:
            raise NotSent("address_unusable")
        try:
            self._try(sender, recipient, content)
        except NotSent as refusal:
            # A server may end a connection that was silent, or has carried many mails.
            if not self._carried or refusal.code not in ("connection_lost", "server_busy"):
                raise
            self._try(sender, recipient, content)

    def _try(self, sender: str, recipient: str, content: bytes) -> None:
        if self._smtp is None:
            self._carried = 0
            self._smtp = self._connected()
        smtp = self._smtp
        try:
            with hung_up_after(self.mail_s, lambda: smtp.sock):
                self._hand_over(smtp, sender, recipient, content)
        except NotSent as refusal:
            self._tidy_up(refusal)
            raise
        self._carried += 1

    def close(self) -> None:
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._smtp.close()
            self._smtp = None

    def _connected(self) -> smtplib.SMTP:
        try:
            smtp = self._greeted()
        except smtplib.SMTPConnectError as error:
            raise NotSent("server_busy", error.smtp_error) from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(_connection_failure(error)) from None
        try:
            self._introduce(smtp)
        except NotSent:
            smtp.close()
            raise
        return smtp

    def _greeted(self) -> smtplib.SMTP:
        address = (self.server.host, self.server.port, self.own_name)
        if self.server.security is Security.TLS:
            return smtplib.SMTP_SSL(*address, timeout=self.step_s, context=self.tls)
        return smtplib.SMTP(*address, timeout=self.step_s)

    def _introduce(self, smtp: smtplib.SMTP) -> None:
        try:
            if self.server.security is Security.STARTTLS:
                smtp.starttls(context=self.tls)
            smtp.ehlo_or_helo_if_needed()
            if self.server.user:
                smtp.login(self.server.user, self.server.password)
        except smtplib.SMTPAuthenticationError as error:
            code = "login_refused" if error.smtp_code >= 500 else "server_busy"
            raise NotSent(code, error.smtp_error) from None
        except smtplib.SMTPHeloError as error:
            raise NotSent("server_busy", error.smtp_error) from None
        except smtplib.SMTPNotSupportedError:  # no STARTTLS, or no login
            is_login = self.server.security is not Security.STARTTLS or isinstance(smtp.sock, ssl.SSLSocket)
            raise NotSent("login_refused" if is_login else "tls_failed") from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(_connection_failure(error)) from None

    def _hand_over(self, smtp: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
        try:
            options = () if recipient.isascii() else ("SMTPUTF8",)
            _expect(smtp.mail(sender, options), busy="server_busy", refused="sender_refused")
            _expect(smtp.rcpt(recipient), busy="recipient_deferred", refused="recipient_refused")
        except (smtplib.SMTPNotSupportedError, UnicodeError, ValueError):
            raise NotSent("address_unusable") from None
        except (smtplib.SMTPException, OSError):
            raise NotSent("connection_lost") from None
        try:
            _expect(smtp.data(content), busy="content_deferred", refused="content_refused")
        except smtplib.SMTPDataError as error:  # refused before it was sent
            _expect((error.smtp_code, error.smtp_error), busy="content_deferred", refused="content_refused")
        except (smtplib.SMTPException, OSError):
            # How far it came is unknown.
            raise NotSent("answer_lost") from None

    def _tidy_up(self, refusal: NotSent) -> None:
        """Make the connection fit for the next mail, or give it up."""
        is_whole = refusal.code not in ("connection_lost", "answer_lost", "server_busy")
        smtp = self._smtp
        if is_whole and smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                if smtp.rset()[0] == _OK:
                    return
        if smtp is not None:
            smtp.close()
        self._smtp = None


def _expect(answer: tuple[int, bytes | str], *, busy: str, refused: str) -> None:
    """Raises NotSent unless the server has agreed."""
    code, words = answer
    if code in (_OK, _FORWARDED):
        return
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    said = f"{code} {text}"
    if code == 421 or code < 0:
        raise NotSent("server_busy", said)
    raise NotSent(refused if code >= 500 else busy, said)


_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (socket.gaierror, "server_not_found"),
    (ssl.SSLError, "tls_failed"),
    (TimeoutError, "server_timed_out"),
)


def _connection_failure(error: Exception) -> str:
    # What ended the connection stands behind smtplib's own exception.
    cause = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else error
    return next((code for kind, code in _FAILURES if isinstance(cause, kind)), "server_unreachable")
