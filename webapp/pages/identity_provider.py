"""A company's single sign-on: its issuer, its domains, and whether people may sign in otherwise."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, SelectField, StringField

from webapp.domain.permissions import Permission
from webapp.domain.roles import CompanyRole
from webapp.extensions import limiter
from webapp.guards import needs_fresh_proof, requires
from webapp.identity import company_id, service_context, user
from webapp.models import IdentityProvider
from webapp.pages.fields import BerthForm, at_most, choice, needed
from webapp.pages.role_words import ROLE_WORDS
from webapp.pages.single_sign_on import redirect_uri
from webapp.queries import single_sign_on as queries
from webapp.services import company_domains, sso_demand
from webapp.services import identity_provider as service
from webapp.services.identity_provider import ProviderRequest
from webapp.services.issuer_session import URL_LENGTH

bp = Blueprint("identity_provider", __name__, url_prefix="/people/single-sign-on")

ASKS_PER_ADDRESS = "20 per minute"
"""Each asks a server that the company names."""


class ProviderForm(BerthForm):
    issuer = StringField("Issuer", [needed("Enter the issuer’s address."), at_most(URL_LENGTH)])
    client_id = StringField(
        "Client ID",
        [needed("Enter the client ID that the issuer gave to Berth."), at_most(service.CLIENT_LENGTH)],
    )
    client_secret = PasswordField("Client secret", [at_most(service.SECRET_LENGTH)])
    default_role = SelectField(
        "Role of new people",
        choices=[
            choice(role, ": ".join(ROLE_WORDS[role])) for role in CompanyRole if role is not CompanyRole.OWNER
        ],
        default=CompanyRole.AUDITOR,
    )

    def wanted(self) -> ProviderRequest:
        return ProviderRequest(
            issuer=self.issuer.data or "",
            client_id=self.client_id.data or "",
            client_secret=self.client_secret.data or "",
            default_role=CompanyRole(self.default_role.data),
        )


class DomainForm(BerthForm):
    domain = StringField("Domain", [needed("Enter a domain, such as example.com."), at_most(253)])


class DemandForm(BerthForm):
    owner = SelectField("Who gets in if single sign-on fails", coerce=int)

    def __init__(self) -> None:
        super().__init__()
        owners = queries.list_owners(service_context().session, company_id=company_id())
        self.owner.choices = [choice(one.id, f"{one.name} ({one.email})") for one in owners]


@bp.get("/")
@requires(Permission.MANAGE_COMPANY)
def index() -> ResponseReturnValue:
    return _page()


@bp.post("/")
@limiter.limit(ASKS_PER_ADDRESS)
@requires(Permission.MANAGE_COMPANY)
@needs_fresh_proof
def save() -> ResponseReturnValue:
    form = ProviderForm()
    if form.validate_on_submit():
        with form.landing():
            found = service.save_provider(
                service_context(), form.wanted(), company_id=company_id(), by=user()
            )
            flash(f"Saved. Berth has read the document of {found.issuer}.")
            return redirect(url_for(".index"), code=303)
    return _page(provider_form=form), form.status


@bp.post("/remove")
@requires(Permission.MANAGE_COMPANY)
@needs_fresh_proof
def remove() -> ResponseReturnValue:
    service.remove_provider(service_context(), company_id=company_id(), by=user())
    flash("Single sign-on is removed. Everybody signs in with a password.")
    return redirect(url_for(".index"), code=303)


@bp.post("/domains")
@requires(Permission.MANAGE_COMPANY)
@needs_fresh_proof
def add_domain() -> ResponseReturnValue:
    form = DomainForm()
    if form.validate_on_submit():
        with form.landing():
            added = company_domains.add_domain(
                service_context(), form.domain.data or "", company_id=company_id()
            )
            flash(f"Now prove that {added.domain} is yours: add its TXT record, then check it here.")
            return redirect(url_for(".index"), code=303)
    return _page(domain_form=form), form.status


@bp.post("/domains/<int:domain_id>/check")
@limiter.limit(ASKS_PER_ADDRESS)
@requires(Permission.MANAGE_COMPANY)
@needs_fresh_proof
def check_domain(domain_id: int) -> ResponseReturnValue:
    form = DomainForm(formdata=None)
    with form.landing():
        found = company_domains.prove_domain(service_context(), domain_id, company_id=company_id())
        flash(f"{found.domain} is proven.")
        return redirect(url_for(".index"), code=303)
    return _page(domain_form=form), form.status


@bp.post("/domains/<int:domain_id>/remove")
@requires(Permission.MANAGE_COMPANY)
@needs_fresh_proof
def remove_domain(domain_id: int) -> ResponseReturnValue:
    company_domains.remove_domain(service_context(), domain_id, company_id=company_id())
    flash("The domain is removed. Who signed in with it before still can.")
    return redirect(url_for(".index"), code=303)


@bp.post("/demand")
@requires(Permission.MANAGE_COMPANY)
@needs_fresh_proof
def demand() -> ResponseReturnValue:
    form = DemandForm()
    if form.validate_on_submit():
        with form.landing():
            found = sso_demand.demand(
                service_context(), emergency_user_id=form.owner.data, company_id=company_id(), by=user()
            )
            name = found.emergency_user.name if found.emergency_user else ""
            flash(f"Everybody signs in by single sign-on now; {name} also with password and second factor.")
            return redirect(url_for(".index"), code=303)
    return _page(demand_form=form), form.status


@bp.post("/waive")
@requires(Permission.MANAGE_COMPANY)
@needs_fresh_proof
def waive() -> ResponseReturnValue:
    sso_demand.waive(service_context(), company_id=company_id())
    flash("People may sign in with a password again.")
    return redirect(url_for(".index"), code=303)


def _page(
    *,
    provider_form: ProviderForm | None = None,
    domain_form: DomainForm | None = None,
    demand_form: DemandForm | None = None,
) -> str:
    """With the form that has errors in the place of an empty one."""
    session = service_context().session
    provider = queries.find_provider(session, company_id=company_id())
    domains = queries.list_domains(session, company_id=company_id())
    return render_template(
        "people/single_sign_on.html",
        provider=provider,
        domains=[(one, company_domains.record_of(one)) for one in domains],
        proven=next((one.domain for one in domains if one.verified_at), None),
        redirect_uri=redirect_uri(company_id()),
        provider_form=provider_form or _filled(provider),
        domain_form=domain_form or DomainForm(formdata=None),
        demand_form=demand_form or DemandForm(),
    )


def _filled(provider: IdentityProvider | None) -> ProviderForm:
    return ProviderForm(formdata=None, obj=provider)
