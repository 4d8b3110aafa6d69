"""Codes about the cloud account, its key, or the connection to the cloud."""

from webapp.domain.codes.shape import CHANGE, REFRESH, RETRY, TEST, Cause, Entry

ENTRIES: dict[str, Entry] = {
    "throttled": Entry(
        "The cloud asked Berth to slow down.",
        "You don't need to do anything: Berth waits and tries again.",
        is_transient=True,
    ),
    "cloud_fault": Entry(
        "The cloud had an internal error.",
        "Berth tries again by itself. If it persists, check the cloud's status page.",
        is_transient=True,
    ),
    "cloud_unreachable": Entry(
        "The cloud could not be reached.",
        "Berth tries again by itself. If it persists, check the Berth server's network.",
        is_transient=True,
    ),
    "answer_lost": Entry(
        "The cloud's response was lost in transit.",
        "Berth checks what really happened before it tries again.",
        is_transient=True,
    ),
    "costs_not_read": Entry(
        "The cloud's bill or its prices could not be read.",
        "Berth tries again by itself; until then it shows estimates and what it read before.",
        is_transient=True,
    ),
    "costs_refused": Entry(
        "The cloud refuses to show its bill or its prices.",
        "Costs are estimated meanwhile, and Berth asks again from time to time. What the cloud says is shown"
        " with it.",
    ),
    "costs_hidden": Entry(
        "The billing account does not show costs to this key.",
        "Ask whoever runs the billing account to let readers of the subscription see its costs.",
    ),
    "loads_not_read": Entry(
        "How busy the desktops are could not be read.",
        "Berth tries again by itself; until then it advises by what it read before.",
        is_transient=True,
    ),
    "loads_refused": Entry(
        "The cloud refuses to say how busy the desktops are.",
        "Berth asks again from time to time, and advises no smaller size meanwhile. What the cloud says is"
        " shown with it.",
    ),
    "bill_by_machine_unavailable": Entry(
        "The cloud account does not show its bill by machine.",
        "Berth divides the bill by its marks on the machines instead. To see the newest days by machine,"
        " switch on resource-level data in the settings of Cost Explorer.",
    ),
    "resource_unavailable": Entry(
        "The cloud says that a resource is not available right now.",
        "Berth tries again by itself.",
        is_transient=True,
    ),
    "operation_in_progress": Entry(
        "Another change is still in progress in the cloud.",
        "Berth tries again by itself in a few minutes.",
        is_transient=True,
    ),
    "access_denied": Entry(
        "The cloud account's key lacks a permission that Berth needs.",
        "Test the cloud account to see which one. Add it in the cloud; work then continues.",
    ),
    "invalid_key": Entry(
        "The cloud does not accept the key or its secret.",
        "Enter valid ones on the cloud account's page; work then continues by itself.",
    ),
    "expired_key": Entry(
        "The key or its secret has expired.",
        "Enter a new one on the cloud account's page; work then continues by itself.",
    ),
    "role_refused": Entry(
        "The role does not let Berth in.",
        "Create the role, or give it exactly the trust policy on the cloud account's page. Then test again.",
    ),
    "role_takes_anybody": Entry(
        "The role lets Berth in without the right external ID.",
        "Give the role exactly the trust policy on the cloud account's page: without it, others could use"
        " Berth to enter your account. Then test again.",
    ),
    "own_identity_missing": Entry(
        "Berth cannot prove to the cloud who it is.",
        "Berth's operator must set up the installation's own identity in the cloud. The role is not the"
        " problem; work then continues by itself.",
        is_transient=True,
    ),
    "clock_wrong": Entry(
        "The clock of the Berth server is wrong, so the cloud refuses its requests.",
        "Berth's operator must correct the clock. The key is not the problem; work then continues by itself.",
        is_transient=True,
    ),
    "organisation_forbids": Entry(
        "Your organisation forbids this in the cloud account (service control policy).",
        "Ask whoever runs the organisation to allow it. No change to the policy of Berth's key helps.",
    ),
    "boundary_forbids": Entry(
        "The permissions boundary of Berth's user forbids this.",
        "Ask whoever set the boundary to allow it. A change to the user's policy alone does not help.",
    ),
    "endpoint_forbids": Entry(
        "The network between Berth and the cloud forbids this (VPC endpoint policy).",
        "Ask the cloud administrator to allow it in the endpoint's policy.",
    ),
    "explicitly_denied": Entry(
        "A policy of Berth's user explicitly denies this.",
        "Remove the denial from the policy; adding a permission does not help. Work then continues.",
    ),
    "region_not_enabled": Entry(
        "The cloud account is not enabled for this service or region.",
        "Enable the region in the cloud, or choose another region for the cloud account in Berth.",
    ),
    "account_mismatch": Entry(
        "The key belongs to a different cloud account than before.",
        "Enter a key of the original account. For a different account, add a new cloud account.",
    ),
    "cannot_open_secret": Entry(
        "The workers of this installation cannot decrypt the stored secret.",
        "Enter the secret again on the cloud account's page.",
    ),
}

