"""A failed order's user name, corrected on its own page."""

from dataclasses import dataclass, replace

from wtforms import BooleanField, StringField

from webapp.domain.lifecycle import Phase
from webapp.models import Workspace
from webapp.pages.fields import BerthForm, needed
from webapp.pages.workspaces.orders import describe_name
from webapp.services.order_changes import is_locked
from webapp.services.orders import OrderRequest

_FAILED = (Phase.CREATE_FAILED, Phase.CONFLICT)
_ABOUT_THE_NAME = ("user_not_found", "user_renamed", "username_unusable", "directory_user_exists")


class CorrectionForm(BerthForm):
    username = StringField("User name", [needed("Enter the user name.")])
    create_user = BooleanField("Create this user in the directory")
    """Only asked of an order that creates its user: it may use one who is there instead."""

    def change(self, before: OrderRequest) -> OrderRequest:
        creates = before.create_user and bool(self.create_user.data)
        return replace(before, username=self.username.data or "", create_user=creates)


@dataclass(frozen=True, slots=True)
class Correction:
    form: CorrectionForm
    leads: bool
    """The name is the likely reason, so this comes before trying the same again."""


def is_empty(workspace: Workspace) -> bool:
    """Has the order failed, or waits for its user, and does nothing of it exist in the cloud?"""
    is_waiting = workspace.waiting_code is not None
    return (workspace.phase in _FAILED or is_waiting) and not is_locked(workspace)


def correction_of(workspace: Workspace, form: CorrectionForm | None = None) -> Correction | None:
    """None unless nothing was created for an order that failed or waits. `form`: as sent, with errors."""
    if not is_empty(workspace):
        return None
    leads = workspace.phase is Phase.CONFLICT or workspace.error_code in _ABOUT_THE_NAME
    known = {"username": workspace.username, "create_user": workspace.creates_user}
    shown = form or CorrectionForm(data=known)
    describe_name(shown.username, person=workspace.application.seeker.name, credential=workspace.credential)
    return Correction(shown, leads or form is not None)
