"""What the web server signs it signs with SHA-256, and a text with another signature is nobody's."""

import hashlib

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from tests.desk import Desk
from tests.pages.reader import Reader, Visitor

LENGTH_OF_SHA256 = 43
"""32 bytes in base64, without padding."""


def signature_of(text: str) -> str:
    return text.rpartition(".")[2]


def signed(app: Flask, payload: object, salt: str, **how: object) -> str:
    return URLSafeTimedSerializer(app.secret_key or "", salt=salt, signer_kwargs=how).dumps(payload)


@pytest.fixture
def session_of(app: Flask, desk: Desk) -> dict[str, object]:
    return {"_user_id": desk.session_token(desk.provider.email), "_fresh": True}


def is_in(client: FlaskClient, cookie: str) -> bool:
    client.set_cookie("berth", cookie)
    return client.get("/start/").status_code == 200


def test_cookies_and_forms_are_signed_with_sha256(app: Flask, stranger: Visitor, provider: Visitor) -> None:
    answer = stranger.get("/sign-in")
    cookie = stranger.client.get_cookie("berth")
    form = Reader(answer.text).find("meta", name="csrf-token")[0]["content"] or ""

    assert cookie is not None
    assert len(signature_of(cookie.value)) == len(signature_of(form)) == LENGTH_OF_SHA256


@pytest.mark.parametrize(
    ("how", "is_ours"),
    [
        ({"key_derivation": "hmac", "digest_method": hashlib.sha256}, True),
        ({"key_derivation": "hmac", "digest_method": hashlib.sha1}, False),
        ({"key_derivation": "hmac", "digest_method": hashlib.md5}, False),
        ({"key_derivation": "none", "digest_method": hashlib.sha256}, False),
    ],
    ids=["SHA-256", "SHA-1", "MD5", "the key itself"],
)
def test_a_session_is_believed_under_one_kind_of_signature_only(
    app: Flask, session_of: dict[str, object], how: dict[str, object], is_ours: bool
) -> None:
    cookie = signed(app, session_of, "cookie-session", **how)

    assert is_in(app.test_client(), cookie) is is_ours


def test_a_session_without_its_signature_or_with_another_key_is_nobodys(
    app: Flask, session_of: dict[str, object]
) -> None:
    good = signed(app, session_of, "cookie-session", key_derivation="hmac", digest_method=hashlib.sha256)
    payload, _, _ = good.rpartition(".")
    other_key = URLSafeTimedSerializer(
        "another key", salt="cookie-session", signer_kwargs={"key_derivation": "hmac"}
    ).dumps(session_of)

    for cookie in (payload, f"{payload}.", payload.partition(".")[0], f"{good[:-1]}!", other_key, ""):
        assert not is_in(app.test_client(), cookie), cookie


def test_what_is_signed_for_one_purpose_is_worth_nothing_for_another(
    app: Flask, session_of: dict[str, object]
) -> None:
    for salt in ("wtf-csrf-token", "known browser", "itsdangerous"):
        cookie = signed(app, session_of, salt, key_derivation="hmac", digest_method=hashlib.sha256)
        assert not is_in(app.test_client(), cookie), salt
