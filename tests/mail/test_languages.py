"""Mails are in the language of their reader, with no word outside the catalogue of languages."""

from collections.abc import Mapping

import pytest

from tests.desk import PASSWORD, Desk
from tests.languages.marked import OPENS, Marked, unmarked
from tests.mail.conftest import Postman
from tests.mail.office import PUBLIC_URL, Office
from tests.mail.test_texts import EVERY_KIND, SAMPLES, SETTINGS, body, mail_of, read
from webapp import languages
from webapp.domain import catalogue
from webapp.domain.mails import KINDS, LANGUAGE, MailKind
from webapp.domain.roles import ApplicationStatus
from webapp.engine.mail_texts import compose
from webapp.models import Company, Mail, User
from webapp.services import applications, email_change, invitations, password_reset
from webapp.services.invitations import Wanted

WORDS = "Zq9"
"""What stands for whatever somebody wrote."""


def texts(mail: Mail, kind: MailKind) -> tuple[str, str, str]:
    """Subject, text and HTML."""
    message = read(compose(mail, kind, SETTINGS))
    return str(message["Subject"]), body(message, "plain"), body(message, "html")


def data_of(kind: MailKind) -> list[str]:
    stop = [f"{PUBLIC_URL}/account/#digest"] if kind.stop_path else []
    return [*stop, PUBLIC_URL + kind.path_for(SAMPLES), PUBLIC_URL, WORDS]


def change_of(kind: MailKind) -> Mapping[str, str]:
    return {"change": "set up"} if "change" in kind.parameters else {}


@EVERY_KIND
def test_no_word_of_a_mail_is_outside_the_catalogue(monkeypatch: pytest.MonkeyPatch, kind: MailKind) -> None:
    monkeypatch.setitem(languages.READ, languages.GERMAN, Marked())
    for without in (None, "name", "code", "note"):
        mail = mail_of(kind, WORDS, **{LANGUAGE: "de"}, **change_of(kind))
        if without is not None:
            mail.parameters[without] = ""

        subject, plain, page = texts(mail, kind)

        assert OPENS in subject and OPENS in plain and OPENS in page, without
        for text in (subject, plain, page):
            assert unmarked(text, data=[*data_of(kind), "Berth"]) == [], without


def test_every_cause_of_an_alarm_is_in_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(languages.READ, languages.GERMAN, Marked())
    kind = KINDS["credential_alarm"]

    for code in catalogue.CATALOGUE:
        _, plain, page = texts(mail_of(kind, WORDS, code=code, **{LANGUAGE: "de"}), kind)
        for text in (plain, page):
            assert unmarked(text, data=[*data_of(kind), "Berth"]) == [], code


@EVERY_KIND
def test_a_mail_in_german_says_so_and_has_all_that_the_english_one_has(kind: MailKind) -> None:
    english = texts(mail_of(kind, WORDS, **change_of(kind)), kind)
    german = texts(mail_of(kind, WORDS, **{LANGUAGE: "de"}, **change_of(kind)), kind)

    assert '<html lang="en">' in english[2] and '<html lang="de">' in german[2]
    assert "Guten Tag Zq9," in german[1] and "Guten Tag Zq9," in german[2]
    for one, other in zip(english, german, strict=True):
        assert one != other
        for value in data_of(kind):
            assert one.count(value) == other.count(value), value


@EVERY_KIND
def test_a_mail_without_a_language_that_berth_has_is_english(kind: MailKind) -> None:
    """One of an older release has none."""
    english = texts(mail_of(kind, WORDS, **change_of(kind)), kind)
    for language in ("", "en", "xx"):
        mail = mail_of(kind, WORDS, **change_of(kind), **{LANGUAGE: language})

        assert texts(mail, kind) == english, language
    assert '<html lang="en">' in english[2]


def test_a_person_gets_mails_in_the_language_of_their_account(
    desk: Desk, office: Office, postman: Postman
) -> None:
    seeker = desk.add_seeker()
    seeker.language = "de"
    desk.session.commit()
    posting_id = desk.open_posting(desk.provider)
    desk.session.commit()
    application = applications.apply(desk.context, posting_id, seeker_id=seeker.id, message="")
    applications.decide(
        desk.context,
        application.id,
        company_id=desk.provider.company_id or 0,
        decided_by_id=desk.provider.id,
        status=ApplicationStatus.APPROVED,
    )
    password_reset.ask_for_link(desk.context, email=seeker.email)
    password_reset.ask_for_link(desk.context, email=desk.provider.email)

    postman.work()

    subjects = {(one.recipients[0], one.header("Subject")) for one in office.arrived}
    company = desk.session.get_one(Company, desk.provider.company_id).name
    assert subjects == {
        (seeker.email, f"{company} hat Ihnen für eine Stelle zugesagt"),
        (seeker.email, "Neues Passwort wählen"),
        (desk.provider.email, "Choose a new password"),
    }


def test_what_waits_stays_as_it_was_written(desk: Desk, office: Office, postman: Postman) -> None:
    """Every attempt is the same to the last byte."""
    seeker = desk.add_seeker()
    seeker.language = "de"
    desk.session.commit()
    password_reset.ask_for_link(desk.context, email=seeker.email)
    seeker.language = "en"
    desk.session.commit()

    postman.work()

    assert office.subjects() == ["Neues Passwort wählen"]


@pytest.mark.parametrize(
    ("of_inviter", "of_account", "subject"),
    [
        (None, None, "invites you"),
        ("de", None, "lädt Sie ein"),
        ("de", "en", "invites you"),
        ("en", "de", "lädt Sie ein"),
    ],
)
def test_an_invitation_is_in_the_language_of_an_account_or_else_of_whoever_invites(
    desk: Desk,
    office: Office,
    postman: Postman,
    of_inviter: str | None,
    of_account: str | None,
    subject: str,
) -> None:
    seeker = desk.add_seeker()
    seeker.language, desk.provider.language = of_account, of_inviter
    posting_id = desk.open_posting(desk.provider)
    desk.session.commit()
    address = seeker.email if of_account else "new@example.com"

    invitations.invite(
        desk.context,
        [Wanted(address)],
        company_id=desk.provider.company_id or 0,
        invited_by=desk.provider,
        posting_id=posting_id,
    )
    postman.work()

    assert subject in office.subjects()[0]


def test_both_mailboxes_of_a_change_are_written_to_in_ones_own_language(
    desk: Desk, office: Office, postman: Postman
) -> None:
    person = desk.session.get_one(User, desk.provider.id)
    person.language = "de"
    desk.session.commit()

    email_change.ask(desk.context, person, new_email="pia@example.com", password=PASSWORD)
    postman.work()

    assert sorted(office.subjects()) == ["Eine andere Adresse für Ihr Konto?", "Neue Adresse bestätigen"]
