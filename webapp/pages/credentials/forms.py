"""The form of a credential: one per way to sign in to a cloud, built from the fields of that."""

from functools import cache
from typing import Any, ClassVar

from wtforms import Field as FormField
from wtforms import PasswordField, SelectField, StringField, TextAreaField

from webapp.models import CloudCredential
from webapp.pages.fields import BerthForm, at_most, choice, needed
from webapp.providers.base import Provider
from webapp.providers.parts.fields import WRITE_ONLY, CloudFields, Field, Kind
from webapp.providers.registry import get_provider


class SecretLinesField(TextAreaField):
    """A secret of several lines: like a password, it is not sent back with an error."""

    def _value(self) -> str:
        return ""


class CredentialForm(BerthForm):
    cloud_provider: ClassVar[str]
    cloud: ClassVar[CloudFields]

    name = StringField("Name", [needed("Enter a name for the cloud account."), at_most(80)])

    def fields(self) -> dict[str, str]:
        """What the services take: only this cloud's fields."""
        return {one.name: self[one.name].data or "" for one in self.cloud.entered}


def form_for(cloud_provider: str, auth_kind: str) -> CredentialForm:
    """Filled in from the request, if it posts something. An unknown way is the cloud's first one."""
    return _form_for(cloud_provider, auth_kind)()


def form_about(credential: CloudCredential, auth_kind: str) -> CredentialForm:
    """Filled in with what is stored; the secret never is."""
    form = _form_for(credential.cloud_provider, auth_kind)
    return form(data={"name": credential.name, **credential.public_fields})


def _form_for(cloud_provider: str, auth_kind: str) -> type[CredentialForm]:
    provider = get_provider(cloud_provider)
    return _form_of(provider, (provider.fields.find_way(auth_kind) or provider.fields).auth_kind)


@cache
def _form_of(provider: Provider, auth_kind: str) -> type[CredentialForm]:
    """One for each way that the cloud has, never for a word that somebody sent."""
    cloud = provider.fields.find_way(auth_kind) or provider.fields
    members = {one.name: _form_field(one) for one in cloud.entered}
    return type(
        f"{provider.key.capitalize()}{cloud.auth_kind.capitalize()}Form",
        (CredentialForm,),
        {"cloud_provider": provider.key, "cloud": cloud, **members},
    )


def _form_field(one: Field) -> FormField:
    checks: list[Any] = [] if one.is_optional or one.kind in WRITE_ONLY else [needed(one.missing)]
    if one.kind is Kind.CHOICE:
        choices = [
            choice(code, f"{name} · {code}" if one.shows_codes else name)
            for code, name in one.choices.items()
        ]
        choices = [choice("", "Choose…"), *choices]
        return SelectField(one.label, choices=choices, validators=checks, validate_choice=False)
    checks.append(at_most(one.longest_sent))  # the service knows how long it may be
    if one.kind is Kind.CERTIFICATE:
        return SecretLinesField(one.label, checks, render_kw={"rows": 8})
    if one.kind is Kind.SEALED:
        return PasswordField(one.label, checks)
    keys = {"type": "date"} if one.kind is Kind.DATE else {}
    return StringField(one.label, checks, default=one.default, render_kw=keys)
