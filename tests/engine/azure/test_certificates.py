"""An application that signs in with a certificate: the whole way, and what a refused one says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.certificates import both, certificate_pem, make_key
from tests.clouds.azure.stage import AzureStage
from tests.desk import Desk
from webapp.domain.errors import Invalid
from webapp.domain.lifecycle import Action, State
from webapp.models import CloudCredential, CredentialStatus
from webapp.providers.azure_avd.fields import CERTIFICATE
from webapp.services import credentials

KEPT = {one.name for one in CERTIFICATE.entered} - {"client_certificate"}


def enter(desk: Desk, pasted: str) -> CloudCredential:
    """The desk's first credential signs in with this certificate from now on."""
    fields = {name: value for name, value in desk.stage.fields.items() if name in KEPT}
    return credentials.change_credential(
        desk.context,
        desk.credential_id,
        company_id=desk.provider.company_id or 0,
        name="Cloud",
        auth_kind="certificate",
        fields=fields | {"client_certificate": pasted},
    )


@pytest.fixture
def registered(desk: Desk, azure_stage: AzureStage) -> Callable[..., str]:
    """A certificate that the application has registered; what a person pastes."""

    def make(name: str = "first", **more: object) -> str:
        certificate = certificate_pem(make_key(name), **more)  # type: ignore[arg-type]  # by name
        azure_stage.control.set_certificates(certificate)
        return both(make_key(name), certificate)

    return make


def test_an_order_becomes_a_desktop_through_a_certificate_and_desktops_stay(
    desk: Desk, azure_stage: AzureStage, registered: Callable[..., str]
) -> None:
    before = desk.available()
    enter(desk, registered())
    azure_stage.control.set_secret(state="wrong")
    desk.work()
    assert desk.credential().is_usable

    after = desk.available()
    desk.press(before, Action.STOP)
    desk.live_until(before, State.STOPPED)

    assert desk.row(after).state is State.AVAILABLE
    assert "client_secret" not in desk.credential().public_fields


def test_the_end_is_read_from_the_certificate_and_warned_of(
    desk: Desk, registered: Callable[..., str]
) -> None:
    end = datetime.now(UTC) + timedelta(days=20)
    credential = enter(desk, registered(ends_at=end))

    assert credential.public_fields["secret_expires_on"] == end.date().isoformat()
    assert "The certificate expires in" in str(desk.test_credential()["secret_expiry"]["message"])


def test_a_foreign_key_is_refused_by_entra_in_words(desk: Desk, registered: Callable[..., str]) -> None:
    registered("first")
    foreign = make_key("foreign")
    enter(desk, both(foreign, certificate_pem(foreign)))

    line = desk.test_credential()["token"]

    assert line["ok"] is False
    assert desk.credential().status is CredentialStatus.FAILING


def test_a_certificate_that_ended_meanwhile_has_expired(
    desk: Desk, azure_stage: AzureStage, registered: Callable[..., str]
) -> None:
    end = datetime.now(UTC) + timedelta(days=2)
    pasted = registered(ends_at=end)
    enter(desk, pasted)
    azure_stage.control.add_fault(
        "error",
        operation="token",
        times=-1,
        code="AADSTS700027",
        message="[Reason - The key used is expired.]",
    )

    line = desk.test_credential()["token"]

    assert line["ok"] is False and "expired" in str(line["message"])


def test_one_that_has_ended_already_is_not_stored(desk: Desk) -> None:
    key = make_key()
    with pytest.raises(Invalid, match="This certificate expired on") as caught:
        enter(desk, both(key, certificate_pem(key, ends_at=desk.clock.now() - timedelta(days=1))))

    assert caught.value.field == "client_certificate"


def test_another_name_keeps_the_certificate_and_what_it_says(
    desk: Desk, registered: Callable[..., str]
) -> None:
    before = dict(enter(desk, registered()).public_fields)

    after = enter(desk, "")

    assert after.public_fields == before
    assert before["certificate_thumbprint"]
