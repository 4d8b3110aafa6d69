"""What the pages of a group order show: the choices, the review, and the progress."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from flask import request

from webapp.domain.costs.rates import GroupEstimate, Rates, estimate_group
from webapp.domain.lifecycle import State
from webapp.domain.name_patterns import PLACEHOLDERS
from webapp.identity import company_id, service_context
from webapp.models import Application, CloudCredential, Cohort, Profile
from webapp.pages import live, words
from webapp.pages.cohorts.forms import CohortForm, number_of
from webapp.pages.contract_words import default_hours_in_words
from webapp.pages.credentials.bundles import BundleList, bundles_context
from webapp.providers.registry import get_provider
from webapp.queries import budgets, credentials
from webapp.queries import cohorts as queries
from webapp.queries.cohorts import RowView
from webapp.queries.profiles import find_profile_id, list_profiles
from webapp.queries.tallies import read_version
from webapp.queries.workspace_table import list_job_titles
from webapp.services.cohort_plan import MOST_PEOPLE, Entry
from webapp.services.cohort_review import Review, review
from webapp.services.order_limits import room_for
from webapp.services.planned_rows import PlannedRow
from webapp.services.quota import KnownQuota, quota_of

LOOK_S = 5


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people of a group order are in each stage."""

    people: int
    ready: int
    under_way: int
    failed: int
    refused: int
    ended: int
    not_begun: int

    @property
    def may_retry(self) -> int:
        return self.failed + self.refused + self.not_begun

    @property
    def ready_width(self) -> float:
        """Of 600 units."""
        return round(self.ready / (self.people or 1) * 600, 1)


class CohortChoices(BundleList):
    """What `cohorts/new.html` needs."""

    form: CohortForm
    jobs: list[tuple[int, str]]
    posting_id: int
    people: list[Application]
    ticked: set[str]
    """Ids of applications, as the form sent them."""
    credentials: list[CloudCredential]
    profiles: Sequence[Profile]
    hours: str
    """That the profile gives, in words."""
    placeholders: Mapping[str, str]


class Room(TypedDict):
    """What so many desktops of this size take, and what is left of it."""

    quota: KnownQuota | None
    fitting: int | None
    """How many more desktops of this size the quota allows; None if unknown."""
    beyond_quota: int
    cost: Rates | None
    """Of one desktop; None if its price is not known."""
    group_cost: GroupEstimate | None
    """Of all that can be ordered; None if the price is not known."""
    room: int
    """For so many of these the company's caps and budgets have room."""


class DryRun(Room):
    """What `cohorts/check.html` needs."""

    form: CohortForm
    """With notices about the list."""
    entries: list[tuple[Entry, PlannedRow]]
    good: int
    bad: int
    credential: CloudCredential
    bundle: dict[str, Any]
    posting_id: int
    has_budget: bool
    profile: Profile | None
    has_hours: bool
    """Has any of their contracts, or the profile, hours?"""
    has_windows: bool
    """Gives the list anybody a contract?"""
    unread: int
    """How many contracts cannot be read; nothing is ordered before they are corrected."""


class CohortRows(TypedDict):
    """What `cohorts/_rows.html` needs, and its version."""

    cohort: Cohort
    rows: list[RowView]
    tally: Tally
    poll_s: int | None
    words: Mapping[State, words.StateWords]
    etag: str


def choice_context(form: CohortForm) -> CohortChoices:
    """The choices; the last order for the job is preselected."""
    session, company = service_context().session, company_id()
    posting_id = number_of(request.values.get("job"))
    usable = [one for one in credentials.list_credentials(session, company_id=company) if one.is_usable]
    last = queries.find_last_order(session, company_id=company, posting_id=posting_id)
    own = form.credential_id.data if form.profile is not None else None
    wanted = number_of(own or request.values.get("credential") or form.credential_id.data)
    credential = _chosen(usable, wanted or (last.credential_id if last else 0))
    jobs = list_job_titles(session, company_id=company, chosen_ids=[posting_id] if posting_id else ())
    if credential is not None:
        usernames = get_provider(credential.cloud_provider).usernames.of_directory(credential.observed)
        form.pattern.data = form.pattern.data or usernames.pattern
        if last is not None and last.credential_id == credential.id:
            form.bundle_id.data = form.bundle_id.data or last.bundle_id
    if not form.name.data:
        form.name.data = dict(jobs).get(posting_id, "")
    people: list[Application] = []
    if posting_id:
        people = queries.list_unserved_of_job(
            session,
            company_id=company,
            posting_id=posting_id,
            now=service_context().clock.now(),
            limit=MOST_PEOPLE,
        )
    return CohortChoices(
        form=form,
        jobs=jobs,
        posting_id=posting_id,
        people=people,
        ticked=set(request.form.getlist("application_id")),
        credentials=usable,
        profiles=list_profiles(session, company_id=company),
        hours="" if form.profile is None else default_hours_in_words(form.profile.contract_defaults),
        placeholders=PLACEHOLDERS,
        **bundles_context(credential),
    )


