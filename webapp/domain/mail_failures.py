"""Why a mail was not sent: what happened, and what to do. The mail server's own words are shown beside it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailFailure:
    message: str
    remedy: str
    is_final: bool = False
    """Another attempt would end the same."""
    is_of_server: bool = False
    """No mail can be sent now: the others wait as well."""


_OPERATOR = "Ask whoever runs Berth to check SMTP_URL and the mail server."

FAILURES: dict[str, MailFailure] = {
    "server_not_found": MailFailure(
        "The host name of the mail server could not be resolved.", _OPERATOR, is_of_server=True
    ),
    "server_unreachable": MailFailure("The mail server could not be reached.", _OPERATOR, is_of_server=True),
    "server_timed_out": MailFailure("The mail server did not answer in time.", _OPERATOR, is_of_server=True),
    "server_busy": MailFailure(
        "The mail server accepts no mail at the moment.",
        "Berth tries again by itself. If it lasts, ask whoever runs Berth.",
        is_of_server=True,
    ),
    "tls_failed": MailFailure(
        "There was no secure connection to the mail server.",
        "Ask whoever runs Berth to check the server’s certificate, and the port in SMTP_URL.",
        is_of_server=True,
    ),
    "login_refused": MailFailure(
        "The mail server refused Berth’s user name and password.", _OPERATOR, is_of_server=True
    ),
    "not_set_up": MailFailure(
        "Mail is no longer set up.",
        "Ask whoever runs Berth to set SMTP_URL and MAIL_FROM.",
        is_of_server=True,
    ),
    "sender_refused": MailFailure(
        "The mail server does not accept mail from Berth’s address.",
        "Ask whoever runs Berth to check MAIL_FROM: the server must allow this sender.",
    ),
    "recipient_refused": MailFailure(
        "The mail server refused the recipient’s address.",
        "Check the address with the person. If it is right, send again.",
        is_final=True,
    ),
    "recipient_deferred": MailFailure(
        "The mail server cannot accept mail for this address at the moment.",
        "Berth tries again by itself.",
    ),
    "content_refused": MailFailure(
        "The mail server refused the message.",
        "Read the server’s answer. If it takes Berth’s mail for spam, ask whoever runs the server.",
        is_final=True,
    ),
    "content_deferred": MailFailure(
        "The mail server cannot accept the message at the moment.", "Berth tries again by itself."
    ),
    "connection_lost": MailFailure(
        "The connection to the mail server ended before the message was complete.",
        "Berth tries again by itself.",
    ),
    "answer_lost": MailFailure(
        "The mail server did not confirm the message.",
        "Berth sends it again by itself. It may arrive twice.",
    ),
    "address_unusable": MailFailure(
        "Mail cannot be sent to this address.", "Correct the person’s e-mail address.", is_final=True
    ),
    "cannot_open_link": MailFailure(
        "The link in this mail could not be decrypted.",
        "Create a new link. Ask whoever runs Berth whether WEBHOOK_PRIVATE_KEYS has changed.",
        is_final=True,
    ),
    "cannot_compose": MailFailure(
        "Berth could not write the text of this mail.",
        "Ask whoever runs Berth to look into the log of the background workers. Berth tries again by itself.",
    ),
    "unknown_kind": MailFailure(
        "The worker does not know this kind of mail.",
        "It is sent as soon as all workers run the same release of Berth.",
    ),
    "expired": MailFailure(
        "It could not be sent before its link or its news had expired.",
        "Create a new link. The next daily mail comes by itself.",
        is_final=True,
    ),
}
