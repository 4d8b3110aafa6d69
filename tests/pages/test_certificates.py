"""A cloud account entered with a certificate: pasted, read, kept, and never shown again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.azure_rows import FIELDS, add_azure_credential
from tests.certificates import both, certificate_pem, key_pem, make_key
from tests.desk import Desk
from tests.pages.reader import Reader, Visitor
from webapp.models import CloudCredential
from webapp.vault.box import Opener

KNOWN = {name: value for name, value in FIELDS.items() if name != "client_secret"}
NEW = {"cloud_provider": "azure", "auth_kind": "certificate", "name": "By certificate", **KNOWN}


@pytest.fixture
def pasted() -> str:
    return both(make_key(), certificate_pem(make_key(), ends_at=datetime(2027, 3, 31, tzinfo=UTC)))


def newest(desk: Desk) -> CloudCredential:
    with desk.sessions.begin() as session:
        found = session.scalars(select(CloudCredential).order_by(CloudCredential.id.desc()).limit(1)).one()
        assert found.sealed_secret
        session.expunge_all()
    return found


def lines_of(pem: str) -> list[str]:
    return [line for line in pem.splitlines() if line and not line.startswith("-")]


def test_the_form_takes_lines_and_asks_for_no_date(provider: Visitor) -> None:
    page = provider.read("/credentials/new?cloud=azure&auth_kind=certificate")

    assert page.find("textarea", id="client_certificate")
    assert not page.find("input", id="secret_expires_on") + page.find("input", id="client_secret")


def test_a_pasted_certificate_is_sealed_and_only_what_it_says_is_shown(
    desk: Desk, provider: Visitor, pasted: str
) -> None:
    answer = provider.post("/credentials/", {**NEW, "client_certificate": pasted.replace("\n", "\r\n")})

    credential = newest(desk)
    opener = Opener(desk.settings.credential_private_keys)
    opened = opener.open(credential.sealed_secret, bound_to=credential.secret_binding).reveal()
    shown = provider.get(answer.location).text
    assert answer.status_code == 303
    assert opened.replace("\r", "") == pasted
    assert credential.public_fields["secret_expires_on"] == "2027-03-31"
    assert credential.public_fields["certificate_thumbprint"] in shown
    everything = f"{shown}{credential.public_fields}{credential.sealed_secret}"
    assert not any(line in everything for line in lines_of(pasted))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda _: "garbage", "private key is missing"),
        (lambda pem: pem[: len(pem) // 3], "private key is missing"),
        (lambda _: both(make_key("other"), certificate_pem(make_key())), "does not belong"),
        (
            lambda _: both(
                make_key(),
                certificate_pem(make_key(), ends_at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=1)),
            ),
            "This certificate expired on 1 November 2026.",
        ),
        (lambda _: key_pem(make_key(), password=b"pass") + certificate_pem(make_key()), "password"),
        (lambda _: "", "Paste the certificate"),
    ],
    ids=["garbage", "cut off", "foreign", "expired", "protected", "nothing"],
)
def test_what_cannot_be_used_is_refused_without_being_repeated(
    provider: Visitor, pasted: str, change: object, says: str
) -> None:
    given = change(pasted)  # type: ignore[operator]  # a function

    answer = provider.post("/credentials/", {**NEW, "client_certificate": given})

    page = Reader(answer.text)
    assert answer.status_code == 422
    assert page.error_of("client_certificate") and says in page.text
    assert not any(line in answer.text for line in lines_of(given) if len(line) > 20)


def test_a_secret_is_exchanged_for_a_certificate(desk: Desk, provider: Visitor, pasted: str) -> None:
    made = add_azure_credential(desk.context, company_id=desk.provider.company_id or 0)
    body = {**NEW, "name": "Azure", "client_certificate": pasted}

    assert provider.post(f"/credentials/{made}/", body).status_code == 303

    changed = newest(desk)
    assert (changed.id, changed.auth_kind) == (made, "certificate")
