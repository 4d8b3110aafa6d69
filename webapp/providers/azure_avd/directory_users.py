"""Who makes the users of a tenant, as sentences for the company.

Source: docs/evidence/azure_avd.md#microsoft-graph.
"""

KIND = "entra"
"""Stored with what the credential test found; public in no API."""

NO_RIGHTS = (
    "Berth’s application has no consent to create users. An administrator of Entra creates or invites each"
    " person and adds them to the group that may use the desktops, or consents to the permissions that the"
    " test names."
)
NO_MEMBERSHIP = (
    "Berth’s application may create users, but not add them to the group that may use the desktops. An"
    " administrator of Entra does both for each person, or consents to GroupMember.ReadWrite.All."
)
NO_GROUP = (
    "Berth cannot tell which group new people belong to, so it creates no users. Enter the group in the cloud"
    " account and test it; until then an administrator of Entra creates each person and adds them to a group."
)
UNREADABLE = (
    "Berth could not read what its application may do in Entra, so it creates no users. Test the cloud"
    " account again; until then an administrator of Entra creates each person and adds them to the group."
)
