"""The front page, and the start page of each role."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.permissions import Permission
from webapp.guards import public
from webapp.models import User

bp = Blueprint("home", __name__)

_START = {
    Permission.READ_WORK: "start.index",
    Permission.READ_COSTS: "costs.index",
    Permission.USE_DESKTOP: "desktops.index",
    Permission.RUN_INSTALLATION: "operator.index",
}


@bp.get("/")
@public("tells what Berth is")
def index() -> ResponseReturnValue:
    if current_user.is_authenticated and (endpoint := _start_of(current_user.user)):
        return redirect(url_for(endpoint))
    return render_template("home/index.html")


def start_page(user: User) -> str:
    return url_for(_start_of(user) or "home.index")


def _start_of(user: User) -> str | None:
    if user.is_limited_to_postings:  # what the start page counts is the whole company's
        return "workspaces.index"
    return next((endpoint for permission, endpoint in _START.items() if permission in user.permissions), None)
