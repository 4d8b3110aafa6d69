"""Cloud credentials: the fields of each cloud come from its `Provider`; secrets are write-only."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import OneOf

from webapp.api.schemas.fields import Instant, PageAnswer, lines, object_id, text
from webapp.providers.base import Provider
from webapp.providers.parts.fields import Field, Kind
from webapp.providers.registry import find_provider, list_providers

_WAYS = [(provider, way) for provider in list_providers() for way in provider.fields.ways]
_PUBLIC = {one.name: (provider, one) for provider, way in _WAYS for one in way.fields if one.is_entered}
_OWN = {one.name for _, way in _WAYS for one in way.fields if not one.is_entered}
_SEALED = {way.secret: (provider, way.sealed) for provider, way in _WAYS if way.sealed.is_entered}
_CLOUDS = [provider.key for provider in list_providers()]
_AUTH_KINDS = sorted({way.auth_kind for _, way in _WAYS})
_KINDS_BY_CLOUD = "; ".join(
    f"{provider.key}: {', '.join(way.auth_kind for way in provider.fields.ways)}"
    for provider in list_providers()
)


def _field(provider: Provider, one: Field, **more: Any) -> "fields.Field[Any]":  # marshmallow's own keywords
    """A schema field for a cloud's field. Only the length is checked here; the service checks the format."""
    says = [f"{provider.label}: {one.label}.", one.help]
    if one.kind is Kind.DATE:
        says.append("A date such as 2027-03-31.")
    if one.is_optional:
        says.append(f"Optional; default: {one.default or 'unknown'}.")
    metadata = {"description": " ".join(part for part in says if part)}
    make = lines if one.kind is Kind.CERTIFICATE else text
    return make(longest=one.longest_sent, metadata=metadata, **more)


def _auth_kind(**more: Any) -> fields.String:  # marshmallow's own keywords
    says = f"How Berth signs in. {_KINDS_BY_CLOUD}; the first of a cloud is the default of a new credential."
    return fields.String(validate=OneOf(_AUTH_KINDS), metadata={"description": says}, **more)


class _Common(Schema):
    """Reject fields of other clouds like unknown fields."""

    @validates_schema
    def check_fields_fit_cloud(self, data: dict[str, Any], **_: Any) -> None:  # marshmallow's own signature
        provider = find_provider(data.get("cloud_provider", ""))
        if provider is None:
            return
        known = {one.name for way in provider.fields.ways for one in way.entered}
        foreign = set(data) - {"name", "cloud_provider", "auth_kind", *known}
        if foreign:
            raise ValidationError(
                {name: ["This cloud does not have this field."] for name in sorted(foreign)}
            )


_Clouds = Schema.from_dict(
    {name: _field(*known) for name, known in _PUBLIC.items()}
    | {name: _field(*known, load_only=True) for name, known in _SEALED.items()},
    name="CloudFields",
)


class NewCredential(_Common, _Clouds):
    name = text(longest=80, shortest=1, required=True)
    cloud_provider = fields.String(required=True, validate=OneOf(_CLOUDS))
    auth_kind = _auth_kind()


class ChangedCredential(_Common, _Clouds):
    """Key, secret and optional fields may be omitted; the stored ones are then kept.

    Another `auth_kind` needs its own secret: the stored one is erased. Desktops stay.
    """

    name = text(longest=80, shortest=1, required=True)
    cloud_provider = fields.String(validate=OneOf(_CLOUDS))
    auth_kind = _auth_kind()


_Shown = Schema.from_dict(
    {name: fields.String() for name in (*_PUBLIC, *sorted(_OWN))}, name="ShownCloudFields"
)


class EveryCredential(Schema):
    """What is shown of every credential, whatever its cloud."""

    id = object_id(required=True)
    name = fields.String(required=True)
    cloud_provider = fields.String(required=True)
    auth_kind = fields.String(required=True, metadata={"enum": _AUTH_KINDS})
    secret_set_at = Instant(required=True)
    account_id = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, metadata={"enum": ["untested", "ok", "failing"]})
    usable = fields.Boolean(
        required=True, metadata={"description": "Whether workspaces can be ordered with it."}
    )
    blocked_code = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why its work is on hold; null if it is not."},
    )
    created_at = Instant(required=True)
    updated_at = Instant(required=True)
    version = fields.Integer(required=True)


class CredentialDetails(EveryCredential, _Shown):
    """Key identifiers are shortened; secrets are never included."""


class CredentialList(PageAnswer):
    cloud_credentials = fields.List(fields.Nested(CredentialDetails), required=True)


class CheckLine(Schema):
    name = fields.String(required=True)
    label = fields.String(required=True)
    ok = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "Null if it could not be determined."}
    )
    message = fields.String(required=True)
    remedy = fields.String(required=True)


class TestAnswer(Schema):
    __test__ = False  # not a test of pytest's

    ok = fields.Boolean(required=True)
    checked_at = Instant(required=True)
    checks = fields.List(fields.Nested(CheckLine), required=True)
