"""A sealed text that was moved, or whose row was changed behind Berth's back, does not open."""

from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import make_transient, undefer

from tests.azure_rows import FIELDS as AZURE_FIELDS
from tests.contract.play import OpenGate
from tests.desk import SECRET_FIELDS, Desk
from webapp.engine.account import AccountTrouble, make_driver
from webapp.models import CloudCredential, WebhookEndpoint
from webapp.providers.registry import get_provider, list_providers
from webapp.services import credentials, webhooks
from webapp.vault.box import CannotOpen

Row = CloudCredential | WebhookEndpoint


def test_every_text_opens_in_its_own_row_and_in_no_other(desk: Desk) -> None:
    """Between companies, clouds, accounts, rows and columns: all pairs."""
    rows = _rows(desk)
    for row in rows:
        assert _opens(desk, row)

    for source, target in permutations(rows, 2):
        kept, target.sealed_secret = target.sealed_secret, source.sealed_secret
        assert not _opens(desk, target), (source, target)
        target.sealed_secret = kept


def test_a_row_opens_only_as_it_was_when_its_secret_was_sealed(desk: Desk) -> None:
    for row in _rows(desk):
        for name, value in _changes(row):
            kept = getattr(row, name)
            setattr(row, name, value)
            assert not _opens(desk, row), (row, name)
            setattr(row, name, kept)
        assert _opens(desk, row)


def test_a_row_that_is_moved_to_another_company_stops_the_account(desk: Desk) -> None:
    other = desk.add_provider("other@example.com", company="Other")
    workspace_id = desk.order()

    with desk.sessions.begin() as session:
        session.execute(update(CloudCredential).values(company_id=other.company_id))
    desk.live(60)

    assert desk.credential().blocked_code == "cannot_open_secret"
    assert desk.machines() == []
    assert desk.row(workspace_id).cloud_workspace_id is None


def test_the_first_test_binds_the_secret_to_the_account_that_it_proves(desk: Desk) -> None:
    credential = desk.credential()

    assert credential.account_id is not None
    with pytest.raises(CannotOpen):
        desk.engine.opener.open(credential.sealed_secret, bound_to=credential.secret_binding_with(None))
    assert _opens(desk, credential)


def _rows(desk: Desk) -> list[Row]:
    """Two companies, two clouds, three accounts, and a webhook of each company; detached."""
    ours = desk.provider.company_id or 0
    theirs = desk.add_provider("other@example.com", company="Other").company_id or 0
    for company_id, cloud, fields in (
        (ours, "aws", SECRET_FIELDS | {"directory_id": "d-99670be0ff"}),
        (theirs, "aws", SECRET_FIELDS),
        (ours, "azure", AZURE_FIELDS),
        (theirs, "azure", AZURE_FIELDS),
    ):
        credentials.create_credential(
            desk.context,
            company_id=company_id,
            name=f"{cloud} {company_id}",
            cloud_provider=cloud,
            fields=fields,
        )
    for company_id in (ours, theirs):
        webhooks.add_endpoint(
            desk.context, company_id=company_id, url="https://hooks.example.com/", kinds=["workspace.error"]
        )
    with desk.sessions() as session:
        kinds: tuple[type[Row], ...] = (CloudCredential, WebhookEndpoint)
        rows: list[Row] = []
        for kind in kinds:
            rows += session.scalars(select(kind).options(undefer(kind.sealed_secret)))
        for row in rows:
            make_transient(row)
    return rows


def _opens(desk: Desk, row: Row) -> bool:
    try:
        if isinstance(row, CloudCredential):
            make_driver(desk.engine, row, OpenGate())
        else:
            desk.engine.webhook_opener.open(row.sealed_secret, bound_to=row.secret_binding)
    except (AccountTrouble, CannotOpen):
        return False
    return True


def _changes(row: Row) -> list[tuple[str, Any]]:
    """Each value that the secret is bound to, with another one."""
    if isinstance(row, WebhookEndpoint):
        return [("uid", "f" * 32), ("company_id", 77), ("url", "https://hooks.example.org/")]
    other_cloud = next(one.key for one in list_providers() if one.key != row.cloud_provider)
    changes: list[tuple[str, Any]] = [
        ("uid", "f" * 32),
        ("company_id", 77),
        ("cloud_provider", other_cloud),
        ("account_id", "999988887777"),
        *([("account_id", None)] if row.account_id else []),
    ]
    bound = get_provider(row.cloud_provider).fields.bound
    changes += [("public_fields", row.public_fields | {name: "another"}) for name in bound]
    return changes
