"""A credential and its test as the API shows them."""

from datetime import datetime
from typing import Any

from webapp.api.paging import Key
from webapp.api.schemas.cloud_credential import EveryCredential
from webapp.api.showing import members
from webapp.domain import catalogue
from webapp.domain.errors import Unavailable
from webapp.models import CloudCredential, Inquiry

RETRY_AFTER_S = 5


def key_of(credential: CloudCredential) -> Key:
    return (credential.name.casefold(), credential.id)


def show(credential: CloudCredential) -> dict[str, Any]:
    """The members of `CredentialDetails`, without the fields of other clouds."""
    kind, fields = credential.cloud_fields, dict(credential.public_fields)
    if kind.is_key_shortened:
        fields[kind.key_id] = _shortened(fields[kind.key_id])
    return fields | members(EveryCredential, credential, usable=credential.is_usable)


def show_test(inquiry: Inquiry) -> dict[str, Any]:
    """The result of a test, good or bad. Raises Unavailable when there is none (yet)."""
    if inquiry.is_open:
        raise _unavailable("not_answered_yet")
    if inquiry.failure is None and inquiry.answer is not None:
        answer = inquiry.answer
        return {
            "ok": answer["ok"],
            "checked_at": datetime.fromisoformat(answer["checked_at"]),
            "checks": answer["checks"],
        }
    code = (inquiry.failure or {}).get("code", "refused")
    entry = catalogue.entry(code)
    if entry.is_transient:
        raise _unavailable(code)
    check = {
        "name": code,
        "label": "Credential",
        "ok": False,
        "message": entry.message,
        "remedy": entry.remedy,
    }
    return {"ok": False, "checked_at": inquiry.answered_at, "checks": [check]}


def _unavailable(code: str) -> Unavailable:
    entry = catalogue.entry(code)
    return Unavailable(f"{entry.message} {entry.remedy}", code=code, retry_after_s=RETRY_AFTER_S)


def _shortened(text: str) -> str:
    return f"{text[:4]}…{text[-4:]}"
