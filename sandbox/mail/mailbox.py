"""The mails that have arrived, the newest last; in memory, because nobody misses them after a restart."""

from __future__ import annotations

import email
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import cast

MOST_KEPT = 500


@dataclass(frozen=True, slots=True)
class Arrived:
    number: int
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return cast(EmailMessage, email.message_from_bytes(self.content, policy=default))

    def header(self, name: str) -> str:
        return str(self.message.get(name, ""))

    def text(self, kind: str) -> str:
        """The part of this kind (`plain` or `html`); empty if there is none."""
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content())


class Mailbox:
    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self._kept: deque[Arrived] = deque(maxlen=most_kept)
        self._count, self._lock = 0, threading.Lock()

    def add(self, sender: str, recipients: Sequence[str], content: bytes) -> None:
        with self._lock:
            self._count += 1
            now = datetime.now(UTC)
            self._kept.append(Arrived(self._count, now, sender, tuple(recipients), content))

    def mails(self) -> list[Arrived]:
        with self._lock:
            return list(self._kept)

    def find(self, number: int) -> Arrived | None:
        return next((one for one in self.mails() if one.number == number), None)
