"""Entra and certificates: azure-identity signs in, and every assertion that does not fit is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from sandbox import demo_azure as demo
from sandbox.azure.assertions import check_assertion
from sandbox.azure.errors import EntraError
from sandbox.azure.server import Handle
from sandbox.azure_control import AzureSandbox
from tests.cases import each_case
from tests.certificates import both, certificate_pem, make_key

SCOPE = "https://management.azure.com/.default"
AUDIENCE = "https://sandbox/tenant/oauth2/v2.0/token"
NOW = 1_800_000_000.0


@pytest.fixture
def sign_in(server: Handle, control: AzureSandbox) -> Callable[[str], str]:
    def enter(pasted: str) -> str:
        credential = CertificateCredential(
            demo.DEMO_TENANT_ID,
            demo.DEMO_CLIENT_ID,
            certificate_data=pasted.encode(),
            authority=server.url,
            disable_instance_discovery=True,
            connection_verify=server.ca_file,
            retry_total=0,
        )
        return str(credential.get_token(SCOPE).token)

    return enter


def test_a_registered_certificate_gets_a_token_and_no_other(
    sign_in: Callable[[str], str], control: AzureSandbox
) -> None:
    key, other = make_key(), make_key("other")
    certificate = certificate_pem(key)
    control.set_certificates(certificate)

    assert sign_in(both(key, certificate))
    with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        sign_in(both(other, certificate_pem(other)))

    control.set_certificates()
    with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        sign_in(both(key, certificate))


def test_an_expired_certificate_gets_none(sign_in: Callable[[str], str], control: AzureSandbox) -> None:
    key = make_key()
    certificate = certificate_pem(key, ends_at=datetime.now(UTC) - timedelta(days=1))
    control.set_certificates(certificate)

    with pytest.raises(ClientAuthenticationError, match="The key used is expired"):
        sign_in(both(key, certificate))


def assertion(*, signer: str = "first", **changes: Any) -> str:
    certificate = x509.load_pem_x509_certificate(CERTIFICATE.encode())
    header = {"alg": "PS256", "typ": "JWT", "x5t#S256": _text(certificate.fingerprint(hashes.SHA256()))}
    claims = {"aud": AUDIENCE, "iss": "app", "sub": "app", "nbf": NOW - 10, "exp": NOW + 300, **changes}
    signed = f"{_text(json.dumps(header).encode())}.{_text(json.dumps(claims).encode())}"
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    signature = make_key(signer).sign(signed.encode(), pss, hashes.SHA256())
    return f"{signed}.{_text(signature)}"


CERTIFICATE = certificate_pem(make_key(), ends_at=datetime.fromtimestamp(NOW, UTC) + timedelta(days=30))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def check(text: str) -> None:
    check_assertion(text, (CERTIFICATE,), client_id="app", audience=AUDIENCE, real_now=NOW)


def test_an_assertion_that_fits_is_accepted() -> None:
    check(assertion())


@each_case(
    ("text", "number"),
    [
        (assertion(signer="other"), 700027),
        (assertion(aud="https://elsewhere/token"), 700023),
        (assertion(exp=NOW - 1), 700024),
        (assertion(nbf=NOW + 3600, exp=NOW + 7200), 700024),
        (assertion(sub="another"), 700021),
        (assertion()[:-8] + "AAAAAAAA", 700027),
        ("not.a.token", 50027),
        ("nothing", 50027),
    ],
    ids=["signer", "audience", "ended", "not yet", "application", "signature", "no JSON", "no token"],
)
def test_what_does_not_fit_is_refused_by_its_number(text: str, number: int) -> None:
    with pytest.raises(EntraError) as caught:
        check(text)

    assert caught.value.number == number
