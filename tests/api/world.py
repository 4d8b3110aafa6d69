"""What the tests of the API stand on: people, tokens, a usable credential with bundles, workspaces."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from webapp.domain.actor import Actor
from webapp.domain.costs.budgets import Limits, Subject
from webapp.domain.lifecycle import CloudState, Phase
from webapp.domain.orphans import OrphanKind, OrphanStatus
from webapp.domain.roles import ApplicationStatus, CompanyRole, Role
from webapp.domain.webhooks import KINDS
from webapp.models import (
    Application,
    Base,
    CloudCredential,
    Cohort,
    CohortRow,
    Company,
    CredentialStatus,
    Inquiry,
    InquiryKind,
    JobPosting,
    Orphan,
    Schedule,
    User,
    UserSession,
    Workspace,
)
from webapp.queries.workspaces import AnySession
from webapp.queueing import JobName
from webapp.services import budgets, credentials, invitations, orders, profiles, tokens, webhooks
from webapp.services.budgets import BudgetRequest
from webapp.services.context import ServiceContext
from webapp.services.invitations import Wanted
from webapp.services.profiles import ProfileRequest

START = datetime(2026, 11, 24, 10, 0, 0, 123456, tzinfo=UTC)
SECRET = "CANARYcanaryCANARYcanaryCANARYcanary1234"
KEY_ID = "AKIACANARYCANARY0001"
REGISTRATION_CODE = "wsfra+ABC123"


class FrozenClock:
    """Stands still until a test moves it, or somebody waits; then the worker gets its turn, if any."""

    def __init__(self) -> None:
        self.elapsed = timedelta(0)
        self.worker: Callable[[], None] | None = None

    def now(self) -> datetime:
        return START + self.elapsed

    def monotonic_s(self) -> float:
        return self.elapsed.total_seconds()

    def pause(self, seconds: float) -> None:
        self.elapsed += timedelta(seconds=seconds)
        if self.worker is not None:
            self.worker()


class RecordingNotifier:
    """Nobody listens; notifications are written down."""

    def __init__(self) -> None:
        self.notified: list[tuple[JobName, int]] = []

    def notify(self, name: JobName, subject_id: int) -> None:
        self.notified.append((name, subject_id))


@dataclass
class World:
    provider_id: int
    company_id: int
    credential_id: int
    untested_credential_id: int
    foreign_credential_id: int
    workspace_id: int
    application_id: int
    """The application that `workspace_id` was ordered for."""
    free_application_ids: list[int]
    """Approved, without a workspace."""
    waiting_application_id: int
    orphan_id: int
    """A machine with our mark that no row knows."""
    budget_id: int
    profile_id: int
    """That no job gives."""
    posting_id: int
    invitation_id: int
    """Of a colleague, to be an owner."""
    colleague_id: int
    webhook_id: int
    cohort_id: int
    tokens: dict[str, str] = field(default_factory=dict)
    session_token: str = "a-browser-of-the-provider"


def bundle(bundle_id: str, **other: Any) -> dict[str, Any]:
    return {
        "bundle_id": bundle_id,
        "name": "Standard Ubuntu 22.04",
        "description": "Two cores",
        "owner": "amazon",
        "compute_type": "STANDARD",
        "vcpus": 2,
        "memory_gib": 4,
        "root_storage_gib": 80,
        "user_storage_gib": 50,
        "operating_system": "Ubuntu 22.04",
        "workspace_type": "ubuntu",
        "unavailable_reason": None,
    } | other


BUNDLES = [
    bundle("wsb-ubuntu001"),
    bundle("wsb-windows01", name="Windows", operating_system="Windows 11", workspace_type="windows"),
    bundle("wsb-retired01", unavailable_reason="Amazon has retired this bundle."),
    bundle(
        "wsb-nameless1",
        name="Team desktop",
        owner="own",
        operating_system="not recognised",
        workspace_type=None,
        unavailable_reason="Berth does not recognise its system.",
        possible_types=["ubuntu", "windows"],
    ),
]


def build_world(context: ServiceContext) -> World:
    session, now = context.session, context.clock.now()
    ours, theirs = Company(name="Ours", created_at=now), Company(name="Theirs", created_at=now)
    session.add_all([ours, theirs])
    session.flush()
    people = {
        "provider": _person(context, "pia", Role.PROVIDER, ours.id),
        "other provider": _person(context, "bob", Role.PROVIDER, theirs.id),
        "seeker": _person(context, "sam", Role.SEEKER, None),
        "other seeker": _person(context, "tess", Role.SEEKER, None),
        "admin": _person(context, "ada", Role.ADMIN, None),
        "disabled": _person(context, "dan", Role.PROVIDER, ours.id),
    }
    posting_ids = [_posting(context, ours.id) for _ in range(4)]
    approved = [
        _application(context, posting, people["seeker"], ApplicationStatus.APPROVED)
        for posting in posting_ids
    ]
    waiting = _application(context, posting_ids[0], people["other seeker"], ApplicationStatus.SUBMITTED)
    session.commit()
    usable = _credential(context, ours.id, "Main")
    untested = _credential(context, ours.id, "Untested")
    foreign = _credential(context, theirs.id, "Foreign")
    for one in (usable, foreign):
        _pass_test(context, one)
    found = World(
        provider_id=people["provider"].id,
        company_id=ours.id,
        credential_id=usable.id,
        untested_credential_id=untested.id,
        foreign_credential_id=foreign.id,
        workspace_id=0,
        application_id=approved[0],
        free_application_ids=approved[1:],
        waiting_application_id=waiting,
        orphan_id=_orphan(context, usable),
        budget_id=_budget(context, ours.id),
        profile_id=_profile(context, ours.id, usable.id),
        posting_id=posting_ids[0],
        invitation_id=_invitation(context, people["provider"]),
        colleague_id=people["disabled"].id,
        webhook_id=_webhook(context, ours.id),
        cohort_id=_cohort(context, usable, people["provider"]),
        tokens=_tokens(context, people),
    )
    found.workspace_id = order(context, found, application_id=approved[0], username="sam.okafor")
    _sign_in(context, people["provider"], found.session_token)
    return found


def order(context: ServiceContext, world: World, *, application_id: int, username: str) -> int:
    order_request = orders.OrderRequest(
        application_id=application_id,
        cloud_credential_id=world.credential_id,
        workspace_type="ubuntu",
        bundle_id="wsb-ubuntu001",
        username=username,
    )
    actor = Actor("pia@ours.example", user_id=world.provider_id)
    return orders.order_workspace(context, order_request, company_id=world.company_id, actor=actor).id


ORPHAN_MACHINE = "ws-forgotten1"


def _orphan(context: ServiceContext, credential: CloudCredential) -> int:
    now = context.clock.now()
    orphan = Orphan(
        company_id=credential.company_id,
        credential_id=credential.id,
        account_id=credential.account_id,
        cloud_workspace_id=ORPHAN_MACHINE,
        claim=f"{'a' * 32}/{'b' * 32}/1",
        kind=OrphanKind.UNKNOWN_ROW,
        status=OrphanStatus.OPEN,
        username="forgotten",
        cloud_state=CloudState.AVAILABLE,
        cloud_word="AVAILABLE",
        compute_type="STANDARD",
        running_mode="AUTO_STOP",
        operating_system="WINDOWS_11",
        first_seen_at=now,
        last_seen_at=now,
    )
    context.session.add(orphan)
    context.session.commit()
    return orphan.id


def _budget(context: ServiceContext, company_id: int) -> int:
    """With room for every order of the tests."""
    request = BudgetRequest(Subject.COMPANY, None, "USD", Limits(month_minor=10**12, total_minor=None))
    return budgets.add_budget(context, request, company_id=company_id).id


def _profile(context: ServiceContext, company_id: int, credential_id: int) -> int:
    wanted = ProfileRequest("Analysts", credential_id, "ubuntu", "wsb-ubuntu001")
    return profiles.create_profile(context, wanted, company_id=company_id).id


def _invitation(context: ServiceContext, owner: User) -> int:
    wanted = Wanted("ola@people.example", company_role=CompanyRole.OWNER)
    company_id = owner.company_id or 0
    [invited] = invitations.invite(context, [wanted], company_id=company_id, invited_by=owner)
    return invited.invitation_id or 0


def _webhook(context: ServiceContext, company_id: int) -> int:
    url = "https://hooks.example.com/berth"
    return webhooks.add_endpoint(context, company_id=company_id, url=url, kinds=KINDS[:1])[0].id


def _cohort(context: ServiceContext, credential: CloudCredential, person: User) -> int:
    """A group order of which nothing was ordered."""
    cohort = Cohort(
        company_id=credential.company_id,
        key="c" * 32,
        name="Analysts",
        credential_id=credential.id,
        ordered_by_id=person.id,
        workspace_type="ubuntu",
        bundle_id="wsb-ubuntu001",
        bundle_name="Standard Ubuntu 22.04",
        created_at=context.clock.now(),
    )
    context.session.add(cohort)
    context.session.flush()
    refused = {"code": "person_unknown", "message": "Nobody with this name has applied to your jobs."}
    context.session.add(CohortRow(cohort_id=cohort.id, place=1, person="Nobody", **refused))
    context.session.commit()
    return cohort.id


READY = {
    "phase": Phase.READY,
    "cloud_state": CloudState.AVAILABLE,
    "cloud_workspace_id": "ws-abc123def",
    "issued_at": START,
    "available_at": START,
    "due_at": None,
}
"""The columns of a workspace that can be used."""


def add_documented_rows(session: AnySession, world: World) -> None:
    """Application 123, credential 456 with the documented bundle, workspace 789 of that credential, ready."""
    _copy(session, CloudCredential, world.credential_id, id=456, uid="c" * 32, name="Of the contract")
    known = session.query(Inquiry).filter_by(credential_id=world.credential_id, kind=InquiryKind.LIST_BUNDLES)
    says = {"name": "Standard Ubuntu 20.04", "compute_type": "Standard", "user_storage_gib": 100}
    answer = {"bundles": [bundle("wsb-1234567890", **says), *BUNDLES]}
    _copy(session, Inquiry, known.one().id, id=4560, credential_id=456, answer=answer)
    posting = session.query(JobPosting).order_by(JobPosting.id).first()
    assert posting is not None
    for number in (123, 124):
        _copy(session, JobPosting, posting.id, id=number)
        _copy(session, Application, world.application_id, id=number, job_posting_id=number)
    _copy(
        session,
        Workspace,
        world.workspace_id,
        id=789,
        uid="w" * 32,
        application_id=124,
        credential_id=456,
        slot="of the contract",
        username="jane.roe",
        schedule=Schedule(),
        **{name: value for name, value in READY.items() if name != "due_at"},
    )
    session.commit()


def _copy(session: AnySession, kind: type[Base], row_id: int, **changes: Any) -> None:
    found = session.get_one(kind, row_id)
    columns = [one.key for one in kind.__table__.columns if one.computed is None]
    session.add(kind(**{name: getattr(found, name) for name in columns} | changes))
    session.flush()


class Callers:
    """Calls by name; `nobody` sends no token, `browser` sends a session cookie."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world

    def __call__(self, method: str, path: str, *, by: str = "provider", **more: Any) -> TestResponse:
        client = self.app.test_client()
        headers = dict(more.pop("headers", {}))
        if by == "browser":
            with client.session_transaction() as session:
                session["_user_id"] = self.world.session_token
        elif by != "nobody":
            headers.setdefault("Authorization", "Bearer " + self.world.tokens[by])
        return client.open("/api/workspaces" + path, method=method, headers=headers, **more)


