"""What the signed-in person may open or press, so that pages offer nothing else."""

from flask import current_app, g, request
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from webapp.domain.permissions import PERMISSIONS, Permission
from webapp.domain.roles import CompanyRole
from webapp.identity import Viewer, permissions


def may_use(endpoint: str) -> bool:
    """The endpoint's own guard decides: templates repeat no permission."""
    needed: tuple[Permission, ...] = getattr(current_app.view_functions[endpoint], "permissions", ())
    return not needed or not _held().isdisjoint(needed)


def may_open(url: str, method: str = "GET") -> bool:
    """The same for the address of a link."""
    held = _held()
    if not held or held >= PERMISSIONS[CompanyRole.OWNER]:
        return True  # a stranger is sent to sign in
    path = url.partition("?")[0].removeprefix(request.script_root)
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method=method)
    except HTTPException:
        return True
    return may_use(str(endpoint))


def may_post(url: str) -> bool:
    """The same for the address of a form."""
    return may_open(url, "POST")


def _held() -> frozenset[Permission]:
    """As known at the beginning of the request: an error's page asks the database nothing."""
    viewer: Viewer | None = g.get("viewer")
    if viewer is not None:
        return viewer.permissions
    is_known = "is_error" not in g and current_user.is_authenticated
    return permissions() if is_known else frozenset()
