"""What the start page shows, in the order in which a person should read it."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session, scoped_session

from webapp.domain import catalogue
from webapp.domain.capacity import shortages_in
from webapp.domain.lifecycle import State
from webapp.domain.orphans import OrphanKind
from webapp.domain.secret_expiry import expiry_of
from webapp.models import Application, CloudCredential, HelpRequest, WarmPool, Workspace
from webapp.models.cloud_credential import CredentialStatus
from webapp.models.company_tally import UNDECIDED, UNSERVED
from webapp.pages import words
from webapp.pages.capacity_words import says
from webapp.providers.registry import get_provider
from webapp.queries import credentials, help_requests, pools, start, stuck_starts
from webapp.queries.start import Some
from webapp.services.month_so_far import MonthSoFar

FEW = 5
HISTORY = timedelta(days=30)
LOOK_S = 10
"""The start page is an overview, so it polls more slowly than the page of one desktop."""


@dataclass(frozen=True, slots=True)
class Trouble:
    workspace: Workspace
    reason: str


@dataclass(frozen=True, slots=True)
class CredentialTrouble:
    credential: CloudCredential
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Short:
    """What will not suffice for who starts in the next 30 days."""

    credential: CloudCredential
    at: datetime
    """The first start that it concerns."""
    reason: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that links to its list."""

    label: str
    count: int
    state: str


@dataclass(frozen=True, slots=True)
class Overview:
    calls: list[HelpRequest]
    """Open help requests."""
    undecided: Some[Application]
    unserved: Some[Application]
    troubles: list[Trouble]
    trouble_total: int
    late: Some[Workspace]
    """Not ready although the contract begins."""
    absent: Some[Workspace]
    """Could have connected for days, and never has."""
    ending: Some[Workspace]
    """The contract ends soon."""
    credential_troubles: list[CredentialTrouble]
    stopped_pools: list[WarmPool]
    shorts: list[Short]
    orphans_of_ours: int
    orphans_of_others: int
    tiles: list[Tile]
    total: int
    median_wait_s: float | None
    """The median wait of desktops that became ready recently; None without any."""
    measured: int
    costs: MonthSoFar | None
    first_steps: dict[str, bool] | None
    poll_s: int | None

    @property
    def needs_nobody(self) -> bool:
        return not (
            self.calls
            or self.undecided.total
            or self.unserved.total
            or self.trouble_total
            or self.late.total
            or self.absent.total
            or self.ending.total
            or self.credential_troubles
            or self.stopped_pools
            or self.shorts
            or self.orphans_of_ours
        )


def overview_of(
    session: Session | scoped_session[Session],
    tallies: Mapping[str, int],
    costs: MonthSoFar | None,
    *,
    company_id: int,
    now: datetime,
) -> Overview:
    """`tallies` and `costs` were read before."""
    states, known = start.count_states(tallies), credentials.list_credentials(session, company_id=company_id)
    undecided, unserved = _waiting(session, tallies, company_id=company_id, now=now)
    troubled = start.list_troubled(session, company_id=company_id, now=now, tallies=tallies, limit=FEW)
    waits = start.list_recent_waits(session, company_id=company_id, since=now - HISTORY)
    ours, others = _orphans(start.count_open_orphans(session, company_id=company_id))
    is_new = not states and not waits
    has_job = is_new and start.has_posting(session, company_id=company_id)
    return Overview(
        calls=help_requests.list_open(session, company_id=company_id, limit=2 * FEW),
        undecided=Some(undecided, tallies.get(UNDECIDED, 0)),
        unserved=unserved,
        troubles=[Trouble(one, _reason(one)) for one in troubled.rows],
        trouble_total=troubled.total,
        late=_late(session, tallies, company_id=company_id, now=now),
        absent=stuck_starts.list_never_connected(session, company_id=company_id, now=now, limit=FEW),
        ending=stuck_starts.list_ending(session, company_id=company_id, now=now, limit=FEW),
        credential_troubles=[found for one in known if (found := _trouble_of(one, today=now.date()))],
        stopped_pools=_stopped_pools(session, known, company_id=company_id),
        shorts=[
            Short(one, short.at, says(one, short)) for one in known for short in shortages_in(one.outlook)
        ],
        orphans_of_ours=ours,
        orphans_of_others=others,
        tiles=_tiles(states),
        total=sum(states.values()),
        median_wait_s=statistics.median(waits) if waits else None,
        measured=len(waits),
        costs=costs,
        first_steps=_first_steps(known, unserved.rows, has_job=has_job) if is_new else None,
        poll_s=LOOK_S if any(state.is_moving for state in states) else None,
    )


