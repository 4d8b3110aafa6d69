"""How a credential may sign in, and what Berth adds to what was entered.

That is a random external ID for a role, and what a certificate says about itself.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from webapp.config import Settings
from webapp.domain.errors import Invalid
from webapp.domain.secret_expiry import said
from webapp.providers.parts.fields import CloudFields, Kind, Origin
from webapp.providers.registry import find_provider, get_provider
from webapp.vault.certificates import Certificate, UnusableCertificate, read_certificate

EXTERNAL_ID_BYTES = 24


@dataclass(frozen=True, slots=True)
class Entered:
    """A credential's fields as they are stored."""

    public: dict[str, str]
    secret: str = field(repr=False)
    """To be sealed now; empty keeps the stored one."""
    is_new_secret: bool
    """False too if what is sealed again is the same as before."""


def offered_ways(settings: Settings, cloud_provider: str) -> list[CloudFields]:
    """The ways to sign in that a company may choose here. Raises KeyError for an unknown cloud."""
    ways = get_provider(cloud_provider).fields.ways
    has_identity = bool(settings.identity_of(cloud_provider).principal)
    return [one for one in ways if has_identity or not one.needs_own_identity]


def way_of(
    settings: Settings, cloud_provider: str, auth_kind: str | None, *, stored: str = ""
) -> CloudFields:
    """The fields of this way. `stored`: the one that is in use, which stays even if it is offered no more.

    Raises Invalid.
    """
    provider = find_provider(cloud_provider)
    if provider is None:
        raise Invalid("Berth does not support this cloud.", field="cloud_provider")
    if auth_kind is None:
        return provider.fields
    found = provider.fields.find_way(auth_kind)
    if found is None:
        raise Invalid("Berth does not know this way to sign in to this cloud.", field="auth_kind")
    if auth_kind != stored and found not in offered_ways(settings, cloud_provider):
        raise Invalid(
            "This installation has no identity of its own in this cloud. Its operator can set one up.",
            field="auth_kind",
        )
    return found


def with_own_values(
    kind: CloudFields,
    public: Mapping[str, str],
    secret: str,
    *,
    stored: Mapping[str, str] | None,
    today: date,
) -> Entered:
    """`stored`: the readable fields so far, if Berth signs in the same way; their own values stay.

    Raises Invalid for a certificate that cannot be used.
    """
    before = {} if stored is None else stored
    certificate = _certificate(kind, secret, today=today)
    if certificate is not None:
        secret = certificate.pem
    own = {
        one.name: _own_value(one.origin, certificate, before.get(one.name, ""))
        for one in kind.fields
        if one.origin is not None
    }
    ordered = {one.name: (own | dict(public))[one.name] for one in kind.fields}
    if kind.sealed.origin is Origin.RANDOM:
        # Sealed again even if it stays: it is bound to the other fields, which may have changed.
        return Entered(ordered, next(iter(own.values())), is_new_secret=stored is None)
    return Entered(ordered, secret, is_new_secret=bool(secret))


def _certificate(kind: CloudFields, secret: str, *, today: date) -> Certificate | None:
    if kind.sealed.kind is not Kind.CERTIFICATE or not secret:
        return None
    try:
        found = read_certificate(secret)
    except UnusableCertificate as error:
        raise Invalid(str(error), field=kind.secret) from None
    if found.ends_on < today:
        raise Invalid(f"This certificate expired on {said(found.ends_on)}.", field=kind.secret)
    return found


def _own_value(origin: Origin, certificate: Certificate | None, before: str) -> str:
    """What the new certificate says of itself, or what is known already; an external ID is drawn once."""
    if origin is Origin.RANDOM:
        return before or draw_external_id()
    if certificate is None:
        return before
    is_end = origin is Origin.CERTIFICATE_END
    return certificate.ends_on.isoformat() if is_end else certificate.thumbprint


def draw_external_id() -> str:
    """Nobody can guess or choose it, so no two credentials of any company share one."""
    return f"berth-{secrets.token_urlsafe(EXTERNAL_ID_BYTES)}"
