"""Credentials of Azure: the same promises as Amazon's, on its own fields."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.azure_rows import (
    CLIENT,
    FIELDS,
    OBSERVED,
    SECRET,
    SUBNET,
    SUBSCRIPTION,
    TENANT,
    add_azure_credential,
)
from tests.services.conftest import StandingClock
from webapp.domain.errors import Conflict, Invalid
from webapp.models import CloudCredential, CredentialStatus, User
from webapp.providers.azure_avd.fields import FIELDS as AZURE
from webapp.services import credentials
from webapp.services.context import ServiceContext
from webapp.vault.box import Opener

OTHER_CLIENT = "77777777-7777-8888-9999-000000000000"
OTHER_SUBSCRIPTION = "bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee"


def _make(office: ServiceContext, user: User, **fields: str) -> CloudCredential:
    return credentials.create_credential(
        office, company_id=user.company_id or 0, name="Azure", cloud_provider="azure", fields=FIELDS | fields
    )


def _tested(office: ServiceContext, user: User, **fields: str) -> CloudCredential:
    made = add_azure_credential(office, company_id=user.company_id or 0, **fields)
    return office.session.get_one(CloudCredential, made)


def _change(office: ServiceContext, credential: CloudCredential, **fields: str) -> CloudCredential:
    return credentials.change_credential(
        office,
        credential.id,
        company_id=credential.company_id,
        name="Azure",
        fields=FIELDS | {"client_secret": ""} | fields,
    )


def test_the_secret_is_sealed_for_its_row_and_the_rest_is_readable(
    office: ServiceContext, provider: User
) -> None:
    credential = _make(office, provider)

    place = credential.secret_binding
    opener = Opener(office.settings.credential_private_keys)
    assert opener.open(credential.sealed_secret, bound_to=place).reveal() == SECRET
    assert set(credential.public_fields) == set(AZURE.public)
    assert SECRET not in "".join(map(str, credential.public_fields.values()))


def test_what_is_left_out_has_its_default(office: ServiceContext, provider: User) -> None:
    credential = _make(office, provider)

    assert credential.public_fields["image"] == "MicrosoftWindowsDesktop:windows-11:win11-24h2-ent:latest"
    assert credential.public_fields["secret_expires_on"] == ""


def test_ids_and_locations_are_kept_in_small_letters(office: ServiceContext, provider: User) -> None:
    credential = _make(office, provider, tenant_id=f" {TENANT.upper()}\n", location="WestEurope")

    assert credential.public_fields["tenant_id"] == TENANT
    assert credential.public_fields["location"] == "westeurope"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tenant_id", ""),
        ("client_id", "berth"),
        ("subscription_id", OTHER_SUBSCRIPTION.replace("-", "")),
        ("resource_group", "a/b"),
        ("host_pool", ""),
        ("location", "moon"),
        ("subnet_id", "snet-hosts"),
        ("subnet_id", SUBNET.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)),
        ("image", "ubuntu"),
        ("secret_expires_on", "next year"),
        ("secret_expires_on", "2026-11-23"),
        ("client_secret", ""),
        ("client_secret", CLIENT),
        ("region", "eu-central-1"),
        ("endpoint_url", "https://example.com"),
    ],
)
def test_a_field_that_cannot_be_is_named_and_nothing_is_stored(
    office: ServiceContext, provider: User, field: str, value: str
) -> None:
    with pytest.raises(Invalid) as caught:
        _make(office, provider, **{field: value})

    assert caught.value.field == field
    assert office.session.scalar(select(CloudCredential.id)) is None


@pytest.mark.parametrize("field", ["resource_group", "host_pool", "subscription_id"])
def test_pointing_elsewhere_forgets_what_was_known(
    office: ServiceContext, provider: User, field: str
) -> None:
    credential = _tested(office, provider)
    elsewhere = {
        "resource_group": {"resource_group": "rg-other"},
        "host_pool": {"host_pool": "hp-other"},
        "subscription_id": {
            "subscription_id": OTHER_SUBSCRIPTION,
            "subnet_id": SUBNET.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION),
        },
    }

    _change(office, credential, client_secret=SECRET, **elsewhere[field])

    assert (credential.account_id, credential.observed) == (None, {})
    assert credential.status is CredentialStatus.UNTESTED


def test_another_spelling_of_the_same_pool_is_no_other_place(office: ServiceContext, provider: User) -> None:
    credential = _tested(office, provider)

    _change(office, credential, host_pool="HP-Personal", resource_group="RG-Desktops")

    assert (credential.account_id, credential.observed) == (SUBSCRIPTION, OBSERVED)


def test_another_application_needs_its_own_secret(office: ServiceContext, provider: User) -> None:
    credential = _tested(office, provider)

    with pytest.raises(Invalid) as caught:
        _change(office, credential, client_id=OTHER_CLIENT)

    assert caught.value.field == "client_secret"


def test_a_new_day_of_expiry_needs_no_new_test(office: ServiceContext, provider: User) -> None:
    credential = _tested(office, provider)
    version = credential.secret_version

    _change(office, credential, secret_expires_on="2027-06-30")

    assert credential.public_fields["secret_expires_on"] == "2027-06-30"
    assert (credential.status, credential.secret_version) == (CredentialStatus.OK, version)


def test_a_new_secret_forgets_the_day_of_the_old_one(office: ServiceContext, provider: User) -> None:
    credential = _tested(office, provider, secret_expires_on="2026-12-01")

    _change(office, credential, client_secret="Another~secret~of~the~same~application")

    assert credential.public_fields["secret_expires_on"] == ""


def test_an_optional_field_that_is_not_named_stays(office: ServiceContext, provider: User) -> None:
    image = "MicrosoftWindowsDesktop:office-365:win11-24h2-avd-m365:latest"
    credential = _tested(office, provider, image=image, secret_expires_on="2027-01-31")

    _change(office, credential, host_pool="HP-Personal")

    stored = credential.public_fields
    assert (stored["image"], stored["secret_expires_on"]) == (image, "2027-01-31")


def test_an_expired_day_may_stay_while_the_secret_is_kept(
    office: ServiceContext, provider: User, standing_clock: StandingClock
) -> None:
    """Renaming must not be refused because of a day that has passed meanwhile."""
    credential = _tested(office, provider, secret_expires_on="2026-12-01")
    standing_clock.elapsed += timedelta(days=30)

    assert _change(office, credential).public_fields["secret_expires_on"] == "2026-12-01"


def test_a_name_is_used_once_whatever_the_cloud(office: ServiceContext, provider: User) -> None:
    _make(office, provider)

    with pytest.raises(Conflict):
        _make(office, provider)
