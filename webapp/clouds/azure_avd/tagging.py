"""A company's own tags on the system disk: no template can name them, because a machine makes its disk itself
(docs/evidence/azure_avd.md#tags-of-a-disk)."""

import logging
from collections.abc import Mapping

from azure.mgmt.compute.models import DiskUpdate

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import DISK_SUFFIX, is_one_of_ours, tags_of
from webapp.clouds.azure_avd.survey import Survey
from webapp.domain.errors import CloudError

log = logging.getLogger(__name__)


def tag_disk(client: AzureClient, survey: Survey, group: str, name: str, own: Mapping[str, str]) -> None:
    """Add what is missing to the disk of a machine that Berth made. Raises CloudError for passing trouble.

    A desktop is not withheld from its person because Azure refuses a tag for good.
    """
    disk = survey.find_disk(name) if own and is_one_of_ours(name) else None
    if disk is None or own.items() <= _as_written(disk, own).items():
        return
    others = {key: value for key, value in (disk.tags or {}).items() if key.lower() not in _lower(own)}
    try:
        client.write(
            "disks.update",
            client.compute.disks.begin_update,
            group,
            f"{name}{DISK_SUFFIX}",
            DiskUpdate(tags={**others, **own}),
            polling=False,
        )
    except CloudError as error:
        if error.failure.trouble.is_transient:
            raise
        log.warning("a disk keeps its tags", extra={"code": error.failure.code})


def _as_written(disk: object, own: Mapping[str, str]) -> dict[str, str]:
    """What the disk has of these tags, in our spelling: Azure ignores the case of a name."""
    has = tags_of(disk)
    return {name: has[name.lower()] for name in own if name.lower() in has}


def _lower(own: Mapping[str, str]) -> set[str]:
    return {name.lower() for name in own}
