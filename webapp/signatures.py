"""Signatures of cookies and forms: HMAC with SHA-256, where the libraries take SHA-1 by themselves."""

import hashlib

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Signer


class SignedSession(SecureCookieSessionInterface):
    digest_method = staticmethod(hashlib.sha256)


def sign_with_sha256(app: Flask) -> None:
    """Sessions of this application; tokens of forms and other signed texts of the whole process."""
    app.session_interface = SignedSession()
    # The tokens of forms are made inside Flask-WTF, which leaves no other way to choose.
    Signer.default_digest_method = staticmethod(hashlib.sha256)
