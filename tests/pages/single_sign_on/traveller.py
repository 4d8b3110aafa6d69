"""Somebody who signs in by an issuer, step by step, and a company that is set up for it."""

import http.client
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.desk import Desk
from tests.pages.reader import Reader, Visitor
from tests.pages.single_sign_on.issuer import CLIENT_ID, Issuer
from tests.pages.single_sign_on.names import Names
from webapp.domain.roles import CompanyRole
from webapp.services import company_domains
from webapp.services.identity_provider import ProviderRequest, save_provider


class Traveller:
    """One browser."""

    def __init__(self, app: Flask, issuer: Issuer) -> None:
        self.app, self.issuer = app, issuer
        self.browser: FlaskClient = app.test_client()

    def another(self) -> "Traveller":
        return Traveller(self.app, self.issuer)

    def go(self, email: str = "ada@example.com", **more: object) -> str:
        """To the issuer; its address."""
        answer = Visitor(self.browser).post("/sign-in/company", {"email": email, **more})
        assert answer.status_code == 303, answer.text
        return str(answer.location)

    def sign_in_there(self, address: str) -> str:
        """The address to which the issuer sends the browser."""
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        connection.request("GET", f"{parts.path}?{parts.query}")
        location = connection.getresponse().headers["Location"]
        connection.close()
        return location

    def come_back(self, address: str) -> TestResponse:
        parts = urlsplit(address)
        return Visitor(self.browser).get(f"{parts.path}?{parts.query}")

    def sign_in(self, email: str = "ada@example.com", **more: object) -> TestResponse:
        """All of it; the answer to the browser's return."""
        return self.come_back(self.sign_in_there(self.go(email, **more)))

    def refusal(self, email: str = "ada@example.com") -> str:
        """What the page says that does not let this browser in."""
        answer = self.sign_in(email)
        assert answer.status_code == 422, (answer.status_code, answer.location)
        assert not self.is_in()
        return Reader(answer.text).text

    def is_in(self) -> bool:
        return self.browser.get("/account/").status_code == 200

    def name(self) -> str:
        """Who is signed in."""
        return Reader(self.browser.get("/account/").text).text


def set_up(
    desk: Desk,
    issuer: Issuer,
    names: Names,
    *,
    secret: str = "",
    role: CompanyRole = CompanyRole.AUDITOR,
    domain: str = "example.com",
) -> int:
    """As an owner does it; the company's id."""
    company_id = desk.provider.company_id or 0
    save_provider(
        desk.context,
        ProviderRequest(issuer.url, CLIENT_ID, secret, role),
        company_id=company_id,
        by=desk.provider,
    )
    prove(desk, names, domain, company_id=company_id)
    return company_id


def prove(desk: Desk, names: Names, domain: str, *, company_id: int) -> None:
    added = company_domains.add_domain(desk.context, domain, company_id=company_id)
    names.texts.setdefault(domain, []).append(company_domains.record_of(added))
    company_domains.prove_domain(desk.context, added.id, company_id=company_id)
    desk.session.rollback()
