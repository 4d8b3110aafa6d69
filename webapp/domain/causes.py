"""Why a code comes about, and what can safely be pressed then: one entry for each code of the catalogue.

The catalogue says what happened and what to do, in a sentence each; this table has the cause behind it.
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
    """In the order in which they should be tried; only those that can be pressed now are shown."""


CAUSES: dict[str, Cause] = {
    # The account or the line to the cloud
    "throttled": Cause(
        "Every account may make only so many calls a second, and other programs share that number with"
        " Berth.",
        (RETRY,),
    ),
    "cloud_fault": Cause(
        "The fault lies with the cloud, not with this order or its settings.", (RETRY, REFRESH)
    ),
    "cloud_unreachable": Cause(
        "No connection came about: the network of the Berth server, a firewall, or the cloud itself.",
        (RETRY, TEST),
    ),
    "answer_lost": Cause(
        "The connection broke off before the answer came, so the cloud may or may not have done it. Berth"
        " never repeats an order before it has looked.",
        (RETRY, REFRESH),
    ),
    "resource_unavailable": Cause(
        "Something that the desktop needs is busy or not ready at the cloud.", (RETRY, REFRESH)
    ),
    "operation_in_progress": Cause(
        "The cloud makes one change at a time, and an earlier one has not come to its end.", (RETRY, REFRESH)
    ),
    "access_denied": Cause(
        "The key works, but its policy (or a rule of the organisation) does not allow an action that Berth"
        " needs.",
        (TEST, CHANGE, RETRY),
    ),
    "invalid_key": Cause("It was mistyped, switched off or deleted in the cloud account.", (CHANGE, TEST)),
    "expired_key": Cause("Keys that are only lent, and client secrets, end after a while.", (CHANGE, TEST)),
    "region_not_enabled": Cause(
        "A new account has to be enabled for the service, and some regions have to be switched on first.",
        (TEST, CHANGE),
    ),
    "account_mismatch": Cause(
        "The desktops of this credential live in the account that it had at its first test. In another"
        " account they could not be found, and new ones would be made in their place.",
        (CHANGE, TEST),
    ),
    "cannot_open_secret": Cause(
        "The secret was sealed for another installation, or the workers have lost the key that opens it.",
        (CHANGE, TEST),
    ),
    # One order
    "quota_reached": Cause(
        "The cloud allows an account only so many desktops or processor cores in each region; a new account"
        " has few.",
        (RETRY, ORDER_AGAIN),
    ),
    "invalid_request": Cause(
        "A value of the order does not fit: the bundle is of another region, or its disks or settings do"
        " not go together.",
        (ORDER_AGAIN, TERMINATE),
    ),
    "user_not_found": Cause(
        "A desktop is made for a user who is in the directory already, and this name is not there.",
        (RETRY, ORDER_AGAIN),
    ),
    "directory_not_found": Cause(
        "The directory id is wrong, belongs to another region, or is not registered for desktops.",
        (TEST, CHANGE, RETRY),
    ),
    "bundle_not_found": Cause(
        "Bundles are retired by the cloud, or were deleted by their owner, after the order was filled in.",
        (ORDER_AGAIN, TERMINATE),
    ),
    "username_taken": Cause(
        "There is room for one desktop a user, and the one that is there does not carry Berth's"
        " mark. Berth never touches it.",
        (RETRY, ORDER_AGAIN),
    ),
    "unsupported_configuration": Cause(
        "Bundle, directory and settings are each valid, but not together.", (ORDER_AGAIN, TERMINATE)
    ),
    "network_configuration": Cause(
        "New desktops must reach the directory's domain controllers from both of its subnets.", (RETRY,)
    ),
    "role_missing": Cause(
        "The service works with a role of its own in your account; it is made when a directory is"
        " registered.",
        (RETRY,),
    ),
    "not_supported": Cause("Not every kind of desktop knows every action.", (REFRESH,)),
    "invalid_state": Cause(
        "The state changed between the press and the cloud's answer, or something else still uses it.",
        (REFRESH, RETRY),
    ),
    "not_found": Cause("It may have been ended in the cloud's console.", (REFRESH, RETRY)),
    "refused": Cause("The cloud's own words are all that is known.", (REFRESH, RETRY, TEST)),
    # The life of a machine
    "launch_failed": Cause(
        "The cloud accepted the order and then could not bring the desktop up.", (RETRY, ORDER_AGAIN)
    ),
    "no_free_address": Cause("Every desktop takes one address of the subnets.", (RETRY,)),
    "provisioning_timeout": Cause(
        "It has not failed, it is late: some desktops need much longer than usual.", (REFRESH, ORDER_AGAIN)
    ),
    "workspace_lost": Cause(
        "Three complete listings of the account did not show it. It was probably ended in the cloud's"
        " console.",
        (REFRESH, ORDER_AGAIN, TERMINATE),
    ),
    "terminated_outside": Cause(
        "Somebody ended it in the cloud's console, or another program did.", (RETRY, ORDER_AGAIN)
    ),
    "cloud_error_state": Cause(
        "The desktop was in use before; an operation of the cloud on it has failed.",
        (STOP, REBUILD, ORDER_AGAIN),
    ),
    "action_timeout": Cause(
        "It was accepted, but its end was not seen in the time it usually takes.",
        (REFRESH, START, RESTART, REBUILD),
    ),
    "action_unseen": Cause(
        "The answer to it was lost, or the cloud took it and did nothing. A rebuild changes the desktop's"
        " address; this one still has its old one.",
        (REFRESH, REBUILD),
    ),
    # Inventories
    "inventory_ahead": Cause(
        "The database is older than the account: a backup was restored. Ordering now could make a second"
        " desktop for somebody who has one.",
        (),
    ),
    "inventory_overdue": Cause(
        "A machine that Berth does not know could be there, and ordering could make a second one.", (TEST,)
    ),
    "too_many_lost": Cause(
        "So many at once are rarely ended on purpose; more often the account answers wrongly, or the key is"
        " another one.",
        (TEST,),
    ),
    "too_many_orphans": Cause(
        "So many at once point to a mistake, and a machine that is ended cannot be brought back.", ()
    ),
    # Azure
    "no_capacity": Cause(
        "The data centre is full for this size; that changes by the hour.", (RETRY, ORDER_AGAIN)
    ),
    "size_not_offered": Cause(
        "Not every size is offered to every subscription in every region.", (ORDER_AGAIN,)
    ),
    "image_not_found": Cause("The image was deleted, or its name is mistyped.", (ORDER_AGAIN,)),
    "policy_forbids": Cause("The organisation allows only certain sizes, regions or tags.", (RETRY,)),
    "resource_locked": Cause(
        "Somebody put a lock on the subscription, the resource group or the desktop, so that nothing there is"
        " changed or deleted by mistake.",
        (RETRY,),
    ),
    "deployment_records_full": Cause(
        "Azure keeps at most 800 records of deployments in a resource group. Berth removes its own as soon as"
        " the desktop is in use.",
        (RETRY,),
    ),
    "subscription_unusable": Cause(
        "The id is mistyped, or the subscription was ended or is not paid for.", (TEST, CHANGE)
    ),
    "wrong_tenant": Cause("Tenant, application and subscription must belong together.", (CHANGE, TEST)),
    "sign_in_blocked": Cause("A rule of the tenant stops sign-ins such as Berth's.", (TEST,)),
    "resource_not_found": Cause("A name is mistyped, or it was deleted meanwhile.", (TEST, CHANGE, RETRY)),
    "provider_not_registered": Cause(
        "A subscription has to be registered once for each kind of resource.", (RETRY,)
    ),
    "setup_failed": Cause(
        "The program that sets the desktop up stopped, or it could not join its directory.",
        (RETRY, ORDER_AGAIN),
    ),
    "join_failed": Cause(
        "The most frequent cause is a computer name that the directory knows already.", (ORDER_AGAIN,)
    ),
    "host_pool_unsuitable": Cause(
        "In a pooled host pool people share desktops, and with automatic assignment Azure chooses who gets"
        " which; then nobody could be sure of the own one.",
        (TEST, CHANGE),
    ),
    "machine_missing": Cause(
        "Somebody deleted the virtual machine outside Berth. Its network card, disk or place in the host pool"
        " stayed; a disk costs money.",
        (ORDER_AGAIN, TERMINATE, REFRESH),
    ),
    "machine_elsewhere": Cause(
        "The host pool lists a machine of another resource group. What Berth may change ends with"
        " the group of its credential.",
        (REFRESH, TEST),
    ),
    "never_registered": Cause(
        "The program that registers a desktop could not reach Azure Virtual Desktop within an hour: its"
        " network does not let it out, or its token had run out.",
        (RESTART, ORDER_AGAIN, TERMINATE),
    ),
    "host_unreachable": Cause(
        "The program on the desktop that lets people in does not become ready. Azure names the checks that"
        " fail.",
        (RESTART, STOP, ORDER_AGAIN),
    ),
    "assignment_failed": Cause(
        "A host pool gives a person one desktop, and knows only people of its tenant: this one has another"
        " already, or Entra does not know the name.",
        (RETRY, REFRESH, ORDER_AGAIN),
    ),
    "assigned_to_other": Cause(
        "Somebody assigned it in the portal. Berth never takes a desktop away from a person.",
        (REFRESH, ORDER_AGAIN),
    ),
    "not_ours": Cause(
        "Its tags were changed, or a machine of somebody else has this name. Nothing was deleted.",
        (REFRESH, TEST),
    ),
    "left_behind": Cause(
        "Azure removes the parts of a desktop one after the other, and keeps some for minutes.",
        (REFRESH, TERMINATE),
    ),
    "still_billed": Cause(
        "A “Shut down” inside Windows stops the system, but Azure keeps the machine for it until it is given"
        " back.",
        (STOP, REFRESH),
    ),
    "order_too_late": Cause(
        "A worker was held up between deciding on the order and sending it. The cloud is told until when an"
        " order is good, so that none is carried out that nobody waits for any more.",
        (RETRY, REFRESH),
    ),
    "registration_expired": Cause(
        "A desktop keeps its place in the host pool with a token, which runs out when it is off for long.",
        (ORDER_AGAIN,),
    ),
    "role_limit_reached": Cause("A subscription takes a limited number of role assignments.", (RETRY,)),
    "already_done": Cause("An earlier attempt had done it.", (REFRESH,)),
    # The entry points
    "not_answered_yet": Cause("The question is with the workers.", (REFRESH,)),
}


def cause_of(code: str) -> Cause:
    """The cause behind `code`; of a code that the catalogue does not know, nothing is claimed."""
    return CAUSES.get(code, CAUSES["refused"])
