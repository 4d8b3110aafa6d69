"""A mail server of the tests, whose answers a test decides, and the mails that have arrived there."""

from collections import deque
from dataclasses import dataclass, field

from aiosmtpd.smtp import Envelope

from sandbox.mail.mailbox import Arrived, Mailbox
from sandbox.mail.receiver import Protection, Receiver, Step
from webapp.domain.smtp_address import MailSettings, Security, Sender, SmtpServer

SENDER = Sender("berth@portal.example", "Berth")
PUBLIC_URL = "https://portal.example/berth"


@dataclass
class Office:
    """`answers`: for each step the next answers; None means that all is well, and so does an empty queue."""

    protection: Protection = field(default_factory=Protection)
    answers: dict[Step, deque[str | None]] = field(default_factory=dict)
    mailbox: Mailbox = field(default_factory=lambda: Mailbox(most_kept=100_000))
    port: int = 0
    """Of its own; 0 for any."""

    def __post_init__(self) -> None:
        self.receiver = Receiver(self.mailbox, judge=self._judge, protection=self.protection)
        self.receiver.start(port=self.port)

    def settings(self, **changes: object) -> MailSettings:
        parts: dict[str, object] = {"security": Security.NONE} | changes
        server = SmtpServer("127.0.0.1", self.receiver.port, **parts)  # type: ignore[arg-type]  # by name
        return MailSettings(SENDER, PUBLIC_URL, server)

    def answer(self, step: Step, *answers: str | None) -> None:
        self.answers.setdefault(step, deque()).extend(answers)

    @property
    def arrived(self) -> list[Arrived]:
        return self.mailbox.mails()

    def subjects(self) -> list[str]:
        return [one.header("Subject") for one in self.arrived]

    def _judge(self, step: Step, _envelope: Envelope) -> str | None:
        waiting = self.answers.get(step)
        return waiting.popleft() if waiting else None
