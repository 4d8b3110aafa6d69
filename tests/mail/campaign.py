"""Many mails, a server that fails passingly, workers that are killed: what arrives, and what never does.

Every process is real and forked; the time runs faster than ours, so that leases and waits end soon.
"""

import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from aiosmtpd.smtp import Envelope
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from sandbox.mail.mailbox import Mailbox
from sandbox.mail.receiver import DROP, DROP_AFTER, Receiver, Step
from tests.desk import START, RecordingNotifier, make_settings, migrate
from tests.mail.office import PUBLIC_URL, SENDER
from tests.servers.postgres import PostgresCluster
from webapp.config import Settings
from webapp.database import make_engine
from webapp.domain.smtp_address import MailSettings, Security, SmtpServer
from webapp.engine.context import Engine
from webapp.engine.limiter import LocalLimiter
from webapp.engine.mailing import send_mails
from webapp.models import Mail
from webapp.vault.box import Opener

FAILS = 0.3
"""How many of the attempts the server spoils, at one of two steps."""
FAILS_AT_STEP = 1 - (1 - FAILS) ** 0.5
DIES = 0.003
"""How often a worker is killed at a named point."""
SPEED, WORKERS, STUCK_AFTER_S = 60.0, 3, 60.0
SERVER_IS_BUSY = 0.002
_MESSAGE_ID = re.compile(rb"^Message-ID: <([^>]+)>", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FastClock:
    """The same in every process: real time, faster."""

    began_s: float

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic_s())

    def monotonic_s(self) -> float:
        return (time.monotonic() - self.began_s) * SPEED

    def pause(self, seconds: float) -> None:
        time.sleep(seconds / SPEED)


@dataclass
class Trouble:
    """The server's answers, from a seed; by the recipient, of whom there is one for each mail."""

    rng: random.Random
    most_failures: int
    """For one mail: a passing trouble passes."""
    failures: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    def __call__(self, step: Step, envelope: Envelope) -> str | None:
        if step is Step.MAIL:
            return self._count("421 4.3.2 Busy") if self.rng.random() < SERVER_IS_BUSY else None
        recipient = envelope.rcpt_tos[-1]
        if self.failures[recipient] >= self.most_failures or self.rng.random() >= FAILS_AT_STEP:
            return None
        self.failures[recipient] += 1
        answers = ("450 4.2.0 Later", DROP) if step is Step.RCPT else ("451 4.3.0 Later", DROP, DROP_AFTER)
        return self._count(self.rng.choice(answers))

    def _count(self, answer: str) -> str:
        self.kinds[answer.partition(" ")[0] if answer[0].isdigit() else answer] += 1
        return answer


@dataclass(frozen=True, slots=True)
class World:
    settings: Settings
    clock: FastClock
    seed: int

    def engine(self, number: int) -> Engine:
        """Of worker `number`, which kills itself at some point."""
        rng = random.Random(f"{self.seed}/{number}")

        def crashpoint(_name: str) -> None:
            if rng.random() < DIES:
                os.kill(os.getpid(), signal.SIGKILL)

        return Engine(
            sessions=sessionmaker(make_engine(self.settings.database_url), expire_on_commit=False),
            clock=self.clock,
            limiter=LocalLimiter(self.clock),
            notifier=RecordingNotifier(),
            settings=self.settings,
            opener=Opener(()),
            webhook_opener=Opener(()),
            drivers={},
            rng=rng,
            crashpoint=crashpoint,
        )


def run(*, mails: int, seed: int, database: str = "sqlite", most_failures: int = 5) -> dict[str, object]:
    """The figures; `lost`, `given_up`, `stuck` and `changed` must be 0."""
    mailbox, trouble = Mailbox(most_kept=mails * 20), Trouble(random.Random(seed), most_failures)
    receiver = Receiver(mailbox, judge=trouble)
    receiver.start()
    try:
        with _database(database) as url:
            server = SmtpServer("127.0.0.1", receiver.port, Security.NONE)
            settings = make_settings(url, mail=MailSettings(SENDER, PUBLIC_URL, server))
            world = World(settings, FastClock(time.monotonic()), seed)
            sessions = sessionmaker(make_engine(url))
            _write(sessions, mails)
            began_s = time.monotonic()
            kills = _work(world, sessions)
            real_s = round(time.monotonic() - began_s, 1)
            figures = _judge(sessions, mailbox)
    finally:
        receiver.stop()
    return figures | {
        "database": database,
        "failures": trouble.kinds.total(),
        "kinds": dict(trouble.kinds),
        "killed": kills,
        "real_s": real_s,
    }


@contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "postgresql":
        with PostgresCluster() as cluster:
            url = cluster.create_database("mails")
            migrate(url)
            yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'berth.sqlite3'}"
        migrate(url)
        yield url


def _write(sessions: sessionmaker[Session], mails: int) -> None:
    row = {"kind": "test", "parameters": {"name": "", "company": "Quayside"}, "created_at": START}
    state = {"due_at": START, "attempts": 0, "failures": 0, "lease_token": 0}
    with sessions.begin() as session:
        session.execute(
            insert(Mail),
            [
                row | state | {"message_id": f"{number}@portal.example", "address": f"{number}@example.com"}
                for number in range(mails)
            ],
        )
    sessions.kw["bind"].dispose()  # a fork must inherit no connection


def _work(world: World, sessions: sessionmaker[Session]) -> int:
    """Keep the workers alive until nothing waits, or nothing moves; how many were killed."""
    children = {_spawn(world, number) for number in range(WORKERS)}
    started, waiting, moved_s = WORKERS, -1, time.monotonic()
    while time.monotonic() - moved_s < STUCK_AFTER_S:
        time.sleep(0.1)
        for pid in list(children):
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                children.discard(pid)
                children.add(_spawn(world, started))
                started += 1
        with sessions() as session:
            left = session.scalar(select(func.count()).where(Mail.due_at.is_not(None))) or 0
        sessions.kw["bind"].dispose()
        if left != waiting:
            waiting, moved_s = left, time.monotonic()
        if left == 0:
            break
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return started - WORKERS


def _spawn(world: World, number: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        engine = world.engine(number)
        while True:
            send_mails(engine, 1)
            engine.clock.pause(5)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(7)


def _judge(sessions: sessionmaker[Session], mailbox: Mailbox) -> dict[str, object]:
    copies: dict[str, list[bytes]] = defaultdict(list)
    for one in mailbox.mails():
        found = _MESSAGE_ID.search(one.content)
        copies["" if found is None else found[1].decode()].append(one.content)
    with sessions() as session:
        rows = session.execute(select(Mail.message_id, Mail.sent_at, Mail.due_at, Mail.attempts)).all()
    sessions.kw["bind"].dispose()
    return {
        "mails": len(rows),
        "arrived": sum(map(len, copies.values())),
        "twice": sum(len(one) > 1 for one in copies.values()),
        "attempts": sum(row.attempts for row in rows),
        "lost": sum(row.message_id not in copies for row in rows),
        "given_up": sum(row.sent_at is None and row.due_at is None for row in rows),
        "stuck": sum(row.due_at is not None for row in rows),
        "changed": sum(len(set(one)) > 1 for one in copies.values()),
    }