CAUSES: dict[str, Cause] = {
    "throttled": Cause(
        "The cloud limits the calls per second of each account, and other programs share this limit with"
        " Berth.",
        (RETRY,),
    ),
    "cloud_fault": Cause("The problem is in the cloud, not in this order or its settings.", (RETRY, REFRESH)),
    "cloud_unreachable": Cause(
        "Berth could not connect, because of the Berth server's network, its proxy, a certificate that it"
        " does not trust, a firewall or the cloud itself.",
        (RETRY, TEST),
    ),
    "answer_lost": Cause(
        "The connection broke before the response arrived, so the cloud may or may not have done it. Berth"
        " never repeats an order without checking first.",
        (RETRY, REFRESH),
    ),
    "costs_not_read": Cause(
        "The billing service did not answer or asked Berth to wait; it is another one than that of desktops.",
        (TEST,),
    ),
    "costs_refused": Cause(
        "The billing service is another one than that of desktops, and does not take what Berth asks.",
        (TEST,),
    ),
    "loads_not_read": Cause(
        "The service that measures did not answer or asked Berth to wait; it is another one than that of"
        " desktops.",
        (TEST,),
    ),
    "loads_refused": Cause(
        "The service that measures is another one than that of desktops, and does not take what Berth asks.",
        (TEST,),
    ),
    "costs_hidden": Cause("Whoever runs the billing account decides who sees costs.", (TEST,)),
    "bill_by_machine_unavailable": Cause("Somebody has to switch it on in the account, once.", (TEST,)),
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
    "role_refused": Cause(
        "There is no such role, it trusts somebody else than Berth, or it asks for another external ID. A new"
        " role, or a new trust policy, takes effect after some seconds.",
        (TEST, CHANGE),
    ),
    "role_takes_anybody": Cause(
        "Its trust policy has no condition on the external ID, or one that may be left out.", (TEST, CHANGE)
    ),
    "own_identity_missing": Cause(
        "The installation has no identity of its own in this cloud, or the cloud no longer accepts it.",
        (TEST,),
    ),
    "clock_wrong": Cause(
        "Each request carries the time at which it was signed, and the cloud accepts a difference of a few"
        " minutes.",
        (TEST,),
    ),
    "organisation_forbids": Cause(
        "An organisation's rules limit what its accounts can do, whatever their own policies allow.",
        (TEST, RETRY),
    ),
    "boundary_forbids": Cause(
        "A boundary limits what a user can do, whatever its policies allow.", (TEST, RETRY)
    ),
    "endpoint_forbids": Cause(
        "Requests pass an endpoint in the network of the Berth server, which has a policy of its own.",
        (TEST, RETRY),
    ),
    "explicitly_denied": Cause("A denial always wins over a permission.", (TEST, RETRY)),
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
}
