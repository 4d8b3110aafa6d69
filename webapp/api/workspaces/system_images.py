"""Images of a workspace's system: which there are, asking for one, deleting one."""

from typing import Any

from flask.typing import ResponseReturnValue

from webapp.api.blueprint import bp
from webapp.api.callers import allows
from webapp.api.codes import refuses
from webapp.api.schemas.system_image import SystemImageDetails, SystemImages
from webapp.api.showing import members
from webapp.domain.permissions import Permission
from webapp.identity import actor, company_id, service_context
from webapp.models import SystemImage
from webapp.services import system_images as service
from webapp.services.bringing_back import former_of

TAG = ["workspace operations"]
PATH = "/workspaces/<int:workspace_id>/system-images/"


@bp.route(PATH, methods=["GET"], tags=TAG)
@allows(Permission.READ_WORK)
@refuses(s404="not_found")
@bp.response(200, SystemImages)
def list_system_images(workspace_id: int) -> dict[str, Any]:
    """List the images of a workspace's system, the newest first, with those that failed within a week.

    Also of one that is gone.
    """
    context = service_context()
    workspace = former_of(context, workspace_id, company_id=company_id())
    return {
        "refusal": service.refusal(context, workspace),
        "images": [
            members(SystemImageDetails, one.image, kept_until=one.kept_until)
            for one in service.images_of(context, workspace)
        ],
    }


@bp.route(PATH, methods=["POST"], tags=TAG)
@allows(Permission.OPERATE)
@refuses(s404="not_found", s409="no_system_images action_not_allowed conflict")
@bp.response(202, SystemImageDetails)
def create_system_image(workspace_id: int) -> ResponseReturnValue:
    """Have the cloud create an image of a running workspace's system, without the files of its person.

    Nobody can use the workspace for up to 45 minutes. While one is being created, the answer is that one.
    """
    image = service.ask_image(service_context(), workspace_id, company_id=company_id(), actor=actor())
    return _show(image), 202


@bp.route(f"{PATH}<int:image_id>/", methods=["DELETE"], tags=TAG)
@allows(Permission.END)
@refuses(s404="not_found", s409="action_not_allowed")
@bp.response(202, SystemImageDetails)
def delete_system_image(workspace_id: int, image_id: int) -> ResponseReturnValue:
    """Delete an image. A worker checks its tag again first; a bundle that uses it keeps it."""
    about = {"company_id": company_id(), "actor": actor()}
    return _show(service.delete_image(service_context(), workspace_id, image_id, **about)), 202


def _show(image: SystemImage) -> dict[str, Any]:
    return members(SystemImageDetails, image, kept_until=None)
