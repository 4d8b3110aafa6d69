"""Amazon WorkSpaces: `workspaces://<user>@<registration code>`, the user name percent-encoded and the code
literal (docs/evidence/aws_workspaces.md#connection-link)."""

import re
from urllib.parse import quote

from webapp.domain.sentences import say
from webapp.providers.aws_workspaces.directory_kinds import DirectoryKind, kind_of
from webapp.providers.parts.connecting import ConnectionInput, ConnectionProvider, Device, Way

CLIENT_DOWNLOAD_URL = "https://clients.amazonworkspaces.com/"
_REGISTRATION_CODE = re.compile(r"[A-Za-z0-9+.-]{1,64}")


def link(connection_input: ConnectionInput) -> str | None:
    code = _code(connection_input)
    return f"workspaces://{quote(connection_input.username, safe='')}@{code}" if code else None


def way(connection_input: ConnectionInput) -> Way:
    code, url = _code(connection_input), connection_input.observed.get("web_client_url")
    kind = kind_of(connection_input.observed.get("kind"))
    return Way(
        registration_code=code,
        web_client_url=url,
        sign_in_name=connection_input.username,
        client_download_url=CLIENT_DOWNLOAD_URL,
        app=say("the WorkSpaces app"),
        app_help=say("for Windows, macOS, Linux, iPad or Android"),
        steps=[
            _install(has_browser=bool(url)),
            say("Open it and enter the registration code %(code)s.", code=code),
            _sign_in(kind, connection_input.username),
            say("If the desktop was stopped, it starts now; this usually takes less than two minutes."),
        ],
        devices=_devices(has_browser=bool(url)),
        sign_in_help=_SIGN_IN_HELP.get(kind)
        or _sign_in_help(can_reset=bool(connection_input.observed.get("can_reset_password"))),
        answers=[
            (
                say("Nothing happens when I press the button"),
                say(
                    "The app is not installed, or your system does not recognise the link. Open the app"
                    " yourself and enter the registration code."
                ),
            ),
            (say("“Wrong user name or password”"), _WRONG[kind]),
            (
                say("It stays at “Connecting…”"),
                say(
                    "Your network may block it. Ports 443, 4172 and 4195 must be open (TCP and UDP). Try"
                    " another network, such as your phone’s."
                ),
            ),
        ],
    )


def _install(*, has_browser: bool) -> str:
    if has_browser:
        return say(
            "Install the Amazon WorkSpaces app from clients.amazonworkspaces.com. Or open the desktop in your"
            " browser; that needs no installation."
        )
    return say("Install the Amazon WorkSpaces app from clients.amazonworkspaces.com.")


def _devices(*, has_browser: bool) -> list[Device]:
    browser = (
        [Device(say("Browser"), say("It opens the desktop without an installation."))] if has_browser else []
    )
    return [
        Device("Windows", say("Install the WorkSpaces app for Windows; then the button here opens it.")),
        Device("macOS", say("Install the WorkSpaces app for macOS; then the button here opens it.")),
        Device("Linux", say("Install the WorkSpaces app for Ubuntu; then the button here opens it.")),
        Device("iPad", say("Install the WorkSpaces app from the App Store; open it and enter the code.")),
        Device(
            "Android, Chromebook",
            say("Install the WorkSpaces app from Google Play; open it and enter the code."),
        ),
        Device(
            "iPhone",
            say("Amazon has no WorkSpaces app for iPhone. Open this page on a computer or tablet."),
            has_app=False,
            has_browser=False,
        ),
        *browser,
    ]


def _code(connection_input: ConnectionInput) -> str | None:
    code = connection_input.text("registration_code")
    return code if _REGISTRATION_CODE.fullmatch(code) else None


def _sign_in(kind: DirectoryKind, name: str) -> str:
    match kind:
        case DirectoryKind.PASSWORD:
            return say("Sign in as %(name)s with your password for this desktop.", name=name)
        case DirectoryKind.SAML:
            return say(
                "Your company’s sign-in page opens in the browser: sign in there as usual, then return to the"
                " app. If the desktop asks again, you are %(name)s there.",
                name=name,
            )
        case DirectoryKind.IDENTITY_CENTER:
            return say(
                "Your organisation’s sign-in page opens in the browser: sign in there as %(name)s, then"
                " return to the app.",
                name=name,
            )


_SIGN_IN_HELP = {
    DirectoryKind.SAML: say(
        "You sign in with the account that you use for your company’s other programs. If you"
        " have none yet, ask the company."
    ),
    DirectoryKind.IDENTITY_CENTER: say(
        "You sign in with your account in IAM Identity Center. If you have never"
        " used it, look for an invitation in your e-mail, or ask the company."
    ),
}
_WRONG = {
    DirectoryKind.PASSWORD: say(
        "Use the user name above, not your e-mail address. Passwords are case-sensitive."
    ),
    DirectoryKind.SAML: say(
        "On your company’s sign-in page, use the account of your company’s other programs."
    ),
    DirectoryKind.IDENTITY_CENTER: say("Use the sign-in name above, exactly as it is written."),
}


def _sign_in_help(*, can_reset: bool) -> str:
    if can_reset:
        return say(
            "If you have no password for this desktop yet, choose “Forgot password?” in the app; an e-mail"
            " then tells you how to set one. If none arrives, ask the company which address they entered for"
            " you."
        )
    return say(
        "Sign in with the password of your work account. If you have not been given one, ask the company:"
        " only they can set it."
    )


CONNECTION = ConnectionProvider(
    link, way, starts_on_connect=lambda observed: bool(observed.get("starts_on_connect", True))
)
