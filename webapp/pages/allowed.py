"""What the signed-in person may open or press, so that pages offer nothing else."""

from flask import current_app, request
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from webapp.domain.permissions import PERMISSIONS, Permission
from webapp.domain.roles import CompanyRole
from webapp.identity import permissions


def may_use(endpoint: str) -> bool:
    """The endpoint's own guard decides: templates repeat no permission."""
    needed: tuple[Permission, ...] = getattr(current_app.view_functions[endpoint], "permissions", ())
    return not needed or (current_user.is_authenticated and not permissions().isdisjoint(needed))


def may_open(url: str, method: str = "GET") -> bool:
    """The same for the address of a link."""
    if not current_user.is_authenticated or permissions() >= PERMISSIONS[CompanyRole.OWNER]:
        return True
    path = url.partition("?")[0].removeprefix(request.script_root)
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method=method)
    except HTTPException:
        return True
    return may_use(str(endpoint))


def may_post(url: str) -> bool:
    """The same for the address of a form."""
    return may_open(url, "POST")
