"""The messages that our script (`static/js/`) says; a test compares the two."""

SCRIPT_WORDS: tuple[tuple[str, str | None], ...] = (
    ("No news from Berth right now. Trying again in %(count)s seconds.", None),
    ("%(count)s changed", None),
    ("Copied", None),
    ("Select it", None),
    ("Copy", None),
    ("just now", None),
    ("%(count)s day ago", "%(count)s days ago"),
    ("%(count)s hour ago", "%(count)s hours ago"),
    ("%(count)s minute ago", "%(count)s minutes ago"),
    ("%(count)s second ago", "%(count)s seconds ago"),
    ("in %(count)s day", "in %(count)s days"),
    ("in %(count)s hour", "in %(count)s hours"),
    ("in %(count)s minute", "in %(count)s minutes"),
    ("in %(count)s second", "in %(count)s seconds"),
    ("No passkey was used: it was cancelled, took too long, or this device has none for Berth.", None),
    ("This device has a passkey for your account already.", None),
    ("Passkeys do not work at this address. Open Berth under its host name, over HTTPS.", None),
    ("The passkey did not work. Load the page again, and try it again.", None),
)
"""Each with its other form where the script counts something."""
