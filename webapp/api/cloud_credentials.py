"""Cloud credentials. Secrets are write-only."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import RAISE

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.conditions import check_if_match, conditional, readable, tagged
from webapp.api.credential_view import key_of, show, show_test
from webapp.api.paging import Page, answer, cut
from webapp.api.schemas.cloud_credential import (
    ChangedCredential,
    CredentialDetails,
    CredentialList,
    NewCredential,
    TestAnswer,
)
from webapp.api.schemas.fields import PageQuery
from webapp.domain.errors import Invalid
from webapp.domain.permissions import Permission
from webapp.identity import company_id, service_context
from webapp.models import InquiryKind
from webapp.queries import credentials as queries
from webapp.services import credentials
from webapp.services.inquiries import ask_and_wait

TAG = ["cloud credentials"]
ONE = "/cloud-credentials/<int:credential_id>/"


@bp.route("/cloud-credentials/", methods=["POST"], tags=TAG)
@allows(Permission.MANAGE_CREDENTIALS)
@refuses(s409="name_taken", s422="invalid")
@bp.arguments(NewCredential)
@bp.response(201, CredentialDetails)
@tagged(CredentialDetails)
def create_credential(given: dict[str, Any]) -> ResponseReturnValue:
    """Create a cloud credential. Berth starts its test in the background."""
    company = company_id()
    name, cloud_provider = given.pop("name"), given.pop("cloud_provider")
    made = credentials.create_credential(
        service_context(),
        company_id=company,
        name=name,
        cloud_provider=cloud_provider,
        auth_kind=given.pop("auth_kind", None),
        fields=given,
    )
    credential = queries.get_credential(service_context().session, made.id, company_id=company)
    return show(credential), 201, {"Location": url_for("api.get_credential", credential_id=credential.id)}


@bp.route("/cloud-credentials/", methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s422="invalid")
@bp.arguments(PageQuery, location="query", unknown=RAISE)
@bp.response(200, CredentialList)
def list_credentials(query: dict[str, Any]) -> dict[str, Any]:
    """List the company's cloud credentials by name."""
    page = Page(**query)
    found = queries.list_credentials(service_context().session, company_id=company_id())
    rows = cut(found, page=page, key=key_of, shape=(str, int))
    return answer("cloud_credentials", rows, count=len(found), page=page, key=key_of, show=show)


@bp.route(ONE, methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s404="not_found")
@readable
@bp.response(200, CredentialDetails)
@tagged(CredentialDetails)
def get_credential(credential_id: int) -> dict[str, Any]:
    """Get a cloud credential, without its secret."""
    return show(queries.get_credential(service_context().session, credential_id, company_id=company_id()))


@bp.route(ONE, methods=["PUT"], tags=TAG)
@allows(Permission.MANAGE_CREDENTIALS)
@refuses(s404="not_found", s409="name_taken credential_in_use", s412="precondition_failed", s422="invalid")
@conditional
@bp.arguments(ChangedCredential)
@bp.response(200, CredentialDetails)
@tagged(CredentialDetails)
def change_credential(given: dict[str, Any], credential_id: int) -> dict[str, Any]:
    """Change a cloud credential. Without a secret, the stored one is kept; without `auth_kind` too."""
    company = company_id()
    stored = queries.get_credential(service_context().session, credential_id, company_id=company)
    version = check_if_match(CredentialDetails, show(stored))
    if given.pop("cloud_provider", stored.cloud_provider) != stored.cloud_provider:
        raise Invalid("You cannot move a cloud credential to another cloud.", field="cloud_provider")
    auth_kind = given.pop("auth_kind", stored.auth_kind)
    if auth_kind == stored.auth_kind:
        # Answers show the key shortened, so a caller who only renames cannot send it back.
        key_id = stored.cloud_fields.key_id
        given.setdefault(key_id, stored.public_fields[key_id])
    credentials.change_credential(
        service_context(),
        credential_id,
        company_id=company,
        name=given.pop("name"),
        auth_kind=auth_kind,
        fields=given,
        version=version,
    )
    return show(queries.get_credential(service_context().session, credential_id, company_id=company))


@bp.route(ONE, methods=["DELETE"], tags=TAG)
@allows(Permission.MANAGE_CREDENTIALS)
@refuses(s404="not_found", s409="credential_in_use", s412="precondition_failed")
@conditional
@bp.response(204)
def delete_credential(credential_id: int) -> ResponseReturnValue:
    """Delete a cloud credential and erase its secret."""
    company = company_id()
    stored = queries.get_credential(service_context().session, credential_id, company_id=company)
    version = check_if_match(CredentialDetails, show(stored))
    credentials.delete_credential(service_context(), credential_id, company_id=company, version=version)
    return "", 204


@bp.route(f"{ONE}test/", methods=["POST"], tags=TAG)
@allows(Permission.MANAGE_CREDENTIALS)
@refuses(s404="not_found", s503="not_answered_yet")
@bp.response(200, TestAnswer)
def test_credential(credential_id: int) -> dict[str, Any]:
    """Test everything that Berth needs and return each result. Waits at most ten seconds."""
    queries.get_credential(service_context().session, credential_id, company_id=company_id())
    return show_test(
        ask_and_wait(service_context(), credential_id=credential_id, kind=InquiryKind.TEST_CREDENTIAL)
    )
