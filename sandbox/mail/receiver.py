"""The mail server: aiosmtpd on loopback, in a thread of its own. What it answers can be scripted."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sandbox.mail.mailbox import Mailbox


class Step(StrEnum):
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    """The message is complete, and not accepted yet."""


DROP = "drop"
"""Instead of an answer: the connection ends, and nothing was accepted."""
DROP_AFTER = "drop after"
"""The message is accepted, and the connection ends without an answer."""

Judge = Callable[[Step, Envelope], str | None]
"""The answer to a step, such as `450 4.2.0 Later`, or DROP, or DROP_AFTER; None: all is well."""


def accept(_step: Step, _envelope: Envelope) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Protection:
    """What a client must do before it may send."""

    tls: ssl.SSLContext | None = None
    has_starttls: bool = False
    """By STARTTLS, not from the first byte."""
    user: str = ""
    password: str = ""


class Receiver:
    """Listens from `start` to `stop`; keeps what it accepts in `mailbox`."""

    def __init__(
        self, mailbox: Mailbox, *, judge: Judge = accept, protection: Protection | None = None
    ) -> None:
        self.mailbox, self.judge = mailbox, judge
        self.port, self.connections = 0, 0
        self.protection = protection or Protection()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(host, port), self._loop).result()

    def stop(self) -> None:
        """Safe to repeat."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _listen(self, host: str, port: int) -> None:
        has_tls = self.protection.tls is not None and not self.protection.has_starttls
        tls = self.protection.tls if has_tls else None
        self._server = await self._loop.create_server(self._conversation, host, port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        rest = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
        for one in rest:
            one.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        for _ in range(3):  # the loop closes their sockets in its next rounds
            await asyncio.sleep(0)

    def _conversation(self) -> SMTP:
        self.connections += 1
        wanted = self.protection
        return SMTP(
            _Handler(self),
            hostname="mail.example.test",
            enable_SMTPUTF8=True,
            command_call_limit=1_000_000,
            tls_context=wanted.tls if wanted.has_starttls else None,
            require_starttls=wanted.has_starttls,
            auth_require_tls=False,
            authenticator=self._authenticate,
            loop=self._loop,
        )

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        wanted = (self.protection.user.encode(), self.protection.password.encode())
        is_right = isinstance(data, LoginPassword) and (data.login, data.password) == wanted
        return AuthResult(success=is_right, handled=False)


class _Handler:
    """The hooks that aiosmtpd calls by name."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._receiver.protection.user and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from, envelope.mail_options = address, options
        return self._answer(server, Step.MAIL, envelope)

    async def handle_RCPT(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        answer = self._answer(server, Step.RCPT, envelope)
        if not answer.startswith("250"):
            envelope.rcpt_tos.remove(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        wanted = self._receiver.judge(Step.DATA, envelope)
        if wanted is None or wanted == DROP_AFTER:
            content = envelope.original_content or b""
            self._receiver.mailbox.add(envelope.mail_from or "", envelope.rcpt_tos, content)
        return _said(server, wanted)

    def _answer(self, server: SMTP, step: Step, envelope: Envelope) -> str:
        return _said(server, self._receiver.judge(step, envelope))


def _said(server: SMTP, wanted: str | None) -> str:
    if wanted in (DROP, DROP_AFTER) and isinstance(server.transport, asyncio.Transport):
        server.transport.abort()
        return "421 4.3.0 Gone"
    return wanted or "250 2.0.0 OK"