def _person(context: ServiceContext, name: str, role: Role, company_id: int | None) -> User:
    person = User(
        email=f"{name}@people.example",
        name=name,
        password_hash="nobody signs in with a password here",
        role=role,
        company_role=CompanyRole.OWNER if role is Role.PROVIDER else None,
        company_id=company_id,
        created_at=context.clock.now(),
    )
    context.session.add(person)
    context.session.flush()
    return person


def _posting(context: ServiceContext, company_id: int) -> int:
    posting = JobPosting(
        company_id=company_id, title="Analyst", description="Work", created_at=context.clock.now()
    )
    context.session.add(posting)
    context.session.flush()
    return posting.id


def _application(context: ServiceContext, posting_id: int, seeker: User, status: ApplicationStatus) -> int:
    now = context.clock.now()
    application = Application(
        company_id=1,
        job_posting_id=posting_id,
        seeker_id=seeker.id,
        status=status,
        decided_at=None if status is ApplicationStatus.SUBMITTED else now,
        created_at=now,
    )
    context.session.add(application)
    context.session.flush()
    return application.id


def _credential(context: ServiceContext, company_id: int, name: str) -> CloudCredential:
    return credentials.create_credential(
        context,
        company_id=company_id,
        name=name,
        cloud_provider="aws",
        fields={
            "region": "eu-central-1",
            "directory_id": "d-99670be001",
            "access_key_id": KEY_ID,
            "secret_access_key": SECRET,
        },
    )


