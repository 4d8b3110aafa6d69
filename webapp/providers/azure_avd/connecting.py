"""Azure Virtual Desktop: the `ms-avd:` link of Windows App, and the web client.

Both contain the object ids of the workspace and the desktop (docs/evidence/azure_avd.md#connection-links); a
person signs in with Entra, so there is no code to enter and Berth handles no password.

Guests can connect with Windows App on Windows and with the browser; not from other devices
(docs/evidence/azure_avd.md#guests).
"""

from urllib.parse import quote

from webapp.domain.sentences import say
from webapp.providers.azure_avd.fields import GUID
from webapp.providers.azure_avd.usernames import home_address_of
from webapp.providers.parts.connecting import ConnectionInput, ConnectionProvider, Device, Way

CLIENT_DOWNLOAD_URL = "https://learn.microsoft.com/windows-app/get-started-connect-devices-desktops-apps"
WEB_CLIENT = "https://windows.cloud.microsoft/webclient/avd"


def link(connection_input: ConnectionInput) -> str | None:
    ids = _ids(connection_input)
    if ids is None:
        return None
    workspace, desktop = ids
    # The older client needs all of these, Windows App only resourceid and username.
    return (
        f"ms-avd:connect?workspaceid={workspace}&resourceid={desktop}"
        f"&username={quote(connection_input.username, safe='')}&env=avdarm&version=0"
    )


def way(connection_input: ConnectionInput) -> Way:
    home = home_address_of(connection_input.username)
    name = home or connection_input.username
    invited = [say("Open the invitation e-mail from Microsoft and accept it.")] if home else []
    return Way(
        web_client_url=_web_client_url(connection_input),
        sign_in_name=name,
        client_download_url=CLIENT_DOWNLOAD_URL,
        app="Windows App",
        app_help=say("for Windows") if home else say("for Windows, macOS, iPhone, iPad or Android"),
        steps=[
            *invited,
            say("Install Windows App. Or open the desktop in your browser; that needs no installation."),
            say("Press the button on this page to open the desktop, and sign in as %(name)s.", name=name),
            say("Later, you can find the same desktop in Windows App under “Devices”."),
        ],
        devices=_guest_devices() if home else _devices(),
        sign_in_help=_guest_help(name) if home else _member_help(name),
        answers=_answers(name, is_guest=home is not None),
    )


def _ids(connection_input: ConnectionInput) -> tuple[str, str] | None:
    workspace, desktop = (
        connection_input.text("workspace_object_id"),
        connection_input.text("desktop_object_id"),
    )
    return (workspace, desktop) if GUID.fullmatch(workspace) and GUID.fullmatch(desktop) else None


def _web_client_url(connection_input: ConnectionInput) -> str | None:
    ids, tenant = _ids(connection_input), connection_input.text("tenant_id")
    if ids is None or not GUID.fullmatch(tenant):
        return None
    hint = quote(connection_input.username, safe="")
    return f"{WEB_CLIENT}/{ids[0]}/{ids[1]}?tenant={tenant}#loginHint={hint}"


def _devices() -> list[Device]:
    return [
        Device(
            "Windows", say("Install Windows App from the Microsoft Store; then the button here opens it.")
        ),
        Device("macOS", say("Install Windows App from the Mac App Store; then the button here opens it.")),
        Device(
            "iPhone, iPad", say("Install Windows App from the App Store; open it and choose your desktop.")
        ),
        Device(
            "Android, Chromebook",
            say("Install Windows App from Google Play; open it and choose your desktop."),
        ),
        Device(
            "Linux",
            say("Open the desktop in your browser: there is no Windows App for Linux."),
            has_app=False,
        ),
        Device(say("Browser"), say("Edge and Chrome open the desktop without an installation.")),
    ]


def _guest_devices() -> list[Device]:
    return [
        Device(
            "Windows", say("Install Windows App from the Microsoft Store; then the button here opens it.")
        ),
        Device(
            "macOS, Linux, iPhone, iPad, Android, Chromebook",
            say("Open the desktop in your browser: the app for these devices does not support guests."),
            has_app=False,
        ),
        Device(say("Browser"), say("Edge and Chrome open the desktop without an installation.")),
    ]


def _member_help(name: str) -> str:
    return say(
        "Sign in as %(name)s. The company gives you a first password for this account. At the first sign-in"
        " you choose your own, and set up a second step, such as a code from an app on your phone.",
        name=name,
    )


def _guest_help(home: str) -> str:
    return say(
        "First time here? Accept the invitation e-mail sent to %(home)s. Then sign in with that "
        "address and its own password; you do not get a new password.",
        home=home,
    )


def _answers(name: str, *, is_guest: bool) -> list[tuple[str, str]]:
    guest = (
        [
            (
                say("“This account does not exist in the tenant”"),
                say(
                    "You have not accepted the invitation yet. Open its e-mail, or ask the company to send it"
                    " again."
                ),
            ),
        ]
        if is_guest
        else []
    )
    return [
        (
            say("Nothing happens when I press the button"),
            say(
                "Windows App is not installed or too old. Install or update it, or open the desktop in your"
                " browser."
            ),
        ),
        *guest,
        (
            say("The desktop is not listed"),
            say(
                "Check that you are signed in as %(name)s and not with another account, then choose Refresh."
                " A newly assigned desktop can take a few minutes to appear.",
                name=name,
            ),
        ),
        (
            say("It stays at “Connecting…”"),
            say(
                "A desktop that was off takes a few minutes to start. Or your network may block it: port 443"
                " must be open (UDP 3478 makes it faster). Try another network, such as your phone’s."
            ),
        ),
    ]


CONNECTION = ConnectionProvider(
    link, way, starts_on_connect=lambda observed: bool(observed.get("starts_on_connect"))
)
