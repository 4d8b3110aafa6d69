"""Domains of e-mail addresses that a company proves to be its own, by a TXT record in DNS."""

import re
import secrets

from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, Resolver
from sqlalchemy.exc import IntegrityError

from webapp.database import take_turns
from webapp.domain.errors import Conflict, Invalid, Unavailable
from webapp.domain.plain_text import plain
from webapp.models import CompanyDomain
from webapp.queries import single_sign_on as queries
from webapp.services.context import ServiceContext

MOST_DOMAINS = 20
"""Of a company."""
RECORD_MARK = "berth-verification="
LOOK_UP_LIMIT_S = 5.0
_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def normal_domain(text: str) -> str:
    """Lower case, in the ASCII form of DNS; of an e-mail address the part after “@”. Empty: no domain."""
    domain = plain(text).lower().rpartition("@")[2].rstrip(".")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        return ""
    return domain if _DOMAIN.fullmatch(domain) else ""


def add_domain(context: ServiceContext, domain: str, *, company_id: int) -> CompanyDomain:
    """It counts once it is proven. Commits. Raises Invalid, Conflict."""
    name = normal_domain(domain)
    if not name:
        raise Invalid("Enter a domain, such as example.com.", field="domain")
    take_turns(context.session, f"domains of {company_id}")
    known = queries.list_domains(context.session, company_id=company_id)
    if name in {one.domain for one in known}:
        raise Conflict("This domain is in the list already.", code="domain_known", field="domain")
    if len(known) >= MOST_DOMAINS:
        context.session.rollback()
        raise Conflict(f"A company can have up to {MOST_DOMAINS} domains.", code="too_many_domains")
    added = CompanyDomain(
        company_id=company_id,
        domain=name,
        challenge=secrets.token_hex(16),
        added_at=context.clock.now(),
    )
    context.session.add(added)
    context.session.commit()
    return added


def record_of(domain: CompanyDomain) -> str:
    """The text of the TXT record at the domain."""
    return f"{RECORD_MARK}{domain.challenge}"


def prove_domain(context: ServiceContext, domain_id: int, *, company_id: int) -> CompanyDomain:
    """Look for the record; commits. What was proven once stays so until it is removed.

    Raises NotFound, Unavailable, and Conflict where the record is missing or another company was first.
    """
    domain = queries.get_domain(context.session, domain_id, company_id=company_id)
    if domain.verified_at is not None:
        return domain
    name, record = domain.domain, record_of(domain)
    context.session.rollback()  # no transaction stays open while DNS is asked
    if record not in texts_of(name, server=context.settings.dns_server):
        raise Conflict(
            f"The TXT record is not at {name} yet, or DNS still answers from before. Try again later.",
            code="domain_record_missing",
        )
    domain = queries.get_domain(context.session, domain_id, company_id=company_id)
    domain.verified_at = context.clock.now()
    try:
        context.session.commit()
    except IntegrityError:
        context.session.rollback()
        raise Conflict(
            f"{name} is another company's here. Whoever runs Berth can help.", code="domain_taken"
        ) from None
    return domain


def remove_domain(context: ServiceContext, domain_id: int, *, company_id: int) -> None:
    """People who are linked already stay so. Commits. Raises NotFound."""
    context.session.delete(queries.get_domain(context.session, domain_id, company_id=company_id))
    context.session.commit()


def texts_of(domain: str, *, server: str) -> set[str]:
    """Its TXT records, as `server` (`address:port`; empty: the system's) knows them. Raises Unavailable."""
    try:
        answer = _resolver(server).resolve(f"{domain}.", "TXT", lifetime=LOOK_UP_LIMIT_S, search=False)
    except (NXDOMAIN, NoAnswer):
        return set()
    except (DNSException, OSError):
        raise Unavailable("DNS does not answer. Try again in a minute.") from None
    return {b"".join(record.strings).decode("utf-8", "replace").strip() for record in answer}


def _resolver(server: str) -> Resolver:
    if not server:
        return Resolver()
    address, _, port = server.rpartition(":")
    resolver = Resolver(configure=False)
    resolver.nameservers, resolver.port = [address.strip("[]")], int(port)
    return resolver
