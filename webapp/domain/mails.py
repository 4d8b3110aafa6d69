"""The kinds of mail that Berth sends. A kind is an entry here, and two templates in `templates/mail/`.

Nothing in a mail is secret but the single-use link of a kind that has one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from webapp.domain.permissions import Permission
from webapp.domain.sentences import say

LANGUAGE = "language"
"""Of the reader: a parameter of every mail, empty where none was chosen."""
LINK_TOKEN = "token"
"""The part of a path that is a single-use secret: it is sealed until the mail is sent."""

_PARTS = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class MailKind:
    name: str
    """Stable: it is in the table, and the templates have it as their name."""
    label: str
    """For people, on the page of mails."""
    subject: str
    """With the names of parameters in braces."""
    path: str
    """Of the page that the mail leads to; with parameters, and `{token}` for a single-use link."""
    parameters: tuple[str, ...] = ()
    """What the templates need; plain text and ids."""
    needs: Permission | None = None
    """Of a mail to a company: who of it can do something about it."""
    added: tuple[str, ...] = ()
    """More of them, which a mail that an older release wrote has not: empty there."""
    words: tuple[str, ...] = ()
    """Those of them that are messages of the catalogue."""
    lists: tuple[str, ...] = ()
    """Those of them that are lists of plain text and numbers, by name."""
    stop_path: str = ""
    """Of the page at which one press ends mails of this kind; mail programs press it too (RFC 8058)."""

    @property
    def has_secret_link(self) -> bool:
        return LINK_TOKEN in _PARTS.findall(self.path)

    def subject_for(self, parameters: Mapping[str, object], *, said: Callable[[str], str] = str) -> str:
        """`said`: in the reader's language."""
        return _PARTS.sub(lambda part: str(parameters[part[1]]), said(self.subject))

    def path_for(self, parameters: Mapping[str, object], *, token: str = "") -> str:
        values = {**parameters, LINK_TOKEN: token}
        return _PARTS.sub(lambda part: str(values[part[1]]), self.path)


TEST = MailKind("test", "Test", say("Test mail from Berth"), "/mail/", ("company",))
DESKTOP_READY = MailKind(
    "desktop_ready",
    "Desktop is ready",
    say("Your desktop is ready"),
    "/desktops/{workspace_id}/",
    ("company", "job", "workspace_id"),
)
APPLICATION_APPROVED = MailKind(
    "application_approved",
    "Application approved",
    say("{company} approved you for a job"),
    "/desktops/",
    ("company", "job"),
)
HELP_REQUESTED = MailKind(
    "help_requested",
    "Help requested",
    say("{person} needs help with a desktop"),
    "/workspaces/{workspace_id}/",
    ("person", "job", "note", "workspace_id"),
    needs=Permission.OPERATE,
)
CREDENTIAL_ALARM = MailKind(
    "credential_alarm",
    "Cloud account needs attention",
    say("The cloud account “{account}” needs attention"),
    "/credentials/{credential_id}/",
    ("company", "account", "code", "credential_id"),
    needs=Permission.MANAGE_CREDENTIALS,
)

CONTRACT_ENDING = MailKind(
    "contract_ending",
    "Contract ends soon",
    say("Your access to the desktop ends on {moment}"),
    "/desktops/{workspace_id}/",
    ("company", "job", "moment", "workspace_id"),
    added=("deleted", "kept"),
)
ACCESS_ENDED = MailKind(
    "access_ended",
    "Access ended",
    say("Your access to the desktop has ended"),
    "/desktops/{workspace_id}/",
    ("company", "job", "deleted", "kept", "workspace_id"),
)
"""While the desktop is kept: later there is nothing to be saved."""
CONTRACT_ENDING_OF = MailKind(
    "contract_ending_of",
    "Contract of a person ends soon",
    say("The contract of {person} ends on {moment}"),
    "/contracts/{application_id}/",
    ("person", "job", "moment", "application_id"),
    needs=Permission.HIRE,
)
EXTENSION_ASKED = MailKind(
    "extension_asked",
    "More time asked for",
    say("{person} asks for more time"),
    "/contracts/{application_id}/",
    ("person", "job", "moment", "application_id"),
    needs=Permission.HIRE,
)
CONTRACT_EXTENDED = MailKind(
    "contract_extended",
    "Contract extended",
    say("You can use your desktop until {moment}"),
    "/desktops/",
    ("company", "job", "moment"),
)
ACCESS_GOES_ON = MailKind(
    "access_goes_on",
    "Access goes on",
    say("You can go on using your desktop"),
    "/desktops/",
    ("company", "job"),
)
"""After an undo, or when the end of a contract is taken away."""

DIGEST = MailKind(
    "digest",
    "Daily mail",
    say("Needs your attention today at {company}"),
    "/",
    ("company", "sections"),
    lists=("sections",),
    stop_path="/account/digest/stop",
)

PASSWORD_RESET = MailKind(
    "password_reset",
    "New password",
    say("Choose a new password"),
    # In the query, which no log has.
    "/password/new?link={token}",
    ("minutes",),
)
PASSWORD_CHANGED = MailKind(
    "password_changed", "Password changed", say("Your password was changed"), "/password/forgotten"
)
SECOND_FACTOR_CHANGED = MailKind(
    "second_factor_changed",
    "Second factor changed",
    say("Your second factor was {change}"),
    "/account/",
    ("change",),
    words=("change",),
)
EMAIL_CHANGE_OLD = MailKind(
    "email_change_old",
    "Address to be changed",
    say("Another address for your account?"),
    "/account/email/confirm?link={token}",
    ("old", "new"),
)
EMAIL_CHANGE_NEW = MailKind(
    "email_change_new",
    "New address",
    say("Confirm your new address"),
    "/account/email/confirm?link={token}",
    ("old", "new"),
)
EMAIL_PROOF = MailKind(
    "email_proof",
    "Proof of an address",
    say("Confirm your e-mail address"),
    "/account/email/confirm?link={token}",
    ("email",),
)
ACCOUNT_REMOVED = MailKind(
    "account_removed", "Account removed", say("Your account in Berth was removed"), "/", ("company",)
)
"""The last one to this address; `company` is empty if the person did it."""
COLLEAGUE_INVITED = MailKind(
    "colleague_invited",
    "Colleague invited",
    say("{person} invites you to {company} in Berth"),
    "/invitation/?link={token}",
    ("company", "person"),
)
HIRE_INVITED = MailKind(
    "hire_invited",
    "Person invited",
    say("{company} invites you: {job}"),
    "/invitation/?link={token}",
    ("company", "person", "job"),
)

KINDS: dict[str, MailKind] = {
    kind.name: kind
    for kind in (
        TEST,
        DESKTOP_READY,
        APPLICATION_APPROVED,
        HELP_REQUESTED,
        CREDENTIAL_ALARM,
        CONTRACT_ENDING,
        ACCESS_ENDED,
        CONTRACT_ENDING_OF,
        EXTENSION_ASKED,
        CONTRACT_EXTENDED,
        ACCESS_GOES_ON,
        DIGEST,
        PASSWORD_RESET,
        PASSWORD_CHANGED,
        SECOND_FACTOR_CHANGED,
        EMAIL_CHANGE_OLD,
        EMAIL_CHANGE_NEW,
        EMAIL_PROOF,
        ACCOUNT_REMOVED,
        COLLEAGUE_INVITED,
        HIRE_INVITED,
    )
}
