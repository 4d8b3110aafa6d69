"""What pages that lose a desktop's system say of images of it."""

from typing import TypedDict

from webapp.domain.permissions import Permission
from webapp.identity import may, service_context
from webapp.models import Workspace
from webapp.services.system_images import images_of, refusal


class ImageFirst(TypedDict):
    """What `ui/image_first.html` needs."""

    offers_image: bool
    image_underway: bool


def image_context(workspace: Workspace) -> ImageFirst:
    images = images_of(service_context(), workspace)
    return {
        "offers_image": refusal(service_context(), workspace, images=images) is None
        and may(Permission.OPERATE),
        "image_underway": any(one.is_underway for one in images),
    }
