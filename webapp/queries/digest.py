"""What the digest says to one person: by the questions of the start page, as far as the role may see them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import func, select

from webapp.domain.capacity import shortages_in
from webapp.domain.costs.budgets import Figure, Subject, figures_of
from webapp.domain.costs.spans import day_of
from webapp.domain.digests import FEW, Line, Section, Topic, bounded
from webapp.domain.orphans import OrphanKind
from webapp.domain.permissions import Permission
from webapp.domain.secret_expiry import expiry_of
from webapp.domain.starts_and_ends import Turn, today
from webapp.domain.windows import instant_of, plain_moment
from webapp.models import Application, CloudCredential, Company, CredentialStatus, User, Workspace
from webapp.models.company_tally import UNDECIDED, UNSERVED
from webapp.queries import credentials, help_requests, start, stuck_starts
from webapp.queries.branches import MOST_COUNTED
from webapp.queries.budgets import list_budgets, names_of, read_spending
from webapp.queries.pools import list_stopped
from webapp.queries.posting_limit import is_limited
from webapp.queries.start import Some
from webapp.queries.starts_and_ends import list_turns
from webapp.queries.tallies import read_tallies
from webapp.queries.workspaces import AnySession

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reading:
    """Whose digest it is, and when; the session is limited to the person's job postings, if they are."""

    session: AnySession
    company_id: int
    now: datetime
    zone: str

    @property
    def is_limited(self) -> bool:
        return is_limited(self.session)

    def moment(self, at: datetime | None) -> str:
        return "" if at is None else plain_moment(at, self.zone)


def read_digest(session: AnySession, person: User, *, company_id: int, now: datetime) -> list[Section]:
    """Empty: nothing needs this person."""
    reading = Reading(session, company_id, now, person.time_zone or "UTC")
    may = person.permissions
    sections: list[Section] = []
    if Permission.READ_WORK in may:
        sections += _work(reading)
        if not reading.is_limited:  # theirs are some job postings, and no account
            known = credentials.list_credentials(session, company_id=company_id)
            sections += [*_capacity(reading, known), _accounts(reading, known), _pools(reading)]
            if Permission.READ_ORPHANS in may:
                sections.append(_orphans(reading))
    if Permission.READ_COSTS in may and not reading.is_limited:
        sections.append(_budgets(reading))
    return bounded(sections)


def _work(reading: Reading) -> list[Section]:
    session, company, now = reading.session, reading.company_id, reading.now
    tallies = _counted(reading) if reading.is_limited else read_tallies(session, company_id=company)
    calls = help_requests.list_open(session, company_id=company, limit=stuck_starts.MOST)
    failed = start.list_troubled(session, company_id=company, now=now, tallies=tallies, limit=FEW)
    late = stuck_starts.list_late(session, company_id=company, now=now, limit=FEW)
    absent = stuck_starts.list_never_connected(session, company_id=company, now=now, limit=FEW)
    ending = stuck_starts.list_ending(session, company_id=company, now=now, limit=FEW)
    return [
        Section(Topic.HELP, tuple(_line(one.workspace.application) for one in calls), len(calls)),
        _desktops(Topic.FAILED, failed),
        _desktops(Topic.LATE, late, lambda one: reading.moment(one.starts_at), most=stuck_starts.MOST),
        _desktops(Topic.ABSENT, absent, most=stuck_starts.MOST),
        _desktops(Topic.ENDING, ending, lambda one: reading.moment(one.ends_at), most=stuck_starts.MOST),
        _starting(reading),
        _undecided(reading, tallies.get(UNDECIDED)),
        _unserved(reading, tallies.get(UNSERVED)),
    ]


def _counted(reading: Reading) -> dict[str, int]:
    """Of the states alone, for whoever may see only a part of what the company's tallies count."""
    own = select(Workspace.listed_state, func.count(Workspace.id)).where(
        Workspace.company_id == reading.company_id, Workspace.listed_state.is_not(None)
    )
    return {state or "": count for state, count in reading.session.execute(own.group_by("listed_state"))}


def _desktops(
    topic: Topic,
    some: Some[Workspace],
    at: Callable[[Workspace], str] = lambda _one: "",
    *,
    most: int = 0,
) -> Section:
    return Section(topic, tuple(_line(one.application, at(one)) for one in some.rows), some.total, most)


