"""Codes about images of desktops' systems. Source: docs/evidence/aws_workspaces.md#images."""

from webapp.domain.codes.shape import REFRESH, TEST, Cause, Entry

ENTRIES: dict[str, Entry] = {
    "image_needs_running": Entry(
        "The desktop was not running when its turn came.", "Start the desktop, and ask for the image again."
    ),
    "image_not_begun": Entry(
        "The cloud could not be asked for the image within an hour.",
        "Look at the cloud account, and ask for the image again.",
    ),
    "image_not_supported": Entry(
        "The cloud creates no image of this desktop.",
        "Its system disk is encrypted, or its size does not allow images. Note down what is installed on it.",
    ),
    "image_limit_reached": Entry(
        "The cloud account has as many images as the cloud allows.",
        "Delete images there that nobody needs, or ask the cloud for more, and ask for the image again.",
    ),
    "image_failed": Entry(
        "The cloud began to create the image and did not finish it.",
        "Run the Image Checker on the desktop, fix what it finds, and ask for the image again.",
    ),
    "image_not_created": Entry(
        "The cloud did not complete the image within a day.",
        "Look at the image in the cloud's console, and ask for it again.",
    ),
    "image_name_taken": Entry(
        "Another image has the name that this one would have, without this desktop's tag.",
        "Check in the console whose it is, and ask for the image again: that one has another name.",
    ),
    "image_in_use": Entry(
        "A bundle still uses the image, so the cloud does not delete it.",
        "Delete the bundle in the cloud's console. Berth tries it again every day.",
    ),
    "image_deleted": Entry(
        "The image was deleted in the cloud, not by Berth.", "Find out who deletes images there."
    ),
}

CAUSES: dict[str, Cause] = {
    "image_needs_running": Cause("It was stopped, or something else was being done to it.", (REFRESH,)),
    "image_not_begun": Cause("The account did not answer, or waited for its limits.", (TEST,)),
    "image_not_supported": Cause("An encrypted system disk is the usual reason.", (REFRESH,)),
    "image_limit_reached": Cause("Amazon's usual limit is 40 in an account and region.", (TEST,)),
    "image_failed": Cause("A program on it that cannot be copied, or too little free space.", (REFRESH,)),
    "image_not_created": Cause("The cloud accepted it and did not say why it takes so long.", (REFRESH,)),
    "image_name_taken": Cause("Somebody made it by hand or changed its tags.", (TEST,)),
    "image_in_use": Cause("Somebody made a bundle of it, perhaps for new desktops.", (TEST,)),
    "image_deleted": Cause("A person or a program with access to the account did it.", (TEST,)),
}
