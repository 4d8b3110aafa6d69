"""Ordering a workspace: the checks in the order of the API contract, then one row and its first event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

from webapp.domain.actor import Actor
from webapp.domain.decisions.change import UNCHANGED
from webapp.domain.errors import AppError, Conflict, Invalid
from webapp.domain.plain_text import plain
from webapp.domain.roles import ApplicationStatus
from webapp.domain.usernames import username_key
from webapp.domain.windows import Window
from webapp.models import Application, CloudCredential, InquiryKind, Workspace
from webapp.providers.registry import get_provider
from webapp.queries import applications, credentials
from webapp.queries import workspaces as queries
from webapp.queueing import JobName
from webapp.services.by_profile import ByProfile
from webapp.services.conflicts import not_approved, workspace_exists
from webapp.services.context import ServiceContext
from webapp.services.directory_users import check_creatable
from webapp.services.inquiries import bundles_of
from webapp.services.order_limits import BudgetReached, tell_refusal
from webapp.services.placing import make_in_time, place
from webapp.services.prices import bundle_rates, price_columns

WORKSPACE_TYPES = ("ubuntu", "windows")
KNOWN_BUNDLES = timedelta(hours=24)
"""Maximum age of the list that an order is checked against; the cloud decides in the end."""
TWICE = timedelta(minutes=10)
"""The same order by the same person within this time is one that was pressed twice."""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What the provider fills in (API contract); texts lose what cannot be seen."""

    application_id: int
    cloud_credential_id: int
    workspace_type: str
    bundle_id: str
    username: str
    create_user: bool = False  # in the directory, from the person's name and address
    in_time: bool = field(default=False, compare=False)  # for the start of the contract; else at once

    def __post_init__(self) -> None:
        for one in fields(self):
            if isinstance(given := getattr(self, one.name), str):
                object.__setattr__(self, one.name, plain(given))

    @classmethod
    def of(cls, row: Workspace) -> "OrderRequest":
        """As it was ordered, with all changes since."""
        return cls(
            application_id=row.application_id,
            cloud_credential_id=row.credential_id,
            workspace_type=row.workspace_type,
            bundle_id=row.bundle_id,
            username=row.username,
            create_user=row.creates_user,
        )


def order_workspace(
    context: ServiceContext,
    order_request: OrderRequest,
    *,
    company_id: int,
    actor: Actor,
    note: Callable[[int], None] = lambda _workspace_id: None,
    cohort_id: int | None = None,
    window: Window | None = None,
    by_profile: ByProfile | None = None,
) -> Workspace:
    """Create a PENDING row; a worker starts on it at once, or in time for the start of the contract.

    `note` writes down in the same transaction for what the workspace was ordered. `cohort_id`: with whose
    budget it counts too. `window`: that of the contract from now on. `by_profile`: the desktop keeps with
    which profile it was ordered, and gets its hours. Raises Invalid, Conflict or Unavailable; nothing is
    created then.
    """
    try:
        application = approved_application(context, order_request.application_id, company_id)
        columns = checked_columns(context, order_request, company_id)
        if by_profile is not None:
            columns |= by_profile.columns(columns)
        hours = UNCHANGED if by_profile is None else by_profile.hours
        workspace = place(
            context, columns, application, actor, cohort_id=cohort_id, window=window, default_hours=hours
        )
        if order_request.in_time:
            make_in_time(context, workspace)
        note(workspace.id)
        context.session.commit()
    except AppError as error:
        context.session.rollback()  # the page that shows the reason must not hold the write lock
        if isinstance(error, BudgetReached):
            tell_refusal(context, error)
        raise
    context.notifier.notify(JobName.RECONCILE, workspace.credential_id)
    return workspace


