"""Codes about the users of a directory: what Berth could not do for a person there.

Sources: docs/evidence/azure_avd.md#microsoft-graph,
docs/evidence/aws_workspaces.md#users-of-a-managed-directory.
"""

from webapp.domain.codes.shape import ORDER_AGAIN, REFRESH, RETRY, TERMINATE, TEST, Cause, Entry

ENTRIES: dict[str, Entry] = {
    "directory_user_exists": Entry(
        "A user whom Berth did not create has this name in the directory.",
        "Choose another user name. If it is this person, order without creating the user.",
    ),
    "directory_unavailable": Entry(
        "The directory does not answer at the moment.",
        "Berth tries again by itself. If it persists, check the directory's state in the cloud.",
        is_transient=True,
    ),
    "directory_data_disabled": Entry(
        "The directory does not allow programs to manage its users.",
        "Enable “User and group management” on the directory's page in the cloud. Berth then goes on by"
        " itself.",
    ),
    "directory_user_protected": Entry(
        "Berth may not change this user.",
        "Let an administrator of the directory do it.",
    ),
    "users_made_elsewhere": Entry(
        "Berth cannot do this in this kind of directory.",
        "Let an administrator of the directory do it; the test of the cloud account says who that is.",
    ),
    "user_rights_missing": Entry(
        "The cloud account's key may not create users in the directory.",
        "Test the cloud account to see which permission is missing. Add it; work then continues.",
    ),
    "user_replicating": Entry(
        "The new user is not known everywhere in the directory yet.",
        "You don't need to do anything: Berth goes on when it is.",
        is_transient=True,
    ),
    "password_refused": Entry(
        "The directory does not accept the password.",
        "Let an administrator set one that fits the directory's rules for passwords.",
    ),
    "person_kept_out": Entry(
        "The person is kept out of the desktop, and a new password would let them in.",
        "Extend the contract or undo the termination first.",
    ),
    "directory_refused": Entry(
        "The directory refuses this.", "Read the cloud's message; an administrator of the directory can help."
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
    "directory_user_exists": Cause(
        "Berth never changes users that it did not create, and gives nobody's account to another person.",
        (RETRY, ORDER_AGAIN, TERMINATE),
    ),
    "directory_unavailable": Cause(
        "Its domain controllers are busy, being changed, or cannot be reached by the cloud.", (REFRESH, RETRY)
    ),
    "directory_data_disabled": Cause(
        "Amazon creates users for programs only where directory data access was enabled once.",
        (TEST, REFRESH),
    ),
    "directory_user_protected": Cause(
        "It was not created by Berth, or is in a part of the directory that belongs to somebody else.",
        (RETRY,),
    ),
    "users_made_elsewhere": Cause(
        "Only some directories have calls for their users.", (TEST, ORDER_AGAIN, TERMINATE)
    ),
    "user_rights_missing": Cause("Orders that create no user are not affected.", (TEST, REFRESH)),
    "user_replicating": Cause(
        "A directory has several domain controllers, and a new user reaches them one after the other.",
        (REFRESH,),
    ),
    "password_refused": Cause("The directory has rules for length, characters and history.", (RETRY,)),
    "person_kept_out": Cause("Access has ended, or ended while the password was being set.", (RETRY,)),
    "directory_refused": Cause("Only the cloud's own message is known.", (RETRY, TEST)),
    "directory_group_unknown": Cause(
        "No group, or more than one, may use the desktops, or it has been deleted.", (TEST, RETRY)
    ),
    "invitation_refused": Cause(
        "A tenant invites only people of other organisations, and its settings may exclude some of them.",
        (RETRY,),
    ),
}
