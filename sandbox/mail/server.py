"""The mail server and its mailbox page, together; loopback only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.mail.mailbox import Mailbox
from sandbox.mail.pages import MailboxSite
from sandbox.mail.receiver import Receiver
from sandbox.mail.windows import Cloud
from sandbox.server import LoopbackServer, check_address


@dataclass(slots=True)
class Handle:
    url: str
    """Of the mailbox page."""
    smtp_port: int
    mailbox: Mailbox
    _receiver: Receiver
    _site: LoopbackServer

    def stop(self) -> None:
        """Safe to repeat."""
        self._site.stop()
        self._receiver.stop()

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(
    port: int = 0,
    smtp_port: int = 0,
    *,
    host: str = "127.0.0.1",
    quiet: bool = True,
    clouds: Mapping[str, Cloud] | None = None,
) -> Handle:
    """Raises OSError if a port is taken, ValueError for a host outside loopback."""
    check_address(host, None)
    mailbox = Mailbox()
    site = LoopbackServer((host, port), MailboxSite(mailbox, clouds), quiet=quiet)
    receiver = Receiver(mailbox)
    receiver.start(host, smtp_port)
    site.start()
    return Handle(f"http://{host}:{site.server_address[1]}", receiver.port, mailbox, receiver, site)
