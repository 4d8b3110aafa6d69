"""The cause of each code of the catalogue, and the remedies that are safe then.

The catalogue says what happened and what to do; this table has the cause.
Sources: docs/evidence/aws_workspaces.md#quotas, docs/evidence/aws_workspaces.md#desktop-errors,
docs/evidence/azure_avd.md#error-codes.
"""

from dataclasses import dataclass

from webapp.domain.findings import RemedyAction

RETRY, START, STOP = RemedyAction.RETRY, RemedyAction.START, RemedyAction.STOP
RESTART, REBUILD, REFRESH = RemedyAction.RESTART, RemedyAction.REBUILD, RemedyAction.REFRESH
TERMINATE, ORDER_AGAIN = RemedyAction.TERMINATE, RemedyAction.ORDER_AGAIN
TEST, CHANGE = RemedyAction.TEST_CREDENTIAL, RemedyAction.CHANGE_CREDENTIAL


@dataclass(frozen=True, slots=True)
class Cause:
    text: str
    remedies: tuple[RemedyAction, ...] = ()
    """In the order in which to try them; only those possible now are shown."""


CAUSES: dict[str, Cause] = {
    # The account or the connection to the cloud
    "throttled": Cause(
        "The cloud limits the calls per second of each account, and other programs share this limit with"
        " Berth.",
        (RETRY,),
    ),
    "cloud_fault": Cause("The problem is in the cloud, not in this order or its settings.", (RETRY, REFRESH)),
    "cloud_unreachable": Cause(
        "Berth could not connect, because of the Berth server's network, a firewall or the cloud itself.",
        (RETRY, TEST),
    ),
    "answer_lost": Cause(
        "The connection broke before the response arrived, so the cloud may or may not have done it. Berth"
        " never repeats an order without checking first.",
        (RETRY, REFRESH),
    ),
    "resource_unavailable": Cause(
        "Something the desktop needs is busy or not ready in the cloud.", (RETRY, REFRESH)
    ),
    "operation_in_progress": Cause(
        "The cloud makes one change at a time, and an earlier one has not finished.", (RETRY, REFRESH)
    ),
    "access_denied": Cause(
        "The key works, but its policy (or a rule of the organisation) does not allow an action that Berth"
        " needs.",
        (TEST, CHANGE, RETRY),
    ),
    "invalid_key": Cause("It was mistyped, or disabled or deleted in the cloud.", (CHANGE, TEST)),
    "expired_key": Cause("Temporary keys and client secrets expire after a while.", (CHANGE, TEST)),
    "region_not_enabled": Cause(
        "A new account must be enabled for the service, and some regions must be enabled first.",
        (TEST, CHANGE),
    ),
    "account_mismatch": Cause(
        "The desktops exist in the cloud account that was used at the first test. In another"
        " account Berth could not find them and would create new ones.",
        (CHANGE, TEST),
    ),
    "cannot_open_secret": Cause(
        "The secret was encrypted for another installation, or the workers have lost its private key.",
        (CHANGE, TEST),
    ),
    # One order
    "quota_reached": Cause(
        "The cloud limits the desktops or vCPUs of an account in each region; the limit of a new account"
        " is low.",
        (RETRY, ORDER_AGAIN),
    ),
    "invalid_request": Cause(
        "A value of the order is wrong: the bundle belongs to another region, or its disks or settings do"
        " not go together.",
        (ORDER_AGAIN, TERMINATE),
    ),
    "user_not_found": Cause(
        "A desktop can only be created for a user in the directory, and this name is not there.",
        (RETRY, ORDER_AGAIN),
    ),
    "directory_not_found": Cause(
        "The directory ID is wrong, belongs to another region, or is not registered for desktops.",
        (TEST, CHANGE, RETRY),
    ),
    "bundle_not_found": Cause(
        "The cloud retired the bundle, or its owner deleted it, after the order was placed.",
        (ORDER_AGAIN, TERMINATE),
    ),
    "username_taken": Cause(
        "Each user can have one desktop, and the existing one does not have Berth's"
        " mark. Berth never changes it.",
        (RETRY, ORDER_AGAIN),
    ),
    "unsupported_configuration": Cause(
        "The bundle, directory and settings are each valid, but not in combination.", (ORDER_AGAIN, TERMINATE)
    ),
    "network_configuration": Cause(
        "New desktops must reach the directory's domain controllers from both of its subnets.", (RETRY,)
    ),
    "role_missing": Cause(
        "The service uses a role of its own in your account; it is created when a directory is registered.",
        (RETRY,),
    ),
    "not_supported": Cause("Not every kind of desktop supports every action.", (REFRESH,)),
    "invalid_state": Cause(
        "The state changed before the cloud received the action, or something else still uses the desktop.",
        (REFRESH, RETRY),
    ),
    "not_found": Cause("It may have been deleted in the cloud console.", (REFRESH, RETRY)),
    "refused": Cause("Only the cloud's own message is known.", (REFRESH, RETRY, TEST)),
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
        (STOP, REBUILD, ORDER_AGAIN),
    ),
    "action_timeout": Cause(
        "It was accepted, but did not finish in the usual time.",
        (REFRESH, START, RESTART, REBUILD),
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
    "image_not_found": Cause("The image was deleted, or its name is mistyped.", (ORDER_AGAIN,)),
    "policy_forbids": Cause("The organisation allows only certain sizes, regions or tags.", (RETRY,)),
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
    "host_unreachable": Cause(
        "The agent on the desktop does not become ready. Azure names the checks that fail.",
        (RESTART, STOP, ORDER_AGAIN),
    ),
    "assignment_failed": Cause(
        "A host pool assigns one desktop per person, and only to people in its tenant: this one already has"
        " one, or Entra does not know the name.",
        (RETRY, REFRESH, ORDER_AGAIN),
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
        "An account allows a limited number of calls per second, and this one has very many desktops.",
        (TEST,),
    ),
    "duty_unforeseen": Cause("The cloud's answer was not what Berth expects.", ()),
    # Pages and API
    "not_answered_yet": Cause("The workers have the request.", (REFRESH,)),
}


def cause_of(code: str) -> Cause:
    """The cause of `code`; for a code that is not in the catalogue, nothing is claimed."""
    return CAUSES.get(code, CAUSES["refused"])
