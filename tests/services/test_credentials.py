"""Cloud credentials: sealed on arrival, bound to their place, erased when nothing needs them."""

import pytest
from sqlalchemy import select

from tests.desk import SECRET_FIELDS, Desk, RecordingNotifier
from webapp.domain.errors import Conflict, Invalid, NotFound
from webapp.models import CloudCredential, CredentialStatus, Inquiry, User
from webapp.queueing import JobName
from webapp.services import credentials, orphans
from webapp.services.context import ServiceContext
from webapp.vault.box import Opener

SECRET = SECRET_FIELDS["secret_access_key"]
OTHER_SECRET = "another/secret+of+the+right+length+00001"
OTHER_KEY = "AKIABERTHOTHER000001"


def _make(office: ServiceContext, user: User, name: str = "Cloud", **fields: str) -> CloudCredential:
    return credentials.create_credential(
        office,
        company_id=user.company_id or 0,
        name=name,
        cloud_provider="aws",
        fields=SECRET_FIELDS | fields,
    )


def _change(
    office: ServiceContext, credential: CloudCredential, name: str = "Cloud", **fields: str
) -> CloudCredential:
    return credentials.change_credential(
        office,
        credential.id,
        company_id=credential.company_id,
        name=name,
        fields=SECRET_FIELDS | {"secret_access_key": ""} | fields,
    )


def _opened(office: ServiceContext, credential: CloudCredential) -> str:
    place = credential.secret_binding
    opener = Opener(office.settings.credential_private_keys)
    return opener.open(credential.sealed_secret, bound_to=place).reveal()


def test_the_secret_is_stored_sealed_for_its_row(office: ServiceContext, provider: User) -> None:
    credential = _make(office, provider)

    assert SECRET not in "".join(str(value) for value in vars(credential).values())
    assert "secret_access_key" not in credential.public_fields
    assert _opened(office, credential) == SECRET


def test_a_new_credential_is_untested_and_a_worker_is_asked_at_once(
    office: ServiceContext, provider: User, notifier: RecordingNotifier
) -> None:
    credential = _make(office, provider)

    inquiry = office.session.scalars(select(Inquiry)).one()
    assert credential.status is CredentialStatus.UNTESTED
    assert not credential.is_usable
    assert notifier.notifications == [(JobName.ANSWER, inquiry.id)]


def test_changing_the_name_keeps_the_secret_and_its_test(office: ServiceContext, provider: User) -> None:
    credential = _make(office, provider)
    sealed, version = credential.sealed_secret, credential.secret_version
    credential.status = CredentialStatus.OK
    office.session.commit()

    _change(office, credential, name="Renamed")

    assert (credential.name, credential.sealed_secret, credential.secret_version) == (
        "Renamed",
        sealed,
        version,
    )
    assert credential.status is CredentialStatus.OK


def test_a_new_secret_replaces_the_old_one_and_must_be_tested(office: ServiceContext, provider: User) -> None:
    credential = _make(office, provider)
    credential.status, version = CredentialStatus.OK, credential.secret_version
    office.session.commit()

    _change(office, credential, secret_access_key=OTHER_SECRET)

    assert _opened(office, credential) == OTHER_SECRET
    assert (credential.status, credential.secret_version) == (CredentialStatus.UNTESTED, version + 1)


def test_a_new_key_needs_its_own_secret(office: ServiceContext, provider: User) -> None:
    credential = _make(office, provider)

    with pytest.raises(Invalid) as caught:
        _change(office, credential, access_key_id=OTHER_KEY)

    assert caught.value.field == "secret_access_key"
    assert credential.public_fields["access_key_id"] == SECRET_FIELDS["access_key_id"]


def test_an_unused_credential_may_point_elsewhere_and_forgets_what_it_knew(
    office: ServiceContext, provider: User
) -> None:
    credential = _make(office, provider)
    credential.account_id, credential.observed = "111122223333", {"registration_code": "WSdemo+1"}
    office.session.commit()

    _change(office, credential, directory_id="d-1234567890", secret_access_key=SECRET)

    assert (credential.account_id, credential.observed) == (None, {})
    assert _opened(office, credential) == SECRET


