"""What does not fit into a cloud account, in words: for its page, and for the start page."""

from webapp.domain.capacity import Limit, Shortage
from webapp.domain.quota import QuotaUnit
from webapp.models import CloudCredential
from webapp.providers.registry import get_provider

LABELS = {
    Limit.QUOTA: "Quota",
    Limit.ADDRESSES: "Addresses",
    Limit.CAP: "Limit of live desktops",
    Limit.RATE: "Time",
}


def says(credential: CloudCredential, shortage: Shortage) -> str:
    """What is missing, and what helps."""
    is_cores = shortage.limit is Limit.QUOTA and credential.quota_unit == QuotaUnit.CORES
    missing = _counted(shortage.missing, "vCPU" if is_cores else "desktop")
    match shortage.limit:
        case Limit.QUOTA:
            return (
                f"The quota falls short by {missing}. Ask the cloud for more: the text for it is on the page"
                " “Capacity”."
            )
        case Limit.ADDRESSES:
            return (
                f"The free addresses of the subnets fall short by {missing}. Use larger subnets, or end"
                " desktops that nobody needs."
            )
        case Limit.CAP:
            return (
                f"The limit of live desktops of this account falls short by {missing}. Raise it under"
                " Costs, Budgets."
            )
        case Limit.RATE:
            whose = "its start" if shortage.missing == 1 else "their start"
            pace = get_provider(credential.cloud_provider).capacity.pace
            return (
                f"{missing} cannot be ready for {whose}: Berth makes {pace.per_minute} a minute here, and"
                " each takes its time. Order now, or move the start."
            )


def _counted(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'' if number == 1 else 's'}"
