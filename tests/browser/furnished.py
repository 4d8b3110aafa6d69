"""A company in which every kind of page has something to show."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select, update

from tests import kept_files
from tests.desk import PASSWORD, UBUNTU, Desk
from tests.every_table import issuer_of
from tests.services.test_rehiring import hire_again
from tests.windows import DAY, HOUR, have_window, set_window
from webapp.domain.access import Because
from webapp.domain.costs.bills import Remainder, Source
from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.costs.spans import month_of
from webapp.domain.lifecycle import Action, State
from webapp.domain.roles import Role
from webapp.domain.system_images import ImageState
from webapp.engine.cost_sums import sum_months
from webapp.models import (
    Application,
    CostDay,
    EmailChange,
    InquiryKind,
    JobPosting,
    Mail,
    SystemImage,
    User,
    Workspace,
)
from webapp.services import (
    budgets,
    cohorts,
    company_domains,
    help_requests,
    inquiries,
    invitations,
    password_reset,
    people,
    profiles,
    webhooks,
)
from webapp.services.budgets import BudgetRequest
from webapp.services.cohort_plan import Entry
from webapp.services.cohorts import CohortRequest
from webapp.services.invitations import Wanted
from webapp.services.profiles import ProfileRequest


@dataclass(frozen=True, slots=True)
class Furnished:
    running: int
    stopped: int
    failed: int
    ordered: int
    ended: int
    cohort: int
    seeker: str
    """The address of the one who uses `running` and has asked for help."""
    links: tuple[str, ...] = ()
    """Pages with a single-use link, for strangers."""
    former_colleague: int = 1
    """Is disabled."""
    undecided: int = 1
    """An application that nobody has decided about."""
    hired_again: int = 1
    """One whose person has a desktop that is kept after another contract."""
    left: int = 1
    """A desktop that is gone and has left a snapshot."""
    brought: int = 1
    """One to which the files of another were to come, and did not."""


OPERATOR = "operator@example.com"
DIGEST_ID = "digest@portal.example"
"""Of a daily mail to the provider."""


def furnish(desk: Desk) -> Furnished:
    company = desk.provider.company_id or 0
    people.add_user(desk.context, email=OPERATOR, role=Role.ADMIN, password=PASSWORD, company_name=None)
    inquiries.ask(desk.context, credential_id=desk.credential_id, kind=InquiryKind.LIST_BUNDLES)
    desk.work()
    ended, running, stopped = desk.order(), desk.order(), desk.order()
    for one in (ended, running, stopped):
        desk.live_until(one, State.AVAILABLE)
    desk.press(stopped, Action.STOP)
    desk.press(ended, Action.TERMINATE)
    desk.live_until(stopped, State.STOPPED)
    desk.live_until(ended, State.TERMINATED)
    desk.plant("by.hand")
    desk.live(1000)
    desk.refuse_users()
    failed = desk.order()
    desk.live_until(failed, State.ERROR)
    _add_snapshots(desk, running)
    seeker = _seeker_of(desk, running)
    help_requests.ask_for_help(
        desk.context, running, seeker_id=seeker.id, note="The screen stays black.", actor=desk.actor
    )
    undecided = desk.add_application(is_approved=False).id
    desk.add_application()
    _add_profile(desk)
    entries = [
        Entry(desk.add_application().id, username="ada.byron"),
        Entry(words="Nobody Known", username="x"),
    ]
    order_request = CohortRequest(
        "c" * 32, "March intake", desk.credential_id, desk.stage.workspace_type, UBUNTU
    )
    cohort = cohorts.order_cohort(desk.context, order_request, entries, company_id=company, actor=desk.actor)
    address = "https://hooks.example.com/berth"
    webhooks.add_endpoint(desk.context, company_id=company, url=address, kinds=list(webhooks.KINDS))
    ordered = desk.order()
    _add_mails(desk)
    links, former_id = _add_people(desk)
    _add_single_sign_on(desk)
    _add_budgets(desk)
    _add_costs(desk, running)
    desk.session.commit()
    _add_contracts(desk, running, ordered)
    desk.session.commit()
    again = _hire_again(desk, stopped)
    left = kept_files.gone(desk)
    brought = kept_files.failed(desk, credential_id=desk.credential_id)
    made = (running, stopped, failed, ordered, ended, cohort.id, seeker.email, links, former_id)
    desk.session.commit()
    return Furnished(*made, undecided=undecided, hired_again=again, left=left, brought=brought)


def _add_profile(desk: Desk) -> None:
    """That the first job gives."""
    wanted = ProfileRequest("Analysts", desk.credential_id, desk.stage.workspace_type, UBUNTU)
    made = profiles.create_profile(desk.context, wanted, company_id=desk.provider.company_id or 0)
    desk.session.execute(
        update(JobPosting).where(JobPosting.id == desk.posting_id).values(profile_id=made.id)
    )
    desk.session.commit()


def _hire_again(desk: Desk, stopped: int) -> int:
    """The contract is over and the desktop kept; the person is approved for another job."""
    have_window(desk, desk.row(stopped).application_id, ends=-HOUR)
    now = desk.clock.now()
    kept = {"suspended_at": now, "suspended_because": Because.CONTRACT_ENDED, "destroy_at": now + DAY}
    with desk.sessions.begin() as session:
        session.execute(update(Workspace).where(Workspace.id == stopped).values(kept))
    return hire_again(desk, stopped)


def _add_snapshots(desk: Desk, running: int) -> None:
    """That a restore would bring back, and an image of its system."""
    now, machine = desk.clock.now(), desk.row(running).cloud_workspace_id or ""
    known = {"files_snapshot_at": now - HOUR, "system_snapshot_at": now - HOUR, "snapshots_read_at": now}
    with desk.sessions.begin() as session:
        session.execute(update(Workspace).where(Workspace.id == running).values(known))
        session.add(
            SystemImage(
                company_id=desk.provider.company_id or 0,
                credential_id=desk.credential_id,
                workspace_id=running,
                cloud_workspace_id=machine,
                claim="f00d/uid/1",
                name="berth-ws-1-20261101T1200",
                cloud_id="wsi-000000001",
                state=ImageState.READY,
                issued_at=now - HOUR,
                created_at=now - HOUR,
            )
        )


def _add_contracts(desk: Desk, running: int, ordered: int) -> None:
    """One ends this week, one begins tomorrow, and an approved person has no desktop yet."""
    set_window(desk, desk.row(running).application_id, starts=-3 * DAY, ends=5 * DAY)
    set_window(desk, desk.row(ordered).application_id, starts=HOUR, ends=60 * DAY)
    set_window(desk, desk.add_application().id, starts=2 * DAY)


def _add_people(desk: Desk) -> tuple[tuple[str, ...], int]:
    """A colleague, one who left, and invitations of both kinds; the pages of links, and who left."""
    company = desk.provider.company_id or 0
    mia, left = (desk.add_provider(f"{one}@example.com", company=f"Of {one}") for one in ("mia", "left"))
    mia.company_id = left.company_id = company
    left.is_active = False
    posting_id = desk.add_application().job_posting_id
    leo, ada = Wanted("leo@example.com"), Wanted("ada@example.com", "Ada Byron")
    invitations.invite(desk.context, [leo], company_id=company, invited_by=desk.provider)
    [invited] = invitations.invite(
        desk.context, [ada], company_id=company, invited_by=desk.provider, posting_id=posting_id
    )
    reset = password_reset.make_link(desk.context, email=desk.provider.email)
    now = desk.clock.now()
    change = EmailChange(
        user_id=desk.add_seeker().id,
        new_email="right@example.com",
        old_token_hash="x",
        new_token_hash=sha256(b"new").hexdigest(),
        made_at=now,
        expires_at=now + timedelta(hours=1),
    )
    desk.session.add(change)
    desk.session.commit()
    pages = {"/invitation/": invited.token, "/password/new": reset, "/account/email/confirm": "new"}
    links = [f"{path}?link={token}" for path, token in pages.items()]
    return (*links, f"/account/digest/stop?mail={DIGEST_ID}"), left.id


def _add_single_sign_on(desk: Desk) -> None:
    """With a domain that is proven, and one that is not."""
    company, now = desk.provider.company_id or 0, desk.clock.now()
    for name in ("example.com", "example.org"):
        company_domains.add_domain(desk.context, name, company_id=company).verified_at = now
        now = None
    desk.session.add(issuer_of(company, at=desk.clock.now()))


def _add_mails(desk: Desk) -> None:
    """Sent, waiting for another attempt, given up."""
    now, company = desk.clock.now(), desk.provider.company_id
    states: tuple[dict[str, object], ...] = (
        {"sent_at": now},
        {"due_at": now, "failures": 1, "failure_code": "server_timed_out"},
        {"gave_up_at": now, "failure_code": "recipient_refused", "failure_words": "550 5.1.1 Unknown"},
    )
    common = {"company_id": company, "parameters": {}, "created_at": now, "attempts": 1, "lease_token": 0}
    for number, state in enumerate(states):
        desk.session.add(
            Mail(
                message_id=f"{number}@portal.example",
                kind="application_approved",
                address=f"seeker{number}@example.com",
                **{"failures": 0, **common, **state},
            )
        )
    digest = {"kind": "digest", "address": desk.provider.email, "user_id": desk.provider.id, "sent_at": now}
    desk.session.add(Mail(message_id=DIGEST_ID, failures=0, **common, **digest))


def _add_budgets(desk: Desk) -> None:
    """One of them is lifted."""
    company = desk.provider.company_id or 0
    for subject, of, limits in (
        (Subject.COMPANY, None, Limits(500_00, None)),
        (Subject.JOB, desk.posting_id, Limits(100_00, 900_00)),
    ):
        made = budgets.add_budget(desk.context, BudgetRequest(subject, of, "USD", limits), company_id=company)
    until = desk.clock.now() + timedelta(days=2)
    budgets.lift_budget(
        desk.context, made.id, until=until, reason="A late team.", company_id=company, actor=desk.actor
    )


def _add_costs(desk: Desk, workspace_id: int) -> None:
    """Of today: an estimate, and a bill that others have a part in."""
    company, day = desk.provider.company_id or 0, desk.clock.now().date()
    parts = (
        (Source.ESTIMATED, workspace_id, None, 1234),
        (Source.BILLED, workspace_id, None, 1250),
        (Source.BILLED, None, Remainder.UNMARKED, 321),
    )
    for source, of, remainder, amount in parts:
        desk.session.add(
            CostDay(
                company_id=company,
                credential_id=desk.credential_id,
                day=day,
                currency="USD",
                source=source,
                workspace_id=of,
                remainder=remainder,
                amount_minor=amount,
            )
        )
    desk.session.flush()
    sum_months(desk.session, company, [month_of(day)])


def _seeker_of(desk: Desk, workspace_id: int) -> User:
    return desk.session.scalars(
        select(User)
        .join(Application, Application.seeker_id == User.id)
        .join(Workspace, Workspace.application_id == Application.id)
        .where(Workspace.id == workspace_id)
    ).one()