@pytest.mark.parametrize("change", [{"region": "eu-west-1"}, {"directory_id": "d-1234567890"}])
def test_a_new_place_needs_the_secret_again(
    office: ServiceContext, provider: User, change: dict[str, str]
) -> None:
    credential = _make(office, provider)

    with pytest.raises(Invalid, match="Enter the secret again") as caught:
        _change(office, credential, **change)

    assert caught.value.field == "secret_access_key"
    office.session.rollback()
    assert _opened(office, credential) == SECRET


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", "eu-central-9"),
        ("region", "EU-CENTRAL-1"),
        ("region", "eu-central-1.example.com/"),
        ("region", ""),
        ("directory_id", "not-a-directory"),
        ("directory_id", "d-99670be001\nd-x"),
        ("directory_id", "D-99670BE001"),
        ("access_key_id", "ASIABERTHDEMO0000001"),
        ("access_key_id", "AKIA"),
        ("access_key_id", ""),
        ("secret_access_key", "short"),
        ("secret_access_key", "x" * 41),
        ("secret_access_key", ""),
    ],
)
def test_a_field_of_the_wrong_shape_is_named_and_nothing_is_stored(
    office: ServiceContext, provider: User, field: str, value: str
) -> None:
    with pytest.raises(Invalid) as caught:
        _make(office, provider, **{field: value})

    assert caught.value.field == field
    assert len(value) < 5 or value not in caught.value.message
    assert office.session.scalar(select(CloudCredential.id)) is None


def test_spaces_from_copying_are_taken_off(office: ServiceContext, provider: User) -> None:
    credential = _make(office, provider, secret_access_key=f" {SECRET}\n", directory_id=" d-99670be001 ")

    assert _opened(office, credential) == SECRET
    assert credential.public_fields["directory_id"] == "d-99670be001"


def test_an_unknown_cloud_or_an_empty_name_is_refused(office: ServiceContext, provider: User) -> None:
    with pytest.raises(Invalid):
        _make(office, provider, name="  ")
    with pytest.raises(Invalid):
        credentials.create_credential(
            office, company_id=provider.company_id or 0, name="x", cloud_provider="mars", fields={}
        )


def test_a_name_is_used_once_in_a_company_and_free_again_after_deletion(
    office: ServiceContext, provider: User, other_provider: User
) -> None:
    credential = _make(office, provider)
    _make(office, other_provider)
    with pytest.raises(Conflict) as caught:
        _make(office, provider)
    assert caught.value.code == "name_taken"

    credentials.delete_credential(office, credential.id, company_id=credential.company_id)

    assert _make(office, provider).id


def test_deleting_erases_the_secret(office: ServiceContext, provider: User) -> None:
    credential = _make(office, provider)

    credentials.delete_credential(office, credential.id, company_id=credential.company_id)

    assert (credential.is_deleted, credential.sealed_secret) == (True, "")
    assert office.session.scalar(select(Inquiry.id)) is None


def test_another_company_finds_no_credential(
    office: ServiceContext, provider: User, other_provider: User
) -> None:
    credential = _make(office, provider)
    theirs = other_provider.company_id or 0

    with pytest.raises(NotFound):
        credentials.change_credential(
            office, credential.id, company_id=theirs, name="x", fields=SECRET_FIELDS
        )
    with pytest.raises(NotFound):
        credentials.delete_credential(office, credential.id, company_id=theirs)

    assert credential.sealed_secret


def test_a_credential_stays_while_a_machine_is_being_ended_with_it(desk: Desk) -> None:
    machine_id = desk.plant("forgotten", claim=f"{desk.installation()}/{'b' * 32}/1")
    desk.clock.pause(3600)
    desk.sweep()
    company = desk.provider.company_id or 0
    orphans.terminate(
        desk.context,
        desk.orphan(machine_id).id,
        company_id=company,
        actor=desk.actor,
        confirmed_id=machine_id,
    )

    with pytest.raises(Conflict):
        credentials.delete_credential(desk.context, desk.credential_id, company_id=company)
    with pytest.raises(Conflict):
        credentials.change_credential(
            desk.context,
            desk.credential_id,
            company_id=company,
            name="Cloud",
            fields=SECRET_FIELDS | {"directory_id": "d-99670be0ff"},
        )
