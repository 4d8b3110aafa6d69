"""Cloud credentials and the answers of inquiries about them, within their company."""

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.errors import NotFound
from webapp.models import CloudCredential, Inquiry, InquiryKind, Workspace
from webapp.queries.live_sums import count_live

AnySession = Session | scoped_session[Session]

_OF_COMPANY = (
    select(CloudCredential)
    .where(CloudCredential.company_id == bindparam("company"), ~CloudCredential.is_deleted)
    .order_by(CloudCredential.name, CloudCredential.id)
)
_INQUIRY = (
    select(Inquiry)
    .where(Inquiry.credential_id == bindparam("account"), Inquiry.kind == bindparam("kind"))
    .execution_options(populate_existing=True)
)


def get_credential(session: AnySession, credential_id: int, *, company_id: int) -> CloudCredential:
    credential = find_credential(session, credential_id, company_id=company_id)
    if credential is None:
        raise NotFound("Cloud account not found.")
    return credential


def find_credential(session: AnySession, credential_id: int, *, company_id: int) -> CloudCredential | None:
    return session.scalar(
        select(CloudCredential).where(
            CloudCredential.id == credential_id,
            CloudCredential.company_id == company_id,
            ~CloudCredential.is_deleted,
        )
    )


def list_names(session: AnySession, *, company_id: int) -> dict[int, str]:
    """By id, of those that are not deleted."""
    own = select(CloudCredential.id, CloudCredential.name).where(
        CloudCredential.company_id == company_id, ~CloudCredential.is_deleted
    )
    return {credential_id: name for credential_id, name in session.execute(own)}


def list_credentials(session: AnySession, *, company_id: int) -> list[CloudCredential]:
    return list(session.scalars(_OF_COMPANY, {"company": company_id}))


def lock_credential(session: AnySession, credential_id: int, *, company_id: int) -> CloudCredential:
    """The same, locked until the commit, so that an order and a deletion cannot interleave."""
    credential = session.scalar(
        select(CloudCredential)
        .where(
            CloudCredential.id == credential_id,
            CloudCredential.company_id == company_id,
            ~CloudCredential.is_deleted,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if credential is None:
        raise NotFound("Cloud account not found.")
    return credential


def count_live_workspaces(session: AnySession, credential: CloudCredential) -> int:
    """How many workspaces still need this credential."""
    return count_live(session, company_id=credential.company_id, credential_id=credential.id)


def count_workspaces(session: AnySession, credential: CloudCredential) -> int:
    """How many workspaces, ended ones too, were made with this credential."""
    return session.scalar(_count_of(credential)) or 0


def _count_of(credential: CloudCredential) -> Select[int]:
    """Named with the company, with which the indexes of workspaces begin."""
    of_account = (Workspace.company_id == credential.company_id, Workspace.credential_id == credential.id)
    return select(func.count()).select_from(Workspace).where(*of_account)


def find_inquiry(session: AnySession, *, credential_id: int, kind: InquiryKind) -> Inquiry | None:
    """The latest inquiry and its answer, reread because a worker writes it meanwhile."""
    return session.scalar(_INQUIRY, {"account": credential_id, "kind": kind})
