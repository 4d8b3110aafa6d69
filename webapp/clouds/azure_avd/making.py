"""Creating session hosts: verify the pool, get a token, then send one deployment each without waiting.

A deployment changes what already has its names, so each name is looked up before it is used: what stands
under it without our claim is somebody else's (docs/evidence/azure_avd.md#one-deployment-per-desktop).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from webapp.clouds.azure_avd.bundles import can_hibernate, read_offers
from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.errors import naming_image
from webapp.clouds.azure_avd.names import vm_name
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.azure_avd.survey import Survey
from webapp.clouds.azure_avd.tables import BUNDLES, Size
from webapp.clouds.azure_avd.template import deployment_of
from webapp.clouds.base import Access, Created, Order
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import Observation
from webapp.providers.azure_avd.hibernation import hibernates

GOOD_FOR = timedelta(minutes=15)
"""How long after its decision an order may still reach ARM, as with Amazon; less than the settle time."""
_UNDER_WAY = ("DeploymentActive", "DeploymentActiveAndUneditable")


def make(client: AzureClient, pool: Pool, survey: Survey, access: Access, orders: Sequence[Order]) -> Created:
    """Send each order once. Raises CloudError if nothing was sent."""
    pool.verify()
    token, kept = pool.token(), _hibernating(client, access)
    made = Created(accepted={}, refused={}, unsent=set())
    for number, order in enumerate(orders):
        size = BUNDLES.get(order.bundle_id)
        if size is None:
            made.refused[order.claim] = Failure("bundle_not_found", Trouble.PERMANENT)
            continue
        try:
            stranger = survey.find_stranger(order.claim)
        except CloudError as error:
            if is_of_all(error.failure) and number == 0:
                raise
            made = _stopped(made, error, orders[number:])  # it was not sent, whatever the read did
            break
        if stranger is not None:
            made.refused[order.claim] = Failure("machine_name_taken", Trouble.EXISTS, detail=stranger)
            continue
        try:
            _send(client, pool, access, order, size, token, hibernates=size.bundle_id in kept)
            made.accepted[order.claim] = _coming(order)
        except CloudError as error:
            failure = error.failure
            made = replace(made, retry_after_s=longer(made.retry_after_s, error.retry_after_s))
            if failure.cloud_code in _UNDER_WAY:
                made.accepted[order.claim] = _coming(order)  # the name is unique to us, so what runs is ours
                continue
            if is_of_all(failure) and number == 0:
                raise
            if not is_of_all(failure) and failure.trouble is not Trouble.UNKNOWN:
                made.refused[order.claim] = naming_image(
                    _about_this_order(failure), access.public_fields["image"]
                )
                continue
            # After a timeout the next would wait just as long.
            made = _stopped(made, error, orders[number if is_of_all(failure) else number + 1 :])
            break
    return made


def _stopped(made: Created, error: CloudError, unsent: Sequence[Order]) -> Created:
    made.unsent.update(one.claim for one in unsent)
    return replace(
        made,
        retry_after_s=longer(made.retry_after_s, error.retry_after_s),
        stopped_by=error if is_of_all(error.failure) else None,
    )


def _hibernating(client: AzureClient, access: Access) -> frozenset[str]:
    """The bundles whose machines can be hibernated, if this account wants that. Raises CloudError."""
    if not hibernates(access.public_fields):
        return frozenset()
    offers = read_offers(client, access)
    return frozenset(key for key, size in BUNDLES.items() if can_hibernate(size, offers))


def _send(
    client: AzureClient,
    pool: Pool,
    access: Access,
    order: Order,
    size: Size,
    token: str,
    *,
    hibernates: bool,
) -> None:
    not_after = client.now + GOOD_FOR
    body = deployment_of(order, size, access, token=token, not_after=not_after, hibernates=hibernates)
    client.write(
        "deployments.createOrUpdate",
        client.deployments.deployments.begin_create_or_update,
        pool.group,
        vm_name(order.claim),
        body,
        polling=False,
    )


def _coming(order: Order) -> Observation:
    return Observation(vm_name(order.claim), order.username, CloudState.PENDING, "Accepted")


def is_of_all(failure: Failure) -> bool:
    """Would the next of the batch fail in the same way? Nothing was done for the failed one."""
    return failure.trouble in (Trouble.CREDENTIAL, Trouble.THROTTLED) or failure.code == "cloud_unreachable"


def longer(one: float | None, other: float | None) -> float | None:
    """The longer of two waits that the cloud asks for; 0 is a wait, None is none."""
    return other if one is None else one if other is None else max(one, other)


def _about_this_order(failure: Failure) -> Failure:
    """Something that the order names does not exist: a permanent failure."""
    if failure.trouble is Trouble.ABSENT:
        return Failure(failure.code, Trouble.PERMANENT, failure.cloud_code, failure.detail)
    return failure
