"""A month: people are hired, come, work late, and leave; workers do whatever is due meanwhile."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from sqlalchemy import Engine as Database
from sqlalchemy import event, select

from tests.month.machines import HOUR, MINUTE, Clouds, Machine
from tests.month.needed import Needed
from tests.month.opening import AMAZON_ID, AZURE_ID, Looks, Opened, PoolSize, open_company
from tests.month.people import (
    DAY,
    OPENING,
    Person,
    Session,
    attendance,
    draw_people,
    number_of,
    shifts_of,
)
from tests.month.timeline import START, Timeline, seconds_of
from tests.month.workers import Workers
from webapp.database import make_engine
from webapp.domain.errors import Conflict
from webapp.domain.hours.week import OnTime
from webapp.domain.roles import ApplicationStatus
from webapp.models import Workspace
from webapp.services import applications
from webapp.services.context import ServiceContext
from webapp.services.working_on import work_on

IN_TIME_S = 2 * HOUR
"""Of a contract that is approved sooner before its start, nobody can say that its desktop is made in time."""
FIRST_CONNECTION_S = (1 * MINUTE, 5 * MINUTE)
"""So long after a desktop is usable whoever waits for it connects."""


@dataclass(frozen=True, slots=True)
class Plan:
    people: int
    days: float
    """From the first Monday on; two days for making the first desktops come before."""
    seed: int = 1
    pool: PoolSize | None = PoolSize(6, 40)
    """None: there is no warm pool."""
    every_s: float = 10.0
    """So long after a run the next one begins at the earliest, unless somebody presses something."""
    rest_s: int = 900
    """Between two looks at a settled desktop. In production 300; a look here costs real time."""
    connections_s: int = 300
    """Between two looks at who is connected."""
    poll_s: int = 30
    """Between two looks at what is under way."""
    begins_h: float = 0.0
    """Nothing happens before."""
    hired_over: int | None = None
    """All hires are spread over so many days, however few are played; None: over those played."""
    most_paid: float = 1.15
    """Hours for each that is needed."""


@dataclass(frozen=True, slots=True)
class Late:
    """A shift had begun, and the desktop was not on."""

    at_s: float
    person: Person
    state: str


@dataclass
class Month:
    plan: Plan
    people: Sequence[Person]
    company: Opened
    needed: Needed = field(default_factory=Needed)
    shifts: int = 0
    """Of which the desktop had to be on at their beginning."""
    late: list[Late] = field(default_factory=list)
    usable_s: dict[int, float] = field(default_factory=dict)
    """When each person's desktop was first usable, by the cloud."""
    late_starts: list[Late] = field(default_factory=list)
    """Contracts that began without a usable desktop."""
    starts: int = 0
    _by_number: dict[int, Person] = field(default_factory=dict)

    @property
    def timeline(self) -> Timeline:
        return self.company.timeline

    @property
    def clouds(self) -> Clouds:
        return self.company.clouds

    @property
    def end_s(self) -> float:
        return OPENING.total_seconds() + self.plan.days * DAY

    def play(self, report: Callable[[str], object] = lambda _line: None) -> None:
        self._by_number = {one.number: one for one in self.people}
        self.clouds.on_usable = self._is_usable
        begins_s = self.plan.begins_h * HOUR
        for account_id in (AMAZON_ID, AZURE_ID):
            self.company.workers.wake(account_id, begins_s)
        for person in self.people:
            approved_s = max(seconds_of(person.approved_at), begins_s + HOUR)
            self.timeline.at(approved_s, lambda one=person: self._approve(one))
            if person.starts_at is None:
                continue
            starts_s = seconds_of(person.starts_at)
            if approved_s + IN_TIME_S <= starts_s < self.end_s:
                self.timeline.at(starts_s, lambda one=person: self._begin(one))
        day = 0
        while day * DAY < self.end_s:
            self.timeline.at(day * DAY, lambda at=day: self._plan_day(at))
            day += 1
        for day in range(1, ceil(self.end_s / DAY) + 1):
            self.timeline.run_until(min(day * DAY, self.end_s))
            report(f"day {day - OPENING.days}: {self.company.workers.runs} runs, {len(self.late)} late")
        self._add_always_on()

    # What people do

    def _approve(self, person: Person) -> None:
        def do(context: ServiceContext) -> None:
            applications.decide(
                context,
                self.company.applications[person.number],
                company_id=self.company.company_id,
                decided_by_id=self.company.actor.user_id or 0,
                status=ApplicationStatus.APPROVED,
                order_as=self.company.actor,
            )

        self.company.press(do)

    def _is_usable(self, machine: Machine) -> None:
        """For the first time: whoever was hired in a hurry begins at once."""
        person, now_s = self._by_number[number_of(machine.username)], self.timeline.now_s
        self.usable_s[person.number] = now_s
        if not person.is_hurried:
            return
        now, today = self.timeline.now(), self._local_day(person)
        shift = next((one for one in shifts_of(person.hours, today) if one.ends_at > now), None)
        begins_s = now_s + self.clouds.rng.uniform(*FIRST_CONNECTION_S)
        ends_s = begins_s + 30 * MINUTE
        if shift is not None:
            ends_s = max(ends_s, seconds_of(shift.ends_at) - 10 * MINUTE)
        session = Session(begins_s, ends_s)
        self._come(person, session)
        self.needed.add_day(session, [session])

    def _plan_day(self, day: int) -> None:
        """The shifts of the local day after this one: it has begun nowhere yet."""
        local = (START + timedelta(days=day + 1)).date()
        for person in self.people:
            for shift in shifts_of(person.hours, local):
                if self._is_theirs(person, shift):
                    self._plan_shift(person, shift)

    def _is_theirs(self, person: Person, shift: OnTime) -> bool:
        """Within the contract, and not the day of a hurried start, which is another story."""
        begins_s = seconds_of(shift.begins_at)
        first_s = self.plan.begins_h * HOUR + IN_TIME_S
        if not first_s <= begins_s < self.end_s or person.opens_at > shift.begins_at:
            return False
        if person.is_hurried and person.approved_at.date() == shift.begins_at.date():
            return False
        return person.ends_at is None or person.ends_at >= shift.ends_at

    def _plan_shift(self, person: Person, shift: OnTime) -> None:
        begins_s, ends_s = seconds_of(shift.begins_at), min(seconds_of(shift.ends_at), self.end_s)
        plans = attendance(person, shift, self.plan.seed)
        last_s = self.end_s
        if person.ends_at is not None:
            last_s = min(last_s, seconds_of(person.ends_at) - MINUTE)
        sessions = [
            Session(one.begins_s, min(one.ends_s, last_s)) for one in plans.sessions if one.begins_s < last_s
        ]
        self.needed.add_day(Session(begins_s, ends_s), sessions)
        self.timeline.at(begins_s, lambda: self._expect(person))
        for one in sessions:
            self._come(person, one)
        if plans.works_on_s is not None:
            self.timeline.at(plans.works_on_s, lambda: self._work_on(person))

    def _come(self, person: Person, session: Session) -> None:
        name = person.username
        self.timeline.at(session.begins_s, lambda: self.clouds.connect(name, session.ends_s))
        self.timeline.at(session.ends_s, lambda: self.clouds.leave(name))

    def _work_on(self, person: Person) -> None:
        def do(context: ServiceContext) -> None:
            own = Workspace.application_id == self.company.applications[person.number]
            workspace = context.session.scalars(select(Workspace).where(own)).first()
            if workspace is None:
                return
            try:
                work_on(context, workspace, actor=self.company.actor)
            except Conflict:
                context.session.rollback()

        self.company.press(do)

    # What is judged

    def _expect(self, person: Person) -> None:
        """The shift begins now."""
        self.shifts += 1
        state = self._state_of(person)
        if state != "usable":
            self.late.append(Late(self.timeline.now_s, person, state))

    def _begin(self, person: Person) -> None:
        """The contract begins now: its desktop is made, and comes up like any other."""
        self.starts += 1
        machine = self.clouds.by_user.get(person.username)
        if machine is None or machine.state.value in ("pending", "error"):
            self.late_starts.append(Late(self.timeline.now_s, person, self._state_of(person)))

    def _state_of(self, person: Person) -> str:
        machine = self.clouds.by_user.get(person.username)
        if machine is None:
            return "none"
        return "usable" if machine.is_usable else str(machine.state)

    def _local_day(self, person: Person) -> date:
        return self.timeline.now().astimezone(ZoneInfo(person.hours.zone)).date()

    def _add_always_on(self) -> None:
        for person in self.people:
            usable_s = self.usable_s.get(person.number)
            if usable_s is None:
                continue
            begins_s = max(usable_s, seconds_of(person.opens_at))
            ends_s = self.end_s if person.ends_at is None else seconds_of(person.ends_at)
            self.needed.always_on_s += max(ends_s - begins_s, 0.0)


@contextmanager
def open_month(plan: Plan, url: str) -> Iterator[Month]:
    """In an empty, migrated database."""
    timeline = Timeline()
    clouds = Clouds(timeline, random.Random(f"{plan.seed}/clouds"))
    people = list(draw_people(plan.people, plan.hired_over or ceil(plan.days), plan.seed))
    database = make_engine(url)
    _be_quick(database)
    company = open_company(
        database,
        url,
        people,
        clouds,
        workers=Workers(timeline, every_s=plan.every_s, begins_s=plan.begins_h * HOUR),
        pool=plan.pool,
        looks=Looks(plan.poll_s, plan.rest_s, plan.connections_s),
    )
    try:
        yield Month(plan, people, company)
    finally:
        database.dispose()


def _be_quick(database: Database) -> None:
    """Nothing of it has to outlive the machine."""
    if database.dialect.name != "sqlite":
        return

    @event.listens_for(database, "connect")
    def _on_connect(connection: object, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]