def _waiting(
    session: Session | scoped_session[Session],
    tallies: Mapping[str, int],
    *,
    company_id: int,
    now: datetime,
) -> tuple[list[Application], Some[Application]]:
    """The first few of the undecided and the unserved; nothing is asked where there is none."""
    undecided = (
        start.list_undecided(session, company_id=company_id, limit=FEW) if tallies.get(UNDECIDED) else []
    )
    if not tallies.get(UNSERVED):
        return undecided, Some([], 0)
    return undecided, start.list_unserved(session, company_id=company_id, now=now, limit=FEW)


def _late(
    session: Session | scoped_session[Session],
    tallies: Mapping[str, int],
    *,
    company_id: int,
    now: datetime,
) -> Some[Workspace]:
    if not tallies.get(State.PENDING.value):
        return Some([], 0)
    return stuck_starts.list_late(session, company_id=company_id, now=now, limit=FEW)


def _first_steps(
    known: Sequence[CloudCredential], unserved: Sequence[Application], *, has_job: bool
) -> dict[str, bool]:
    return {
        "has_account": bool(known),
        "has_credential": any(one.is_usable for one in known),
        "has_job": has_job,
        "has_approved": bool(unserved),
    }


def _reason(workspace: Workspace) -> str:
    if workspace.error_code:
        return catalogue.entry(workspace.error_code).message
    if workspace.state in start.TROUBLED:
        return words.STATES[workspace.state].company
    return f"{words.STATES[workspace.state].label} for longer than usual."


def _trouble_of(credential: CloudCredential, *, today: date) -> CredentialTrouble | None:
    """The worst thing about a credential; None when it works."""
    if credential.alarm_code:
        said = catalogue.entry(credential.alarm_code)
        return CredentialTrouble(credential, said.message, said.remedy)
    if credential.blocked_code:
        said = catalogue.entry(credential.blocked_code)
        return CredentialTrouble(credential, f"On hold: {said.message}", said.remedy)
    if credential.status is CredentialStatus.FAILING:
        return CredentialTrouble(credential, "The test failed.", "Its page shows what is missing.")
    if expiry := expiry_of(credential.public_fields, today=today):
        return CredentialTrouble(credential, expiry.summary, expiry.remedy)
    if credential.status is CredentialStatus.UNTESTED:
        return CredentialTrouble(credential, "Not tested yet.", "Press “Test now” on its page.")
    return None


def _stopped_pools(
    session: Session | scoped_session[Session], known: Sequence[CloudCredential], *, company_id: int
) -> list[WarmPool]:
    """Nothing is asked where no account can have one."""
    can_have = any(get_provider(one.cloud_provider).desktops.makes_spares for one in known)
    return pools.list_stopped(session, company_id=company_id) if can_have else []


def _orphans(by_kind: dict[str, int]) -> tuple[int, int]:
    ours = sum(by_kind.get(kind.value, 0) for kind in OrphanKind if kind.is_ours)
    return ours, sum(by_kind.values()) - ours


def _tiles(states: dict[State, int]) -> list[Tile]:
    moving = sum(count for state, count in states.items() if state.is_moving)
    return [
        Tile("Running", states.get(State.AVAILABLE, 0), "AVAILABLE"),
        Tile("Stopped", states.get(State.STOPPED, 0), "STOPPED"),
        Tile("In progress", moving, "moving"),
        Tile("Needs attention", sum(states.get(state, 0) for state in start.TROUBLED), "trouble"),
    ]
