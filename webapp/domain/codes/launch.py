"""Codes about the launch of a new desktop: its image, its deployment, what forbids it."""

from webapp.domain.codes.shape import (
    CHANGE,
    ORDER_AGAIN,
    REFRESH,
    RETRY,
    TEST,
    Cause,
    Entry,
)

ENTRIES: dict[str, Entry] = {
    "deployment_failed": Entry(
        "The cloud could not finish the deployment of the new desktop.",
        "Berth removes it and creates another with a new name. If that fails too, the activity log of the"
        " resource group in the Azure portal says why.",
    ),
    "deployment_cancelled": Entry(
        "Someone cancelled the desktop's deployment in the cloud.",
        "The activity log of the resource group in the Azure portal says who. Then retry.",
    ),
    "name_occupied": Entry(
        "Something in the resource group already has the name of the new desktop.",
        "Berth creates it with another name. If that fails too, look in the Azure portal for what has the"
        " name.",
    ),
    "setting_rejected": Entry(
        "The cloud rejected a value of the order or of the cloud account's settings.",
        "The cloud's message names it. Correct it in the cloud account, or order another size; then retry.",
    ),
    "image_unsuitable": Entry(
        "The system image of the cloud account is not suitable for desktops.",
        "Choose a Windows image of generation 2 with Trusted Launch in the cloud account, then retry.",
    ),
    "hibernation_refused": Entry(
        "The cloud makes no desktop of this image or size that can be hibernated.",
        "Choose “Stop desktops” outside working hours in the cloud account, or another image; then retry.",
    ),
    "hibernation_failed": Entry(
        "The cloud could not keep what was open on the desktop.",
        "Berth stops it instead. If that happens every evening, terminate it and order it again.",
    ),
    "image_needs_plan": Entry(
        "The system image of the cloud account has a Marketplace plan, and Berth does not accept plans.",
        "Choose an image without a plan in the cloud account, then retry.",
    ),
}

CAUSES: dict[str, Cause] = {
    "deployment_failed": Cause(
        "A part of the desktop did not become ready; the cloud's message is all that it says about it.",
        (RETRY, ORDER_AGAIN),
    ),
    "deployment_cancelled": Cause(
        "Berth cancels only deployments of desktops that are terminated.", (RETRY,)
    ),
    "name_occupied": Cause("Berth never changes what it did not create.", (RETRY, REFRESH)),
    "setting_rejected": Cause(
        "A desktop is made from the order and from the cloud account's location, subnet and image.",
        (TEST, CHANGE, RETRY),
    ),
    "image_unsuitable": Cause(
        "Berth's desktops are virtual machines with Trusted Launch (secure boot), which older images do not"
        " support.",
        (TEST, CHANGE, RETRY),
    ),
    "hibernation_refused": Cause(
        "The cloud account says that desktops are hibernated outside working hours.", (CHANGE, RETRY)
    ),
    "hibernation_failed": Cause(
        "Windows writes its memory to the disk first, which it refused or did not finish.", (REFRESH,)
    ),
    "image_needs_plan": Cause(
        "Images of other publishers are sold with terms that a person must accept for each subscription.",
        (TEST, CHANGE, RETRY),
    ),
}
