"""A running Berth with people to hire, and a browser's view of it, for the measurements."""

import http.cookiejar
import re
import statistics
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import sessionmaker

from sandbox.control import Sandbox
from sandbox.seed import PROVIDER
from tests.desk import RecordingNotifier, key_pair, make_settings
from tests.servers.stack import Stack
from webapp.database import make_engine
from webapp.domain.clock import SystemClock
from webapp.domain.roles import ApplicationStatus, Role
from webapp.models import CloudCredential, Inquiry, JobPosting, User
from webapp.services import applications, people
from webapp.services.context import ServiceContext
from webapp.vault.box import Sealer


class Installation:
    """The services on a running stack's database. They notify no worker: the sweep finds the rows."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        database = make_engine(f"sqlite:///{stack.home / 'berth.sqlite3'}")
        self.session = sessionmaker(database, expire_on_commit=False)()
        settings = make_settings(str(database.url))
        self.context = ServiceContext(
            self.session, SystemClock(), RecordingNotifier(), settings, Sealer(key_pair()[0])
        )
        self.provider = self.session.scalars(select(User).where(User.role == Role.PROVIDER)).one()
        self.posting_id = self.session.scalars(select(JobPosting.id).order_by(JobPosting.id)).first() or 0
        self.session.commit()

    def wait_for_bundles(self) -> int:
        """Wait until the demo's Amazon credential is tested and its bundles are known; its id."""
        while True:
            credential = self.session.scalars(
                select(CloudCredential)
                .where(CloudCredential.cloud_provider == "aws")
                .execution_options(populate_existing=True)
            ).one()
            asked = self.session.scalars(
                select(Inquiry)
                .where(Inquiry.credential_id == credential.id)
                .execution_options(populate_existing=True)
            ).all()
            self.session.commit()
            if credential.is_usable and len(asked) == 2 and all(one.answer for one in asked):
                return credential.id
            time.sleep(0.2)

    def hire(self, count: int) -> list[int]:
        """Approved applications of so many new people."""
        return [self._hire_one() for _ in range(count)]

    def _hire_one(self) -> int:
        seeker = people.add_user(
            self.context,
            email=f"{uuid.uuid4().hex[:12]}@example.com",
            role=Role.SEEKER,
            password="long enough for this",
            company_name=None,
        )
        application = applications.apply(self.context, self.posting_id, seeker_id=seeker.id, message="")
        applications.decide(
            self.context,
            application.id,
            company_id=self.provider.company_id or 0,
            decided_by_id=self.provider.id,
            status=ApplicationStatus.APPROVED,
        )
        return application.id

    def sandbox(self) -> Sandbox:
        for pid in self.stack.processes():
            with open(f"/proc/{pid}/environ") as environ:
                for line in environ.read().split("\0"):
                    if line.startswith("AWS_ENDPOINT_URL="):
                        return Sandbox(line.partition("=")[2])
        raise RuntimeError("no process knows the sandbox")


class Browser:
    """Forms and cookies, no scripts."""

    def __init__(self, stack: Stack) -> None:
        self.url, self._password = stack.url, stack.demo_password()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        self.csrf = ""

    def get(self, path: str) -> str:
        text: str = self.opener.open(self.url + path, timeout=20).read().decode()
        if found := re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text):
            self.csrf = found[1]
        return text

    def post(self, path: str, **fields: object) -> str:
        """Send a form and follow to the page that it leads to."""
        body = urllib.parse.urlencode({"csrf_token": self.csrf, **fields}).encode()
        text: str = self.opener.open(self.url + path, data=body, timeout=20).read().decode()
        return text

    def sign_in(self) -> None:
        self.get("/sign-in")
        self.post("/sign-in", email=PROVIDER[1], password=self._password)
        self.get("/workspaces/new")


def timed_ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def summary(name: str, values: list[float], unit: str = "ms") -> str:
    ordered = sorted(values)
    p95 = ordered[max(0, round(len(ordered) * 0.95) - 1)]
    return (
        f"{name}: n={len(values)} median={statistics.median(values):.1f} {unit} "
        f"p95={p95:.1f} {unit} max={ordered[-1]:.1f} {unit}"
    )
