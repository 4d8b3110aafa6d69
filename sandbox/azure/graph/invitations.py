"""Invitations of guests, and the tenant's domains.

An address that was invited before gives the same guest, unchanged, and another message if one is wanted.
"""

from __future__ import annotations

from sandbox.azure.call import Answer
from sandbox.azure.errors import GraphError
from sandbox.azure.graph.call import GraphCall, GraphRoute
from sandbox.azure.graph.users import add
from sandbox.azure.ids import guid
from sandbox.azure.people import GUEST_MARK, Person


def invite(call: GraphCall) -> Answer:
    body, people = call.body, call.world.people
    email, back = str(body.get("invitedUserEmailAddress") or ""), str(body.get("inviteRedirectUrl") or "")
    if "@" not in email or not back.startswith("https://"):
        raise GraphError("BadRequest", "The invited user email address or redirect URL is invalid.")
    domains = people.domains()
    call.touched.users.append(email)
    if email.rpartition("@")[2].lower() in domains:
        raise GraphError(
            "BadRequest",
            "The invitee is in the inviter's tenant: the domain of the email address is a verified domain of"
            " this directory.",
        )
    known = people.list_by_mail(call.tenant_id, email, now=call.now, is_truth=True)
    guest = known[0] if known else _add(call, email, domains[-1] if domains else "onmicrosoft.com")
    ticket = guid("invitation", call.tenant_id, email.lower(), call.now)
    is_accepted = guest.data["externalUserState"] == "Accepted"
    return Answer(
        201,
        {
            "id": ticket,
            "inviteRedeemUrl": f"https://login.microsoftonline.com/redeem?rd={ticket}",
            "invitedUserDisplayName": body.get("invitedUserDisplayName"),
            "invitedUserType": "Guest",
            "invitedUserEmailAddress": email,
            "sendInvitationMessage": bool(body.get("sendInvitationMessage")),
            "resetRedemption": False,
            "inviteRedirectUrl": back,
            "status": "Completed" if is_accepted else "PendingAcceptance",
            "invitedUser": {"id": guest.object_id},
        },
    )


def _add(call: GraphCall, email: str, domain: str) -> Person:
    upn = f"{email.replace('@', '_')}{GUEST_MARK}@{domain}"
    name = str(call.body.get("invitedUserDisplayName") or email.partition("@")[0])
    guest = add(call, upn=upn, mail=email, display_name=name, user_type="Guest")
    call.world.people.change(guest, creationType="Invitation", externalUserState="PendingAcceptance")
    return guest


def list_domains(call: GraphCall) -> Answer:
    names = call.world.people.domains()
    shown = [
        {"id": one, "isVerified": True, "isInitial": one == names[-1], "isDefault": one == names[0]}
        for one in names
    ]
    return Answer(body={"value": shown})


ROUTES = [
    GraphRoute(
        "POST",
        "invitations",
        "invitations.create",
        frozenset({"User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"}),
        invite,
    ),
    GraphRoute(
        "GET",
        "domains",
        "domains.list",
        frozenset({"Domain.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"}),
        list_domains,
    ),
]
