"""Our style sheet, htmx, and URLs of static files that change with their content.

htmx comes from a package; it is not copied into this repository. The style
sheet consists of the files in `static/css/`, joined at startup, so that a page loads one file.
"""

import gzip
import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, make_response, request, url_for

from webapp.guards import public

bp = Blueprint("assets", __name__, url_prefix="/assets")

FOREVER = "public, max-age=31536000, immutable"
LAYERS = "@layer reset, tokens, base, layout, ui;\n"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file, plain and compressed: it has no secret, so compression cannot leak any."""

    plain: bytes
    packed: bytes


def register(app: Flask) -> None:
    """Read the files once, and offer `asset()` to the templates."""
    static = Path(app.static_folder or "static")
    css = LAYERS + "".join(path.read_text() for path in sorted((static / "css").glob("*.css")))
    own = (static / "js" / "app.js").read_text()
    texts = {"berth.css": css, "htmx.js": _htmx(), "app.js": own}
    app.extensions["berth-assets"] = {name: _asset(text) for name, text in texts.items()}
    versions = {name: _version(text.encode()) for name, text in texts.items()}
    for path in static.rglob("*.*"):
        if path.is_file():
            versions[path.relative_to(static).as_posix()] = _version(path.read_bytes())

    @public("style, script and pictures")
    def static_file(filename: str) -> Response:
        return app.send_static_file(filename)

    app.view_functions["static"] = static_file

    def asset(name: str) -> str:
        if name in app.extensions["berth-assets"]:
            return url_for("assets.show", name=name, v=versions[name])
        return url_for("static", filename=name, v=versions[name])

    app.jinja_env.globals["asset"] = asset


@bp.get("/<name>")
@public("style and script")
def show(name: str) -> Response:
    found: Asset | None = current_app.extensions["berth-assets"].get(name)
    if found is None:
        return make_response("File not found.\n", 404, {"Content-Type": "text/plain"})
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    headers = {"Content-Type": f"{kind}; charset=utf-8", "Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if request.accept_encodings.quality("gzip") > 0:
        return make_response(found.packed, 200, {**headers, "Content-Encoding": "gzip"})
    return make_response(found.plain, 200, headers)


def _asset(text: str) -> Asset:
    return Asset(text.encode(), gzip.compress(text.encode(), mtime=0))


def _htmx() -> str:
    """htmx 2 out of the package; find_spec does not import Django, which is not installed."""
    spec = find_spec("django_htmx")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package django-htmx, which carries htmx, is not installed")
    return (Path(spec.origin).parent / "static/django_htmx/htmx-2.min.js").read_text()


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
