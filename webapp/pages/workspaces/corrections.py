"""A failed order's user name, corrected on its own page."""

from dataclasses import dataclass

from wtforms import StringField

from webapp.domain.lifecycle import Phase
from webapp.models import Workspace
from webapp.pages.fields import BerthForm, needed
from webapp.pages.workspaces.orders import describe_name
from webapp.services.order_changes import is_locked

_FAILED = (Phase.CREATE_FAILED, Phase.CONFLICT)
_ABOUT_THE_NAME = ("user_not_found", "user_renamed", "username_unusable", "directory_user_exists")


class CorrectionForm(BerthForm):
    username = StringField("User name", [needed("Enter the user name.")])


@dataclass(frozen=True, slots=True)
class Correction:
    form: CorrectionForm
    leads: bool
    """The name is the likely reason, so this comes before trying the same again."""


def is_empty(workspace: Workspace) -> bool:
    """Has the order failed, and does nothing of it exist in the cloud?"""
    return workspace.phase in _FAILED and not is_locked(workspace)


def correction_of(workspace: Workspace, form: CorrectionForm | None = None) -> Correction | None:
    """None unless the order failed and nothing was created for it. `form`: as it was sent, with errors."""
    if not is_empty(workspace):
        return None
    leads = workspace.phase is Phase.CONFLICT or workspace.error_code in _ABOUT_THE_NAME
    shown = form or CorrectionForm(data={"username": workspace.username})
    describe_name(shown.username, person=workspace.application.seeker.name, credential=workspace.credential)
    return Correction(shown, leads or form is not None)