def usual_profile_id() -> int | None:
    """Of the job that the URL names; None: it gives none."""
    posting_id = number_of(request.values.get("job"))
    if not posting_id:
        return None
    return find_profile_id(service_context().session, posting_id, company_id=company_id())


def check_context(form: CohortForm, entries: Sequence[Entry]) -> DryRun:
    """The review. Raises Invalid, Conflict or Unavailable for what is wrong with all of them."""
    order, pattern = form.order_request(), form.pattern.data or ""
    found = review(service_context(), order, entries, pattern=pattern, company_id=company_id())
    rows = found.rows
    good = sum(row.code is None for row in rows)
    return {
        "form": form,
        "entries": list(zip(entries, rows, strict=True)),
        "good": good,
        "bad": len(rows) - good,
        "credential": found.credential,
        "bundle": found.bundle,
        "posting_id": number_of(request.values.get("job")),
        "has_budget": budgets.has_budget(service_context().session, company_id=company_id()),
        "profile": found.profile,
        "has_hours": any(row.hours for row in rows),
        "has_windows": any(one.typed.is_given for one in entries),
        "unread": sum(one.window_problem is not None for one in entries),
        **_room(found, good),
    }


def _room(found: Review, good: int) -> Room:
    credential, cost = found.credential, found.rates
    quota = quota_of(service_context(), credential) if good else None
    fitting = quota.left.desktops(vcpus=found.bundle.get("vcpus")) if quota and quota.left else None
    month = None if cost is None else cost.usual_month
    times = [row.left for row in found.rows if row.code is None]
    return {
        "quota": quota,
        "fitting": fitting,
        "beyond_quota": max(good - fitting, 0) if fitting is not None else 0,
        "cost": cost,
        "group_cost": None if cost is None else estimate_group(cost, times),
        "room": room_for(service_context(), credential, month, company_id=company_id(), wanted=good),
    }


def rows_etag(cohort: Cohort) -> str:
    """One small sum, not the rows: whatever changes in them increments the company's version."""
    version = read_version(service_context().session, company_id=cohort.company_id)
    return live.etag_of("cohort", cohort.id, version)


def rows_context(cohort: Cohort, etag: str) -> CohortRows:
    """`etag` was read before."""
    rows = queries.list_row_views(service_context().session, cohort=cohort)
    tally = _tally(rows)
    poll_s = LOOK_S if tally.under_way else None
    return {
        "cohort": cohort,
        "rows": rows,
        "tally": tally,
        "poll_s": poll_s,
        "words": words.STATES,
        "etag": etag,
    }


def _chosen(usable: Sequence[CloudCredential], credential_id: int) -> CloudCredential | None:
    found = next((one for one in usable if one.id == credential_id), None)
    return found or (usable[0] if usable else None)


def _tally(rows: Sequence[RowView]) -> Tally:
    parts = Counter(_part(row) for row in rows)
    return Tally(people=len(rows), **{name: parts[name] for name in _PARTS})


_PARTS = ("ready", "under_way", "failed", "refused", "ended", "not_begun")
_FAILED = (State.ERROR, State.UNHEALTHY, State.SUSPENDED)
_ENDED = (State.TERMINATING, State.TERMINATED)


def _part(row: RowView) -> str:
    if row.state is None:
        return "not_begun" if row.code is None else "refused"
    if row.state in _FAILED:
        return "failed"
    if row.state in _ENDED:
        return "ended"
    return "under_way" if row.state is State.PENDING else "ready"
