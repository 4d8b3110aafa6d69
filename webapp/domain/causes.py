"""The cause of each code of the catalogue, and the remedies that are safe then.

The catalogue says what happened and what to do; this table has the cause.
Sources: docs/evidence/aws_workspaces.md#quotas, docs/evidence/aws_workspaces.md#desktop-errors,
docs/evidence/azure_avd.md#error-codes.
"""

from webapp.domain.codes import account, disk_snapshots, launch, order, people, resizing, system_images
from webapp.domain.codes.shape import (
    CHANGE,
    ORDER_AGAIN,
    REBUILD,
    REFRESH,
    RESTART,
    RESTORE,
    RETRY,
    START,
    STOP,
    TERMINATE,
    TEST,
    Cause,
)

CAUSES: dict[str, Cause] = {
    **account.CAUSES,
    **order.CAUSES,
    **launch.CAUSES,
    **people.CAUSES,
    **resizing.CAUSES,
    **disk_snapshots.CAUSES,
    **system_images.CAUSES,
    # The life of a machine
    "launch_failed": Cause(
        "The cloud accepted the order but could not start the desktop.", (RETRY, ORDER_AGAIN)
    ),
    "no_free_address": Cause("Every desktop uses one IP address in the subnets.", (RETRY,)),
    "provisioning_timeout": Cause(
        "It has not failed; it is late. Some desktops take much longer than usual.", (REFRESH, ORDER_AGAIN)
    ),
    "workspace_lost": Cause(
        "Three complete listings of the account did not include it. It was probably deleted in the cloud"
        " console.",
        (REFRESH, ORDER_AGAIN, TERMINATE),
    ),
    "terminated_outside": Cause(
        "Someone deleted it in the cloud console, or another program did.", (RETRY, ORDER_AGAIN)
    ),
    "cloud_error_state": Cause(
        "The desktop worked before; an operation of the cloud on it has failed.",
        (STOP, RESTORE, REBUILD, ORDER_AGAIN),
    ),
    "action_timeout": Cause(
        "It was accepted, but did not finish in the usual time.",
        (REFRESH, START, RESTART, RESTORE, REBUILD),
    ),
    "action_unseen": Cause(
        "The response was lost, or the cloud accepted it and did nothing. A rebuild changes the desktop's"
        " IP address; this one still has its old one.",
        (REFRESH, REBUILD),
    ),
    # Inventories
    "inventory_ahead": Cause(
        "The database is older than the account: a backup was restored. Ordering now could make a second"
        " desktop for somebody who has one.",
        (),
    ),
    "inventory_overdue": Cause(
        "A desktop that Berth does not know could exist, and ordering could create a second one.", (TEST,)
    ),
    "database_restored": Cause(
        "A desktop that was ordered just before Berth stopped can appear for twenty minutes. Ordering now"
        " could make a second one.",
        (),
    ),
    "too_many_lost": Cause(
        "So many are rarely deleted on purpose; more often the account answers incorrectly, or the key is"
        " for a different account.",
        (TEST,),
    ),
    "too_many_orphans": Cause(
        "So many at once suggest a mistake, and a terminated desktop cannot be restored.", ()
    ),
    # Azure
    "no_capacity": Cause(
        "The data centre has no capacity for this size; that can change within hours.", (RETRY, ORDER_AGAIN)
    ),
    "size_not_offered": Cause(
        "Not every size is available to every subscription in every region.", (ORDER_AGAIN,)
    ),
    "image_not_found": Cause("The image was retired, or its name is mistyped.", (TEST, CHANGE, RETRY)),
    "policy_forbids": Cause("Policies allow only certain sizes, regions or tags.", (RETRY, ORDER_AGAIN)),
    "resource_locked": Cause(
        "Someone put a lock on the subscription, resource group or desktop, so that nothing is"
        " changed or deleted by mistake.",
        (RETRY,),
    ),
    "deployment_records_full": Cause(
        "Azure keeps at most 800 deployment records in a resource group. Berth removes its own as soon as"
        " the desktop is in use.",
        (RETRY,),
    ),
    "subscription_unusable": Cause(
        "The ID is mistyped, or the subscription was cancelled or is unpaid.", (TEST, CHANGE)
    ),
    "wrong_tenant": Cause("The tenant, application and subscription must belong together.", (CHANGE, TEST)),
    "sign_in_blocked": Cause("A rule of the tenant blocks sign-ins like Berth's.", (TEST,)),
    "resource_not_found": Cause("A name is mistyped, or the object was deleted.", (TEST, CHANGE, RETRY)),
    "provider_not_registered": Cause(
        "A subscription must be registered once for each kind of resource.", (RETRY,)
    ),
    "setup_failed": Cause(
        "The setup program stopped, or the desktop could not join its directory.",
        (RETRY, ORDER_AGAIN),
    ),
    "join_failed": Cause(
        "The most common cause is a computer name that already exists in the directory.", (ORDER_AGAIN,)
    ),
    "host_pool_unsuitable": Cause(
        "In a pooled host pool people share desktops, and with automatic assignment Azure decides who gets"
        " which one, so nobody keeps their own.",
        (TEST, CHANGE),
    ),
    "machine_missing": Cause(
        "Someone deleted the virtual machine outside Berth. Its network interface, disk or registration"
        " remains; a disk costs money.",
        (ORDER_AGAIN, TERMINATE, REFRESH),
    ),
    "machine_elsewhere": Cause(
        "The host pool lists a machine in another resource group. Berth may only change"
        " the resource group of its cloud account.",
        (REFRESH, TEST),
    ),
    "never_registered": Cause(
        "The agent that registers the desktop could not reach Azure Virtual Desktop within an hour: its"
        " network blocks outbound connections, or its token had expired.",
        (RESTART, ORDER_AGAIN, TERMINATE),
    ),
    "host_removed": Cause(
        "Someone deleted its session host in the Azure portal, or another program did. The machine and its"
        " disk are still there.",
        (REFRESH, ORDER_AGAIN),
    ),
    "host_unreachable": Cause(
        "The agent on the desktop does not become ready. Azure names the checks that fail.",
        (RESTART, STOP, ORDER_AGAIN),
    ),
    "assignment_failed": Cause(
        "A host pool assigns one desktop per person, and only to people in its tenant: this one already has"
        " one, or Entra does not know the name.",
        (RETRY, REFRESH, ORDER_AGAIN),
    ),
    "person_not_in_tenant": Cause(
        "A desktop is assigned to a member or guest of the tenant. The name is mistyped, or the guest has not"
        " accepted the invitation yet. Berth tries the assignment again at each check.",
        (REFRESH, ORDER_AGAIN),
    ),
    "assigned_to_other": Cause(
        "Someone assigned it in the portal. Berth never takes a desktop away from a person.",
        (REFRESH, ORDER_AGAIN),
    ),
    "not_ours": Cause(
        "Its tags were changed, or someone else's machine has this name. Nothing was deleted.",
        (REFRESH, TEST),
    ),
    "left_behind": Cause(
        "Azure removes the parts of a desktop one by one and keeps some for a few minutes.",
        (REFRESH, TERMINATE),
    ),
    "still_billed": Cause(
        "A “Shut down” inside Windows stops the system, but Azure keeps the machine allocated until it is"
        " deallocated.",
        (STOP, REFRESH),
    ),
    "order_too_late": Cause(
        "A worker was delayed between deciding on the order and sending it. Each order has an"
        " expiry time, so that the cloud does not carry out an outdated one.",
        (RETRY, REFRESH),
    ),
    "registration_expired": Cause(
        "A desktop stays registered with its host pool by a token, which expires when it is off for long.",
        (ORDER_AGAIN,),
    ),
    "role_limit_reached": Cause("A subscription allows a limited number of role assignments.", (RETRY,)),
    "already_done": Cause("An earlier attempt had already done it.", (REFRESH,)),
    # Periodic duties of an account
    "duty_too_slow": Cause(
        "A worker was interrupted, or the account has very many desktops for the calls per second that the"
        " cloud allows.",
        (TEST,),
    ),
    "duty_unforeseen": Cause("The cloud's answer was not what Berth expects.", ()),
    # Pages and API
    "not_answered_yet": Cause("The workers have the request.", (REFRESH,)),
}


def cause_of(code: str) -> Cause:
    """The cause of `code`; for a code that is not in the catalogue, nothing is claimed."""
    return CAUSES.get(code, CAUSES["refused"])
