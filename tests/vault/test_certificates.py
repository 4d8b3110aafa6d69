"""What a person pastes as a certificate: read, or refused in words that repeat nothing of it."""

from datetime import UTC, datetime

import pytest

from tests.cases import each_case
from tests.certificates import both, certificate_pem, key_pem, make_key, of_an_unknown_kind
from webapp.vault.certificates import UnusableCertificate, read_certificate

END = datetime(2027, 3, 31, 12, tzinfo=UTC)


def test_the_end_and_the_thumbprint_are_read_from_the_certificate() -> None:
    key = make_key()

    found = read_certificate(both(key, certificate_pem(key, ends_at=END)))

    assert found.ends_on == END.date()
    assert len(found.thumbprint) == 40 and found.thumbprint == found.thumbprint.upper()
    assert key_pem(key)[30:90] not in repr(found)


def test_order_and_what_stands_around_do_not_matter() -> None:
    key = make_key()
    certificate = certificate_pem(key)
    bag = f"Bag Attributes\r\n  friendlyName: berth\n{certificate}\nKey Attributes: <none>\n{key_pem(key)}"

    assert read_certificate(bag).pem == read_certificate(both(key, certificate)).pem


def test_the_certificate_of_the_key_is_found_in_a_chain() -> None:
    key, issuer = make_key(), make_key("issuer")
    own = certificate_pem(key, ends_at=END)

    found = read_certificate(key_pem(key) + certificate_pem(issuer) + own)

    assert found.ends_on == END.date()


def test_a_certificate_of_an_unknown_kind_in_a_chain_does_not_matter() -> None:
    key, issuer = make_key(), make_key("issuer")
    chain = of_an_unknown_kind(certificate_pem(issuer)) + certificate_pem(key, ends_at=END)

    assert read_certificate(key_pem(key) + chain).ends_on == END.date()


def unusable() -> dict[str, tuple[str, str]]:
    key, other = make_key(), make_key("other")
    certificate = certificate_pem(key)
    broken = certificate.replace("MII", "MIX", 1)
    return {
        "garbage": ("garbage", "private key is missing"),
        "without a key": (certificate, "private key is missing"),
        "without a certificate": (key_pem(key), "certificate is missing"),
        "another key": (both(other, certificate), "does not belong"),
        "with a password": (key_pem(key, password=b"secret") + certificate, "protected by a password"),
        "a broken certificate": (key_pem(key) + broken, "certificate cannot be read"),
        "a broken key": (key_pem(key).replace("MII", "MIX", 1) + certificate, "key cannot be read"),
        "a key of an unknown kind": (of_an_unknown_kind(key_pem(key)) + certificate, "needs an RSA key"),
        "a certificate of an unknown kind": (
            key_pem(key) + of_an_unknown_kind(certificate),
            "does not belong",
        ),
        "a short key": (both(make_key("short", 1024), certificate), "at least 2048 bits"),
    }


@each_case("name", sorted(unusable()))
def test_what_cannot_be_used_is_refused_in_words(name: str) -> None:
    pasted, says = unusable()[name]

    with pytest.raises(UnusableCertificate, match=says) as caught:
        read_certificate(pasted)

    assert not any(line in str(caught.value) for line in pasted.splitlines() if len(line) > 10)
    assert caught.value.__cause__ is None
