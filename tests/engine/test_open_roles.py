"""A role that lets in without its external ID may be somebody else's: Berth reads and does nothing there."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.clouds.aws.roles import ROLE_FIELDS, enter_role, trust, with_identity, with_role
from tests.desk import Desk
from webapp.clouds.aws_workspaces import sessions
from webapp.config import Settings
from webapp.domain.duties import TEST_CREDENTIAL
from webapp.domain.lifecycle import Action, State
from webapp.models import CloudCredential, CredentialStatus, Inquiry, InquiryKind
from webapp.services import credentials, inquiries

OPEN = "role_takes_anybody"
DENIED = (
    "User: arn:aws:iam::999900001111:role/berth is not authorized to perform: sts:AssumeRole on resource: "
    "arn:aws:iam::111122223333:role/berth with an explicit deny in a resource-based policy"
)
Opened = Callable[[Desk, str], None]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return with_identity(settings)


def with_none(desk: Desk, external_id: str) -> None:
    del external_id
    trust(desk.sandbox, None)


def if_exists(desk: Desk, external_id: str) -> None:
    trust(desk.sandbox, external_id, allows_no_external_id=True)


def sizes_asked_for(desk: Desk, credential_id: int) -> Inquiry:
    asked = inquiries.ask(desk.context, credential_id=credential_id, kind=InquiryKind.LIST_BUNDLES)
    desk.work()
    with desk.sessions.begin() as session:
        found = session.scalars(select(Inquiry).where(Inquiry.id == asked.id)).one()
        session.expunge_all()
    return found


@pytest.mark.parametrize("opened", [with_none, if_exists])
def test_nothing_of_a_new_account_is_read_by_an_open_role(desk: Desk, opened: Opened) -> None:
    made = credentials.create_credential(
        desk.context,
        company_id=desk.provider.company_id or 0,
        name="Somebody else's",
        cloud_provider="aws",
        auth_kind="role",
        fields=ROLE_FIELDS,
    )
    before = len(desk.sandbox.ledger())
    opened(desk, made.public_fields["external_id"])
    desk.work()

    sizes = sizes_asked_for(desk, made.id)

    with desk.sessions.begin() as session:
        row = session.scalars(select(CloudCredential).where(CloudCredential.id == made.id)).one()
        assert (row.status, row.account_id, row.observed) == (CredentialStatus.FAILING, None, {})
        assert row.quota_left is None
    assert sizes.answer is None and (sizes.failure or {})["code"] == OPEN
    asked = {line["operation"] for line in desk.sandbox.ledger()[before:]}
    assert asked == {"AssumeRole", "GetCallerIdentity"}


def test_a_role_found_open_at_night_holds_the_account_until_it_is_closed(desk: Desk) -> None:
    external_id = with_role(desk)
    workspace_id = desk.available()
    trust(desk.sandbox, None)

    desk.clock.pause((desk.duty(TEST_CREDENTIAL).due_at - desk.clock.now()).total_seconds())
    desk.sweep()
    assert desk.credential().status is CredentialStatus.FAILING
    before = len(desk.sandbox.ledger())
    desk.press(workspace_id, Action.STOP)
    desk.live(1200)

    assert desk.credential().blocked_code == OPEN
    assert desk.row(workspace_id).state is State.STOPPING
    asked = {line["operation"] for line in desk.sandbox.ledger()[before:]}
    assert asked == {"AssumeRole", "GetCallerIdentity"}

    trust(desk.sandbox, external_id)
    desk.live_until(workspace_id, State.STOPPED)
    assert desk.credential().is_usable and desk.credential().blocked_code is None


def test_a_role_that_denies_everybody_else_explicitly_is_a_good_one(desk: Desk) -> None:
    sessions.set_aside()
    with_role(desk)
    desk.sandbox.add_fault("error", operation="AssumeRole", times=2, code="AccessDenied", message=DENIED)

    line = desk.test_credential()["external_id"]

    assert line["ok"] is True, line
    assert desk.credential().is_usable


@pytest.mark.parametrize("opened", [with_none, if_exists])
def test_an_account_does_not_change_from_its_key_to_an_open_role(desk: Desk, opened: Opened) -> None:
    desk.order()
    external_id = enter_role(desk).public_fields["external_id"]
    opened(desk, external_id)

    desk.live(1200)

    assert desk.machines() == []
    assert desk.credential().blocked_code == OPEN
    assert (sizes_asked_for(desk, desk.credential_id).failure or {})["code"] == OPEN
