"""Signatures of cookies and forms: HMAC with SHA-256, where the libraries take SHA-1 by themselves.

And which answers carry the cookie of the session: none to a form that another site may have sent.
"""

import hashlib

from flask import Flask, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import Signer


class SignedSession(SecureCookieSessionInterface):
    digest_method = staticmethod(hashlib.sha256)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """A browser would take a new cookie in place of the one that it kept back: its person is out."""
        if may_be_of_another_site():
            response.vary.add("Cookie")
        else:
            super().save_session(app, session, response)


def may_be_of_another_site() -> bool:
    """Does this request want a change, and has no cookie of a session? Each form of ours has one.

    Browsers send none with the form of another site (`SameSite=Lax`), whoever is signed in. The missing
    cookie says so in each of them; `Sec-Fetch-Site` is not sent by older ones, nor over plain HTTP.
    """
    name = current_app.config["SESSION_COOKIE_NAME"]
    return request.method not in ("GET", "HEAD", "OPTIONS") and name not in request.cookies


def sign_with_sha256(app: Flask) -> None:
    """Sessions of this application; tokens of forms and other signed texts of the whole process."""
    app.session_interface = SignedSession()
    # The tokens of forms are made inside Flask-WTF, which leaves no other way to choose.
    Signer.default_digest_method = staticmethod(hashlib.sha256)
