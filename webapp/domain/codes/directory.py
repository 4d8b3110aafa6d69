"""Codes about the users of a directory: what Berth could not do for a person there.

Source: docs/evidence/azure_avd.md#microsoft-graph.
"""

from webapp.domain.codes.shape import RETRY, TEST, Cause, Entry

ENTRIES: dict[str, Entry] = {
    "directory_user_exists": Entry(
        "The directory already has a user with this name or address, and Berth did not create it.",
        "If it is this person, order with that user name. If not, choose another name.",
    ),
    "directory_user_protected": Entry(
        "Berth does not change this user, because it did not create it.",
        "Ask an administrator of the directory to do it.",
    ),
    "directory_denied": Entry(
        "Berth's application may not do this in the directory.",
        "Ask an administrator of the directory to do it, or to consent to what the test names.",
    ),
    "directory_refused": Entry(
        "The directory refuses this.", "Read the cloud's message; an administrator of the directory can help."
    ),
    "directory_user_late": Entry(
        "The new user is not known everywhere in the directory yet.",
        "Berth looks again by itself; it takes some minutes at most.",
        is_transient=True,
    ),
    "directory_group_unknown": Entry(
        "Berth does not know which group new people belong to.",
        "Enter the group's object ID in the cloud account, test it, then retry.",
    ),
    "invitation_refused": Entry(
        "The directory does not invite this address.",
        "If it is an address of your own organisation, create the user there. The cloud's message says more.",
    ),
}
CAUSES: dict[str, Cause] = {
    "directory_user_exists": Cause("User names and addresses are given once in a directory.", (RETRY,)),
    "directory_user_protected": Cause("The user does not have Berth's mark.", ()),
    "directory_denied": Cause(
        "Creating, disabling and admitting people are permissions of their own, and administrators are beyond"
        " them.",
        (TEST, RETRY),
    ),
    "directory_refused": Cause("Only the cloud's own message is known.", (RETRY, TEST)),
    "directory_user_late": Cause("A directory tells its parts of a new user one after another.", (RETRY,)),
    "directory_group_unknown": Cause(
        "No group, or more than one, may use the desktops, or it has been deleted.", (TEST, RETRY)
    ),
    "invitation_refused": Cause(
        "A tenant invites only people of other organisations, and its settings may exclude some of them.",
        (RETRY,),
    ),
}