def checked_columns(context: ServiceContext, order_request: OrderRequest, company_id: int) -> dict[str, Any]:
    """The values of the requested desktop; the credential is locked until the commit.

    Checks the credential, the bundle and the user name, in this order. Raises Invalid, Conflict, Unavailable.
    """
    credential = usable_credential(context, order_request, company_id)
    provider = get_provider(credential.cloud_provider)
    bundle = fitting_bundle(context, order_request, credential)
    username = order_request.username
    if problem := provider.usernames.of_directory(credential.observed).problem_of(username):
        raise Invalid(problem, code="username_invalid", field="username")
    check_creatable(credential, is_asked=order_request.create_user)
    rates = bundle_rates(context, credential, [bundle])[bundle["bundle_id"]]
    # Listing bundles may have taken a while and ended the transaction: lock the credential from here on.
    credential = credentials.lock_credential(context.session, credential.id, company_id=company_id)
    if credential.account_id is None:
        raise Conflict("This cloud account has not passed its test.", code="credential_not_usable")
    return {
        "credential_id": credential.id,
        "cloud_provider": credential.cloud_provider,
        "account_id": credential.account_id,
        "workspace_type": order_request.workspace_type,
        "bundle_id": bundle["bundle_id"],
        "bundle_name": bundle["name"][:160],
        "running_mode": provider.desktops.running_mode,
        **price_columns(rates),
        "username": username,
        "creates_user": order_request.create_user,
        "slot": provider.slot_of(
            account_id=credential.account_id,
            public_fields=credential.public_fields,
            username_key=username_key(username),
        ),
    }


def approved_application(context: ServiceContext, application_id: int, company_id: int) -> Application:
    """The application, if a workspace may be ordered for it. Raises Invalid, Conflict."""
    application = applications.find_application(context.session, application_id, company_id=company_id)
    if application is None:
        raise Invalid("Application not found.", code="application_not_found", field="application_id")
    if application.status is not ApplicationStatus.APPROVED:
        raise not_approved(application.status)
    existing = queries.find_live_for_application(context.session, application.id)
    if existing is not None:
        raise workspace_exists(existing)
    return application


def usable_credential(
    context: ServiceContext, order_request: OrderRequest, company_id: int
) -> CloudCredential:
    """The credential, if it may be ordered with. Raises Invalid, Conflict."""
    credential = credentials.find_credential(
        context.session, order_request.cloud_credential_id, company_id=company_id
    )
    if credential is None:
        raise Invalid("Cloud account not found.", code="credential_not_found", field="cloud_credential_id")
    if not credential.is_usable:
        raise Conflict(
            "You cannot order with this cloud account because it has not passed its test. "
            "Test it on its page and fix what the test reports.",
            code="credential_not_usable",
            field="cloud_credential_id",
        )
    return credential


def fitting_bundle(
    context: ServiceContext, order_request: OrderRequest, credential: CloudCredential
) -> dict[str, Any]:
    """What the cloud offers under this id; may wait for its answer. Raises Invalid, Unavailable."""
    if order_request.workspace_type not in WORKSPACE_TYPES:
        raise Invalid("Choose ubuntu or windows.", code="type_not_supported", field="workspace_type")
    refused_types = get_provider(credential.cloud_provider).desktops.refused_types
    if never := refused_types.get(order_request.workspace_type):
        raise Invalid(never, code="type_not_supported", field="workspace_type")
    inquiry = credentials.find_inquiry(
        context.session, credential_id=credential.id, kind=InquiryKind.LIST_BUNDLES
    )
    oldest = context.clock.now() - KNOWN_BUNDLES
    if inquiry is not None and inquiry.answer and inquiry.answer_at and inquiry.answer_at > oldest:
        known = inquiry.answer["bundles"]
    else:
        known = bundles_of(context, credential_id=credential.id)
    bundle = offered_bundle(known, order_request.bundle_id)
    if bundle["workspace_type"] != order_request.workspace_type:
        raise Invalid(
            f"“{bundle['name']}” runs {bundle['operating_system']},"
            f" not {order_request.workspace_type.capitalize()}.",
            code="bundle_type_mismatch",
            field="bundle_id",
        )
    return bundle


def offered_bundle(known: Sequence[dict[str, Any]], bundle_id: str) -> dict[str, Any]:
    """The one of these that has this id, if the account can have it. Raises Invalid."""
    found = next((one for one in known if one["bundle_id"] == bundle_id), None)
    if found is None or found["unavailable_reason"] is not None:
        reason = found["unavailable_reason"] if found is not None else None
        raise Invalid(
            reason or "This size (bundle) is not available in this cloud account.",
            code="bundle_not_found",
            field="bundle_id",
        )
    return dict(found)


def find_same_order(
    context: ServiceContext, order_request: OrderRequest, *, company_id: int, actor: Actor
) -> Workspace | None:
    """The desktop that this order made a moment ago, when a button was pressed twice."""
    found = queries.find_live_for_application(context.session, order_request.application_id)
    if found is None or found.company_id != company_id or found.ordered_by_id != actor.user_id:
        return None
    is_new = context.clock.now() - found.created_at < TWICE
    is_same = OrderRequest.of(found) == order_request
    return found if is_new and is_same else None