def _undecided(reading: Reading, total: int | None) -> Section:
    """`total`: by the tallies; where there are none, they are counted."""
    if not total and not reading.is_limited:
        return Section(Topic.UNDECIDED, (), 0)
    most = stuck_starts.MOST if reading.is_limited else FEW
    found = start.list_undecided(reading.session, company_id=reading.company_id, limit=most)
    return Section(Topic.UNDECIDED, tuple(map(_line, found)), total or len(found))


def _unserved(reading: Reading, total: int | None) -> Section:
    """`total`: by the tallies, which count also those whose contract is over."""
    if not total and not reading.is_limited:
        return Section(Topic.UNSERVED, (), 0)
    about = {"company_id": reading.company_id, "now": reading.now}
    found = start.list_unserved(reading.session, **about, limit=FEW)
    return Section(Topic.UNSERVED, tuple(map(_line, found.rows)), found.total, MOST_COUNTED)


def _starting(reading: Reading) -> Section:
    """From today on, for seven days."""
    begins = instant_of(datetime.combine(today(reading.now, reading.zone), time()), reading.zone)
    found = list_turns(reading.session, company_id=reading.company_id, since=begins, until=begins + WEEK)
    starts = [one for one in found.entries if one.turn is Turn.STARTS]
    return Section(
        Topic.STARTING,
        tuple(_line(one.application, reading.moment(one.at)) for one in starts),
        len(starts),
    )


def _capacity(reading: Reading, known: Sequence[CloudCredential]) -> list[Section]:
    """What of the next 30 days will not fit, by reason: the account, and the first start it concerns."""
    found: dict[Topic, list[Line]] = {}
    for one in known:
        for short in shortages_in(one.outlook):
            line = Line(one.name, f"−{short.missing}", reading.moment(short.at))
            found.setdefault(Topic(f"short_{short.limit}"), []).append(line)
    return [Section(topic, tuple(lines), len(lines)) for topic, lines in sorted(found.items())]


def _accounts(reading: Reading, known: Sequence[CloudCredential]) -> Section:
    day = reading.now.date()
    troubled = [
        one
        for one in known
        if one.alarm_code
        or one.blocked_code
        or one.status is not CredentialStatus.OK
        or expiry_of(one.public_fields, today=day)
    ]
    return Section(Topic.ACCOUNTS, tuple(Line(one.name) for one in troubled), len(troubled))


def _pools(reading: Reading) -> Section:
    """By size, with their account, and since when they make nothing more."""
    stopped = list_stopped(reading.session, company_id=reading.company_id)
    lines = (Line(one.bundle_name, one.credential.name, reading.moment(one.stopped_at)) for one in stopped)
    return Section(Topic.POOLS, tuple(lines), len(stopped))


def _orphans(reading: Reading) -> Section:
    by_kind = start.count_open_orphans(reading.session, company_id=reading.company_id)
    ours = sum(by_kind.get(kind.value, 0) for kind in OrphanKind if kind.is_ours)
    return Section(Topic.ORPHANS, (), ours)


def _budgets(reading: Reading) -> Section:
    """Those about which `engine/budgets.py` warns."""
    session, company, day = reading.session, reading.company_id, day_of(reading.now)
    budgets = list_budgets(session, company_id=company)
    if not budgets:
        return Section(Topic.BUDGETS, (), 0)
    spending = read_spending(session, budgets, company_id=company, day=day)
    worth = [
        (one, figure)
        for one in budgets
        for figure in figures_of(one.limits, spending[one.id], day)
        if figure.is_used_up or figure.is_worth_a_warning
    ]
    names = names_of(session, [one for one, _ in worth], company_id=company)
    if any(one.subject is Subject.COMPANY for one, _ in worth):
        names |= _company_name(session, company)
    lines = (Line(f"{names.get(one.key, '')} ({one.currency})", _shares(figure)) for one, figure in worth)
    return Section(Topic.BUDGETS, tuple(lines), len(worth))


def _company_name(session: AnySession, company_id: int) -> Mapping[str, str]:
    name = session.scalar(select(Company.name).where(Company.id == company_id))
    return {Subject.COMPANY.value: name or ""}


def _shares(figure: Figure) -> str:
    """What is spent, and what will be: figures that need no language."""
    spent, expected = (_share(one, figure.limit_minor) for one in (figure.spent_minor, figure.sum_minor))
    return f"{spent} → {expected}"


def _share(part_minor: int, limit_minor: int) -> str:
    return f"{part_minor * 100 // limit_minor} %" if limit_minor else "100 %"


def _line(application: Application, at: str = "") -> Line:
    return Line(application.seeker.name, application.job_posting.title, at)
