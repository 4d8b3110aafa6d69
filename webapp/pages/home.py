"""The front page, and the start page of each role."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.roles import Role
from webapp.guards import public

bp = Blueprint("home", __name__)

_START = {Role.PROVIDER: "start.index", Role.SEEKER: "desktops.index"}


@bp.get("/")
@public("tells what Berth is")
def index() -> ResponseReturnValue:
    if current_user.is_authenticated and current_user.role in _START:
        return redirect(start_page(current_user.role))
    return render_template("home/index.html")


def start_page(role: Role) -> str:
    return url_for(_START.get(role, "home.index"))