def _pass_test(context: ServiceContext, credential: CloudCredential) -> None:
    now = context.clock.now()
    credential.status, credential.account_id = CredentialStatus.OK, f"00000000000{credential.company_id}"
    credential.observed = {"registration_code": REGISTRATION_CODE, "web_client_url": None}
    context.session.add(
        Inquiry(
            credential_id=credential.id,
            kind=InquiryKind.LIST_BUNDLES,
            asked_at=now,
            answered_at=now,
            answer={"bundles": BUNDLES},
            answer_at=now,
        )
    )
    context.session.commit()


def _tokens(context: ServiceContext, people: dict[str, User]) -> dict[str, str]:
    found = {name: tokens.issue_token(context, user=person, name=name)[1] for name, person in people.items()}
    provider = people["provider"]
    for scope in ("read", "write"):
        found[f"{scope}-only"] = tokens.issue_token(context, user=provider, name=scope, scopes=(scope,))[1]
    found["expired"] = tokens.issue_token(context, user=provider, name="old", lasts=timedelta(seconds=-1))[1]
    row, found["revoked"] = tokens.issue_token(context, user=provider, name="revoked")
    tokens.revoke_token(context, user=provider, token_id=row.id)
    people["disabled"].is_active = False
    found["made up"] = "berth_00000000_nothing"
    context.session.commit()
    return found


def _sign_in(context: ServiceContext, person: User, token: str) -> None:
    now = context.clock.now()
    context.session.add(
        UserSession(
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            user_id=person.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(days=1),
        )
    )
    context.session.commit()
